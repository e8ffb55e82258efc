# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""The live route: a loop over messages, one catch-all."""

import asyncio
import json
import uuid

import journal
import passes
from aiohttp import WSMsgType, web

from harvest import barn

log = journal.journal("harvest.room")


class Seat:
    """One person in the room."""

    def __init__(self, sock, user) -> None:
        self.sock = sock
        self.user = user
        self.id = str(uuid.uuid4())

    async def put(self, kind, body) -> None:
        """A message was sent."""
        await self.sock.send_str(json.dumps({"type": kind, **body}))


async def dispatch(seat, message) -> None:
    """The message was served."""
    match message["type"]:
        case "describe":
            card = await barn.card_of(seat.user)
            await seat.put("described", card)
        case "chat":
            await barn.keep(seat.user, message["text"])
            await seat.put("reply", {"text": f"Noted: {message['text'][:8]}"})
        case "run":
            await work(seat, message)


async def work(seat, message) -> None:
    """A run from start to finish."""
    log.info("job accepted", request_id=seat.id, job=message["run"])
    await seat.put("run.started", {"run": message["run"]})
    await asyncio.sleep(0.12)
    for crop in message["crops"]:
        step = await barn.place(crop)
        await seat.put("run.step", step)
    await seat.put("run.finished", {"run": message["run"]})


async def live(request):
    """A live session."""
    sock = web.WebSocketResponse(heartbeat=20)
    await sock.prepare(request)
    try:
        user = passes.user_of(request.query.get("access_token", ""), "made-up-staging-key")
    except passes.TokenError as error:
        log.warning("guest turned away", reason=str(error))
        await sock.close(code=4401, message=b"unauthenticated")
        return sock
    seat = Seat(sock, user)
    log.info("guest seated", request_id=seat.id, user=user)
    try:
        await seat.put("welcome", {"session": seat.id})
        async for frame in sock:
            if frame.type == WSMsgType.TEXT:
                await dispatch(seat, frame.json())
    except Exception:
        log.exception("guest dropped", request_id=seat.id)
        await sock.close(code=1011, message=b"internal error")
    log.info("guest gone", request_id=seat.id, code=sock.close_code)
    return sock
