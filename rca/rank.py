"""Suspects ranked: which fault explains the failing tests, how surely, and why not the others.

In: events, their links to sockets, which sockets are bad (of failing tests) and good. Out: a `Ranking`. The unit of
comparison is the socket, not the minute. A suspect must be tied to bad sockets (by trace, by connection id, by
the state of the revision, or by time more often than chance allows), be absent from good ones, and be something
that this kind of close can come from. Nothing that fails this is blamed, however loud.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from rca.confidence import confidence, grounds_of
from rca.contrast import Fault, can_be_fault, counted, faults_of
from rca.faults import is_mild
from rca.known import Known, catalogue
from rca.mechanisms import verdict_of
from rca.model import Event, EventKind, Link, Signal, Suspect, Tie
from rca.scene import Scene
from rca.signals import REFUSALS, is_symptom, known, signals_of
from rca.suspects import describe
from rca.weights import weights

_TIES = frozenset({"tie", "time", "reason"})
"""Signals of which one must count: a suspect that nothing ties to a failing socket is none."""

_LOUDEST = 8
"""Loud but innocent faults that a report lists."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer, before it is put in words."""

    established: tuple[Suspect, ...]
    """Most failing tests first."""

    alternatives: tuple[Suspect, ...]
    """Suspects that lost, best first, each with `why_not`."""

    unexplained: tuple[str, ...]
    """Ids of bad sockets that nothing explains."""


def rank(
    events: Sequence[Event], links: Sequence[Link], scene: Scene, among: Sequence[Known] | None = None
) -> Ranking:
    """Established causes and those that lost; a cause takes its sockets away, and the rest is ranked again."""
    faults = faults_of(events, links, scene)
    finals = _finals(links, scene)
    entries = catalogue() if among is None else among
    left = {socket.id for socket in scene.bad}
    established: list[Suspect] = []
    seen: dict[str, Suspect] = {}
    while left:
        taken = {one.fingerprint for one in established}
        scored = [
            _recognized(_score(fault, scene, left, len(faults), finals), scene, entries)
            for fault in faults
            if fault.fingerprint not in taken
        ]
        scored.sort(key=_order)
        for suspect in scored:
            seen.setdefault(suspect.fingerprint, suspect)
        best = _rooted(_accepted(scored, left), scored)
        if best is None or (established and all(is_symptom(event) for event in best.events)):
            break
        established.append(best)
        left -= {link.socket.id for link in best.links}
    names = {one.fingerprint for one in established}
    lost = sorted((one for print_, one in seen.items() if print_ not in names and not _mild(one)), key=_order)
    ordered = sorted(
        (_sure(one, lost) for one in established), key=lambda one: (-len(one.tests), _order(one))
    )
    rest = 1.0 - ordered[0].confidence if ordered else 1.0
    beaten = [_at_most(_sure(one, [*ordered, *lost]), rest) for one in lost]
    return Ranking(
        tuple(ordered),
        tuple(_with_reason(one, ordered) for one in [*beaten, *_loud(events, {*seen, *names})]),
        tuple(socket.id for socket in scene.bad if socket.id in left),
    )


def _finals(links: Sequence[Link], scene: Scene) -> dict[str, str]:
    """For each bad socket the fingerprint of the last fault before its end that can have ended it."""
    flush = weights().tie.flush_s
    found: dict[str, Link] = {}
    bad = {socket.id for socket in scene.bad}
    for link in links:
        name = link.socket.id
        if name not in bad or link.gap_s < -flush or link.tie is Tie.BROKEN or not can_be_fault(link.event):
            continue
        if name in found and _later(found[name], link) is not link:
            continue
        if verdict_of(link.event, scene.closes.get(name), link.socket, scene.server)[0]:
            found[name] = link
    return {name: link.event.fingerprint for name, link in found.items()}


