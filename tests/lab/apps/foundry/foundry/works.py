# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Litestar's application: controllers, provided services, the furnace."""

import asyncio
import contextlib
import os
import random

import journal
from litestar import Litestar
from litestar.di import Provide

from foundry.casting import Crucible
from foundry.pages import PAGES
from foundry.patterns import Patterns

log = journal.journal("foundry.works")
journal.set_up()
_patterns = Patterns()


async def provide_patterns():
    """The patterns, one set for all."""
    return _patterns


async def _stoke() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(9000)))
        kind = dice.random()
        if kind < 0.12:
            try:
                (1, 2, 3).index(4)
            except ValueError:
                log.exception("slag not sorted", heap=number)
        elif kind < 0.24:
            log.warning("bellows leak", litres=number)
        else:
            log.info("furnace fed", degrees=number)


@contextlib.asynccontextmanager
async def furnace(_app):
    """The furnace burns while the works are open."""
    task = asyncio.create_task(_stoke())
    yield
    task.cancel()


app = Litestar(
    route_handlers=[*PAGES, Crucible],
    dependencies={"patterns": Provide(provide_patterns)},
    lifespan=[furnace],
    logging_config=None,
    openapi_config=None,
)
