# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Quart's application, pages and the smoker."""

import asyncio
import os
import random

import journal
import passes
from quart import Quart, jsonify, request

from apiary.hive import hive

log = journal.journal("apiary")
journal.set_up()
app = Quart("apiary")
app.config["PASS_KEY"] = "made-up-staging-key"  # noqa: S105 - made up
app.register_blueprint(hive)


@app.get("/healthz")
async def health():
    """The service answers."""
    return jsonify(status="ok")


@app.get("/api/registry")
async def registry():
    """Which services there are."""
    await asyncio.sleep(0.003)
    return jsonify(services=["planner", "nectar"])


@app.get("/api/mcp/servers")
async def servers():
    """Which MCP servers there are."""
    return jsonify(servers=[{"name": "nectar", "transport": "streamable-http"}])


@app.get("/api/almanac")
@app.get("/api/plots/<int:plot>")
async def meadow(plot=0):
    """What flowers."""
    await asyncio.sleep(0.004)
    return jsonify(plot=plot, sow="phacelia")


@app.post("/auth/session")
async def sign_in():
    """A token."""
    asked = await request.get_json()
    token = passes.issue(asked["user"], app.config["PASS_KEY"], asked.get("lifetime_s", 900))
    return jsonify(access_token=token)


@app.before_serving
async def light_smoker() -> None:
    """The hives are looked after while the service runs."""
    app.add_background_task(_look_after)


async def _look_after() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(3000)))
        kind = dice.random()
        if kind < 0.12:
            try:
                [].pop()
            except IndexError:
                log.exception("frame stuck", frame=number)
        elif kind < 0.25:
            log.warning("wasps near the entrance", wasps=number)
        else:
            log.info("hive weighed", grams=number)
