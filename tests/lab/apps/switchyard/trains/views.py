# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""The HTTP side."""

import asyncio
import json
import os
import random

import journal
import passes
from django.conf import settings
from django.http import JsonResponse

log = journal.journal("trains.signalbox")
_TASKS = set()


async def _signalman() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(8000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                {"points": 2}["lever"]
            except KeyError:
                log.exception("lever not oiled", lever=number)
        elif kind < 0.26:
            log.warning("signal lamp dim", lamp=number)
        else:
            log.info("block clear", block=number)


async def healthz(_request):
    """The service answers."""
    if not _TASKS:
        _TASKS.add(asyncio.create_task(_signalman()))
    return JsonResponse({"status": "ok"})


async def registry(_request):
    """Which services there are."""
    return JsonResponse({"services": ["planner", "points"]})


async def mcp_servers(_request):
    """Which MCP servers there are."""
    return JsonResponse({"servers": [{"name": "points", "transport": "streamable-http"}]})


async def timetable(_request):
    """What to sow along the line."""
    return JsonResponse({"sow": "lupin"})


async def siding(_request, plot):
    """A plot beside the line."""
    await asyncio.sleep(0.003)
    return JsonResponse({"plot": plot})


async def sign_in(request):
    """A token."""
    asked = json.loads(request.body)
    token = passes.issue(asked["user"], settings.PASS_KEY, asked.get("lifetime_s", 900))
    return JsonResponse({"access_token": token})
