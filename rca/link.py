"""Events linked to sockets: "this happened on that connection", and what ties the two.

In: events, sockets, and which instances failed. Out: `Link`s. Decides which tie holds: the same Cloud Trace id;
an identifier that only this connection carries; the state of the revision (no instance could serve); the same
instance at the right time. The weakest tie is exclusive: an event just before the end of one socket is that
socket's, not also that of every other one which was open on the instance.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rca.closes import in_order
from rca.faults import left_broken
from rca.identifiers import identifiers
from rca.model import Event, EventKind, Link, Severity, Socket, Tie
from rca.platform import kills, stops
from rca.weights import TieWeights, weights

_SERVER_ERROR = 500
_CLIENT_ERROR = 400


def link(events: Sequence[Event], sockets: Sequence[Socket]) -> tuple[Link, ...]:
    """Every tie between an event and a socket, the strongest one a pair; sorted by event time."""
    ties = weights().tie
    by_trace: dict[str, list[Socket]] = defaultdict(list)
    by_id: dict[str, list[Socket]] = defaultdict(list)
    on_instance: dict[str | None, list[Socket]] = defaultdict(list)
    for socket in sockets:
        if socket.trace_id:
            by_trace[socket.trace_id].append(socket)
        for token in (*socket.ids, socket.id):
            by_id[token].append(socket)
        on_instance[socket.instance].append(socket)
    # An entry that names no instance can be any's; so can a socket.
    unnamed = on_instance.get(None, [])
    lives = {name: _Lives([*group, *(unnamed if name else [])]) for name, group in on_instance.items()}
    lives[None] = _Lives(sockets)
    links: list[Link] = []
    for event in events:
        # A silence is the whole instance's, whosever the last line before it was.
        own = [] if event.kind is EventKind.SILENCE else _by_name(event, by_trace, by_id)
        if not own and event.kind is not EventKind.DEPLOY:
            found = lives.get(event.entry.instance)
            own = [(socket, Tie.INSTANCE) for socket in found.around(event, ties)] if found else []
        links += [Link(event, socket, tie, _gap(event, socket)) for socket, tie in own]
    return tuple(links) + _by_state(events, sockets, ties)


def _by_name(
    event: Event, by_trace: dict[str, list[Socket]], by_id: dict[str, list[Socket]]
) -> list[tuple[Socket, Tie]]:
    """The sockets whose trace or own identifier an event carries, or whose refusal it is."""
    found: dict[str, tuple[Socket, Tie]] = {}
    for entry in event.entries:
        for socket in by_id.get(entry.ref.insert_id or "", ()):
            found[socket.id] = (socket, Tie.ID)
        for socket in by_trace.get(entry.trace_id or "", ()):
            found[socket.id] = (socket, Tie.TRACE)
    if not found and by_id:
        for entry in event.entries[:40]:
            for token in identifiers(entry):
                for socket in by_id.get(token, ()):
                    found[socket.id] = (socket, Tie.ID)
    return list(found.values())


class _Lives:
    """The sockets of one instance, findable by time."""

    def __init__(self, sockets: Sequence[Socket]) -> None:
        self.by_start = sorted(sockets, key=lambda s: s.start)
        self.starts = [socket.start for socket in self.by_start]
        self.by_end = sorted((s for s in sockets if s.end), key=lambda s: s.end or s.start)
        self.ends = [socket.end or socket.start for socket in self.by_end]
        lives = [(s.end or s.start) - s.start for s in sockets]
        self.longest = max(lives, default=timedelta(0))
        self.endless = any(socket.end is None for socket in sockets)

    def around(self, event: Event, ties: TieWeights) -> list[Socket]:
        """The sockets near whose end the event lies, else those in whose life it does."""
        at, until = event.at, event.until or event.at
        tail = timedelta(seconds=ties.tail_s)
        if event.until is not None:
            # What lasts ends a socket while it lasts, or when it is over; it is that of all whom it ended.
            return [socket for socket in self._ending(at, until + tail) if socket.start <= until]
        flush = timedelta(seconds=ties.flush_s)
        soon = timedelta(seconds=ties.together_s)
        near = self._ending(at - soon, until + timedelta(seconds=ties.near_s))
        near = [s for s in near if s.start - flush <= until and not _long_answered(s, at - flush)]
        if not near:
            living = self._living(at, until, flush)
            if living:
                return living
            # Nobody is connected: a line that comes this late is of who was last.
            last = [s for s in self._ending(at - tail, at) if s.start - flush <= until]
            near = [s for s in last if not _long_answered(s, at - flush)] or last
        if not near:
            return []
        # Of several that ended about then, the event is theirs that ended next to it.
        gaps = [abs((socket.end or at) - at) for socket in near]
        nearest = min(gaps) * 3 + flush
        theirs = [socket for socket, gap in zip(near, gaps, strict=True) if gap <= nearest]
        # Nor is it theirs who ended in order just then, where another connection did not.
        return [s for s in theirs if s.websocket and not in_order(s.close)] or theirs

    def _ending(self, low: datetime, high: datetime) -> list[Socket]:
        return self.by_end[bisect_left(self.ends, low) : bisect_right(self.ends, high)]

    def _living(self, at: datetime, until: datetime, flush: timedelta) -> list[Socket]:
        high = bisect_right(self.starts, until + flush)
        low = 0 if self.endless else bisect_left(self.starts, at - self.longest - flush)
        return [s for s in self.by_start[low:high] if s.end is None or s.end + flush >= at]


def _long_answered(socket: Socket, at: datetime) -> bool:
    """Whether it is a plain request that had been answered well by then: nothing of it is left to fail."""
    return not socket.websocket and socket.accepted and socket.end is not None and socket.end < at


def _by_state(events: Sequence[Event], sockets: Sequence[Socket], ties: TieWeights) -> tuple[Link, ...]:
    """Ties of what killed instances to the requests that no instance could serve, and to the instances.

    An exception is fatal when its instance exits, or fails its probe, within `startup_s` after it. Where entries
    name no instance, any instance's death of that revision counts.
    """
    refused = [s for s in sockets if not s.accepted and (is_instance(s) or (s.status or 0) >= _SERVER_ERROR)]
    tail = timedelta(seconds=ties.tail_s)
    served = _served(sockets)
    served_by_none = [
        Link(event, socket, Tie.STATE, _gap(event, socket))
        for event in (fatal_events(events, ties) if refused else ())
        for socket in refused
        if event.at <= (socket.end or socket.start) + tail
        and _same_origin(event, socket)
        and (is_instance(socket) or not _anybody_served(served, event, socket))
    ]
    return (*served_by_none, *_cut_off(events, sockets, ties), *_broken_since(events, sockets, ties))


def _broken_since(events: Sequence[Event], sockets: Sequence[Socket], ties: TieWeights) -> Iterator[Link]:
    """Ties of what ended a background task to the connections that its instance took or held afterwards."""
    flush = timedelta(seconds=ties.flush_s)
    taken = [socket for socket in sockets if socket.accepted and socket.websocket]
    on_instance: dict[str | None, list[Socket]] = defaultdict(list)
    for socket in taken:
        on_instance[socket.instance].append(socket)
    for event in filter(left_broken, events):
        # An entry that names no instance can be any's.
        for socket in taken if event.entry.instance is None else on_instance[event.entry.instance]:
            ended = socket.end or socket.start
            if ended >= event.at - flush:
                yield Link(event, socket, Tie.BROKEN, (ended - event.at).total_seconds())


def _served(sockets: Sequence[Socket]) -> dict[str | None, list[datetime]]:
    """For each revision, when its instances answered a request as they should, sorted."""
    found: dict[str | None, list[datetime]] = defaultdict(list)
    for socket in sockets:
        if socket.accepted and socket.status is not None and socket.status < _CLIENT_ERROR:
            found[socket.revision].append(socket.start)
    return {revision: sorted(times) for revision, times in found.items()}


def _anybody_served(served: dict[str | None, list[datetime]], event: Event, socket: Socket) -> bool:
    """Whether the revision answered any request between an instance's death and the refusal: then somebody could."""
    times = served.get(socket.revision, [])
    return bisect_left(times, event.at) < bisect_right(times, socket.start)


