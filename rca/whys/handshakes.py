"""What the refused handshakes carried to sign in with: whether a token, and where; never the token.

In: the scene. Out: a sentence, empty where nothing was refused. Cloud Run's request log holds the URL and no headers.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from rca.answers import count
from rca.case import Case
from rca.model import Socket
from rca.quote import quote

_REFUSED = frozenset({401, 403})
_TURNED_AWAY = frozenset({1008, 4401, 4403})
"""Close codes of policy. Source: RFC 6455, 7.4.1; 4xxx after HTTP's own numbers is common usage."""

_TOKEN = re.compile(r"(?i)^(?:access_?|auth_?|id_?)?(?:token|jwt|ticket|authorization|auth|key|pass)$")
_LONGEST = 40


def carried(case: Case) -> str:
    """How many of the connections that were turned away had a token in their URL, beside those that were let in."""
    away = [socket for socket in case.scene.bad if _turned_away(case, socket) and socket.entry.request]
    if not away:
        return ""
    names = [_token_name(socket) for socket in away]
    with_token = [name for name in names if name]
    handshakes = count(len(away), "handshake")
    if not with_token:
        let_in = _with_token(case.scene.good)
        beside = f", {let_in} that were let in did" if let_in else ""
        return f"None of the {handshakes} carried a token in the URL{beside}; headers are not in the request log."
    name = quote(max(set(with_token), key=with_token.count), _LONGEST)
    if len(with_token) < len(away):
        return f"Of the {handshakes}, {len(with_token)} carried a token in the URL ({name})."
    return f"The {handshakes} carried a token in the URL ({name}): it was sent, and not accepted."


def _turned_away(case: Case, socket: Socket) -> bool:
    close = case.scene.closes.get(socket.id)
    refused = not socket.accepted and socket.status in _REFUSED
    return refused or (close is not None and close.code in _TURNED_AWAY)


def _with_token(sockets: Sequence[Socket]) -> int:
    return sum(_token_name(socket) is not None for socket in sockets if socket.entry.request)


def _token_name(socket: Socket) -> str | None:
    """The name of the query field that holds a token; its value is not looked at."""
    request = socket.entry.request
    query = parse_qsl(request.url.partition("?")[2].partition("#")[0]) if request else []
    return next((key for key, value in query if value and _TOKEN.match(key[:_LONGEST])), None)