def _later(one: Link, other: Link) -> Link:
    """Of two faults on a socket the one that came last before its end; what came after it is but its aftermath.

    Where both came after, as a line that was stamped late does, the nearer to the end.
    """
    return min(one, other, key=lambda link: (link.gap_s < 0, abs(link.gap_s)))


def _loud(events: Sequence[Event], known: set[str]) -> list[Suspect]:
    """The most frequent exceptions and errors that lie in no failing socket: loud, and innocent."""
    groups: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        loud = event.kind in (EventKind.EXCEPTION, EventKind.ERROR_LINE) and not is_mild(event.entry)
        if loud and event.fingerprint not in known:
            groups[event.fingerprint].append(event)
    loudest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:_LOUDEST]
    return [describe(print_, group, (), fatal=False) for print_, group in loudest]


def _order(one: Suspect) -> tuple[float, float, str]:
    """Best first. Of equals: what came last before the end, or before the instance's death, is what ended it."""
    if one.links and _signal(one, "tie").contributes:
        return (-round(one.score, 3), median(abs(link.gap_s) for link in one.links), one.fingerprint)
    return (-round(one.score, 3), one.events[0].at.timestamp(), one.fingerprint)


# --- scoring ---------------------------------------------------------------------------------------------


def _score(fault: Fault, scene: Scene, left: set[str], tried: int, finals: Mapping[str, str]) -> Suspect:
    """One suspect with its signals, score and confidence, against the bad sockets still to be explained."""
    tied = [one.link for one in fault.tied if one.socket in left]
    last = sum(finals.get(name) == fault.fingerprint for name in {link.socket.id for link in tied})
    counts = counted(fault, scene, left, tried=tried, last=last)
    signals = signals_of(fault.events, tied, counts, scene)
    score = sum(signal.weight for signal in signals if signal.contributes)
    if not any(signal.contributes for signal in signals if signal.name in _TIES):
        score = min(score, -1.0)
    tests = tuple(dict.fromkeys(t for link in tied for t in scene.tests_of.get(link.socket.id, ())))
    fatal = any(id(event) in scene.fatal for event in fault.events)
    suspect = describe(fault.fingerprint, fault.events, tied, fatal=fatal)
    return replace(
        suspect,
        signals=signals,
        score=score,
        tests=tests,
        covers=(counts.bad_tied, counts.bad),
        chance=counts.chance,
    )


def _recognized(one: Suspect, scene: Scene, entries: Sequence[Known]) -> Suspect:
    """The suspect with what the catalogue says of it; a look-alike of causes loses by it."""
    signal, name = known(one, scene, entries)
    return replace(
        one,
        category=_mechanism_of(one, name, entries),
        signals=(*one.signals, signal),
        known=name,
        score=one.score + (signal.weight if signal.contributes else 0.0),
    )


def _mechanism_of(one: Suspect, name: str | None, entries: Sequence[Known]) -> str:
    """What is to be mended: what a known cause says, which knows more than the rules on types and words.

    But a failed start is one only where the process did not live to serve.
    """
    entry = next((entry for entry in entries if entry.id == name and entry.kind == "cause"), None)
    if entry is None or entry.spec.category in (None, "startup_failure"):
        return one.category
    return entry.spec.category


def _sure(one: Suspect, others: Iterable[Suspect]) -> Suspect:
    """The suspect with its confidence, against those of the others that could have been the cause in its place."""
    rivals = [other.score for other in others if other is not one and _possible(other)]
    typed = one.exception is not None
    grounds = grounds_of(one.signals, rivals, typed=typed, tied=one.covers, chance=one.chance)
    return replace(one, confidence=confidence(grounds))


def _at_most(one: Suspect, rest: float) -> Suspect:
    """A suspect that lost: no surer than what the answer leaves, and not at all where something refuses it."""
    return replace(one, confidence=round(min(one.confidence, rest), 2) if _possible(one) else 0.0)


def _possible(one: Suspect) -> bool:
    """Whether something ties it to a failing socket, and nothing refuses it."""
    counted = {signal.name for signal in one.signals if signal.contributes}
    return bool(counted & _TIES) and not _refused(one)


