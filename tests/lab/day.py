"""A recorded case -> a day of 24 hours with the case in it as it ran, and a report that tells no more than the date.

Round the case goes the same service's life (`fill`) at any rate, on earlier revisions before it and on the one it was
rolled back to after it; beside it go on such things as were sound while the suite failed. By seed, some bursts that
have nothing to do with it (`day_bursts`) and a deploy that failed stand elsewhere in the day. The day is written as it
is made: its length costs no memory.
"""

import gzip
import heapq
import io
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from tests.lab.audit import deploy
from tests.lab.cycle_files import report
from tests.lab.day_bursts import Burst, Bursts
from tests.lab.day_units import Case
from tests.lab.entries import LogEntry, nanoseconds, seeded, stamp
from tests.lab.fill import Era, in_order, instances_for, lived, moulds_of
from tests.lab.mould import Line, Mould, Part, Setting
from tests.lab.scenario import Expected, Scenario, all_scenarios
from tests.lab.service import Service
from tests.lab.ties import span_of

DAYS = (
    "aiohttp-4401",
    "channels-group-name",
    "gunicorn-worker-timeout",
    "hypercorn-uncaught",
    "node-cause-below",
    "sanic-redis-timeout",
    "sanic-roll-out",
    "tornado-setting-missing",
    "websockets-swallowed",
    "wsproto-relay-died",
)
"""The scenarios that `record-all` also lays a day round; any other can have one."""

RATE = 20.0
"""Entries a minute where nothing is said."""

_HOUR_NS = 3_600_000_000_000
_MINUTE_NS = 60_000_000_000
_APART_H = 0.7
_TIME_OF_DAY = re.compile(
    r"(?P<date>\b\d{4}-\d\d-\d\d)[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:UTC|Z|[+-]\d\d:?\d\d))?"
)
_REVISION = re.compile(r"(?P<name>.*)-(?P<number>\d{5})-(?P<tail>\w{3})")


@dataclass(frozen=True, slots=True)
class Eras:
    """The parts of the day that differ in revision."""

    before: tuple[Era, ...]
    beside: Era
    after: Era
    broken: str
    """The revision that was tried in the morning and did not start."""


