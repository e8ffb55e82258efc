"""Instances that died: each exit, kill or failed probe as something that failed, like a socket that did.

Where no cycle says which tests failed, an instance's death is a failure of its own; an instance that became ready
and lived on is what it is compared with.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from rca.model import Entry, Event, EventKind, Socket
from rca.platform import kills
from rca.weights import weights


def deaths(entries: Sequence[Entry], events: Sequence[Event]) -> tuple[Socket, ...]:
    """One `Socket` (no path, not accepted) for each death of an instance, from its start or last death to it.

    Several messages of one death (worker exited, container exit, probe failed) within `startup_s` count once.
    """
    first: dict[str | None, Entry] = {}
    for entry in entries:
        if entry.instance not in first and entry.request is None:
            first[entry.instance] = entry
    died: dict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind is EventKind.PLATFORM and kills(event.tag) and event.entry.instance in first:
            died[event.entry.instance].append(event)
    together = timedelta(seconds=weights().tie.startup_s)
    found = []
    for instance, messages in died.items():
        start, last, told = first[instance].at, messages[0].at, set[str | None]()
        for event in messages:
            # The same message again is the next death, however soon: a crash loop without instance names.
            if told and event.at - last <= together and event.tag not in told:
                told.add(event.tag)
                continue
            found.append(_death(event, instance, start))
            start = last = event.at
            told = {event.tag}
    return tuple(sorted(found, key=lambda socket: (socket.end or socket.start, socket.id)))


def _death(event: Event, instance: str | None, start: datetime) -> Socket:
    entry = event.entry
    return Socket(
        id=entry.ref.insert_id or f"{entry.ref.file}:{entry.ref.line}",
        start=start,
        end=event.at,
        entry=entry,
        websocket=False,
        accepted=False,
        status=None,
        instance=instance,
        revision=entry.revision,
        trace_id=None,
        client=None,
        path=None,
        close=None,
    )
