"""A recorded case -> a day of logs, 24 hours from midnight UTC, in which its fault fails several runs of its suite.

Round the runs goes the service's life at any rate, on the revision that has the fault and on one before it; some of
its WebSockets live for minutes, up to an hour, and end well. Other errors come in bursts, and a deploy fails that
has nothing to do with it. In the minutes round each run the rate is that of `content` entries a day, however many
the day has elsewhere: what a report has to read does not grow with the day.
"""

import heapq
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import orjson

from tests.bench.lines import exported, timed
from tests.bench.runs import Run, Runs
from tests.lab.audit import deploy
from tests.lab.day import service_of
from tests.lab.day_bursts import Burst, Bursts
from tests.lab.day_units import Case, Piece
from tests.lab.entries import LogEntry, nanoseconds, seeded, stamp
from tests.lab.fill import Era, in_order, instances_for, moulds_of, of_day
from tests.lab.mould import Line, Mould, Part, Setting

RUNS = 6
_DAY_MIN = 24 * 60.0
_HOUR_NS = 3_600_000_000_000
_MINUTE_NS = 60_000_000_000
_S = 1_000_000_000
_ROUND_A_RUN_NS = 216 * _S
"""Before its start and after its end: six runs of a few seconds then are 3 % of the day."""

_FIRST_RUN_H, _RUN_EVERY_H, _RUN_WITHIN_H = 3.5, 3.3, 2.0
_APART_H = 0.4
_PAUSES = (0.6, 2.6)
_LONG = 0.03
"""How many of those who have a WebSocket stay long."""

