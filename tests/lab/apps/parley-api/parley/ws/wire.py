"""Messages on the wire: JSON objects with a `type`."""

import json
from collections.abc import Mapping

from starlette.websockets import WebSocket


def encode(kind: str, body: Mapping[str, object]) -> str:
    """The message as compact JSON text."""
    return json.dumps({"type": kind, **body}, separators=(",", ":"))


async def send(socket: WebSocket, kind: str, body: Mapping[str, object]) -> None:
    """The message is handed to the socket."""
    await socket.send_text(encode(kind, body))
