# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""The application that uvicorn serves."""

import asyncio
import contextlib
import os
import random

import journal
from fastapi import FastAPI

from infirmary import bedside, desk

log = journal.journal("infirmary.porter")
journal.set_up()


async def _night_round(seed) -> None:
    dice = random.Random(seed)  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(5000)))
        kind = dice.random()
        if kind < 0.12:
            try:
                "thermometer".index("mercury")
            except ValueError:
                log.exception("temperature not taken", patient=number)
        elif kind < 0.25:
            log.warning("linen short", sheets=number)
        else:
            log.info("round made", steps=number)


@contextlib.asynccontextmanager
async def lifespan(_app):
    """The night round goes on while the house is open."""
    task = asyncio.create_task(_night_round(int(os.environ.get("PARLEY_SEED", "0"))))
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)
app.include_router(desk.router)
app.include_router(bedside.router)
