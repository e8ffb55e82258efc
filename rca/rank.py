"""Suspects ranked: which fault explains the failing tests, how surely, and why not the others.

In: events, their links to sockets, which sockets are bad (of failing tests) and good. Out: a `Ranking`. The unit of
comparison is the socket, not the minute. A suspect must be tied to bad sockets (by trace, by connection id, by
the state of the revision, or by time more often than chance allows), be absent from good ones, and be something
that this kind of close can come from. Nothing that fails this is blamed, however loud.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rca import naming
from rca.mechanisms import verdict_of
from rca.model import Event, EventKind, Link, Severity, Signal, Socket, Suspect, Tie
from rca.platform import message_of
from rca.scene import Scene
from rca.suspects import describe
from rca.weights import RankWeights, weights

_WINDOWS_TRIED = 5
_REFUSALS = ("mechanism", "shared", "wording")
"""Signals that, where they count, keep a suspect from being the cause whatever else speaks for it."""

_MERE_CHANCE = 0.2
"""From here on a probability says: this is background."""

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


def rank(events: Sequence[Event], links: Sequence[Link], scene: Scene) -> Ranking:
    """Established causes and those that lost; a cause takes its sockets away, and the rest is ranked again."""
    faults = _faults(events, links, scene)
    left = {socket.id for socket in scene.bad}
    established: list[Suspect] = []
    seen: dict[str, Suspect] = {}
    while left:
        taken = {one.fingerprint for one in established}
        scored = [
            _score(fault, scene, left, len(faults)) for fault in faults if fault.fingerprint not in taken
        ]
        scored.sort(key=_order)
        for suspect in scored:
            seen.setdefault(suspect.fingerprint, suspect)
        best = _accepted(scored)
        if best is None or (established and all(_is_symptom(event) for event in best.events)):
            break
        established.append(best)
        left -= {link.socket.id for link in best.links}
    names = {one.fingerprint for one in established}
    lost = sorted((one for print_, one in seen.items() if print_ not in names), key=_order)
    ordered = sorted(established, key=lambda one: (-len(one.tests), _order(one)))
    return Ranking(
        tuple(ordered),
        tuple(_with_reason(one, ordered) for one in [*lost, *_loud(events, {*seen, *names})]),
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


def _can_be_fault(event: Event) -> bool:
    """Whether it can be what went wrong: a start, a readiness or a deploy can answer "why now", and is no fault."""
    message = message_of(event.tag)
    return event.kind is not EventKind.DEPLOY and (message is None or message.fault)


def _loud(events: Sequence[Event], known: set[str]) -> list[Suspect]:
    """The most frequent exceptions and errors that lie in no failing socket: loud, and innocent."""
    groups: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind in (EventKind.EXCEPTION, EventKind.ERROR_LINE) and event.fingerprint not in known:
            groups[event.fingerprint].append(event)
    loudest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:_LOUDEST]
    return [describe(print_, group, (), fatal=False) for print_, group in loudest]


def _order(one: Suspect) -> tuple[float, float, str]:
    """Best first; of equals the one that came first, but the one nearest before an instance's death."""
    if any(link.tie is Tie.STATE for link in one.links):
        return (-round(one.score, 3), -one.links[0].event.at.timestamp(), one.fingerprint)
    return (-round(one.score, 3), one.events[0].at.timestamp(), one.fingerprint)


# --- counting --------------------------------------------------------------------------------------------


def _table(links: Sequence[Link], scene: Scene) -> pd.DataFrame:
    """One row a link: fingerprint, socket, tie, gap_s (float), role (bad, good, other)."""
    bad, good = {s.id for s in scene.bad}, {s.id for s in scene.good}
    rows = [
        (
            link.event.fingerprint,
            link.socket.id,
            link.tie.name,
            link.gap_s,
            "bad" if link.socket.id in bad else "good" if link.socket.id in good else "other",
        )
        for link in links
    ]
    return pd.DataFrame(rows, columns=["fingerprint", "socket", "tie", "gap_s", "role"])


