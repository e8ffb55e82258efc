"""One signed-in user on one socket."""

import secrets
from dataclasses import dataclass, field

from starlette.websockets import WebSocket


@dataclass(slots=True)
class Session:
    """What is known of a connection while it lives."""

    user: str
    socket: WebSocket
    protocol: int
    id: str = field(default_factory=lambda: f"ses_{secrets.token_hex(5)}")
    turns: int = 0
    topics: list[str] = field(default_factory=list)

    def describe(self) -> dict[str, object]:
        """The session as the client's status bar shows it."""
        return {
            "session": self.id,
            "user": self.user,
            "protocol": self.protocol,
            "turns": self.turns,
            "link": self.socket.client_state.name.lower(),
            "peer": self.socket.application_state.name.lower(),
        }