def _cut_off(events: Sequence[Event], sockets: Sequence[Socket], ties: TieWeights) -> list[Link]:
    """Ties of an instance's death to the connections that ended with it."""
    on_instance: dict[str | None, list[Socket]] = defaultdict(list)
    for socket in sockets:
        if socket.websocket and socket.accepted and socket.end:
            on_instance[socket.instance].append(socket)
    return [
        Link(event, socket, Tie.DEATH, _gap(event, socket))
        for event in events
        if kills(event.tag) or stops(event.tag)
        for socket in on_instance[event.entry.instance]
        if socket.start <= event.at and abs(_gap(event, socket)) <= ties.tail_s
    ]


def _can_kill(event: Event) -> bool:
    """Whether an instance can die of it: an exception, an error, a platform message; never a mere warning."""
    if event.kind is EventKind.ERROR_LINE:
        return event.entry.severity >= Severity.ERROR or event.entry.severity is Severity.DEFAULT
    return event.kind is EventKind.EXCEPTION or kills(event.tag)


def is_instance(socket: Socket) -> bool:
    """Whether a "socket" stands for an instance that died, not for a connection."""
    return socket.path is None and not socket.websocket


def fatal_events(events: Sequence[Event], ties: TieWeights) -> list[Event]:
    """The exceptions and errors of which an instance died: it exited or failed its probe soon after."""
    ends: dict[str | None, list[datetime]] = defaultdict(list)
    for event in events:
        if kills(event.tag):
            ends[event.entry.instance].append(event.at)
    died = timedelta(seconds=ties.startup_s)
    return [
        event
        for event in events
        if _can_kill(event)
        and any(
            event.at - timedelta(seconds=ties.flush_s) <= end <= event.at + died
            for end in ends.get(event.entry.instance, ())
        )
    ]


def fatal_at_start(events: Sequence[Event], sockets: Sequence[Socket], ties: TieWeights) -> list[Event]:
    """Those of which an instance died that had never served anybody: the service did not start."""
    first: dict[str | None, datetime] = {}
    for socket in sockets:
        if socket.accepted and socket.instance is not None:
            first[socket.instance] = min(socket.start, first.get(socket.instance, socket.start))
    return [
        event
        for event in fatal_events(events, ties)
        if (served := first.get(event.entry.instance)) is None or served > event.at
    ]


def _same_origin(event: Event, socket: Socket) -> bool:
    """Same instance for an instance's own death; same revision for a request that nobody could serve."""
    if is_instance(socket):
        return event.entry.instance == socket.instance and event.at >= socket.start
    here, there = event.entry.revision, socket.revision
    return here is None or there is None or here == there


def _gap(event: Event, socket: Socket) -> float:
    return ((socket.end or socket.start) - event.at).total_seconds()
