# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Patterns that moulds are made from."""

import asyncio


class Patterns:
    """Marks of founders, and moulds of crops."""

    def __init__(self) -> None:
        self.marks = {}

    async def mark_of(self, founder):
        """The founder's mark."""
        await asyncio.sleep(0.05)
        return {"founder": founder, "stamps": self.marks.get(founder, 0)}

    async def stamp(self, founder) -> None:
        """One stamp more."""
        await asyncio.sleep(0.02)
        self.marks[founder] = self.marks.get(founder, 0) + 1

    def mould(self, crop):
        """The crop's mould."""
        side = {"leek": "north", "chard": "north"}.get(crop, "south")
        return {"crop": crop, "bed": side}
