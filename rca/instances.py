"""Instances that died: each exit, kill or failed probe as something that failed, like a socket that did.

Where no cycle says which tests failed, an instance's death is a failure of its own; an instance that became ready
and lived on is what it is compared with.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from rca.model import Entry, Event, EventKind, Socket
from rca.platform import message_of
from rca.weights import weights


def deaths(entries: Sequence[Entry], events: Sequence[Event]) -> tuple[Socket, ...]:
    """One `Socket` (no path, not accepted) for each death of an instance, from its start or last death to it.

    Several messages of one death (worker exited, container exit, probe failed) within `startup_s` count once.
    """
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.instance and entry.instance not in first and entry.request is None:
            first[entry.instance] = entry
    died: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        message = message_of(event.tag)
        if (
            event.kind is EventKind.PLATFORM
            and message
            and message.fault
            and message.state
            and event.entry.instance
        ):
            died[event.entry.instance].append(event)
    together = timedelta(seconds=weights().tie.startup_s)
    found = []
    for instance, deaths_of in died.items():
        start, last = first[instance].at, None
        for event in deaths_of:
            if last is not None and event.at - last <= together:
                last = event.at
                continue
            found.append(_death(event, instance, start))
            start = last = event.at
    return tuple(sorted(found, key=lambda socket: (socket.end or socket.start, socket.id)))


def _death(event: Event, instance: str, start: datetime) -> Socket:
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
