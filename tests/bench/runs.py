"""A recorded case -> a run of its suite at another time, as the logs tell it and as the runner does.

Each run has its own rhythm, so that a report which tells durations only can be told from the other runs' of the day.
The first keeps the recording's.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from rca import cycles
from rca.model import Outcome
from tests.lab.cycle_files import title_of
from tests.lab.day_units import Case
from tests.lab.entries import nanoseconds
from tests.lab.fill import Era
from tests.lab.mould import Line, Mould, Part, Setting
from tests.lab.ties import span_of

_S = 1_000_000_000
_FIRST_REQUEST_NS = 350_000_000
"""From the suite's start to its first request: so the recordings do that tell both."""

_RHYTHMS = (1.0, 1.45, 1.7, 2.0, 2.4, 2.8)
"""How much longer each pause is than recorded. A test may do more than talk to the service, so that a shorter run
could be any report's: the run that the report tells is the shortest."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test of one run."""

    name: str
    title: str
    failed: bool
    start_ns: int
    duration_s: float
    error: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the suite."""

    lines: tuple[Line, ...]
    results: tuple[Result, ...]
    evidence: tuple[str, ...]
    """The insertIds of the entries that show the cause."""

    @property
    def span_ns(self) -> tuple[int, int]:
        """From its first test's start to its last test's end."""
        last = self.results[-1]
        return self.results[0].start_ns, last.start_ns + int(last.duration_s * _S)


class Runs:
    """Casts runs of one recorded case."""

    def __init__(self, case: Case, folder: Path) -> None:
        begun = {entry["insertId"] for opening in case.openings for entry in opening}
        self._entries = [entry for entry in case.entries if entry["insertId"] not in begun]
        self._mould = Mould([Part(entry) for entry in self._entries])
        self._evidence = set(case.label["evidence"])
        self._tests = _results(case, folder)

    def cast(self, number: int, at_ns: int, era: Era, dice: random.Random) -> Run:
        """The run of that number, which begins then; in the era's revision, on its instances."""
        pauses = (_RHYTHMS[number % len(_RHYTHMS)],) * 2
        lines = self._mould.cast(Setting(at_ns, era.revision, era.instances, pauses), dice)
        told = [orjson.loads(text) for _, text in lines]
        known = sorted({
            pair
            for old, new in zip(self._entries, told, strict=True)
            for pair in zip(span_of(old), span_of(new), strict=True)
        })  # fmt: skip
        evidence = [
            new["insertId"]
            for old, new in zip(self._entries, told, strict=True)
            if old["insertId"] in self._evidence
        ]
        results = []
        for test in self._tests:
            start = _mapped(test.start_ns, known)
            end = _mapped(test.start_ns + int(test.duration_s * _S), known)
            results.append(Result(test.name, test.title, test.failed, start, (end - start) / _S, test.error))
        return Run(tuple(lines), tuple(results), tuple(evidence))


def _mapped(at_ns: int, known: Sequence[tuple[int, int]]) -> int:
    """The moment in the run at which that of the recording fell, between two that are known."""
    after = min(max(bisect_right(known, (at_ns, 0)), 1), len(known) - 1)
    (old, new), (old_next, new_next) = known[after - 1], known[after]
    if not old <= at_ns <= old_next or old == old_next:
        near, its = (old, new) if at_ns < old else (old_next, new_next)
        return its + at_ns - near
    return new + int((at_ns - old) * (new_next - new) / (old_next - old))


def _results(case: Case, folder: Path) -> tuple[Result, ...]:
    """The recorded run's results by the service's clock."""
    number = next((one.number for one in cycles.list_cycles(folder) if one.number is not None), 1)
    cycle = cycles.find(folder, number)
    names = {title_of(name): name for key in ("failing_tests", "passing_tests") for name in case.label[key]}
    first = min(piece.span_ns[0] for piece in case.suite) - _FIRST_REQUEST_NS
    skew_ns = int(case.label["clock_skew_s"] * _S)
    found = []
    for test in cycle.tests:
        assert test.duration_s is not None
        if test.started_at is not None:
            first = nanoseconds(test.started_at.isoformat()) - skew_ns
        name = names.get(test.name, test.name)
        failed = test.outcome is Outcome.FAILED
        found.append(Result(name, title_of(name), failed, first, test.duration_s, test.error or ""))
        first += int(test.duration_s * _S)
    return tuple(found)
