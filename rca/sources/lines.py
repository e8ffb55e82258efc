"""Log lines as tools print them -> raw log entries.

In: lines of text: `docker logs -t`, `kubectl logs`, stern, syslog, `gcloud … --format="value(…)"`, a console's copied
rows, logfmt, a logger's own file. Out: entries in LogEntry's shape with their lines. Decides by the layouts of
`lines.toml`, first match wins; a line without a time goes on with the entry above, or is an entry of its own where it
has a level of its own.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from rca.model import Severity
from rca.normalize.dialects import read_line, severity_named
from rca.normalize.times import nanoseconds
from rca.sources.clocks import Clock, names_zone
from rca.sources.collectors import PRIORITIES
from rca.sources.damage import Lost
from rca.sources.items import Found, Item, Note

_LONGEST_PREFIX = 8_000
_MOST_LINES = 20_000
"""Lines that one entry may go on over; more are no entry's."""

_PART = "part"
"""Whether a line is whole (F) or goes on (P), while it is read. Source: Kubernetes' CRI logging format."""

_PAIR = re.compile(
    r'(?<![^\s])(?P<key>[A-Za-z_@][\w.@\-]{0,60})=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]*))'
)
_PAIRS_TIMES = ("time", "ts", "t", "timestamp", "at")
_PAIRS_SAY = ("msg", "message", "level", "lvl", "severity", "event", "err", "error")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_REAL = {"n": "\n", "t": "\t", "r": ""}
NO_ZONE = "some of its times name no zone: they were taken as UTC"
NO_YEAR = "its times name no year: the latest was taken that is not after the file's own date"
NO_TIME = "the line tells no time, so it can be tied to nothing"


@dataclass(frozen=True, slots=True)
class Layout:
    """One tool's way to print a line."""

    name: str
    pattern: re.Pattern[str]
    whole: bool
    """The line stays as it is where a logger wrote its beginning."""
    sample: str
    expected: Mapping[str, str]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("lines.toml").read_text(encoding="utf-8"))


@cache
def zones() -> Mapping[str, int]:
    """Hours after UTC of the zones that a console names."""
    found: dict[str, int] = _table()["zones"]
    return found


@cache
def layouts() -> tuple[Layout, ...]:
    """Return the shipped layouts, in the order they are tried."""
    table = _table()
    levels = "|".join(
        sorted([severity.name for severity in Severity] + ["WARN", "FATAL"], key=len, reverse=True)
    )
    pieces = table["pieces"] | {
        "ZONE": "(?:" + "|".join(sorted(table["zones"], key=len, reverse=True)) + ")",
        "LEVEL": f"(?i:{levels})",
    }
    return tuple(
        Layout(
            name=row["name"],
            pattern=re.compile(
                re.sub("<<(\\w+)>>", lambda piece: pieces[piece[1]], row["pattern"]), re.VERBOSE
            ),
            whole=row.get("whole", False),
            sample=row["sample"],
            expected=row["expected"],
        )
        for row in table["layout"]
    )


def begins_entry(line: str) -> bool:
    """Whether a line begins with a time, as some tool prints it."""
    if not line[:1].strip():
        return False
    return _matched(line) is not None or _pairs(line) is not None


def entries(lines: Sequence[str], clock: Clock) -> Iterator[Item]:
    """The entries that the lines tell, in their order, each with its first line; what tells no time is lost."""
    reader = _Reader(clock)
    for number, line in enumerate(lines, start=1):
        yield from reader.take(number, line)
    yield from reader.end()


@dataclass(slots=True)
class _Open:  # not frozen: it grows by the lines that go on with it
    """The entry that is being read."""

    number: int
    raw: dict[str, Any]
    text: list[str] | None
    """None for an entry that is not text."""

    def goes_on(self, raw: dict[str, Any], text: str | None) -> bool:
        """Takes in a line that a container runtime cut in two; tells whether it was such a line."""
        part = raw.pop(_PART, None)
        if (
            self.raw.get(_PART) != "P"
            or self.text is None
            or text is None
            or raw.get("logName") != self.raw.get("logName")
        ):
            if part is not None:
                raw[_PART] = part
            return False
        self.text[-1] += text
        self.raw[_PART] = part
        return True


@dataclass(slots=True)
class _Reader:  # not frozen: it holds what was read so far
    clock: Clock
    open: _Open | None = None
    level: str | None = None
    """A line that was nothing but a level: the next line's, where that is a time."""
    notes: set[str] = field(default_factory=set)

    def take(self, number: int, line: str) -> Iterator[Item]:
        """What is finished by the line."""
        indented = not line[:1].strip()
        told = None if indented else self._begun(line)
        if told is not None:
            raw, text = told
            if self.open is not None and self.open.goes_on(raw, text):
                return
            if self.level is not None and not text:
                raw.setdefault("severity", self.level)
            yield from self._closed()
            self.open, self.level = _Open(number, raw, None if text is None else [text]), None
            return
        if self.level is not None:  # it was a line like any other
            yield from self._more(number, self.level)
            self.level = None
        if line.strip().upper() in Severity.__members__:
            self.level = line.strip().upper()
        else:
            yield from self._more(number, line)

    def end(self) -> Iterator[Item]:
        """What is left, and what was found out about all of them."""
        if self.level is not None:
            yield from self._more(0, self.level)
        yield from self._closed()
        yield from (Note(text) for text in sorted(self.notes))

    def _begun(self, line: str) -> tuple[dict[str, Any], str | None] | None:
        pairs = _pairs(line)
        if pairs is not None:
            return {"timestamp": _time_of(pairs), "jsonPayload": pairs}, None
        matched = _matched(line)
        if matched is None:
            return None
        layout, found = matched
        groups = found.groupdict()
        time = self.clock.told(groups)
        if time is None or nanoseconds(time) is None:
            return None
        if groups.get("month") or groups.get("month_day"):
            self.notes.add(NO_YEAR)
        elif not names_zone(time):
            self.notes.add(NO_ZONE)
        raw: dict[str, Any] = {"timestamp": time}
        rest = line[found.end() :]
        _place(raw, groups)
        if groups.get("method"):
            raw["httpRequest"] = _request(groups)
            return raw, None
        said = _own(line, rest, raw) if layout.whole else rest
        return raw, _payload(raw, said)

    def _more(self, number: int, line: str) -> Iterator[Item]:
        """A line without a time: more of the entry above, or one of the same time."""
        if self.open is None:
            if line.strip() and read_line(line).level is not None:
                yield Lost(number, NO_TIME, line)
            return
        leveled = bool(line[:1].strip()) and read_line(line).level is not None
        if self.open.text is not None and not leveled and len(self.open.text) < _MOST_LINES:
            self.open.text.append(line)
        elif line.strip():
            raw = {
                name: value
                for name, value in self.open.raw.items()
                if name in ("timestamp", "resource", "labels", "logName")
            }
            yield from self._closed()
            self.open = _Open(number, raw, [line])

    def _closed(self) -> Iterator[Item]:
        if self.open is not None:
            raw = self.open.raw
            raw.pop(_PART, None)
            if self.open.text is not None:
                raw["textPayload"] = "\n".join(self.open.text).strip("\n")
            yield Found(raw, self.open.number)
        self.open = None