class Day:
    """The day round one case."""

    def __init__(self, case: Case, rate: float, seed: int) -> None:
        self._case = case
        self._rate = rate
        self._dice = seeded(seed + zlib.crc32(str(case.label["id"]).encode()))
        spans = [span_of(entry) for entry in case.entries]
        self._ran = min(start for start, _ in spans), max(end for _, end in spans)
        self._hour = self._dice.uniform(5.0, 21.0)
        self.start_ns = self._ran[0] - int(self._hour * _HOUR_NS)
        self.end_ns = self.start_ns + 24 * _HOUR_NS
        self._hours = [self._hour]
        self._eras = self._planned()
        self.bursts = self._planned_bursts()

    def lines(self) -> Iterator[Line]:
        """All entries, by when Logging got them."""
        placed = sorted(self._placed())
        return heapq.merge(in_order(self._life()), placed)

    @property
    def herrings(self) -> tuple[str, ...]:
        """What a wrong answer would say."""
        return (self._eras.broken, *(herring for burst in self.bursts for herring in burst.herrings))

    @property
    def told(self) -> tuple[str, ...]:
        """The day in words, a line each thing that has nothing to do with the case."""
        failed = f"{self._eras.broken} did not start and was replaced"
        return (failed, *(f"{stamp(burst.at_ns)[:16]} UTC: {burst.told}" for burst in self.bursts))

    def _planned(self) -> Eras:
        ran, dice = self._ran, self._dice
        revisions = _earlier(self._case.revision, dice)
        mended = self.start_ns + int(self._hour_apart(0.8, self._hour - 1.0) * _HOUR_NS)
        back = min(ran[1] + dice.randrange(5, 15) * _MINUTE_NS, self.end_ns)
        moulds = moulds_of(self._case)
        beside = [Mould([Part(entry) for entry in piece.entries]) for piece in self._case.life_beside]

        def era(start: int, end: int, revision: str, cast: list[Mould]) -> Era:
            return Era(start, end, revision, instances_for(self._rate, dice), cast)

        before = (
            era(self.start_ns, mended, revisions[2], moulds),
            era(mended, ran[0], revisions[0], moulds),
        )
        after = era(back, self.end_ns, revisions[0], moulds)
        return Eras(before, era(ran[0], back, self._case.revision, beside), after, revisions[1])

    def _hour_apart(self, first: float, last: float) -> float:
        """An hour of the day that is apart from all that stands so far."""
        for _ in range(200):
            hour = self._dice.uniform(first, last)
            if all(abs(hour - other) > _APART_H for other in self._hours):
                break
        self._hours.append(hour)
        return hour

    def _planned_bursts(self) -> tuple[Burst, ...]:
        """From three to five: sessions that broke off stand before the case, the others anywhere."""
        kinds = ["errors", "expired", "client", *self._dice.sample(("client", "errors", "expired"), 1)]
        wanted = ["outage", *self._dice.sample(kinds, self._dice.randrange(2, 5))]
        maker, found = Bursts(self._case, self._dice), []
        for kind in wanted:
            last = self._hour - _APART_H if kind == "outage" else 23.5
            at = self.start_ns + int(self._hour_apart(0.4, last) * _HOUR_NS)
            burst = maker.make(kind, at, self._era_at(at))
            if burst is not None:
                found.append(burst)
        return tuple(sorted(found, key=lambda burst: burst.at_ns))

    def _era_at(self, at_ns: int) -> Era:
        eras = (*self._eras.before, self._eras.after)
        return next((era for era in eras if era.start_ns <= at_ns < era.end_ns), self._eras.after)

    def _life(self) -> Iterator[tuple[int, list[Line]]]:
        """What begins, by when: beside the case only as much as the rate leaves."""
        for era in self._eras.before:
            yield from lived(era, self._rate, self._dice)
        minutes = (self._ran[1] - self._ran[0]) / _MINUTE_NS
        left = max(0.0, self._rate - len(self._case.entries) / minutes)
        yield from lived(replace(self._eras.beside, end_ns=self._ran[1]), left, self._dice)
        yield from lived(replace(self._eras.beside, start_ns=self._ran[1]), self._rate, self._dice)
        yield from lived(self._eras.after, self._rate, self._dice)

    def _placed(self) -> Iterator[Line]:
        """What stands at its own time: the case, bursts, deploys, the instances' beginnings."""
        yield from (_line(entry) for entry in self._case.entries)
        for burst in self.bursts:
            yield from burst.lines
        first, second = self._eras.before
        service = service_of(self._case)
        swap, back = second.start_ns, self._eras.after.start_ns
        tried = (first.revision, self._eras.broken)
        deploys = [
            deploy(service, swap - 19 * _MINUTE_NS, tried, self._dice, ready_s=None),
            deploy(service, swap - 8_000_000_000, (tried[1], second.revision), self._dice, ready_s=7.31),
            deploy(
                service,
                self._ran[0] - 6_000_000_000,
                (second.revision, self._case.revision),
                self._dice,
                ready_s=5.4,
            ),
        ]
        if back < self.end_ns:
            pair = (self._case.revision, second.revision)
            deploys.append(deploy(service, back - 8_000_000_000, pair, self._dice, ready_s=6.02))
            yield from self._openings(self._eras.after)
        yield from (_line(entry) for entries in deploys for entry in entries)
        yield from self._openings(second)

    def _openings(self, era: Era) -> Iterator[Line]:
        """The era's instances come up just before it."""
        moulds = [Mould([Part(entry) for entry in opening]) for opening in self._case.openings if opening]
        for instance in era.instances if moulds else ():
            at = era.start_ns - self._dice.randrange(1_500_000_000, 3_500_000_000)
            setting = Setting(at, era.revision, (instance,))
            yield from self._dice.choice(moulds).cast(setting, self._dice)


