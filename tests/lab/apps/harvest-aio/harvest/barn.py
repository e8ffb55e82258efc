# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ANN202
"""What the room needs: cards, notes, places; and chores beside it."""

import asyncio
import os
import random
from collections import defaultdict

import journal

log = journal.journal("harvest.barn")
_NOTES = defaultdict(list)


async def card_of(user):
    """What is known of a user."""
    await asyncio.sleep(0.05)
    return {"user": user, "notes": len(_NOTES[user])}


async def keep(user, text) -> None:
    """The note is kept."""
    await asyncio.sleep(0.02)
    _NOTES[user].append(text)


async def place(crop):
    """Where the crop goes."""
    await asyncio.sleep(0.03)
    return {"crop": crop, "bed": "north" if crop in ("leek", "chard") else "south", "row": 3}


def _weigh(loads):
    return sum(loads) / len(loads)


async def chores() -> None:
    """Chores were done until the server stopped."""
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(5000)))
        kind = dice.random()
        if kind < 0.14:
            try:
                _weigh([])
            except ZeroDivisionError:
                log.exception("scale gave no reading", batch=number)
        elif kind < 0.26:
            log.warning("feed order delayed", order=number)
        else:
            log.info("stall swept", stall=number)
