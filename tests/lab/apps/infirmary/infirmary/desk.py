# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
"""The front desk: HTTP."""

import passes
from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()
KEY = "made-up-staging-key"


class Admission(BaseModel):
    """Who comes in."""

    user: str
    lifetime_s: int = 900


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The service answers."""
    return {"status": "ok"}


@router.get("/api/registry")
async def registry() -> dict[str, list[str]]:
    """Which services there are."""
    return {"services": ["planner", "ward"]}


@router.get("/api/mcp/servers")
async def servers() -> dict[str, list[dict[str, str]]]:
    """Which MCP servers there are."""
    return {"servers": [{"name": "ward", "transport": "streamable-http"}]}


@router.get("/api/almanac")
async def almanac() -> dict[str, str]:
    """What to sow."""
    return {"sow": "camomile"}


@router.get("/api/plots/{plot}")
async def herb_plot(plot: int) -> dict[str, int]:
    """A plot of the physic garden."""
    return {"plot": plot}


@router.post("/auth/session")
async def sign_in(who: Admission) -> dict[str, str]:
    """A token."""
    return {"access_token": passes.issue(who.user, KEY, who.lifetime_s)}
