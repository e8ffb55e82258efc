"""Small values for the core's tests, in the invented world of a bakery: `shop-stg`, service `ovens`.

`logged` and `requested` make raw LogEntries as Cloud Logging exports them; `line` and `request` make the same into
`Entry`. Times are seconds after START, by the logs' clock.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rca import cloudrun, model, naming
from rca.model import (
    Close,
    Cycle,
    Entry,
    EntryRef,
    Event,
    EventKind,
    ExceptionInfo,
    Frame,
    Initiator,
    Kind,
    Outcome,
    Relation,
    Socket,
    SourceRef,
    Trace,
)
from rca.normalize import normalize

Raw = dict[str, Any]
Ran = model.Test
"""A test of a cycle; pytest would take an imported class named Test for tests."""

START = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
CLIENT = "203.0.113.9"
SERVER_CLOSED = (
    "received 1011 (internal error) Internal error; then sent 1011 (internal error) Internal error"
)
CLIENT_CLOSED = "sent 1011 (internal error) keepalive ping timeout; no close frame received"
LOST = "no close frame received or sent"


def after(seconds: float) -> datetime:
    """The moment so many seconds after START."""
    return START + timedelta(seconds=seconds)


# --- raw entries, and entries ----------------------------------------------------------------------------


def _raw(after_s: float, insert_id: str, log: str, more: Raw) -> Raw:
    spelled = after(after_s).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    return {
        "insertId": insert_id,
        "timestamp": spelled,
        "receiveTimestamp": spelled,
        "logName": f"projects/shop-stg/logs/run.googleapis.com%2F{log}",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {
                "project_id": "shop-stg",
                "service_name": "ovens",
                "revision_name": "ovens-00007-abc",
                "location": "europe-west6",
            },
        },
        **more,
    }


def _whose(instance: str | None, trace_id: str | None) -> Raw:
    own: Raw = {} if instance is None else {"labels": {"instanceId": instance}}
    return own if trace_id is None else own | {"trace": f"projects/shop-stg/traces/{trace_id}"}


def logged(  # noqa: PLR0913 - an entry has many fields, and each has a default
    text: str | Mapping[str, Any],
    after_s: float = 0.0,
    *,
    severity: str | None = "ERROR",
    instance: str | None = "i-1",
    trace_id: str | None = None,
    log: str = "stderr",
    **more: Any,  # noqa: ANN401 - any JSON
) -> Raw:
    """A raw entry of a container's line, or of its JSON; the insertId tells equal lines apart by time and place."""
    sign = zlib.crc32(f"{text}{instance}{trace_id}".encode("utf-8", "surrogatepass"))
    body: Raw = {"textPayload": text} if isinstance(text, str) else {"jsonPayload": dict(text)}
    if severity is not None:
        body["severity"] = severity
    return _raw(
        after_s, f"l{round(after_s * 1e6):010d}{sign:08x}", log, _whose(instance, trace_id) | body | more
    )


def requested(  # noqa: PLR0913 - as above
    after_s: float = 0.0,
    lasts_s: float | None = 1.0,
    *,
    path: str = "/ws",
    status: int | None = 101,
    client: str | None = CLIENT,
    agent: str | None = None,
    instance: str | None = "i-1",
    trace_id: str | None = None,
    text: str | None = None,
) -> Raw:
    """A raw request entry; of a WebSocket (101), `lasts_s` is the life of the connection."""
    asked: Raw = {
        "requestMethod": "GET",
        "requestUrl": f"https://ovens.example{path}",
        "protocol": "HTTP/1.1",
    }
    given = {"status": status, "remoteIp": client, "userAgent": agent}
    asked |= {name: value for name, value in given.items() if value is not None}
    if lasts_s is not None:
        asked["latency"] = f"{lasts_s:.6f}s"
    sign = zlib.crc32(f"{path}{status}{client}{agent}{instance}{trace_id}{lasts_s}".encode())
    more: Raw = {"httpRequest": asked}
    if text is not None:
        more["textPayload"] = text
    return _raw(
        after_s, f"r{round(after_s * 1e6):010d}{sign:08x}", "requests", _whose(instance, trace_id) | more
    )


