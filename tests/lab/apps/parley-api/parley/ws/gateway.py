"""The socket endpoint: signs in, then serves messages until somebody leaves."""

import contextlib
import logging

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley import tokens
from parley.jobs.metering import note_session
from parley.logs import TRACE
from parley.ws.messages import serve
from parley.ws.session import Session
from parley.ws.wire import send

log = logging.getLogger("parley.ws.gateway")
router = APIRouter()


def _sign_in(socket: WebSocket) -> str | None:
    try:
        return tokens.user_of(
            socket.query_params.get("access_token", ""), socket.app.state.settings.token_key
        )
    except tokens.TokenError as error:
        log.warning("sign-in refused: %s", error)
        return None


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """The socket was served to its end."""
    TRACE.set(socket.headers.get("x-cloud-trace-context", ""))
    user = _sign_in(socket)
    if user is None:
        await socket.close(1008, "sign-in refused")
        return
    await socket.accept()
    session = Session(user, socket, int(socket.query_params.get("v", "1")))
    log.info("%s signed in as %s (protocol %d)", session.id, user, session.protocol)
    note_session(session)
    try:
        await send(socket, "welcome", {"session": session.id})
        while True:
            await serve(session, await socket.receive_json())
    except WebSocketDisconnect as left:
        log.info("%s ended by client with %d after %d turns", session.id, left.code, session.turns)
    except Exception:
        log.exception("%s broke off", session.id)
        with contextlib.suppress(WebSocketDisconnect):  # who has left already needs no close
            await socket.close(1011, "Internal error")
