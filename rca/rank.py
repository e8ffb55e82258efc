"""Suspects ranked: which fault explains the failing tests, how surely, and why not the others.

In: events, their links to sockets, which sockets are bad (of failing tests) and good. Out: a `Ranking`. The unit of
comparison is the socket, not the minute. A suspect must be tied to bad sockets (by trace, by connection id, by
the state of the revision, or by time more often than chance allows), be absent from good ones, and be something
that this kind of close can come from. Nothing that fails this is blamed, however loud.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import pandas as pd

from rca.confidence import confidence, grounds_of
from rca.faults import is_mild
from rca.known import Known, catalogue
from rca.mechanisms import verdict_of
from rca.model import Event, EventKind, Link, Signal, Socket, Suspect, Tie
from rca.platform import message_of
from rca.scene import Scene
from rca.signals import REFUSALS, Counts, is_symptom, known, signals_of
from rca.suspects import describe
from rca.weights import weights

_TIES = frozenset({"tie", "time", "reason"})
"""Signals of which one must count: a suspect that nothing ties to a failing socket is none."""

_WINDOWS_TRIED = 5
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
    faults = _faults(events, links, scene)
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


@dataclass(frozen=True, slots=True)
class _Fault:
    """All occurrences of one fault, with its rows of the table of links."""

    fingerprint: str
    events: tuple[Event, ...]
    links: tuple[Link, ...]
    rows: pd.DataFrame


def _faults(events: Sequence[Event], links: Sequence[Link], scene: Scene) -> list[_Fault]:
    """The faults with at least one tie to a bad socket."""
    table = _table(links, scene)
    suspected = set(table[table["role"] == "bad"]["fingerprint"])
    of_event: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if _can_be_fault(event):
            of_event[event.fingerprint].append(event)
    of_link: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        of_link[link.event.fingerprint].append(link)
    groups = {str(print_): rows for print_, rows in table.groupby("fingerprint", sort=True)}
    return [
        _Fault(print_, tuple(of_event[print_]), tuple(of_link[print_]), rows)
        for print_, rows in groups.items()
        if print_ in suspected and print_ in of_event
    ]


def _finals(links: Sequence[Link], scene: Scene) -> dict[str, str]:
    """For each bad socket the fingerprint of the last fault before its end that can have ended it."""
    flush = weights().tie.flush_s
    found: dict[str, Link] = {}
    bad = {socket.id for socket in scene.bad}
    for link in links:
        name = link.socket.id
        if name not in bad or link.gap_s < -flush or link.tie is Tie.BROKEN or not _can_be_fault(link.event):
            continue
        if name in found and link.gap_s >= found[name].gap_s:
            continue
        if verdict_of(link.event, scene.closes.get(name), link.socket, scene.server)[0]:
            found[name] = link
    return {name: link.event.fingerprint for name, link in found.items()}


def _can_be_fault(event: Event) -> bool:
    """Whether it can be what went wrong: a start, a readiness or a deploy can answer "why now", and is no fault."""
    message = message_of(event.tag)
    return event.kind is not EventKind.DEPLOY and (message is None or message.fault)


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


# --- counting --------------------------------------------------------------------------------------------


def _table(links: Sequence[Link], scene: Scene) -> pd.DataFrame:
    """One row a link: fingerprint, event (its identity), socket, tie, gap_s (float), role.

    Roles: bad; kin; good; victim (counted as good, but the fault lies right at its end); other.
    """
    bad, kin, good = ({s.id for s in group} for group in (scene.bad, scene.kin, scene.good))
    in_order = {s.id for s in scene.good if s.close is not None}
    near = weights().tie.near_s

    def role(link: Link) -> str:
        if link.socket.id in bad:
            return "bad"
        if link.tie is Tie.BROKEN:
            return "other"  # whoever needs nothing of the lost task ends well
        if link.socket.id in kin:
            return "kin" if abs(link.gap_s) <= near else "other"  # beside its end, or it proves nothing
        if link.socket.id in good and (link.socket.id in in_order or abs(link.gap_s) > near):
            return "good"
        # A socket counted as good because it lived long, with the fault right at its end: another victim, rather.
        return "victim" if link.socket.id in good else "other"

    rows = [
        (link.event.fingerprint, id(link.event), link.socket.id, link.tie.name, link.gap_s, role(link))
        for link in links
    ]
    return pd.DataFrame(rows, columns=["fingerprint", "event", "socket", "tie", "gap_s", "role"])


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(at least k of n) where each has chance p; by logarithms, for n can be thousands."""
    if k <= 0:
        return 1.0
    p = min(max(p, 1e-12), 1 - 1e-12)
    ways = (math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(k, n + 1))
    logs = (way + i * math.log(p) + (n - i) * math.log1p(-p) for i, way in enumerate(ways, k))
    return min(1.0, sum(math.exp(one) for one in logs))


