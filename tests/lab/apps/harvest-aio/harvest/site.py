# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Routes and middlewares."""

import asyncio
import contextlib

import journal
import passes
from aiohttp import web

from harvest import barn
from harvest.room import live

log = journal.journal("harvest.site")
KEY = "made-up-staging-key"
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "barn"]},
    "/api/mcp/servers": {"servers": [{"name": "barn", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "rye"},
}


@web.middleware
async def traced(request, handler):
    """Lines of this request carry its trace."""
    journal.TRACE.set(request.headers.get("x-cloud-trace-context", ""))
    return await handler(request)


async def page(request):
    """A page of JSON."""
    await asyncio.sleep(0.003)
    return web.json_response(_PAGES.get(request.path, {"plot": request.match_info.get("plot")}))


async def sign_in(request):
    """A token."""
    asked = await request.json()
    return web.json_response({"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))})


async def chores(_app):
    """The barn's chores run while the server does."""
    task = asyncio.create_task(barn.chores())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def build():
    """The application."""
    app = web.Application(middlewares=[traced])
    for path in _PAGES:
        app.router.add_get(path, page)
    app.router.add_get("/api/plots/{plot}", page)
    app.router.add_post("/auth/session", sign_in)
    app.router.add_get("/live", live)
    app.cleanup_ctx.append(chores)
    log.info("harvest is up")
    return app
