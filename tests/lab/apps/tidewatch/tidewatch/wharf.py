# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""What the hub asks for: profiles, plots, and the pumps that run beside it."""

import asyncio
import os
import random

import journal

log = journal.journal("tidewatch.wharf")


class Wharf:
    """Knows users and beds; pumps log beside the connections."""

    def __init__(self) -> None:
        self.profiles = {"e2e_gardener": {"name": "E2E", "plan": "basic"}}
        self.ledger = asyncio.Queue(maxsize=64)
        self._dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise

    async def profile_of(self, user: str) -> dict[str, str]:
        """The user's profile."""
        await asyncio.sleep(0.03)
        return self.profiles.get(user) or {"name": user, "plan": "guest"}

    async def bed_for(self, crop: str) -> str:
        """The bed that suits the crop."""
        await asyncio.sleep(0.02)
        return {"leek": "north", "chard": "north"}.get(crop, "south")

    async def book(self, user: str, what: str) -> None:
        """It stands in the ledger."""
        if self.ledger.full():
            self.ledger.get_nowait()
        self.ledger.put_nowait((user, what))

    async def pumps(self) -> None:
        """The pumps ran until the server stopped."""
        while True:
            await asyncio.sleep(self._dice.expovariate(1.1))
            number = self._dice.choice((1011, self._dice.randrange(9000)))
            kind = self._dice.random()
            if kind < 0.12:
                try:
                    int("salt" if number % 2 else "")
                except ValueError:
                    log.exception("salinity probe unreadable", probe=number)
            elif kind < 0.3:
                log.warning("tide table is old, refreshing later", rows=number)
            else:
                log.info("pump cycle done", litres=number)
