"""How wordings tell the end of a connection: a line of text comes in; who closed, code and reason go out.

A number alone is never a close code: 1011 is also a duration, an id, a port and a byte count. The patterns
stand in closes.toml, each with a line that it matches.
Source: RFC 6455, section 7.4; the exception texts of the client libraries named there.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rca.expressions import compiled
from rca.gate import gate
from rca.model import Close, Entry, Initiator

NORMAL_CODES = frozenset({1000, 1001, 1005})
"""How a connection ends in order: normal closure, going away, a close frame without a code."""

_ENDED = re.compile(
    r"(?i)disconnect|\bclos(?:ed?|ing)\b|\b(?:gone|left|leaves|ended|bye|lost|over|quit|hung up)\b"
)
"""Words beside which a payload field called `code` can be a close code, and not a voucher's."""

_OF_THE_RFC = range(1000, 1016)
"""RFC 6455, 7.4.1, and the registry it opened."""

_LONGEST = 4_000
"""No wording is longer; what is, is not searched."""


def in_order(close: Close | None) -> bool:
    """Whether a close is known, and is a normal one."""
    return close is not None and close.code in NORMAL_CODES


@dataclass(frozen=True, slots=True)
class Wording:
    """What one line says of a connection's end."""

    code: int | None
    reason: str | None
    initiator: Initiator
    status: int | None = None
    """HTTP status, where the handshake or request was refused."""

    loose: bool = False
    """Whether the wording is too vague to be trusted outside a test's error."""


@dataclass(frozen=True, slots=True)
class ReasonAuthor:
    """Who wrote a reason text."""

    author: str
    """library, upstream, application, or framework (an empty reason)."""

    says: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    spec: dict[str, str | int]

    @property
    def source(self) -> str:
        """A regular expression."""
        return str(self.spec["pattern"])

    @property
    def regex(self) -> re.Pattern[str]:
        """The same, compiled."""
        return compiled(self.source)


@cache
def _patterns() -> dict[str, tuple[_Pattern, ...]]:
    text = resources.files("rca").joinpath("closes.toml").read_text(encoding="utf-8")
    return {kind: tuple(_Pattern(spec) for spec in specs) for kind, specs in tomllib.loads(text).items()}


_CODE = re.compile(r"[134][0-9]{3}")


@cache
def _gate(kind: str) -> Callable[[str], object]:
    """What every text needs that one of the patterns of a kind matches: most lines are ruled out by it at once."""
    if kind == "server":
        return _CODE.search
    if kind == "refused":
        return lambda text: "socket" in (folded := text.casefold()) or "wsreject" in folded
    return gate(pattern.source for pattern in _patterns()[kind])


def _first(kind: str, text: str) -> tuple[_Pattern, re.Match[str]] | None:
    short = text[:_LONGEST]
    if not _gate(kind)(short):
        return None
    for pattern in _patterns()[kind]:
        match = pattern.regex.search(short)
        if match:
            return pattern, match
    return None


def _group(match: re.Match[str], name: str) -> str | None:
    found = match.groupdict().get(name)
    return found.strip() if found and found.strip() else None


@lru_cache(maxsize=4096)
def read_client(error: str | None) -> Wording | None:
    """What a client's error says of the end of its connection; None where it says nothing of one.

    `received X; then sent Y`: the server closed. `sent X; no close frame received`: the client did.
    `no close frame received or sent`: nobody did, the connection was lost (1006).
    """
    if not error:
        return None
    found = _first("client", error)
    if found is None:
        return None
    pattern, match = found
    code, status = _group(match, "code"), _group(match, "status")
    fixed = pattern.spec.get("code")
    return Wording(
        code=int(code) if code else int(fixed) if fixed else None,
        reason=_group(match, "reason"),
        initiator=Initiator(str(pattern.spec["initiator"])),
        status=int(status) if status else None,
        loose=bool(pattern.spec.get("loose", False)),
    )


def read_server(entry: Entry) -> int | None:
    """The close code that a service's own line tells, in words or in a payload field; None without one."""
    text = entry.message
    # Go's loggers put what the library said of it into a field of its own.
    beside = (value for key in ("err", "error") if isinstance(value := entry.payload.get(key), str))
    for said in (text, *beside):
        if (found := _first("server", said)) is not None:
            return int(found[1]["code"])
    if not entry.payload:
        return None
    # Some loggers put what they are told into an object of its own: labels, extra, data.
    for fields in (entry.payload, *(value for value in entry.payload.values() if isinstance(value, dict))):
        for key in ("close_code", "closeCode", "code", "status_code"):
            code = _number(fields.get(key))
            if code is None or not _lawful(code):
                continue
            if key.startswith("close") or _ENDED.search(text[:_LONGEST]):
                return code
    return None


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{4}", value) else None


def _lawful(code: int) -> bool:
    return code in _OF_THE_RFC or 3000 <= code < 5000  # noqa: PLR2004 - RFC 6455, 7.4.2


def opened(text: str) -> tuple[int, str] | None:
    """Rank of the wording and path of the WebSocket that a line says was accepted; None for any other line.

    One connection can be told in several wordings, by the server and by the application: count one of them.
    The lower the rank, the more exact the wording.
    """
    found = _first("opened", text)
    return (_patterns()["opened"].index(found[0]), _group(found[1], "path") or "") if found else None


def refused(text: str) -> tuple[str, int] | None:
    """Path and HTTP status of the WebSocket handshake that a line says was refused."""
    found = _first("refused", text)
    if not found:
        return None
    return _group(found[1], "path") or "", int(_group(found[1], "status") or 403)


def tells_refusal(text: str) -> bool:
    """Whether a line is a server's bare word that a handshake was refused, without a reason."""
    return _first("turned_away", text) is not None


def refused_path(text: str) -> str | None:
    """The path of the refused handshake, where the line names it."""
    found = refused(text)
    return found[0] or None if found else None


def ended(text: str) -> bool:
    """Whether a line says that some connection of its instance ended, without naming a code."""
    return _first("ended", text) is not None


def is_keepalive(reason: str | None) -> bool:
    """Whether a reason says that a keepalive ping was not answered in time."""
    found = _first("reason", reason) if reason else None
    return found is not None and found[0].spec["id"] == "keepalive"


def author_of(reason: str | None) -> ReasonAuthor:
    """Who wrote the reason text of a close that the server sent."""
    if not reason or not reason.strip():
        return ReasonAuthor("framework", "an empty reason is the default of a server or framework")
    found = _first("reason", reason)
    if found:
        return ReasonAuthor(str(found[0].spec["author"]), str(found[0].spec["says"]))
    return ReasonAuthor(
        "application", "the reason is the application's own text: no server or library sends it"
    )
