"""The HTTP side: health, service registry, MCP configuration, almanac, sign-in."""

import asyncio
import logging

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

from parley import tokens

log = logging.getLogger("parley.api")
router = APIRouter()


class SignIn(BaseModel):
    """Who wants to sign in."""

    user: str
    lifetime_s: int = 900


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The service answers."""
    await asyncio.sleep(0.004)
    return {"status": "ok", "version": "3.8.0"}


@router.get("/api/registry")
async def registry() -> dict[str, list[str]]:
    """Which services this deployment has."""
    await asyncio.sleep(0.003)
    return {"services": ["planner", "almanac", "seed-catalogue"]}


@router.get("/api/mcp/servers")
async def mcp_servers() -> dict[str, list[dict[str, object]]]:
    """MCP servers a client may use."""
    await asyncio.sleep(0.003)
    return {"servers": [{"name": "almanac", "transport": "streamable-http", "tools": 4}]}


@router.get("/api/plots/{plot}")
async def plot_of(plot: int) -> dict[str, object]:
    """One plot of the allotment."""
    await asyncio.sleep(0.006)
    return {"plot": plot, "beds": ["north", "south"], "note": "turn the compost"}


@router.get("/api/almanac")
async def almanac(request: Request) -> dict[str, str]:
    """What to sow this week, from the almanac service."""
    address = request.app.state.settings.almanac_address
    if address:
        host, _, port = address.partition(":")
        try:
            await asyncio.open_connection(host, int(port))
        except OSError as error:
            log.exception("almanac at %s did not answer", address)
            raise HTTPException(502, "almanac unavailable") from error
    return {"sow": "broad beans"}


@router.post("/auth/session")
async def sign_in(request: Request, who: SignIn) -> dict[str, str]:
    """A token for the user is returned."""
    await asyncio.sleep(0.02)
    log.info("token issued for %s", who.user)
    return {"access_token": tokens.issue(who.user, request.app.state.settings.token_key, who.lifetime_s)}
