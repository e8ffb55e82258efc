# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""Starts the server on the port that is given."""

import asyncio
import sys

import journal

from tidewatch.hub import Hub
from tidewatch.wharf import Wharf


async def main(port: int) -> None:
    """Serves until it is told to stop."""
    journal.set_up()
    wharf = Wharf()
    await Hub(wharf).serve_forever(port)


asyncio.run(main(int(sys.argv[1])))
