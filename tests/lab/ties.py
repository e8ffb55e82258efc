"""Which entries belong together: an error's lines with its header, a client's lines with its requests.

Lines are tied to a request by what both name (a trace, a token, a session, an address), else by the path that they
tell, else by standing at its very start or end.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.lab.entries import LogEntry, nanoseconds

ID = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b[A-Za-z]{1,12}[-_](?=[a-f]*\d)[0-9a-f]{2,}\b"
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b"
    r"|\b[A-Za-z]\d{4,}\b"
)
"""What names one thing: a token, an address, a session, a trace."""

_SHARED_1011 = re.compile(r"\D*1011")
_MOST_NAMED = 40
_AFTER_NS = 400_000_000
_BEFORE_NS = 20_000_000
_AT_ONCE_NS = 15_000_000
_ONE_GO_NS = 5_000_000
_GOES_ON = re.compile(
    r"\s|(?:\x1b\[[\d;]*m)*(?:Traceback \(most|[\w.]*(?:Error|Exception)\b(?: \[\w+\])?:)"
    r"|The above exception|During handling|[^\s:]+: <"
)
_TELLS_EXCEPTION = re.compile(r"(?:\x1b\[[\d;]*m)*[\w.]*[A-Z]\w*(?:\x1b\[[\d;]*m)*(?::|$)")


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def text_of(entry: LogEntry) -> str:
    """All that the service wrote in the entry."""
    return "\n".join((entry.get("textPayload", ""), *strings(entry.get("jsonPayload", {}))))


def span_of(entry: LogEntry) -> tuple[int, int]:
    """When it began and ended: the same but for a request."""
    at = nanoseconds(entry["timestamp"])
    latency = entry.get("httpRequest", {}).get("latency", "0s")
    return at, at + int(float(latency[:-1]) * 1e9)


def instance_of(entry: LogEntry) -> str:
    """The instance's id; empty where none is named."""
    return str(entry.get("labels", {}).get("instanceId", ""))


def _blocks(lines: Iterable[LogEntry]) -> Iterator[tuple[LogEntry, ...]]:
    """Requests and lines each for itself, but a traceback's lines with the line that it stands under."""
    open_: dict[str, dict[str, list[LogEntry]]] = defaultdict(dict)
    for entry in lines:
        if "httpRequest" in entry:
            yield (entry,)
            continue
        streams = open_[instance_of(entry)]
        block = streams.get(entry["logName"])
        if (block is None or not _one_go(block[-1], entry)) and str(entry.get("textPayload")).startswith(
            "Traceback"
        ):
            # A header that was printed, a traceback that went to stderr.
            block = next((other for other in streams.values() if _one_go(other[-1], entry)), block)
        if block and _one_go(block[-1], entry):
            block.append(entry)
            streams[entry["logName"]] = block
            continue
        if block and not any(other is block for name, other in streams.items() if name != entry["logName"]):
            yield tuple(block)
        streams[entry["logName"]] = [entry]
    for streams in open_.values():
        yield from {id(block): tuple(block) for block in streams.values()}.values()


def _one_go(before: LogEntry, entry: LogEntry) -> bool:
    if nanoseconds(entry["timestamp"]) - nanoseconds(before["timestamp"]) > _ONE_GO_NS:
        return False
    text = entry.get("textPayload")
    if not isinstance(text, str):
        return False
    indented = str(before.get("textPayload", "")).startswith((" ", "\t"))
    return bool(_GOES_ON.match(text)) or (indented and bool(_TELLS_EXCEPTION.match(text)))


class _Groups:
    """Who is with whom."""

    def __init__(self, count: int) -> None:
        self._with = list(range(count))

    def of(self, one: int) -> int:
        while self._with[one] != one:
            self._with[one] = self._with[self._with[one]]
            one = self._with[one]
        return one

    def tie(self, one: int, other: int) -> None:
        self._with[self.of(other)] = self.of(one)


def ids_in(text: str, own: str) -> set[str]:
    """The ids that a text names, but for the service's own names and the number that is everywhere."""
    return {one for one in ID.findall(text) if one not in own and not _SHARED_1011.fullmatch(one)}


def _ids(block: Sequence[LogEntry], suite_ip: str, own: str) -> set[str]:
    found: set[str] = set()
    for entry in block:
        request = entry.get("httpRequest", {})
        told = (
            text_of(entry),
            urlsplit(request.get("requestUrl", "")).query,
            request.get("remoteIp", ""),
            entry.get("trace", "").rpartition("/")[2],
        )
        found |= ids_in("\n".join(told), own)
    return found - {suite_ip}


def tied(entries: Iterable[LogEntry], suite_ip: str, own: str) -> Iterator[tuple[LogEntry, ...]]:
    """The entries, which come by time, in groups of those that belong together; each group by time.

    The suite's requests are not one group because one client made them; `own` holds names that are no ids.
    """
    blocks = list(_blocks(entries))
    groups = _Groups(len(blocks))
    naming: defaultdict[str, list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        for one in _ids(block, suite_ip, own):
            naming[one].append(number)
    for numbers in naming.values():
        if len(numbers) <= _MOST_NAMED:
            for number in numbers[1:]:
                groups.tie(numbers[0], number)
    _tie_near(blocks, groups)
    members: defaultdict[int, list[LogEntry]] = defaultdict(list)
    for number, block in enumerate(blocks):
        members[groups.of(number)] += block
    for group in members.values():
        yield tuple(sorted(group, key=lambda entry: entry["timestamp"]))


def _tie_near(blocks: Sequence[tuple[LogEntry, ...]], groups: _Groups) -> None:
    """Lines that name nothing are with the request that they stand at."""
    asked = [number for number, block in enumerate(blocks) if "httpRequest" in block[0]]
    placed = {groups.of(number) for number in asked}
    near: defaultdict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    for number in asked:
        entry = blocks[number][0]
        path = urlsplit(entry["httpRequest"]["requestUrl"]).path
        near[instance_of(entry)].append((*span_of(entry), number, path))
    for number, block in enumerate(blocks):
        if groups.of(number) in placed:
            continue
        found = _nearest(block[0], near[instance_of(block[0])])
        if found is not None:
            groups.tie(found, number)


def _nearest(line: LogEntry, requests: Iterable[tuple[int, int, int, str]]) -> int | None:
    at, text = nanoseconds(line["timestamp"]), text_of(line)
    best: tuple[bool, int, int] | None = None
    for start, end, number, path in requests:
        told = path in text and len(path) > 1
        off = min(abs(at - start), abs(at - end))
        if told and not start - _BEFORE_NS <= at <= end + _AFTER_NS:
            continue
        if not told and off > _AT_ONCE_NS:
            continue
        if best is None or (not told, off, number) < best:
            best = (not told, off, number)
    return None if best is None else best[2]
