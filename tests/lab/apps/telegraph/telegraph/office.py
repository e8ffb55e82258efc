# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""What the office knows."""

import asyncio
from datetime import UTC, datetime


class Office:
    """Senders, wires and lines."""

    def __init__(self) -> None:
        self.last = {}

    async def sender(self, user):
        """What is known of a sender."""
        await asyncio.sleep(0.05)
        return {"sender": user, "last": self.last.get(user)}

    async def take(self, user, text) -> str:
        """The text was taken down."""
        await asyncio.sleep(0.02)
        self.last[user] = datetime.now(UTC).isoformat()
        return f"Noted STOP {len(text)} letters STOP"

    async def line_to(self, crop):
        """The line that leads to the crop."""
        await asyncio.sleep(0.02)
        return "north" if crop in ("leek", "chard") else "south"
