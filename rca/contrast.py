"""Links, grouped by fault -> how often each fault is tied to what, and how likely chance alone would tie it so.

In: events, their links to sockets, the scene. Out: faults with their links, each with what its socket is to the
failing tests, and the counts of one fault among the sockets that are still to be explained. The unit is the socket.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rca.model import Event, EventKind, Link, Socket, Tie
from rca.platform import message_of
from rca.scene import Scene
from rca.weights import weights

_WINDOWS_TRIED = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a fault is tied to what, among the sockets that are still to be explained."""

    bad: int
    bad_tied: int
    bad_named: int
    """Of those, tied by more than instance and time."""

    good: int
    good_tied: int
    peers: int
    """Sockets of passing tests, and how many of them the fault is tied to."""

    peers_tied: int
    last: int
    """Of the bad sockets it is tied to, those on which no other fault came later before the end."""

    chance: float
    """Probability of its ties by time through background alone."""

    width_s: float
    """Time around the ends of sockets that gave this probability."""


class Role(StrEnum):
    """What the socket of a link is to the failing tests."""

    BAD = "bad"
    KIN = "kin"
    GOOD = "good"
    VICTIM = "victim"
    """Counted as good, but the fault lies right at its end."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Tied:
    """One link of a fault."""

    link: Link
    role: Role

    @property
    def socket(self) -> str:
        """The id of the link's socket."""
        return self.link.socket.id


@dataclass(frozen=True, slots=True)
class Fault:
    """All occurrences of one fault, and its links."""

    fingerprint: str
    events: tuple[Event, ...]
    tied: tuple[Tied, ...]


def faults_of(events: Sequence[Event], links: Sequence[Link], scene: Scene) -> list[Fault]:
    """The faults with at least one tie to a bad socket, by fingerprint."""
    of_link: dict[str, list[Tied]] = defaultdict(list)
    for one in _tied(links, scene):
        of_link[one.link.event.fingerprint].append(one)
    suspected = {print_ for print_, rows in of_link.items() if any(one.role is Role.BAD for one in rows)}
    of_event: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.fingerprint in suspected and can_be_fault(event):
            of_event[event.fingerprint].append(event)
    return [Fault(print_, tuple(of_event[print_]), tuple(of_link[print_])) for print_ in sorted(of_event)]


def can_be_fault(event: Event) -> bool:
    """Whether it can be what went wrong: a start, a readiness or a deploy can answer "why now", and is no fault."""
    message = message_of(event.tag)
    return event.kind is not EventKind.DEPLOY and (message is None or message.fault)


def counted(fault: Fault, scene: Scene, left: Container[str], *, tried: int, last: int) -> Counts:
    """One fault's counts against the bad sockets still to be explained, where so many faults are `tried`.

    `last`: on how many of them it came last before the end.
    """
    bad = [socket for socket in scene.bad if socket.id in left]
    rows = [one for one in fault.tied if one.role is not Role.BAD or one.socket in left]
    good = _sockets(rows, Role.GOOD)
    victims = _sockets(rows, Role.VICTIM) - good
    named = (one for one in rows if one.link.tie is not Tie.INSTANCE)
    # Other people's connections that ended the same way count for chance: one failing test alone is no series.
    near = weights().tie.near_s
    ended = any(one.role is Role.BAD and abs(one.link.gap_s) <= near for one in rows)
    kin, roles = (scene.kin, (Role.BAD, Role.KIN)) if ended else ((), (Role.BAD,))
    chance, width = _chance(rows, roles, fault.events, [*bad, *kin], scene)
    return Counts(
        bad=len(bad),
        bad_tied=len(_sockets(rows, Role.BAD)),
        bad_named=len(_sockets(named, Role.BAD)),
        good=len(scene.good) - len(victims),
        good_tied=len(good),
        peers=len(scene.peers),
        peers_tied=len(scene.peers & good),
        last=last,
        chance=min(1.0, chance * tried),  # of many faults, one lies near some end by luck
        width_s=width,
    )


def _tied(links: Sequence[Link], scene: Scene) -> Iterator[Tied]:
    """Each link with what its socket is to the failing tests."""
    bad, kin, good = ({s.id for s in group} for group in (scene.bad, scene.kin, scene.good))
    in_order = {s.id for s in scene.good if s.close is not None}
    near = weights().tie.near_s
    for link in links:
        socket, beside = link.socket.id, abs(link.gap_s) <= near
        role = Role.OTHER
        if socket in bad:
            role = Role.BAD
        elif link.tie is Tie.BROKEN:
            pass  # whoever needs nothing of the lost task ends well
        elif socket in kin:
            role = Role.KIN if beside else Role.OTHER  # beside its end, or it proves nothing
        elif socket in good:
            # Counted as good because it lived long, with the fault right at its end: another victim, rather.
            role = Role.GOOD if socket in in_order or not beside else Role.VICTIM
        yield Tied(link, role)


def _sockets(tied: Iterable[Tied], role: Role) -> set[str]:
    """The ids of the sockets of one role."""
    return {one.socket for one in tied if one.role is role}


def _events(tied: Iterable[Tied]) -> set[int]:
    """The events, each by its identity."""
    return {id(one.link.event) for one in tied}


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(at least k of n) where each has chance p; by logarithms, for n can be thousands."""
    if k <= 0:
        return 1.0
    p = min(max(p, 1e-12), 1 - 1e-12)
    ways = (math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(k, n + 1))
    logs = (way + i * math.log(p) + (n - i) * math.log1p(-p) for i, way in enumerate(ways, k))
    return min(1.0, sum(math.exp(one) for one in logs))


def _chance(
    rows: Sequence[Tied],
    roles: Container[Role],
    events: Sequence[Event],
    bad: Sequence[Socket],
    scene: Scene,
) -> tuple[float, float]:
    """The smallest probability, over several widths of time, of so many ties by time through background alone.

    The sockets of these `roles` are those that it is said to explain, `bad` all there are of them. The
    background is the fault's own rate where no connection was ending: what ended other people's connections
    just as it ended these is no background. Returns the probability, corrected for the tries, and the width in
    seconds that gave it.
    """
    ties, n = weights().tie, len(bad)
    lives = [socket.lifetime_s or 0.0 for socket in bad]
    tied = [one for one in rows if one.role in roles and one.link.tie is Tie.INSTANCE]
    ending = [one for one in rows if one.role is not Role.GOOD and abs(one.link.gap_s) <= ties.near_s]
    outside = max(len(events) - len(_events([*tied, *ending])), 0)
    # A stray line is one coincidence however many sockets end beside it; what lasts can end them all.
    lasting = any(event.until for event in events)
    # For each stretch of time round an end: its width, how long it is, and the ties in it; last, the whole life.
    mean_life = sum(lives) / max(1, n) + ties.tail_s
    stretches = [
        (width, 2 * width, [one for one in tied if abs(one.link.gap_s) <= width])
        for width in (ties.stamp_s, ties.flush_s, ties.near_s, ties.tail_s)
    ]
    tried: list[tuple[float, float]] = []
    for width, lasts_s, near in (*stretches, (mean_life, mean_life, tied)):
        k = min(len({one.socket for one in near}), n if lasting else len(_events(near)))
        exposure = max(scene.watched_s - n * lasts_s, 1.0)
        rate = (outside + weights().rank.smoothing) / exposure
        p = _binomial_tail(k, n, 1 - math.exp(-rate * lasts_s)) * _WINDOWS_TRIED
        tried.append((min(p, 1.0), width))
    return min(tried)
