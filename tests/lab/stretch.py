"""A recorded stretch of service life, set elsewhere in time: longer, on other instances, with fresh ids.

In: entries as recorded. Out: the same entries under a monotone map of time that keeps what happened within
moments of each other as it was and lengthens the pauses between; a socket's life grows with the pauses in it.
"""

import base64
import copy
import json
import random
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.lab.entries import LogEntry, insert_id, nanoseconds, stamp

_MOMENT_NS = 60_000_000
_FRESH = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|\bses_[0-9a-f]{10}\b"
    r"|\bu_\d+\b"
    r"|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b"
)
_SERVER_IP = "192.0.2.53"
_OPENING = re.compile(
    r"Starting new instance|Started server process|Waiting for application startup|beds laid out"
)
_OPEN = re.compile(r"STARTUP TCP probe|Application startup complete|Uvicorn running")
_CLOSING = re.compile(
    r"INFO:     (Shutting down|Waiting for application shutdown|Application shutdown complete|Finished server)"
    r"|tools put away"
)


def text_of(entry: LogEntry) -> str:
    """The entry's text; empty for a request."""
    return str(entry.get("textPayload", ""))


def _end_ns(entry: LogEntry) -> int:
    latency = entry.get("httpRequest", {}).get("latency", "0s")
    return nanoseconds(entry["timestamp"]) + int(float(latency[:-1]) * 1e9)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was recorded of two instances: how they came up, how they lived, how they went."""

    opening: tuple[LogEntry, ...]
    life: tuple[LogEntry, ...]
    closing: tuple[LogEntry, ...]
    instances: tuple[str, ...]

    @classmethod
    def of(cls, entries: tuple[LogEntry, ...], instances: tuple[str, ...]) -> "Stretch":
        """The recording's entries, sorted into the three parts by their text."""
        opening, life, closing = [], [], []
        for entry in entries:
            text = text_of(entry)
            if _OPENING.search(text) or _OPEN.search(text):
                opening.append(entry)
            elif _CLOSING.search(text):
                closing.append(entry)
            else:
                life.append(entry)
        return cls(tuple(opening), tuple(life), tuple(closing), instances)


def of_instance(entries: tuple[LogEntry, ...], instance: str) -> tuple[LogEntry, ...]:
    """Those entries that are the instance's."""
    return tuple(entry for entry in entries if entry["labels"].get("instanceId") == instance)


class TimeMap:
    """Moments stay as they were, pauses grow so that the whole takes `length_ns`."""

    def __init__(self, entries: tuple[LogEntry, ...], start_ns: int, length_ns: int | None) -> None:
        events = sorted({at for entry in entries for at in (nanoseconds(entry["timestamp"]), _end_ns(entry))})
        gaps = [after - before for before, after in pairwise(events)]
        pauses = sum(gap for gap in gaps if gap > _MOMENT_NS)
        factor = 1.0
        if length_ns is not None and pauses:
            factor = (length_ns - (sum(gaps) - pauses)) / pauses
        self._from = events
        self._to = [start_ns]
        for gap in gaps:
            self._to.append(self._to[-1] + int(gap * factor if gap > _MOMENT_NS else gap))

    def __call__(self, at_ns: int) -> int:
        """Where a recorded instant goes."""
        index = max(bisect_right(self._from, at_ns) - 1, 0)
        return self._to[index] + (at_ns - self._from[index])


class Fresh:
    """New for old, the same new one for the same old one."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._given: dict[str, str] = {}

    def __call__(self, old: str, at_ns: int) -> str:
        """The new value for `old`, which is first needed at `at_ns`."""
        if old not in self._given:
            self._given[old] = self._make(old, at_ns)
        return self._given[old]

    def _make(self, old: str, at_ns: int) -> str:
        if old in (_SERVER_IP, "u_1011"):
            return old
        if old.startswith("ses_"):
            return f"ses_{self._dice.getrandbits(40):010x}"
        if old.startswith("u_"):
            return f"u_{self._dice.randrange(40, 4000)}"
        if old.startswith("eyJ"):
            return self._token(old, at_ns)
        if "." in old:
            return f"{old.rpartition('.')[0]}.{self._dice.randrange(2, 250)}"
        return f"{self._dice.getrandbits(4 * len(old)):0{len(old)}x}"

    def _token(self, old: str, at_ns: int) -> str:
        head, body, _ = old.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        claims |= {"sub": self(claims["sub"], at_ns), "exp": at_ns // 1_000_000_000 + 900}
        encoded = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        signature = base64.urlsafe_b64encode(self._dice.randbytes(32)).rstrip(b"=").decode()
        return f"{head}.{encoded}.{signature}"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a stretch is set: from when, for how long (as recorded if None), on which revision's instances."""

    start_ns: int
    length_ns: int | None
    revision: str
    instances: Mapping[str, str]


def set_at(entries: tuple[LogEntry, ...], setting: Setting, dice: random.Random) -> list[LogEntry]:
    """The entries as they would have been logged there."""
    if not entries:
        return []
    time_map = TimeMap(entries, setting.start_ns, setting.length_ns)
    fresh = Fresh(dice)
    return [_moved(entry, setting, time_map, fresh, dice) for entry in entries]


def _moved(
    entry: LogEntry, setting: Setting, time_map: TimeMap, fresh: Fresh, dice: random.Random
) -> LogEntry:
    new = copy.deepcopy(entry)
    old_at, old_end = nanoseconds(entry["timestamp"]), _end_ns(entry)
    at, end = time_map(old_at), time_map(old_end)
    lag = nanoseconds(entry["receiveTimestamp"]) - old_end
    new["insertId"] = insert_id(at, dice)
    new["timestamp"] = stamp(at)
    new["receiveTimestamp"] = stamp(end + max(lag, 2_000_000))
    new["resource"]["labels"]["revision_name"] = setting.revision
    instance = entry["labels"].get("instanceId")
    if instance:
        new["labels"]["instanceId"] = setting.instances.get(instance, instance)

    def renewed(text: str) -> str:
        return _FRESH.sub(lambda found: fresh(found[0], at), text)

    if "textPayload" in new:
        new["textPayload"] = renewed(new["textPayload"])
    if "httpRequest" in new:
        request = new["httpRequest"]
        request["requestUrl"] = renewed(request["requestUrl"])
        request["remoteIp"] = renewed(request["remoteIp"])
        request["latency"] = f"{(end - at) / 1e9:.9f}s"
    if "trace" in new:
        prefix, _, trace = new["trace"].rpartition("/")
        new["trace"] = f"{prefix}/{fresh(trace, at)}"
    if "spanId" in new:
        new["spanId"] = fresh(new["spanId"], at)
    return new