def entry(raw: Raw) -> Entry:
    """A raw entry in the one shape that the stages know."""
    return normalize(raw, EntryRef(None, "ovens.ndjson", None))


def line(text: str | Mapping[str, Any], after_s: float = 0.0, **more: Any) -> Entry:  # noqa: ANN401 - as `logged`
    """The entry of a container's line."""
    return entry(logged(text, after_s, **more))


def request(after_s: float = 0.0, lasts_s: float | None = 1.0, **more: Any) -> Entry:  # noqa: ANN401 - as `requested`
    """A request entry."""
    return entry(requested(after_s, lasts_s, **more))


def in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries as a source gives them."""
    return tuple(sorted(entries, key=lambda one: (one.at_ns, one.ref.insert_id or "")))


# --- sockets and tests -----------------------------------------------------------------------------------


def socket(  # noqa: PLR0913 - as above
    after_s: float = 0.0,
    lasts_s: float | None = 1.0,
    *,
    name: str | None = None,
    code: int | None = None,
    path: str = "/ws",
    status: int = 101,
    client: str | None = CLIENT,
    agent: str | None = None,
    instance: str | None = "i-1",
    trace_id: str | None = None,
    ids: Sequence[str] = (),
) -> Socket:
    """One connection (status 101) or request; with `code`, the logs tell how it was closed."""
    asked = request(
        after_s,
        lasts_s,
        path=path,
        status=status,
        client=client,
        agent=agent,
        instance=instance,
        trace_id=trace_id,
    )
    end = None if lasts_s is None else after(after_s + lasts_s)
    close = None
    if code is not None and end is not None:
        close = Close(code, None, Initiator.UNKNOWN, end, None)
    return Socket(
        id=name or asked.ref.insert_id or "",
        start=asked.at,
        end=end,
        entry=asked,
        websocket=status == 101 or path == "/ws",
        accepted=status < 400,
        status=status,
        instance=instance,
        revision=asked.revision,
        trace_id=trace_id,
        client=client,
        path=path,
        close=close,
        ids=frozenset(ids),
    )


def ran(  # noqa: PLR0913 - as above
    name: str = "test_oven",
    outcome: Outcome = Outcome.PASSED,
    after_s: float | None = None,
    lasts_s: float | None = None,
    *,
    kind: Kind = Kind.WEBSOCKET,
    error: str | None = None,
    code: int | None = None,
) -> Ran:
    """One test of a cycle; `after_s` by the runner's clock, None where the report tells no time."""
    return Ran(
        name=name,
        outcome=outcome,
        ref=SourceRef("report.md", 7),
        kind=kind,
        started_at=None if after_s is None else after(after_s),
        start_exact=after_s is not None,
        duration_s=lasts_s,
        error=error,
        close_code=code,
    )


def failed(name: str = "test_oven", after_s: float | None = None, lasts_s: float | None = None) -> Ran:
    """A test whose connection the server closed with 1011."""
    return ran(name, Outcome.FAILED, after_s, lasts_s, error=SERVER_CLOSED, code=1011)


def cycle(tests: Sequence[Ran] = (), **more: Any) -> Cycle:  # noqa: ANN401 - the fields of Cycle
    """A cycle of these tests."""
    return Cycle(number=1, tests=tuple(tests), sources=("report.md",), **more)


# --- events ----------------------------------------------------------------------------------------------


def frame(function: str = "bake", file: str = "/srv/ovens/bake.py", line_: int = 12, **more: Any) -> Frame:  # noqa: ANN401 - the fields of Frame
    """A frame of the application."""
    return Frame(file, line_, function, more.get("code"), in_app=more.get("in_app", True))


def exception(
    type_: str = "ValueError",
    message: str = "too hot",
    frames: Sequence[Frame] | None = None,
    relation: Relation = Relation.ROOT,
) -> ExceptionInfo:
    """One exception of a chain, raised in `bake` unless said otherwise."""
    return ExceptionInfo(type_, message, (frame(),) if frames is None else tuple(frames), relation)


def chain(
    *exceptions: ExceptionInfo, header: str = "order failed", entries: Sequence[Entry] | None = None
) -> Trace:
    """A stack trace of these exceptions, root first."""
    told = (line(header),) if entries is None else tuple(entries)
    return Trace(exceptions, told[0].at, told, header, "python", complete=True)


