"""Which raw entries could show where a failure lies, before anything is pulled whole.

In: raw entries of a wide span. Out: yes or no. Decides by the request, the log, the severity and the words;
in doubt yes, since what a probe leaves out is never looked at.
"""

import re
from collections.abc import Mapping
from typing import Any

from rca.model import Request, Severity
from rca.normalize import level_of, request_of, said_in

_SWITCHED = 101
_FAILED, _NOT_FOUND = 400, 404
_SOCKET_PATH = re.compile("ws|socket", re.IGNORECASE)
_BAD = frozenset(("WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"))
_HEAD, _TAIL = (
    20_000,
    4_000,
)  # characters of a giant line that are looked at: its beginning, and where a trace ends

# Words that an operator would search for, in small letters. Parts of words, so that `ConnectionError` and
# `unhandledRejection` are found; plain substrings, since one pattern of them all is twenty times slower.
_BAD_WORDS = (
    *(
        "error",
        "exception",
        "traceback",
        "fail",
        "fatal",
        "critical",
        "panic",
        "severe",
        "unhandled",
        "uncaught",
    ),
    *("warn", "abort", "refused", "denied", "reject", "unavailable", "unreachable", "timeout", "timed out"),
    *("time-out", "exited", "exit(", "exit code", "killed", "signal", "shutting down", "out of memory"),
    *("memory limit", "invalid", "missing", "not found", "unauthorized", "forbidden", "broken pipe"),
    *("connection reset", "disconnect", "interrupt", "overflow", "deadlock", "goroutine", "caused by"),
)


def socket_path(request: Request) -> bool:
    """Whether the request opened a WebSocket, or went where one would be opened."""
    return request.status == _SWITCHED or _SOCKET_PATH.search(request.path) is not None


def switched(request: Request) -> bool:
    """Whether the request became a WebSocket."""
    return request.status == _SWITCHED


def matters(raw: Mapping[str, Any]) -> bool:
    """Whether an entry could show where a failure lies, by itself."""
    request = request_of(raw)
    if request is not None and (
        socket_path(request)
        or (request.status is not None and request.status >= _FAILED and request.status != _NOT_FOUND)
    ):
        return True
    if request is not None and request.status == _NOT_FOUND:
        return False  # a WARNING by rule, and what scanners cause all day
    name = raw.get("logName") or raw.get("log_name") or raw.get("log_id")
    log = name if isinstance(name, str) else ""
    if "data_access" in log:
        return False  # who read what; deploys are in the activity log
    if "varlog" in log or "cloudaudit" in log or raw.get("protoPayload") or raw.get("proto_payload"):
        return True
    severity = raw.get("severity")
    if isinstance(severity, str) and severity.upper() in _BAD:
        return True
    return _says_so(raw)


def _says_so(raw: Mapping[str, Any]) -> bool:
    text = raw.get("textPayload") or raw.get("text_payload")
    body = raw.get("jsonPayload") or raw.get("json_payload") or raw.get("payload")
    if text is None and body is None:
        body = raw
    if isinstance(body, Mapping):
        if (level_of(body) or Severity.DEFAULT) >= Severity.WARNING or body.get("@type"):
            return True
        if any(
            name in body
            for name in ("exception", "exc_info", "stack_trace", "stack", "traceback", "err", "error")
        ):
            return True
        text = said_in(body)
    elif text is None:
        text = body
    if not isinstance(text, str):
        return False
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    small = text.lower()
    return any(word in small for word in _BAD_WORDS)