_LONG_S = (60.0, 3500.0)
_KINDS = ("errors", "expired", "client", "outage")


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the day is."""

    entries: int
    content: int
    """The size of the day whose rate goes in the minutes round the runs."""

    seed: int


class Day:
    """The day; made again from the same plan it is the same."""

    def __init__(self, case: Case, folder: Path, plan: Plan) -> None:
        self._case = case
        self._plan = plan
        self._sown = plan.seed + zlib.crc32(str(case.label["id"]).encode())
        midnight = stamp(min(nanoseconds(entry["timestamp"]) for entry in case.entries))[:10]
        self.start_ns = nanoseconds(f"{midnight}T00:00:00Z")
        self.end_ns = self.start_ns + 24 * _HOUR_NS
        dice = self._dice("plan")
        self._hours = [
            _FIRST_RUN_H + _RUN_EVERY_H * number + dice.uniform(0, _RUN_WITHIN_H) for number in range(RUNS)
        ]
        self._before, self._broken = self._eras(dice)
        runs = Runs(case, folder)
        self.runs: tuple[Run, ...] = tuple(
            runs.cast(number, self._at(hour), self._broken, self._dice(f"run {number}"))
            for number, hour in enumerate(self._hours)
        )
        self.bursts = self._planned_bursts(dice)

    @property
    def tried(self) -> str:
        """The revision that did not start."""
        return self._revision(2)

    @property
    def herrings(self) -> tuple[str, ...]:
        """What a wrong answer would say."""
        return (self.tried, *(herring for burst in self.bursts for herring in burst.herrings))

    def lines(self) -> Iterator[bytes]:
        """All entries by their timestamp."""
        life = in_order((at, [timed(line) for line in lines]) for at, lines in self._life())
        for _, text in heapq.merge(life, sorted(timed(line) for line in self._placed())):
            yield exported(text)

    def _dice(self, what: str) -> random.Random:
        return seeded(self._sown + zlib.crc32(what.encode()))

    def _at(self, hour: float) -> int:
        return self.start_ns + int(hour * _HOUR_NS)

    def _revision(self, back: int) -> str:
        head, number, tail = self._case.revision.rsplit("-", 2)
        turned = tail[back:] + tail[:back]
        return f"{head}-{max(int(number) - back, 0):05d}-{turned if back else tail}"

    def _eras(self, dice: random.Random) -> tuple[Era, Era]:
        """A revision without the fault until the second hour, then the one that has it."""
        swap = self._at(dice.uniform(1.9, 2.6))
        rate = self._plan.content / _DAY_MIN
        beside = [Mould([Part(entry) for entry in piece.entries]) for piece in self._case.life_beside]
        before = Era(self.start_ns, swap, self._revision(1), instances_for(rate, dice), moulds_of(self._case))
        return before, Era(swap, self.end_ns, self._case.revision, instances_for(rate, dice), beside)

    @cached_property
    def _rounds(self) -> tuple[tuple[int, int], ...]:
        """The minutes round the runs."""
        spans = [run.span_ns for run in self.runs]
        return tuple((start - _ROUND_A_RUN_NS, end + _ROUND_A_RUN_NS) for start, end in spans)

    def _planned_bursts(self, dice: random.Random) -> tuple[Burst, ...]:
        """One of each kind, apart from the runs and from each other."""
        maker, taken, found = Bursts(self._case, dice), list(self._hours), []
        for kind in _KINDS:
            hour = next(
                hour
                for _ in range(1000)
                if all(abs((hour := dice.uniform(0.3, 23.3)) - other) > _APART_H for other in taken)
            )
            taken.append(hour)
            era = self._before if self._at(hour) < self._before.end_ns else self._broken
            burst = maker.make(kind, self._at(hour), era)
            found += [burst] if burst is not None else []
        return tuple(found)

    def _life(self) -> Iterator[tuple[int, list[Line]]]:
        """What begins, by when."""
        inside = self._plan.content / _DAY_MIN
        taken_min = sum(end - start for start, end in self._rounds) / _MINUTE_NS
        placed = sum(len(run.lines) for run in self.runs) + sum(len(burst.lines) for burst in self.bursts)
        outside = (self._plan.entries - placed - inside * taken_min) / (_DAY_MIN - taken_min)
        yield from self._lived(self._before, outside, "before")
        at = self._broken.start_ns
        for number, (start, end) in enumerate(self._rounds):
            yield from self._lived(replace(self._broken, start_ns=at, end_ns=start), outside, f"to {number}")
            yield from self._lived(replace(self._broken, start_ns=start, end_ns=end), inside, f"at {number}")
            at = end
        yield from self._lived(replace(self._broken, start_ns=at), outside, "after")

    def _lived(self, era: Era, rate: float, what: str) -> Iterator[tuple[int, list[Line]]]:
        """What begins in the era at so many entries a minute on the day's average; some stay for long."""
        dice = self._dice(what)
        sessions = self._sessions if era.revision == self._broken.revision else {}
        each = sum(len(mould) for mould in era.moulds) / len(era.moulds)
        at: float = era.start_ns
        while rate > 0:  # a day smaller than what its runs and bursts log has nothing else
            at += dice.expovariate(rate * of_day(int(at)) / each) * _MINUTE_NS
            if at >= era.end_ns:
                return
            number = dice.randrange(len(era.moulds))
            pauses = _PAUSES
            if number in sessions and dice.random() < _LONG:
                pauses = (dice.uniform(*_LONG_S) / sessions[number],) * 2
            setting = Setting(int(at), era.revision, era.instances, pauses)
            yield int(at), era.moulds[number].cast(setting, dice)

    @cached_property
    def _sessions(self) -> dict[int, float]:
        """Which pieces of the life beside the fault hold a WebSocket, and for how many seconds they last."""
        return {
            number: seconds
            for number, piece in enumerate(self._case.life_beside)
            if piece.sockets and (seconds := _lasts_s(piece)) > 0
        }

    def _placed(self) -> Iterator[Line]:
        """What stands at its own time: runs, bursts, deploys, the instances' beginnings."""
        for run in self.runs:
            yield from run.lines
        for burst in self.bursts:
            yield from burst.lines
        service, dice, swap = service_of(self._case), self._dice("deploys"), self._broken.start_ns
        old, tried, new = self._revision(1), self.tried, self._case.revision
        deploys = [
            *deploy(service, swap - 21 * _MINUTE_NS, (old, tried), dice, ready_s=None),
            *deploy(service, swap - 8 * _S, (tried, new), dice, ready_s=6.84),
        ]
        yield from (_line(entry) for entry in deploys)
        moulds = [Mould([Part(entry) for entry in opening]) for opening in self._case.openings if opening]
        for instance in self._broken.instances if moulds else ():
            at = swap - dice.randrange(1_500_000_000, 3_500_000_000)
            yield from dice.choice(moulds).cast(Setting(at, new, (instance,)), dice)


def _lasts_s(piece: Piece) -> float:
    start, end = piece.span_ns
    return (end - start) / _S


def _line(entry: LogEntry) -> Line:
    return 0, orjson.dumps(entry).decode()
