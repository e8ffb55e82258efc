"""How a test's exception tells of the end of a connection.

In: an exception. Out: its last line, as a traceback prints it, and every close or refused handshake in its chain and
groups. Decides what is one by the names and attributes of the client libraries' exceptions: none of them is imported.

Sources: websockets.exceptions (rcvd, sent, rcvd_then_sent; code and reason before version 10), aiohttp
WSServerHandshakeError.status, websocket-client WebSocketBadStatusException.status_code, starlette and httpx-ws
WebSocketDisconnect.code and .reason, httpx-ws WebSocketUpgradeError.response, trio-websocket ConnectionClosed.reason.
"""

from collections.abc import Iterator
from typing import Any

Ending = dict[str, str | int | None]
"""A close or a refused handshake: exception (its line), code, reason, by, status. Plain, so that xdist can send it."""

_CLOSED = frozenset({"ConnectionClosed", "WebSocketDisconnect"})
_REFUSED = frozenset(
    {
        "InvalidStatus",
        "InvalidStatusCode",
        "WSServerHandshakeError",
        "WebSocketBadStatusException",
        "WebSocketUpgradeError",
        "ConnectionRejected",
    }
)
_ABNORMAL = 1006
"""RFC 6455, 7.1.5: no close frame came."""

_MOST_EXCEPTIONS = 100
_MOST_ENDINGS = 10
_LONGEST = 2_000


def line_of(error: BaseException) -> str:
    """The line of a traceback that names the exception; of a group, with that of its first member's first member."""
    line = _own_line(error)
    for _ in range(_MOST_EXCEPTIONS):
        if not isinstance(error, BaseExceptionGroup):
            return line
        error = error.exceptions[0]
        line = f"{line}: {_own_line(error)}"[:_LONGEST]
    return line


def _own_line(error: BaseException) -> str:
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ in {"builtins", "__main__"}
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    try:
        said = str(error).strip()
    except Exception:  # noqa: BLE001 - the exception is a test's own: whatever its __str__ does must not end the run
        said = "<its text cannot be had>"
    # Lone surrogates are no UTF-8, and no JSON reader takes them.
    said = said[:_LONGEST].encode("utf-8", "backslashreplace").decode()
    return f"{name}: {said.splitlines()[0]}"[:_LONGEST] if said else name


def endings_of(error: BaseException) -> list[Ending]:
    """The closes and refused handshakes that the exception tells of, the exception raised last first."""
    found = []
    for one in _chain(error):
        ending = _ending(one)
        if ending is not None:
            found.append(ending)
        if len(found) == _MOST_ENDINGS:
            break
    return found


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, the members of a group, then what it came from, as a traceback would show it; each once."""
    pending: list[BaseException] = [error]
    met: set[int] = set()
    while pending and len(met) < _MOST_EXCEPTIONS:
        one = pending.pop(0)
        if id(one) in met:
            continue  # a cause can be its own cause
        met.add(id(one))
        yield one
        members = one.exceptions[:_MOST_EXCEPTIONS] if isinstance(one, BaseExceptionGroup) else ()
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        pending = [*members, *([before] if before else []), *pending]


def _ending(error: BaseException) -> Ending | None:
    names = {kind.__name__ for kind in type(error).__mro__}
    try:
        if names & _CLOSED:
            code, reason, by = _close(error)
            return {
                "exception": line_of(error),
                "code": _whole(code),
                "reason": _text(reason),
                "by": by,
                "status": None,
            }
        if names & _REFUSED:
            status = _whole(_status(error))
            return {"exception": line_of(error), "code": None, "reason": None, "by": None, "status": status}
    except Exception:  # noqa: BLE001 - a namesake whose attributes raise is no exception of these libraries
        return None
    return None


def _close(error: Any) -> tuple[object, object, str | None]:  # noqa: ANN401 - known by its attributes alone
    """Code, reason and, where the library tells, who closed first."""
    if not hasattr(error, "rcvd"):
        reason: Any = getattr(error, "reason", None)
        if hasattr(reason, "code"):  # trio-websocket's CloseReason holds both
            return reason.code, getattr(reason, "reason", None), None
        return getattr(error, "code", None), reason, None
    # Its own `code` and `reason` are deprecated, and forget what was sent.
    received, sent = error.rcvd, error.sent
    if received is not None and (sent is None or error.rcvd_then_sent):
        return received.code, received.reason, "server"
    if sent is not None:
        return sent.code, sent.reason, "client"
    return _ABNORMAL, None, "nobody"


def _status(error: Any) -> object:  # noqa: ANN401 - as above
    for name in ("status", "status_code"):
        if (found := getattr(error, name, None)) is not None:
            return found
    return getattr(error.response, "status_code", None)


def _whole(value: object) -> int | None:
    # An enum of ints (websockets' CloseCode, http.HTTPStatus) becomes a plain one: xdist sends nothing else.
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value[:_LONGEST].encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else None
