# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""The HTTP side."""

import asyncio

import passes
from starlette.responses import JSONResponse

KEY = "made-up-staging-key"
PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "ropes"]},
    "/api/mcp/servers": {"servers": [{"name": "ropes", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "kale"},
}


async def page(request):
    """A page of JSON."""
    await asyncio.sleep(0.003)
    return JSONResponse(PAGES.get(request.url.path, {"plot": request.path_params.get("plot")}))


async def sign_in(request):
    """A token."""
    asked = await request.json()
    return JSONResponse({"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))})