def _chance(
    rows: pd.DataFrame, events: Sequence[Event], bad: Sequence[Socket], scene: Scene
) -> tuple[float, float]:
    """The smallest probability, over several widths of time, of so many ties by time through background alone.

    The background is the fault's own rate where no connection was ending: what ended other people's connections
    just as it ended these is no background. Returns the probability, corrected for the tries, and the width in
    seconds that gave it.
    """
    ties, n = weights().tie, len(bad)
    lives = [socket.lifetime_s or 0.0 for socket in bad]
    tied = rows[rows["role"].isin(("bad", "kin")) & (rows["tie"] == Tie.INSTANCE.name)]
    inside = int(tied["event"].nunique())
    ending = rows[(rows["role"] != "good") & (rows["gap_s"].abs() <= ties.near_s)]
    outside = max(len(events) - int(pd.concat([tied["event"], ending["event"]]).nunique()), 0)
    # A stray line is one coincidence however many sockets end beside it; what lasts can end them all.
    lasting = any(event.until for event in events)
    tried: list[tuple[float, float]] = []
    for width in (ties.stamp_s, ties.flush_s, ties.near_s, ties.tail_s):
        near = tied[tied["gap_s"].abs() <= width]
        k = min(int(near["socket"].nunique()), n if lasting else int(near["event"].nunique()))
        exposure = max(scene.watched_s - n * 2 * width, 1.0)
        rate = (outside + weights().rank.smoothing) / exposure
        p = _binomial_tail(k, n, 1 - math.exp(-rate * 2 * width)) * _WINDOWS_TRIED
        tried.append((min(p, 1.0), width))
    k = min(int(tied["socket"].nunique()), n if lasting else inside)
    mean_life = sum(lives) / max(1, n) + ties.tail_s
    exposure = max(scene.watched_s - n * mean_life, 1.0)
    rate = (outside + weights().rank.smoothing) / exposure
    p = _binomial_tail(k, n, 1 - math.exp(-rate * mean_life)) * _WINDOWS_TRIED
    return min([*tried, (min(p, 1.0), mean_life)])


# --- scoring ---------------------------------------------------------------------------------------------


def _score(fault: _Fault, scene: Scene, left: set[str], tried: int, finals: Mapping[str, str]) -> Suspect:
    """One suspect with its signals, score and confidence, against the bad sockets still to be explained."""
    bad = [socket for socket in scene.bad if socket.id in left]
    rows = fault.rows[(fault.rows["role"] != "bad") | fault.rows["socket"].isin(left)]
    named = rows[rows["tie"] != Tie.INSTANCE.name]
    k_named = int(named[named["role"] == "bad"]["socket"].nunique())
    k = int(rows[rows["role"] == "bad"]["socket"].nunique())
    m = int(rows[rows["role"] == "good"]["socket"].nunique())
    good = set(rows[rows["role"] == "good"]["socket"])
    victims = set(rows[rows["role"] == "victim"]["socket"]) - good
    n, g = len(bad), len(scene.good) - len(victims)
    # Other people's connections that ended the same way count for chance: one failing test alone is no series.
    ended = rows[(rows["role"] == "bad") & (rows["gap_s"].abs() <= weights().tie.near_s)]
    kin = () if ended.empty else scene.kin
    counted = rows if kin else rows.replace({"role": {"kin": "other"}})
    chance, width = _chance(counted, fault.events, [*bad, *kin], scene)
    chance = min(1.0, chance * tried)  # of many faults, one lies near some end by luck
    tied = [link for link in fault.links if link.socket.id in left]
    met = len(scene.peers & set(rows[rows["role"] == "good"]["socket"]))
    last = sum(finals.get(name) == fault.fingerprint for name in {link.socket.id for link in tied})
    counts = Counts(n, k, k_named, g, m, len(scene.peers), met, last, chance, width)
    signals = signals_of(fault.events, tied, counts, scene)
    score = sum(signal.weight for signal in signals if signal.contributes)
    if not any(signal.contributes for signal in signals if signal.name in _TIES):
        score = min(score, -1.0)
    tests = tuple(dict.fromkeys(t for link in tied for t in scene.tests_of.get(link.socket.id, ())))
    fatal = any(id(event) in scene.fatal for event in fault.events)
    suspect = describe(fault.fingerprint, fault.events, tied, fatal=fatal)
    return replace(suspect, signals=signals, score=score, tests=tests, covers=(k, n), chance=chance)


def _recognized(one: Suspect, scene: Scene, entries: Sequence[Known]) -> Suspect:
    """The suspect with what the catalogue says of it; a look-alike of causes loses by it."""
    signal, name = known(one, scene, entries)
    return replace(
        one,
        signals=(*one.signals, signal),
        known=name,
        score=one.score + (signal.weight if signal.contributes else 0.0),
    )


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
