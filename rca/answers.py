"""Pieces of sentences that several answers share: spans of time, counts, how a test saw its connection end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rca import closes
from rca.case import Case
from rca.casebook import first_of_each
from rca.contract import Why
from rca.model import Close, EventKind, Initiator, Link, Socket, Suspect, Test
from rca.naming import short_type
from rca.quote import quote


def answered(says: str, status: str, sure: float, evidence: Sequence[str], query: str | None = None) -> Why:
    """An answer whose question is still to be put: `status` is answered, partly or unknown."""
    return Why("", says, status, round(sure, 2), tuple(dict.fromkeys(evidence)), query)


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def count(number: int, noun: str) -> str:
    """`1 socket`, `3 sockets`; nouns that end in s, x or ch take es."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}{'es' if noun.endswith(('s', 'x', 'ch')) else 's'}"


def nothing_failed(case: Case) -> bool:
    """Whether a cycle was read that has tests, and none of them failed."""
    tests = case.cycle.tests if case.cycle else ()
    return bool(tests) and not any(test.failed for test in tests)


def share(part: int, whole: int, noun: str = "failing socket") -> str:
    """`the failing socket`, `all 5 failing sockets`, `3 of 5 failing sockets`."""
    if part == whole:
        return {1: f"the {noun}", 2: f"both {noun}s"}.get(whole, f"all {count(whole, noun)}")
    return f"{part} of {count(whole, noun)}"


def seconds(values: Iterable[float]) -> str:
    """One span for many: `67-104 ms`, `2.8 s`; empty for none."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return ""
    low, high = known[0], known[-1]
    if high < 1:
        low_ms, high_ms = round(low * 1000), round(high * 1000)
        return f"{low_ms} ms" if low_ms == high_ms else f"{low_ms}\u2013{high_ms} ms"
    low_s, high_s = f"{low:.1f}", f"{high:.1f}"
    return f"{low_s} s" if low_s == high_s else f"{low_s}\u2013{high_s} s"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence, quoted, the rest counted."""
    shown = ", ".join(quote(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


@dataclass(frozen=True, slots=True)
class Seen:
    """Failing tests whose connections ended in the same way, as their clients tell it."""

    code: int | None
    reason: str | None
    initiator: Initiator
    status: int | None
    error: str | None
    tests: tuple[Test, ...]


def seen_by_tests(tests: Sequence[Test]) -> tuple[Seen, ...]:
    """The failing tests, grouped by how their connections ended; the largest group first."""
    groups: dict[Seen, list[Test]] = {}
    for test in tests:
        if test.failed:
            groups.setdefault(_seen(test), []).append(test)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return tuple(replace(seen, tests=tuple(group)) for seen, group in ordered)


def _seen(test: Test) -> Seen:
    wording = closes.read_client(test.error)
    code = (wording.code if wording else None) or test.close_code
    status = wording.status if wording else None
    return Seen(
        code=code,
        reason=wording.reason if wording else None,
        initiator=wording.initiator if wording else Initiator.UNKNOWN,
        status=status,
        error=test.error if code is None and status is None else None,
        tests=(),
    )


def named_in_short(suspect: Suspect) -> str:
    """What a suspect is called in a headline: exception and message, or the line as it was logged."""
    first = suspect.message.strip().split("\n", 1)[0]
    if suspect.exception is None or suspect.events[0].kind is not EventKind.EXCEPTION:
        return first or suspect.exception or ""
    return f"{short_type(suspect.exception)}: {first}" if first else short_type(suspect.exception)


def lead_of(case: Case) -> Suspect | None:
    """The cause that explains most failing tests; None where none is established."""
    return case.ranking.established[0] if case.ranking.established else None


def ties_of(suspect: Suspect) -> tuple[Link, ...]:
    """One link for each failing socket that a suspect explains."""
    return first_of_each(suspect.links)


def close_of(case: Case, socket: Socket) -> Close | None:
    """How a socket ended, by the logs or by the client."""
    return case.scene.closes.get(socket.id)


def service_of(case: Case) -> str | None:
    """The service that most of the failing sockets, else of the entries, are of."""
    names = [socket.entry.service for socket in case.scene.bad if socket.entry.service]
    names = names or [entry.service for entry in case.pulled.entries if entry.service]
    return max(sorted(set(names)), key=names.count) if names else None
