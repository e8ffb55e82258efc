"""A recorded cycle -> a day of 24 hours with the cycle in it as it ran.

Round the cycle stand stretches of the same service, recorded too and set elsewhere in time (`stretch`), two
deploys, one of a revision that did not start, and three small bursts that have nothing to do with the cycle.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from tests.lab.audit import deploy
from tests.lab.entries import LogEntry, nanoseconds, received, seeded
from tests.lab.recorder import Recorder, Recording
from tests.lab.scenario import Edit, Scenario, Traffic
from tests.lab.stretch import Setting, Stretch, of_instance, set_at

_HOUR_NS = 3_600_000_000_000
_MINUTE_NS = 60_000_000_000
_CYCLE_AT_H = 15.2
_QUIET_HOURS = frozenset((22, 23, 0, 1, 2, 3, 4))
_OLD, _BROKEN, _MENDED = "parley-api-00084-pxw", "parley-api-00085-kkd", "parley-api-00086-zfm"


@dataclass(frozen=True, slots=True)
class Era:
    """A time with one pair of instances of one revision."""

    start_ns: int
    end_ns: int
    revision: str
    pair: tuple[str, str]


async def _record(scenario: Scenario, seed: int, seconds: float) -> Stretch:
    with Recorder(scenario, seed) as recorder:
        recording = await recorder.record(suite=False, quiet_s=seconds)
    return Stretch.of(recording.entries, recording.instances)


async def _stretches(scenario: Scenario, seed: int) -> dict[str, Stretch]:
    """What the day is made of, recorded side by side."""
    sound = replace(
        scenario,
        edits=tuple(edit for edit in scenario.edits if edit.file == "parley/ws/gateway.py"),
        environment={"PARLEY_JOB_PACE": "2.6"},
        traffic=Traffic(pollers=2, chatters=2, poll_pause_s=1.1, chat_s=2.2),
    )
    almanac_down = replace(
        sound,
        environment={"PARLEY_JOB_PACE": "30", "PARLEY_ALMANAC": "{refused}"},
        traffic=Traffic(pollers=3, chatters=0, poll_pause_s=1.2, paths=("/api/almanac",)),
    )
    expired = replace(
        sound,
        environment={"PARLEY_JOB_PACE": "30"},
        traffic=Traffic(pollers=1, chatters=0, poll_pause_s=4, expired_tokens=24),
    )
    cannot_start = replace(
        sound,
        starts=False,
        edits=(
            Edit(
                "parley/runs/planner.py",
                "import best_bed, spacing_cm",
                "import CompanionTable, best_bed, spacing_cm",
            ),
        ),
        traffic=Traffic(pollers=0, chatters=0),
    )
    plans = {
        **{f"life-{n}": (sound, 62.0) for n in range(4)},
        "almanac": (almanac_down, 24.0),
        "expired": (expired, 26.0),
        "broken": (cannot_start, 0.5),
    }
    found = await asyncio.gather(
        *(_record(plan, seed + 101 * n, seconds) for n, (plan, seconds) in enumerate(plans.values(), 1))
    )
    return dict(zip(plans, found, strict=True))


class Day:
    """Collects the entries of the day round one recorded cycle."""

    def __init__(
        self, scenario: Scenario, recording: Recording, stretches: dict[str, Stretch], dice: random.Random
    ) -> None:
        self._scenario = scenario
        self._dice = dice
        self._stretches = stretches
        self._lives = [stretch for name, stretch in stretches.items() if name.startswith("life")]
        times = [nanoseconds(entry["timestamp"]) for entry in recording.entries]
        self._cycle = (min(times), max(times))
        self.start_ns = self._cycle[0] - int(_CYCLE_AT_H * _HOUR_NS)
        self._own = (recording.instances[0], recording.instances[1])
        self._recorded = list(recording.entries)
        self._entries: list[LogEntry] = []

    def _at(self, hours: float) -> int:
        return self.start_ns + int(hours * _HOUR_NS)

    def _instance(self) -> str:
        return f"00{self._dice.getrandbits(472):0118x}"

    def _eras(self) -> Iterator[Era]:
        first, second, third = (self._instance() for _ in range(3))
        mended = (self._instance(), self._instance())
        swap, fix = self._at(5.31), self._at(8.93)
        yield Era(self.start_ns, swap, _OLD, (first, second))
        yield Era(swap, fix, _OLD, (first, third))
        yield Era(fix, self._cycle[0], _MENDED, mended)
        revision = self._scenario.service.revision
        yield Era(self._cycle[1] + _MINUTE_NS // 20, self._at(24), revision, self._own)

    def _fill(self, era: Era) -> None:
        """The era holds one stretch of life after the other; each ends with all its sockets closed."""
        at = era.start_ns
        while at < era.end_ns:
            hour = at // _HOUR_NS % 24
            length = int((62 if hour in _QUIET_HOURS else 31) * _MINUTE_NS * self._dice.uniform(0.85, 1.2))
            if era.end_ns - (at + length) < length // 2:
                length = era.end_ns - at
            life = self._dice.choice(self._lives)
            pair = dict(zip(life.instances, era.pair, strict=True))
            setting = Setting(at, length - 2_000_000_000, era.revision, pair)
            self._entries += set_at(life.life, setting, self._dice)
            at += length

    def _change(self, at_ns: int, old: Era, new: Era) -> None:
        """Instances that are new come up just before, those that went go just after."""
        life = self._lives[0]
        for index in (0, 1):
            if new.pair[index] not in old.pair and new.pair != self._own:
                block = of_instance(life.opening, life.instances[index])
                names = {life.instances[index]: new.pair[index]}
                self._entries += set_at(block, Setting(at_ns, None, new.revision, names), self._dice)
            if old.pair[index] not in new.pair:
                block = of_instance(life.closing, life.instances[index])
                names = {life.instances[index]: old.pair[index]}
                self._entries += set_at(
                    block, Setting(at_ns + 9_000_000_000, None, old.revision, names), self._dice
                )

    def _burst(self, name: str, hours: float, minutes: float, era: Era) -> None:
        stretch = self._stretches[name]
        pair = dict(zip(stretch.instances, era.pair, strict=True))
        setting = Setting(self._at(hours), int(minutes * _MINUTE_NS), era.revision, pair)
        self._entries += set_at(stretch.life, setting, self._dice)

    def _failed_deploy(self) -> None:
        """The broken revision was tried three times, each try with instances of its own."""
        at = self._at(8.61)
        service = self._scenario.service
        self._entries += deploy(service, at, (_OLD, _BROKEN), self._dice, ready_s=None)
        broken = self._stretches["broken"]
        every = tuple(sorted((*broken.opening, *broken.life, *broken.closing), key=received))
        for attempt in range(3):
            names = {instance: self._instance() for instance in broken.instances}
            start = at + (3 + 11 * attempt) * 1_000_000_000
            self._entries += set_at(every, Setting(start, None, _BROKEN, names), self._dice)

    def entries(self) -> tuple[LogEntry, ...]:
        """The whole day, by receiveTimestamp, cut to its 24 hours."""
        eras = list(self._eras())
        for era in eras:
            self._fill(era)
        for old, new in pairwise(eras):
            start = self._cycle[0] if new.pair == self._own else new.start_ns
            self._change(start, old, new)
        service, cycle = self._scenario.service, self._cycle[0]
        self._failed_deploy()
        mended = eras[2]
        self._entries += deploy(
            service, mended.start_ns - 5_000_000_000, (_BROKEN, _MENDED), self._dice, ready_s=10.62
        )
        self._entries += deploy(
            service, cycle - 6_000_000_000, (_MENDED, service.revision), self._dice, ready_s=9.04
        )
        self._burst("almanac", 3.37, 4.2, eras[0])
        self._burst("expired", 11.74, 2.6, eras[2])
        self._burst("almanac", 19.86, 1.1, eras[3])
        end = self._at(24)
        whole = [*self._recorded, *(e for e in self._entries if nanoseconds(e["receiveTimestamp"]) < end)]
        return tuple(sorted(whole, key=received))


def set_into_day(scenario: Scenario, recording: Recording, seed: int) -> tuple[LogEntry, ...]:
    """The entries of a day that holds the recording as it ran."""
    stretches = asyncio.run(_stretches(scenario, seed))
    return Day(scenario, recording, stretches, seeded(seed + 7)).entries()
