"""Which entry of the catalogue recognizes what is seen.

In: entries and a `Seen`. Out: an entry, or None. Decides that all conditions of an entry must hold, and that of several
entries the most specific wins.
"""

from collections.abc import Sequence

from rca.known.entries import Kind, Known
from rca.known.seen import End, Seen

_OF_A_FAULT = frozenset({"message", "exception", "frame", "platform"})
"""Conditions on a fault; an entry without any is about ends alone."""

_SEARCHED = {"message": "texts", "exception": "exceptions", "frame": "frames"}
"""Conditions that hold where one of several texts matches, and which those are."""


def recognizes(known: Known, seen: Seen) -> bool:
    """Whether all conditions of an entry hold."""
    if seen.of_a_fault and known.kind == "cause" and _OF_A_FAULT.isdisjoint(known.conditions):
        return False  # the way of an end is no name for a fault
    return all(holds(known, name, seen) for name in known.conditions)


def best(among: Sequence[Known], seen: Seen, kind: Kind) -> Known | None:
    """The most specific entry of a kind that recognizes what is seen; of equals the first."""
    found = [one for one in among if one.kind == kind and recognizes(one, seen)]
    return max(found, key=lambda one: len(one.conditions), default=None)


def holds(known: Known, name: str, seen: Seen) -> bool:
    """Whether one condition of an entry holds."""
    if name in _SEARCHED:
        texts: tuple[str, ...] = getattr(seen, _SEARCHED[name])
        return any(map(known.finder(name), texts))
    if name in ("reason", "code", "closed_by"):
        return bool(seen.ends) and all(_ended_so(known, name, end) for end in seen.ends)
    if name == "beat_s":
        low, high = known.spec.beat_s or (0.0, 0.0)
        return bool(seen.lived_s) and all(low <= lived <= high for lived in seen.lived_s)
    if name == "logged":
        return seen.quiet
    had: frozenset[str] = seen.servers if name == "server" else seen.tags
    return bool(had & set(getattr(known.spec, name)))


def _ended_so(known: Known, name: str, end: End) -> bool:
    if name == "reason":
        return known.finder(name)(end.reason)
    if name == "code":
        return end.code in (known.spec.code or ())
    return end.initiator == known.spec.closed_by