def _logit(k: float, n: float, smoothing: float) -> float:
    share = (k + smoothing) / (n + 2 * smoothing)
    return math.log(share / (1 - share))


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(at least k of n) where each has chance p; by logarithms, for n can be thousands."""
    if k <= 0:
        return 1.0
    p = min(max(p, 1e-12), 1 - 1e-12)
    ways = (math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(k, n + 1))
    logs = (way + i * math.log(p) + (n - i) * math.log1p(-p) for i, way in enumerate(ways, k))
    return min(1.0, sum(math.exp(one) for one in logs))


def _chance(rows: pd.DataFrame, events: int, bad: Sequence[Socket], scene: Scene) -> tuple[float, float]:
    """The smallest probability, over several widths of time, of so many ties by time through background alone.

    The background is the fault's own rate outside the bad sockets. Returns the probability, corrected for
    the tries, and the width in seconds that gave it.
    """
    ties, n = weights().tie, len(bad)
    lives = [socket.lifetime_s or 0.0 for socket in bad]
    tied = rows[(rows["role"] == "bad") & (rows["tie"] == Tie.INSTANCE.name)]
    inside = len(tied)
    tried: list[tuple[float, float]] = []
    for width in (ties.stamp_s, ties.flush_s, ties.near_s, ties.tail_s):
        k = int(tied[tied["gap_s"].abs() <= width]["socket"].nunique())
        exposure = max(scene.watched_s - n * 2 * width, 1.0)
        rate = (max(events - inside, 0) + weights().rank.smoothing) / exposure
        p = _binomial_tail(k, n, 1 - math.exp(-rate * 2 * width)) * _WINDOWS_TRIED
        tried.append((min(p, 1.0), width))
    k = int(tied["socket"].nunique())
    mean_life = sum(lives) / max(1, n) + ties.tail_s
    exposure = max(scene.watched_s - n * mean_life, 1.0)
    rate = (max(events - inside, 0) + weights().rank.smoothing) / exposure
    p = _binomial_tail(k, n, 1 - math.exp(-rate * mean_life)) * _WINDOWS_TRIED
    return min([*tried, (min(p, 1.0), mean_life)])


# --- scoring ---------------------------------------------------------------------------------------------


def _score(fault: _Fault, scene: Scene, left: set[str], tried: int) -> Suspect:
    """One suspect with its signals, score and confidence, against the bad sockets still to be explained."""
    w = weights().rank
    bad = [socket for socket in scene.bad if socket.id in left]
    rows = fault.rows[(fault.rows["role"] != "bad") | fault.rows["socket"].isin(left)]
    named = rows[rows["tie"] != Tie.INSTANCE.name]
    k_named = int(named[named["role"] == "bad"]["socket"].nunique())
    k = int(rows[rows["role"] == "bad"]["socket"].nunique())
    m = int(rows[rows["role"] == "good"]["socket"].nunique())
    n, g = len(bad), len(scene.good)
    chance, width = _chance(rows, len(fault.events), bad, scene)
    chance = min(1.0, chance * tried)  # of many faults, one lies near some end by luck
    tied = [link for link in fault.links if link.socket.id in left]
    signals = (
        _tie_signal(tied, k_named, n, w),
        _chance_signal(k - k_named, n, chance, width, w),
        Signal(
            "coverage",
            _logit(k, n, w.smoothing),
            contributes=True,
            hint=f"tied to {k} of {n} failing sockets",
        ),
        _contrast_signal(m, g, w),
        _common_signal(k / n if n else 0.0, m, g, w),
        _form_signal(fault.events, w),
        _mechanism_signal(fault.events, tied, scene, w),
        _wording_signal(fault.events, w),
    )
    score = sum(signal.weight for signal in signals if signal.contributes)
    if not (signals[0].contributes or signals[1].contributes):
        score = min(score, -1.0)
    tests = tuple(dict.fromkeys(t for link in tied for t in scene.tests_of.get(link.socket.id, ())))
    fatal = any(id(event) in scene.fatal for event in fault.events)
    suspect = describe(fault.fingerprint, fault.events, tied, fatal=fatal)
    confidence = _confidence(score, k / n if n else 0.0, capped=g == 0 and not k_named, w=w)
    return replace(suspect, signals=signals, score=score, confidence=confidence, tests=tests)


def _tie_signal(links: Sequence[Link], k_named: int, n: int, w: RankWeights) -> Signal:
    kinds = {link.tie for link in links if link.tie is not Tie.INSTANCE}
    if not kinds:
        return Signal(
            "tie",
            0.0,
            contributes=False,
            hint="nothing but time ties it to the failing sockets",
        )
    best = min(kinds, key=list(Tie).index)
    words = {
        Tie.TRACE: "by trace id",
        Tie.ID: "by an id that only that connection carries",
        Tie.STATE: "because no instance was able to serve",
        Tie.DEATH: "because their instance ended",
    }[best]
    return Signal("tie", w.tie_bonus, contributes=True, hint=f"{k_named} of {n} failing sockets tied {words}")


def _chance_signal(k: int, n: int, chance: float, width: float, w: RankWeights) -> Signal:
    if k <= 0:
        return Signal("time", 0.0, contributes=False, hint="no tie by time is needed")
    if chance > _MERE_CHANCE:
        hint = f"near the end of {k} of {n} failing sockets, as often as by mere chance"
        return Signal("time", 0.0, contributes=False, hint=hint)
    likely = f"{chance:.2g}" if chance >= 1e-6 else "below 1e-6"  # noqa: PLR2004 - digits beyond say nothing
    hint = f"within {width:g} s of the end of {k} of {n} failing sockets; by background alone the chance is {likely}"
    return Signal("time", 0.0, contributes=chance < w.chance, hint=hint)


def _coverage_signal(k: int, n: int, w: RankWeights) -> Signal:
    weight = _logit(k, n, w.smoothing)
    return Signal("coverage", weight, contributes=True, hint=f"tied to {k} of {n} failing sockets")


def _contrast_signal(m: int, g: int, w: RankWeights) -> Signal:
    if g == 0:
        return Signal(
            "contrast", 0.0, contributes=False, hint="no socket ended well: nothing to compare with"
        )
    hint = (
        f"tied to {m} of {g} sockets that ended well" if m else f"absent from all {g} sockets that ended well"
    )
    return Signal("contrast", -_logit(m, g, w.smoothing), contributes=True, hint=hint)


def _common_signal(share: float, m: int, g: int, w: RankWeights) -> Signal:
    """What lies in good sockets nearly as often as in bad ones did not make them bad."""
    if g < w.few_good or m / g < w.common * share:
        return Signal("shared", 0.0, contributes=False, hint="not shared with sockets that ended well")
    hint = f"it lies in {m} of {g} sockets that ended well, too"
    return Signal("shared", -w.mechanism_penalty, contributes=True, hint=hint)


def _form_signal(events: Sequence[Event], w: RankWeights) -> Signal:
    placed = [event.trace for event in events if event.trace is not None]
    if any(naming.named(trace).frame for trace in placed):
        return Signal(
            "form", w.trace_bonus, contributes=True, hint="logged with a stack trace that names its place"
        )
    if placed:
        return Signal(
            "form", w.trace_bonus / 2, contributes=True, hint="logged with a stack trace of libraries only"
        )
    if all(_is_symptom(event) for event in events):
        hint = "the platform's word that an instance ended or was missing: a symptom, if anything else tells more"
        return Signal("form", -w.symptom_penalty, contributes=True, hint=hint)
    if all(event.entry.severity < Severity.ERROR and event.entry.severity_stated for event in events):
        return Signal("form", -w.warning_penalty, contributes=True, hint="logged as a warning")
    return Signal("form", 0.0, contributes=False, hint="logged as a line without a stack trace")


def _is_symptom(event: Event) -> bool:
    message = message_of(event.tag)
    return event.kind is EventKind.PLATFORM and message is not None and message.symptom


def _wording_signal(events: Sequence[Event], w: RankWeights) -> Signal:
    """A line that only says that something failed is a symptom, whatever it is tied to."""
    lines = [event for event in events if event.kind is EventKind.ERROR_LINE]
    if len(lines) < len(events) or any(naming.says_what(event.title) for event in lines):
        return Signal("wording", 0.0, contributes=False, hint="says what failed")
    hint = "it says that something failed, not what: what was caught there was not logged"
    return Signal("wording", -w.mechanism_penalty, contributes=True, hint=hint)


def _mechanism_signal(events: Sequence[Event], links: Sequence[Link], scene: Scene, w: RankWeights) -> Signal:
    verdicts = [verdict_of(events[0], scene.closes.get(link.socket.id), link.socket) for link in links]
    against = [hint for possible, hint in verdicts if not possible]
    if len(against) * 2 > len(verdicts):
        return Signal("mechanism", -w.mechanism_penalty, contributes=True, hint=against[0])
    hint = verdicts[0][1] if verdicts else "no failing socket is tied"
    return Signal("mechanism", 0.0, contributes=False, hint=hint)


def _confidence(score: float, coverage: float, *, capped: bool, w: RankWeights) -> float:
    """Rises with the score and the share explained; capped until it is fitted on labelled incidents."""
    raw = 1 / (1 + math.exp(-(score - 0.5))) * (0.7 + 0.3 * coverage)
    cap = min(w.uncalibrated_cap, w.good_cap) if capped else w.uncalibrated_cap
    return round(max(0.0, min(cap, raw)), 2)


# --- deciding --------------------------------------------------------------------------------------------


def _accepted(scored: Sequence[Suspect]) -> Suspect | None:
    """The first possible suspect, if it is tied, likelier than not, and (tied by time only) clear of the next."""
    w = weights().rank
    possible = [one for one in scored if not any(_signal(one, name).contributes for name in _REFUSALS)]
    if not possible:
        return None
    best = possible[0]
    if best.score <= 0 or not best.tests:
        return None
    if _signal(best, "tie").contributes:
        return best
    if not _signal(best, "time").contributes:
        return None
    for rival in possible[1:]:
        if best.score - rival.score >= w.clear_score:
            break
        if not _same_sockets_later(best, rival):
            return None
    return best


def _same_sockets_later(best: Suspect, rival: Suspect) -> bool:
    """Whether a rival only follows the best on the very same sockets: its consequence, not its rival."""
    first = {link.socket.id: link.event.at for link in reversed(best.links)}
    after = [link for link in rival.links if link.socket.id in first]
    return len(after) == len(rival.links) and all(link.event.at >= first[link.socket.id] for link in after)


def _signal(suspect: Suspect, name: str) -> Signal:
    return next(signal for signal in suspect.signals if signal.name == name)


def _with_reason(suspect: Suspect, established: Sequence[Suspect]) -> Suspect:
    """The suspect with the reason why it lost, from its own signals."""
    if not suspect.signals:
        return replace(suspect, why_not="none of its occurrences lies in a connection that failed")
    tie, time, contrast = (_signal(suspect, name) for name in ("tie", "time", "contrast"))
    refusal = next((one for name in _REFUSALS if (one := _signal(suspect, name)).contributes), None)
    if refusal is not None:
        why = refusal.hint
    elif contrast.contributes and contrast.weight <= 0:
        why = contrast.hint
    elif not tie.contributes and not time.contributes:
        why = f"tied by time only: {time.hint}"
    elif established:
        lead = established[0].score - suspect.score
        why = f"another cause explains the same sockets better (by {lead:.1f} in log-odds)"
    else:
        why = "another suspect fits as well: the logs do not tell which of them it was"
    return replace(suspect, why_not=why)
