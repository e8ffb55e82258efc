"""The life of a recorded case's service at any rate, over any span, by seed: lines of JSON by receiveTimestamp.

It is cast of the recording's own sound pieces and needs no more memory than what is under way at one time; a
million entries take some twenty seconds.
"""

import heapq
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.lab.day_units import Case, Piece
from tests.lab.entries import LogEntry, seeded
from tests.lab.mould import Line, Mould, Part, Setting

_HOUR_NS = 3_600_000_000_000
_MINUTE_NS = 60_000_000_000
_PEAK_H = 14
_SWING = 0.65
_ENTRIES_AN_INSTANCE = 300
_PAUSES = (0.6, 2.6)
_HEALTHY = "/healthz"


@dataclass(frozen=True, slots=True)
class Era:
    """A time with the same instances of one revision, and what can happen in it."""

    start_ns: int
    end_ns: int
    revision: str
    instances: tuple[str, ...]
    moulds: Sequence[Mould]


def new_instance(dice: random.Random) -> str:
    """An instance id."""
    return f"00{dice.getrandbits(472):0118x}"


def instances_for(rate: float, dice: random.Random) -> tuple[str, ...]:
    """As many instances as a rate in entries a minute needs."""
    return tuple(new_instance(dice) for _ in range(2 + int(rate / _ENTRIES_AN_INSTANCE)))


def of_day(at_ns: int) -> float:
    """How much more or less than on average goes on at that time of day, UTC."""
    hour = at_ns / _HOUR_NS % 24
    return 1 + _SWING * math.cos((hour - _PEAK_H) * math.pi / 12)


def moulds_of(case: Case) -> list[Mould]:
    """What the service's life is cast of, each piece as often as it was recorded."""
    pieces = [[Part(entry) for entry in piece.entries] for piece in case.life]
    if not any(piece.requests for piece in case.life):
        pieces += [[Part(answered(entry, _HEALTHY, 200))] for entry in requests_of(case.pieces)]
    if not any(piece.sockets for piece in case.life):
        # All were hit by the fault: what is left of them is the request, which ends in order.
        pieces += [[Part(entry)] for piece in case.pieces for entry in piece.sockets]
    return [Mould(piece) for piece in pieces]


def requests_of(pieces: Iterable[Piece]) -> list[LogEntry]:
    """All plain requests of the pieces."""
    return [entry for piece in pieces for entry in piece.requests if entry["httpRequest"]["status"] != 101]


def answered(entry: LogEntry, path: str, status: int) -> LogEntry:
    """A request's entry as it would be with another answer: soon, and the service's own."""
    request = entry["httpRequest"]
    host = request["requestUrl"].split("/", 3)[:3]
    new = {
        **entry,
        "severity": "INFO" if status < 400 else "WARNING" if status < 500 else "ERROR",
        "httpRequest": {
            **request,
            "requestUrl": "/".join(host) + path,
            "status": status,
            "latency": "0.006204118s",
        },
    }
    new.pop("textPayload", None)
    return new


def lived(era: Era, rate: float, dice: random.Random) -> Iterator[tuple[int, list[Line]]]:
    """What begins in the era, by when, at `rate` entries a minute on the day's average."""
    if not era.moulds or rate <= 0:
        return
    each = sum(len(mould) for mould in era.moulds) / len(era.moulds)
    at: float = era.start_ns
    while True:
        at += dice.expovariate(rate * of_day(int(at)) / each) * _MINUTE_NS
        if at >= era.end_ns:
            return
        setting = Setting(int(at), era.revision, era.instances, _PAUSES)
        yield int(at), dice.choice(era.moulds).cast(setting, dice)


def in_order(begun: Iterable[tuple[int, list[Line]]]) -> Iterator[Line]:
    """The lines of what began at such times (in order), by when Logging got them."""
    waiting: list[Line] = []
    for at, lines in begun:
        while waiting and waiting[0][0] < at:
            yield heapq.heappop(waiting)
        for line in lines:
            heapq.heappush(waiting, line)
    while waiting:
        yield heapq.heappop(waiting)


def fill(case: Case, rate: float, span_ns: tuple[int, int], seed: int) -> Iterator[Line]:
    """The service's life without the fault, from the first to the last of two times."""
    dice = seeded(seed)
    era = Era(*span_ns, case.revision, instances_for(rate, dice), moulds_of(case))
    return in_order(lived(era, rate, dice))
