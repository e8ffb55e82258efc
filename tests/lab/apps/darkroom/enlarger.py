# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, INP001 - scripts side by side, not a package
"""What makes prints of films."""

import asyncio


class Enlarger:
    """Prints of photographers, exposures of crops."""

    def __init__(self) -> None:
        self.prints = {}

    async def prints_of(self, who):
        """How many prints somebody has."""
        await asyncio.sleep(0.05)
        return len(self.prints.get(who, ()))

    async def note(self, who, text) -> None:
        """The text is on the back of a print."""
        await asyncio.sleep(0.02)
        self.prints.setdefault(who, []).append(text)

    async def expose(self, crop):
        """The crop's print."""
        await asyncio.sleep(0.02)
        return {"crop": crop, "bed": "north" if crop in ("leek", "chard") else "south"}
