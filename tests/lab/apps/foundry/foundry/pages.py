# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""The HTTP side."""

from typing import Any

import passes
from litestar import get, post

KEY = "made-up-staging-key"


@get("/healthz", sync_to_thread=False)
def health() -> dict[str, str]:
    """The service answers."""
    return {"status": "ok"}


@get("/api/registry", sync_to_thread=False)
def registry() -> dict[str, list[str]]:
    """Which services there are."""
    return {"services": ["planner", "moulds"]}


@get("/api/mcp/servers", sync_to_thread=False)
def servers() -> dict[str, Any]:
    """Which MCP servers there are."""
    return {"servers": [{"name": "moulds", "transport": "streamable-http"}]}


@get(["/api/almanac", "/api/plots/{plot:int}"], sync_to_thread=False)
def plot_page(plot: int = 0) -> dict[str, Any]:
    """A plot, or what to sow."""
    return {"plot": plot, "sow": "sorrel"}


@post("/auth/session", status_code=200)
async def sign_in(data: dict[str, Any]) -> dict[str, str]:
    """A token."""
    return {"access_token": passes.issue(data["user"], KEY, data.get("lifetime_s", 900))}


PAGES = (health, registry, servers, plot_page, sign_in)
