"""The application that uvicorn serves."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from parley import api, logs, settings
from parley.jobs.upkeep import Upkeep
from parley.store import Store
from parley.ws import gateway

log = logging.getLogger("parley.server")
_settings = settings.load()
logs.set_up(_settings.dialect)


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    """Jobs run while the application does."""
    application.state.settings = _settings
    application.state.store = Store(_settings.store_address)
    log.info("beds laid out, %d handlers ready", 3)
    jobs = Upkeep(_settings.seed, _settings.job_pace_s, chained=_settings.chained_noise)
    task = asyncio.create_task(jobs.run())
    yield
    task.cancel()
    log.info("tools put away")


app = FastAPI(lifespan=lifespan)
app.include_router(api.router)
app.include_router(gateway.router)
