"""What each kind of message does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from parley.runs.planner import plan
from parley.ws.session import Session
from parley.ws.wire import send

log = logging.getLogger("parley.ws.messages")


async def on_describe(session: Session, _message: Mapping[str, Any]) -> None:
    """The client was told what the server thinks of its session."""
    await asyncio.sleep(0.12)  # the user's profile is looked up
    await send(session.socket, "described", session.describe())


async def on_chat(session: Session, message: Mapping[str, Any]) -> None:
    """The message was kept and answered."""
    await asyncio.sleep(0.05)
    kept = await session.socket.app.state.store.append(session.user, message["text"])
    session.turns += 1
    await send(session.socket, "reply", {"text": f"Noted, {len(message['text'])} letters.", "kept": kept})


async def on_run(session: Session, message: Mapping[str, Any]) -> None:
    """The assistant's run was told step by step."""
    log.info("%s starts run %s", session.id, message["run"])
    await send(session.socket, "run.started", {"run": message["run"]})
    async for step in plan(session, message):
        await send(session.socket, "run.step", step)
    session.turns += 1
    await send(session.socket, "run.finished", {"run": message["run"]})
    log.info("%s finished run %s", session.id, message["run"])


HANDLERS: dict[str, Callable[[Session, Mapping[str, Any]], Awaitable[None]]] = {
    "describe": on_describe,
    "chat": on_chat,
    "run": on_run,
}


async def serve(session: Session, message: Mapping[str, Any]) -> None:
    """The message was handled by its kind."""
    await HANDLERS[message["type"]](session, message)
