# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Cells of wax."""

import asyncio

_CELLS = {}


async def cell_of(bee):
    """The bee's cell."""
    await asyncio.sleep(0.05)
    return _CELLS.get(bee, "empty")


async def store(bee, text) -> None:
    """The cell is filled."""
    await asyncio.sleep(0.02)
    _CELLS[bee] = text


def field_of(crop):
    """The field on which the crop stands."""
    return "north" if crop in ("leek", "chard") else "south"
