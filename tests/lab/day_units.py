"""A recorded case -> the pieces of life that it holds: visits, lone requests, chores, the suite's own requests.

A piece is what happened to one client (or to nobody), with all lines that tell of it, so that it can be set elsewhere
in time and mean the same (`ties` says what belongs together). A piece that the fault may have touched is none of
life's: it stays in the recording.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.lab.entries import LogEntry, nanoseconds
from tests.lab.ties import instance_of, span_of, strings, text_of, tied

_MOST_ENTRIES = 60
_SLOW_S = 2.0
_SAYS_ERROR = re.compile(r"\b(?:\w*error|\w*exception|traceback|critical|fatal|panic)\b", re.IGNORECASE)
_VARIES = re.compile(r"[\d.,:TZ+-]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What happened to one client, or to nobody: entries by time."""

    entries: tuple[LogEntry, ...]
    decoy: bool = False
    """Whether it is one of the errors that have nothing to do with the fault."""

    @property
    def requests(self) -> tuple[LogEntry, ...]:
        """Its requests."""
        return tuple(entry for entry in self.entries if "httpRequest" in entry)

    @property
    def sockets(self) -> tuple[LogEntry, ...]:
        """Its WebSockets."""
        return tuple(entry for entry in self.requests if entry["httpRequest"]["status"] == 101)

    @property
    def lines(self) -> tuple[LogEntry, ...]:
        """What the service wrote."""
        return tuple(entry for entry in self.entries if "httpRequest" not in entry)

    @property
    def span_ns(self) -> tuple[int, int]:
        """From its first entry to the end of its last."""
        spans = [span_of(entry) for entry in self.entries]
        return min(start for start, _ in spans), max(end for _, end in spans)


class Case:
    """A recorded case: entries and label."""

    def __init__(self, entries: Sequence[LogEntry], label: dict[str, Any]) -> None:
        self.entries = sorted(entries, key=lambda entry: entry["timestamp"])
        self.label = label
        self.window_ns = tuple(nanoseconds(text) for text in label["test_window"])
        closes = (*label.get("closes", ()), *label.get("noise_closes", ()))
        self._dropped = {close["trace"] for close in closes} - {None}
        self._evidence = {*label["evidence"], *label.get("supporting", ())}

    @cached_property
    def suite_ip(self) -> str:
        """The suite's address: that of most requests while it ran."""
        first, last = self.window_ns
        found = Counter(
            entry["httpRequest"].get("remoteIp", "")
            for entry in self.entries
            if "httpRequest" in entry and first <= nanoseconds(entry["timestamp"]) <= last
        )
        return found.most_common(1)[0][0] if found else ""

    @cached_property
    def revision(self) -> str:
        """The revision that served first."""
        names = (entry["resource"]["labels"].get("revision_name") for entry in self.entries)
        return next((name for name in names if name), "")

    @cached_property
    def openings(self) -> tuple[tuple[LogEntry, ...], ...]:
        """How instances came up; where that went not well, the platform's lines only."""
        return tuple(
            opening
            if all(_of_platform(entry) or self._well(entry) for entry in opening)
            else _platform_s(opening)
            for opening in self._begun
        )

    @cached_property
    def _begun(self) -> tuple[tuple[LogEntry, ...], ...]:
        """What each instance wrote until its probe succeeded."""
        found = []
        for instance, entries in self._by_instance.items():
            ready = [n for n, e in enumerate(entries) if "STARTUP TCP probe succeeded" in text_of(e)]
            if instance and ready:
                found.append(tuple(e for e in entries[: ready[0] + 1] if "httpRequest" not in e))
        return tuple(found)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """What each instance says while it comes up, but for numbers: a worker that comes up later says it again."""
        said = [{_VARIES.sub("", text_of(entry)) for entry in opening} for opening in self._begun]
        return frozenset(set.intersection(*said)) if said else frozenset()

    @cached_property
    def _by_instance(self) -> dict[str, list[LogEntry]]:
        found: defaultdict[str, list[LogEntry]] = defaultdict(list)
        for entry in self.entries:
            found[instance_of(entry)].append(entry)
        return found

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces, sound or not, by time; not how the instances came up, nor what the platform says."""
        begun = {entry["insertId"] for opening in self._begun for entry in opening}
        lines = [e for e in self.entries if e["insertId"] not in begun and not _of_platform(e)]
        groups = sorted(
            tied(lines, self.suite_ip, self._own_names()),
            key=lambda group: group[0]["timestamp"],
        )
        return tuple(Piece(entries, decoy=self._decoy(entries)) for entries in groups)

    @cached_property
    def life(self) -> tuple[Piece, ...]:
        """The pieces that the fault did not touch and that are not the suite's: errors among them are decoys."""
        return tuple(piece for piece in self.pieces if not self.of_suite(piece) and self.sound(piece))

    @cached_property
    def life_beside(self) -> tuple[Piece, ...]:
        """Those of them that were sound while the suite failed."""
        first, last = self.window_ns
        return tuple(piece for piece in self.life if first <= piece.span_ns[0] and piece.span_ns[1] <= last)

    @cached_property
    def suite(self) -> tuple[Piece, ...]:
        """The suite's requests, each with its lines."""
        return tuple(piece for piece in self.pieces if self.of_suite(piece))

    def of_suite(self, piece: Piece) -> bool:
        """Whether the suite asked for it."""
        return any(entry["httpRequest"].get("remoteIp") == self.suite_ip for entry in piece.requests)

    def sound(self, piece: Piece) -> bool:
        """Whether nothing failed in it but a decoy."""
        if len(piece.entries) > _MOST_ENTRIES:
            return False  # many clients lumped together
        return (piece.decoy and not piece.requests) or not any(self._sick(entry) for entry in piece.entries)

    def _sick(self, entry: LogEntry) -> bool:
        """Whether the fault may have to do with it, or an instance's coming up."""
        if not self._well(entry):
            return True
        request = entry.get("httpRequest")
        if request is None:
            return _VARIES.sub("", text_of(entry)) in self._beginnings
        start, end = span_of(entry)
        slow = request["status"] != 101 and end - start > _SLOW_S * 1e9
        dropped = entry.get("trace", "").rpartition("/")[2] in self._dropped
        return slow or dropped or (request["status"] >= 400 and request["status"] != 404)

    def _well(self, entry: LogEntry) -> bool:
        """Whether it says nothing of a fault."""
        text = text_of(entry)
        if entry["insertId"] in self._evidence or any(one in text for one in self.label["message_contains"]):
            return False
        return "httpRequest" in entry or not (entry.get("severity") in _BAD or _SAYS_ERROR.search(text))

    def _decoy(self, entries: Iterable[LogEntry]) -> bool:
        """A decoy's words, and nothing of the fault."""
        text = "\n".join(text_of(entry) for entry in entries)
        if any(entry["insertId"] in self._evidence for entry in entries):
            return False
        return any(one in text for one in self.label["red_herrings"]) and not any(
            one in text for one in self.label["message_contains"]
        )

    def _own_names(self) -> str:
        labels = [entry["resource"]["labels"] for entry in self.entries[:1]]
        return "\n".join(strings(labels))


_BAD = frozenset(("ERROR", "CRITICAL", "ALERT", "EMERGENCY"))


def _platform_s(entries: Iterable[LogEntry]) -> tuple[LogEntry, ...]:
    return tuple(entry for entry in entries if _of_platform(entry))


def _of_platform(entry: LogEntry) -> bool:
    return entry["logName"].endswith("varlog%2Fsystem") or "cloudaudit" in entry["logName"]