def _refused(one: Suspect) -> bool:
    """Whether a signal counts that keeps a suspect from being the cause."""
    return any(signal.contributes for signal in one.signals if signal.name in REFUSALS)


# --- deciding --------------------------------------------------------------------------------------------


def _accepted(scored: Sequence[Suspect], left: set[str]) -> Suspect | None:
    """The first possible suspect, if it is tied, likelier than not, and (tied by time only) clear of the next."""
    w = weights().rank
    possible = [one for one in scored if not _refused(one)]
    if not possible:
        return None
    best = possible[0]
    if best.score <= 0 or not best.tests:
        return None
    if _signal(best, "tie").contributes or _signal(best, "reason").contributes:
        return best
    if not _signal(best, "time").contributes or 2 * len({link.socket.id for link in best.links}) < len(left):
        return None
    for rival in possible[1:]:
        if best.score - rival.score >= w.clear_score:
            break
        if not (_same_sockets_later(best, rival) or _nearer_the_end(best, rival)):
            return None
    return best


def _rooted(best: Suspect | None, scored: Sequence[Suspect]) -> Suspect | None:
    """The cause, or what had ended a background task before it on the very same sockets' instances.

    A mere line says that something is missing; the task's own exception says why.
    """
    if best is None or any(event.trace for event in best.events) or _is_broken(best):
        return best
    sockets = {link.socket.id for link in best.links}
    deeper = [
        one
        for one in scored
        if _is_broken(one) and one.score > 0 and sockets <= {link.socket.id for link in one.links}
    ]
    return deeper[0] if deeper else best


def _is_broken(one: Suspect) -> bool:
    """Whether it ended a background task, and is tied by nothing nearer."""
    return bool(one.links) and all(link.tie is Tie.BROKEN for link in one.links)


def _nearer_the_end(best: Suspect, rival: Suspect) -> bool:
    """Whether the best, which names its exception, was the last fault before the ends, and the rival was not."""
    nearer = _signal(best, "last").contributes and not _signal(rival, "last").contributes
    return nearer and best.exception is not None


def _same_sockets_later(best: Suspect, rival: Suspect) -> bool:
    """Whether a rival only follows the best on the very same sockets: its consequence, not its rival."""
    first = {link.socket.id: link.event.at for link in reversed(best.links)}
    after = [link for link in rival.links if link.socket.id in first]
    return len(after) == len(rival.links) and all(link.event.at >= first[link.socket.id] for link in after)


def _mild(suspect: Suspect) -> bool:
    """Whether it is but a warning that says of no failure: nobody would have suspected it."""
    return _signal(suspect, "mild").contributes


def _signal(suspect: Suspect, name: str) -> Signal:
    return next(signal for signal in suspect.signals if signal.name == name)


def _with_reason(suspect: Suspect, established: Sequence[Suspect]) -> Suspect:
    """The suspect with the reason why it lost, from its own signals."""
    if not suspect.signals:
        return replace(suspect, why_not="none of its occurrences lies in a connection that failed")
    tie, time, contrast = (_signal(suspect, name) for name in ("tie", "time", "contrast"))
    refusal = next((one for name in REFUSALS if (one := _signal(suspect, name)).contributes), None)
    if refusal is not None:
        why = refusal.hint
    elif contrast.contributes and contrast.weight <= 0:
        why = contrast.hint
    elif established and all(is_symptom(event) for event in suspect.events):
        why = "it is how the cause showed itself, not what it was"
    elif not tie.contributes and not time.contributes:
        why = f"tied by time only: {time.hint}"
    elif established and _is_broken(established[0]):
        why = "it followed from what had ended a background task of the instance before"
    elif established:
        lead = established[0].score - suspect.score
        why = f"another cause explains the same sockets better (by {lead:.1f} in log-odds)"
    else:
        why = "another suspect fits as well: the logs do not tell which of them it was"
    return replace(suspect, why_not=why)