def _matched(line: str) -> tuple[Layout, re.Match[str]] | None:
    for layout in layouts():
        found = layout.pattern.match(line, 0, _LONGEST_PREFIX)
        if found is not None:
            return layout, found
    return None


def _place(raw: dict[str, Any], groups: Mapping[str, str | None]) -> None:
    """Fields that say where a line came from and how bad it is."""
    if (service := groups.get("service")) is not None and service != "-":
        raw["resource"] = {"labels": {"service_name": service}}
    if (instance := groups.get("instance")) is not None and instance != "-":
        raw["labels"] = {"instanceId": instance}
    if (stream := groups.get("stream")) is not None:
        raw["logName"] = stream
    if (part := groups.get("part")) is not None:
        raw[_PART] = part
    if (priority := groups.get("priority")) is not None:
        raw["severity"] = PRIORITIES[int(priority) & 7].name
    if (severity := groups.get("severity")) is not None:
        named = severity_named(severity)
        raw["severity"] = (named or Severity.DEFAULT).name


def _request(groups: Mapping[str, str | None]) -> dict[str, Any]:
    told = {
        "requestMethod": groups.get("method"),
        "requestUrl": groups.get("url"),
        "status": int(groups.get("status") or 0),
        "remoteIp": groups.get("client"),
        "userAgent": groups.get("agent"),
        "latency": f"{latency}s" if (latency := groups.get("latency")) else None,
    }
    return {name: value for name, value in told.items() if value}


def _own(line: str, rest: str, raw: dict[str, Any]) -> str:
    """What was logged: cells of a printed row, the line behind a collector's time, or a logger's whole line."""
    if "\t" in rest or line[: len(line) - len(rest)].endswith("\t"):
        return _cells(rest.split("\t"), raw)
    told, below = read_line(line), read_line(rest.lstrip(" "))
    if below.level is not None and (below.logger is not None or told.logger is None):
        return rest.lstrip(" ")
    # "a time alone" is a dialect as well: only a level or a logger proves that the time is the logger's own.
    return line if told.level is not None or told.logger is not None else rest


def _cells(cells: list[str], raw: dict[str, Any]) -> str:
    """The last cell is what was logged, one that names a severity is that; of the others only their place is known."""
    *before, said = cells
    for at, cell in enumerate(before, start=2):
        if cell.upper() in Severity.__members__:
            raw["severity"] = cell.upper()
        elif cell:
            raw.setdefault("labels", {})[f"column {at}"] = cell
    return said


def _payload(raw: dict[str, Any], said: str) -> str | None:
    """Puts a JSON object or pairs into the entry's payload; gives back anything else as its text."""
    if said.startswith("{"):
        for text in (said, said.removesuffix("]").replace('"=>', '":')):
            try:
                loaded = orjson.loads(text)
            except ValueError:
                continue
            if isinstance(loaded, dict):
                return _recorded(raw, loaded)
    pairs = _pairs(said, timed=False)
    if pairs is not None:
        raw["jsonPayload"] = pairs
        return None
    return said


def _recorded(raw: dict[str, Any], record: dict[str, Any]) -> str | None:
    """A collector's record of one line is that line; any other is the payload."""
    if isinstance(line := record.get("log"), str) and record.keys() <= {"log", "stream", "time"}:
        return line.rstrip("\n")
    raw["jsonPayload"] = record
    return None


def _pairs(line: str, *, timed: bool = True) -> dict[str, str] | None:
    """The fields of a logfmt line; None for a line that just holds an equals sign."""
    if "=" not in line[:80] or not any(name in line for name in ("msg", "message", "level", "lvl")):
        return None
    found = _PAIR.match(line)
    if found is None:
        return None
    pairs = {
        pair["key"]: pair["bare"] if pair["quoted"] is None else _unescaped(pair["quoted"])
        for pair in _PAIR.finditer(line)
    }
    says = any(name in pairs for name in _PAIRS_SAY)
    return pairs if says and len(pairs) > 1 and (not timed or _time_of(pairs) is not None) else None


def _time_of(pairs: Mapping[str, str]) -> str | None:
    return next((pairs[name] for name in _PAIRS_TIMES if nanoseconds(pairs.get(name)) is not None), None)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _REAL.get(found[1], found[1]), text) if "\\" in text else text
