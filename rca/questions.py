"""What is asked of the logs: one value that every kind of source answers alike.

In: a span of time and what is looked for. Out: an `Ask`. The words stand in `queries/*.lql`; here they are put
together: which services, which stretch of time, which entries in it, and the user's own filter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rca.model import Window
from rca.resources import filled

LONGEST_REQUEST = timedelta(hours=1)
"""No request lasts longer. Source: Cloud Run, request timeout: at most 60 minutes."""

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No log entry is older; bounds of a query are not moved before it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What some bytes of an entry match: an expression in RE2's syntax, over bytes."""

    source: bytes


# What each entry that a question asks for is known by in JSON, compact or not, as exports write it.
_PLATFORM = (b"run.googleapis.com%2Fvarlog%2Fsystem", b"cloudaudit.googleapis.com")
_FAILED_OR_SOCKET = Expression(
    rb'"status": ?"?(?:101|40[0-35-9]|4[1-9][0-9]|5[0-9]{2})'
    rb'|"(?:requestUrl|request_url|url)": ?"[^"?#]*(?:[wW][sS]|[sS][oO][cC][kK][eE][tT])'
)
"""One expression for both: RE2 reads the bytes once for all that stands in one."""

_WITH_ROOM = 1.2
_SLACK_S = 10.0


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the logs, without saying of which service: that is the source's to know."""

    name: str
    """The query file that it is from, without `.lql`."""

    condition: str
    """What an entry must meet besides lying in the window; empty for everything."""

    window: Window | None
    """A request counts when its life overlaps it. None: all that the source holds."""

    first: int | None = None
    """Only so many entries, the earliest; None for all."""

    hints: tuple[bytes | Expression, ...] = ()
    """Bytes one of which stands in the JSON of every entry that answers; none where nothing is known of them.

    A source of files looks for them before it parses anything.
    """

    passing: bool = False
    """Of a folder by hours, only what the other questions have opened anyway is asked."""


def everything(window: Window | None) -> Ask:
    """All that was logged in a window, or at all."""
    return Ask("window", "", window)


def deploys() -> Ask:
    """Every deploy that a source of files passes on the way to what it is asked besides."""
    return Ask("deploys", filled("deploys.lql"), None, hints=_PLATFORM, passing=True)


def probe(span: Window | None, run_s: float | None) -> Ask:
    """What could show where in a long span a run of tests failed; `run_s` is how long that run took, if known."""
    longest = LONGEST_REQUEST.total_seconds() if run_s is None else run_s * _WITH_ROOM + _SLACK_S
    condition = filled("probe.lql", longest=f"{longest:.0f}s")
    return Ask("probe", condition, span, hints=(*_PLATFORM, _FAILED_OR_SOCKET))


def failures(span: Window | None) -> Ask:
    """What went wrong in a long span, in which no run of the tests could be made out."""
    return Ask("failures", filled("failures.lql"), span)


def occurrences(text: str, span: Window, first: int) -> Ask:
    """The first entries of a span that hold a text."""
    said = max(re.findall(r"[ \w.,:=()\[\]'-]+", text, re.ASCII), key=len, default="").encode()
    condition = filled("first_occurrence.lql", text=text)
    return Ask("first_occurrence", condition, span, first, hints=(said,) if said else ())


def at_host(host: str, span: Window | None, first: int) -> Ask:
    """The first requests to a host: their service is the one that answers there."""
    return Ask("host", filled("host.lql", place=f"//{host}/"), span, first)


def arrived(since: datetime, ask: Ask) -> Ask:
    """What answers a question, and was received at a moment or later."""
    return Ask("arrived", ask.condition + filled("arrived.lql", since=since), ask.window)


def scope(services: Sequence[str]) -> str:
    """The part of a query that says of which services; without a name, of any that runs on Cloud Run."""
    return filled("services.lql", services=tuple(services)) if services else filled("any_service.lql")


def bounds(window: Window) -> str:
    """The part of a query that says of which stretch of time, requests that reach into it among them."""
    start = earliest(window) + LONGEST_REQUEST
    return filled(
        "window.lql",
        start=window.start,
        end=window.end,
        ten_seconds_before=start - timedelta(seconds=10),
        a_minute_before=start - timedelta(minutes=1),
        five_minutes_before=start - timedelta(minutes=5),
        an_hour_before=start - LONGEST_REQUEST,
    )


def earliest(window: Window) -> datetime:
    """The first moment of which a window is asked: a request that began then can have lasted into it."""
    return max(window.start, _EARLIEST + LONGEST_REQUEST) - LONGEST_REQUEST


def whole_query(ask: Ask, services: Sequence[str], wanted: str | None) -> str:
    """The query as it is sent to Logging; `wanted` is the user's own filter, already found to be one."""
    parts = [scope(services), bounds(ask.window) if ask.window else "", ask.condition]
    # On a line of its own: a filter may end in a comment, which must not swallow the parenthesis.
    return "".join(parts) + (f"(\n{wanted}\n)\n" if wanted and not _is_comment(wanted) else "")


def _is_comment(wanted: str) -> bool:
    """Whether a filter asks nothing: as a filter it matches everything, in parentheses it is a mistake."""
    return all(line.strip()[:2] in {"", "--"} for line in wanted.split("\n"))