def raised(
    error: ExceptionInfo | None = None,
    after_s: float = 0.0,
    *,
    header: str = "order failed",
    **more: Any,  # noqa: ANN401 - as `logged`
) -> Event:
    """The event of an exception that was logged with its stack trace."""
    said_by = line(header, after_s, **more)
    trace = chain(error or exception(), header=header, entries=[said_by])
    last = trace.exceptions[-1]
    return Event(
        EventKind.EXCEPTION,
        said_by.at,
        f"{last.type}: {last.message}",
        naming.fingerprint_of(trace),
        (said_by,),
        trace,
    )


def said(text: str = "oven door is jammed", after_s: float = 0.0, **more: Any) -> Event:  # noqa: ANN401 - as `logged`
    """The event of a line that tells of an error, without a stack trace."""
    entry_ = line(text, after_s, **more)
    print_ = naming.fingerprint_of_line(entry_.logger, entry_.message)
    return Event(EventKind.ERROR_LINE, entry_.at, entry_.message, print_, (entry_,))


def silence(after_s: float, lasts_s: float, instance: str = "i-1") -> Event:
    """An instance that logs nothing for so long."""
    before = line("warm", after_s, instance=instance, severity="INFO")
    then = line("warm again", after_s + lasts_s, instance=instance, severity="INFO")
    title = f"no line from the instance for {lasts_s:.1f} s"
    return Event(EventKind.SILENCE, before.at, title, f"silence on {instance}", (before, then), until=then.at)


def platform(text: str, after_s: float = 0.0, *, log: str = "varlog%2Fsystem", **more: Any) -> Event:  # noqa: ANN401 - as `logged`
    """The event of a message of the platform."""
    (event,) = cloudrun.detect([line(text, after_s, log=log, **more)])
    return event


# --- files -----------------------------------------------------------------------------------------------


def write_logs(path: Path, raws: Sequence[Raw]) -> Path:
    """The raw entries as NDJSON; the path, for the command line."""
    path.write_text("".join(json.dumps(raw) + "\n" for raw in raws), encoding="utf-8")
    return path


def write_report(folder: Path, rows: Sequence[str], number: int = 1, date: str = "2026-03-04") -> Path:
    """A results report in Markdown, `report.md`, with these table rows."""
    head = [
        f"# Bakery loop: Cycle {number} Results",
        f"**Date**: {date}",
        "",
        "| Test | Status | Duration | Error |",
        "|------|--------|----------|-------|",
    ]
    path = folder / "report.md"
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    return path


REPORT_ROWS = (
    "| HTTP Health | ✅ PASS | 0.10s | - |",
    "| WebSocket Connect | ✅ PASS | 1.10s | - |",
    f"| Order Bread | ❌ FAIL | 0.90s | {SERVER_CLOSED} |",
    f"| Bake Bread | ❌ FAIL | 2.00s | {SERVER_CLOSED} |",
)
CAUSE = "no flour left for order"


def incident_logs() -> list[Raw]:
    """What the service logged of REPORT_ROWS' run: two sockets closed with 1011 after a line that says why."""
    raws = [
        requested(0.05, 0.08, path="/health", status=200, trace_id="0a0"),
        requested(0.40, 1.00, trace_id="0a1"),
        logged("disconnected code=1000", 1.39, trace_id="0a1", severity="INFO"),
        requested(1.75, 0.80, trace_id="0a2"),
        logged("the till rings", 2.00, severity="INFO"),
        logged(f"{CAUSE} rye_812", 2.54, trace_id="0a2"),
        requested(2.85, 1.90, trace_id="0a3"),
        logged(f"{CAUSE} rye_913", 4.74, trace_id="0a3"),
        logged("cat is in the pantry again", 30.0),
    ]
    return [raw | {"insertId": f"id{number:04d}"} for number, raw in enumerate(raws, 1)]


def write_incident(folder: Path) -> Path:
    """A cycle's report and logs in a folder, where a cause is to be found; the folder, for `--cycles-dir`."""
    write_report(folder, REPORT_ROWS)
    write_logs(folder / "logs.ndjson", incident_logs())
    return folder
