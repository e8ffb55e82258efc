# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""What is on board, and where it stands."""

import asyncio

_LANES = {"leek": "north", "chard": "north", "bean": "south", "squash": "south"}
_CARGO = {}


async def manifest_of(user):
    """What the passenger has on board."""
    await asyncio.sleep(0.06)
    return _CARGO.get(user, [])


async def stow(user, text) -> None:
    """The passenger's thing is on board."""
    await asyncio.sleep(0.02)
    _CARGO.setdefault(user, []).append(text)


async def lane_of(crop):
    """The lane in which the crop stands."""
    await asyncio.sleep(0.02)
    return _LANES[crop]
