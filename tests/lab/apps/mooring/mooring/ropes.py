# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""What the streams hold on to."""

import asyncio


class Ropes:
    """Knots of users and berths of crops."""

    def __init__(self) -> None:
        self.knots = {}

    async def make_fast(self) -> None:
        """Everything is ready."""
        await asyncio.sleep(0.01)

    async def knot_of(self, user):
        """The user's knot."""
        await asyncio.sleep(0.06)
        return self.knots.get(user, "bowline")

    async def tie(self, user, text) -> None:
        """A note is kept."""
        await asyncio.sleep(0.02)
        self.knots[user] = text

    async def berth(self, crop):
        """Where the crop lies."""
        await asyncio.sleep(0.02)
        return {"crop": crop, "bed": "north" if crop in {"leek", "chard"} else "south"}