def _line(entry: LogEntry) -> Line:
    return nanoseconds(entry["receiveTimestamp"]), json.dumps(entry, ensure_ascii=False)


def _earlier(revision: str, dice: random.Random) -> tuple[str, str, str]:
    """The three revisions before one, the latest first."""
    found = _REVISION.fullmatch(revision)
    name, number = (found["name"], int(found["number"])) if found else (revision or "revision", 40)

    def tail() -> str:
        return "".join(dice.choice("bcdfghkmnpqrtvwz") for _ in range(3))

    last, middle, first = (f"{name}-{max(number - back, 0):05d}-{tail()}" for back in (1, 2, 3))
    return last, middle, first


def service_of(case: Case) -> Service:
    """The service whose logs they are."""
    labels = next(entry["resource"]["labels"] for entry in case.entries)
    number = next(
        (
            found[1]
            for entry in case.entries
            if "httpRequest" in entry
            and (found := re.search(r"-(\d+)\.[\w-]+\.run\.app", entry["httpRequest"]["requestUrl"]))
        ),
        Service().number,
    )
    return Service(labels["project_id"], number, labels["location"], labels["service_name"], case.revision)


def dated(text: str) -> str:
    """A report that tells dates only."""
    return _TIME_OF_DAY.sub(lambda found: found["date"], text)


def _report_of(folder: Path, case: Case) -> str:
    """The case's report without times; from its junit file where there is no other."""
    path = folder / "report.md"
    if path.exists():
        return dated(path.read_text(encoding="utf-8"))
    name, label = str(case.label["id"]), case.label
    scenario = all_scenarios().get(name) or Scenario(
        name, name, Expected(label["category"], label["explanation"]), ""
    )
    junit = (folder / "junit.xml").read_text(encoding="utf-8")
    return report(replace(scenario, service=service_of(case), report_times=False), junit)


def lay_day(folder: Path, out: Path, *, rate: float = RATE, seed: int = 1, plain: bool = False) -> int:
    """`out` holds the day round the case in `folder`: report, logs (packed unless `plain`), label, story.

    The number of entries is returned.
    """
    from tests.lab.score import Recorded  # noqa: PLC0415 - it brings the ranking along, which recording has no need of

    label: dict[str, Any] = json.loads((folder / "label.json").read_text(encoding="utf-8"))
    case = Case(Recorded(folder, label).entries(), label)
    day = Day(case, rate, seed)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.md").write_text(_report_of(folder, case), encoding="utf-8")
    with _logs(out, plain=plain) as file:
        count = _write(day.lines(), file)
    herrings = [*label["red_herrings"], *day.herrings]
    new = {**label, "red_herrings": herrings, "day": {"rate": rate, "seed": seed, "told": list(day.told)}}
    (out / "label.json").write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    (out / "story.md").write_text(_story(folder, label, day), encoding="utf-8")
    return count


def _write(lines: Iterable[Line], file: TextIO) -> int:
    count = 0
    for count, (_, text) in enumerate(lines, 1):  # noqa: B007 - counted
        file.write(text + "\n")
    return count


@contextmanager
def _logs(out: Path, *, plain: bool) -> Iterator[TextIO]:
    """The file for the logs, open to write."""
    if plain:
        with (out / "logs.ndjson").open("w", encoding="utf-8") as file:
            yield file
        return
    # No name and no time in the header: the same entries give the same bytes.
    with (
        (out / "logs.ndjson.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", write_through=False) as file,
    ):
        yield file


def _story(folder: Path, label: dict[str, Any], day: Day) -> str:
    path = folder / "story.md"
    told = (
        path.read_text(encoding="utf-8") if path.exists() else f"# {label['id']}\n\n{label['explanation']}\n"
    )
    listed = "".join(f"- {one}\n" for one in day.told)
    return (
        f"{told.rstrip()}\n\n**The day round it.** The report gives a date only. That day, too:\n\n{listed}"
    )
