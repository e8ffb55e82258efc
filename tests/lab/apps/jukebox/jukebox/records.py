# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Where records stand, and who plays them."""

import asyncio
from collections import Counter

_SLOTS = {"leek": "north", "chard": "north", "bean": "south", "squash": "south"}


class Shelf:
    """Slots of records and plays of listeners."""

    def __init__(self) -> None:
        self.plays = Counter()

    async def listener(self, user):
        """What is known of a listener."""
        await asyncio.sleep(0.07)
        return {"listener": user, "plays": self.plays[user]}

    async def jot(self, user, text) -> str:
        """The wish was taken down."""
        await asyncio.sleep(0.03)
        self.plays[user] += 1
        return f"Noted on the card: {text[:12]}"

    def slot(self, crop):
        """The record's slot."""
        return _SLOTS[crop]
