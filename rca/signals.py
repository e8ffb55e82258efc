"""The signals for and against a suspect: each says what it saw, whether it counts, and how much.

In: the occurrences of one fault and its ties to the failing sockets. Out: `Signal`s, those that do not count included:
a report prints why a suspect was believed and why another was not. Five of them refuse: where `mechanism`, `known`,
`shared`, `wording` or `mild` counts, the fault is not the cause, whatever else speaks for it.
"""

import math
from collections.abc import Sequence

from rca import closes, naming
from rca.contrast import Counts
from rca.faults import is_mild
from rca.known import Known, look_alike, of_close, of_suspect, speaks_against
from rca.mechanisms import verdict_of
from rca.model import Close, Event, EventKind, Initiator, Link, Severity, Signal, Suspect, Tie
from rca.platform import message_of
from rca.scene import Scene
from rca.traces import one_liner
from rca.weights import RankWeights, weights

REFUSALS = ("mechanism", "shared", "wording", "mild", "known")
"""Signals that, where they count, keep a suspect from being the cause."""

_MERE_CHANCE = 0.2
"""From here on a probability says: this is background."""

_POLICY, _TRY_LATER = 1008, 1013

_TELLING = 8
"""Letters of a close reason; shorter ones ("error") stand in many a line."""

_LONGEST = 2_000


def signals_of(
    events: Sequence[Event], links: Sequence[Link], counts: Counts, scene: Scene
) -> tuple[Signal, ...]:
    """All signals of one suspect, in the order in which a report prints them."""
    w = weights().rank
    share = counts.bad_tied / counts.bad if counts.bad else 0.0
    return (
        _tie(links, counts.bad_named, counts.bad, w),
        _chance(counts.bad_tied - counts.bad_named, counts, w),
        _reason(events, scene, w),
        _last(counts, w),
        _coverage(counts.bad_tied, counts.bad, w),
        _contrast(counts.good_tied, counts.good, w),
        _common(share, counts, w),
        _form(events, w),
        _mechanism(events, links, scene, w),
        _wording(events, w),
        _mild(events, links, counts, scene),
    )


def _logit(k: float, n: float, smoothing: float) -> float:
    share = (k + smoothing) / (n + 2 * smoothing)
    return math.log(share / (1 - share))


def _tie(links: Sequence[Link], k_named: int, n: int, w: RankWeights) -> Signal:
    if links and all(link.event.kind is EventKind.SILENCE for link in links):
        hint = "the instance fell silent while they were open"
        return Signal("tie", w.tie_bonus, contributes=True, hint=hint)
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
        Tie.BROKEN: "because their instance had lost a background task to it before",
    }[best]
    bonus = w.broken_bonus if best is Tie.BROKEN else w.tie_bonus
    return Signal("tie", bonus, contributes=True, hint=f"{k_named} of {n} failing sockets tied {words}")


def _chance(k: int, counts: Counts, w: RankWeights) -> Signal:
    n, chance, width = counts.bad, counts.chance, counts.width_s
    if k <= 0:
        return Signal("time", 0.0, contributes=False, hint="no tie by time is needed")
    if chance > _MERE_CHANCE:
        hint = f"near the end of {k} of {n} failing sockets, as often as by mere chance"
        return Signal("time", 0.0, contributes=False, hint=hint)
    likely = f"{chance:.2g}" if chance >= 1e-6 else "below 1e-6"  # noqa: PLR2004 - digits beyond say nothing
    hint = f"within {width:.3g} s of the end of {k} of {n} failing sockets; by background alone the chance is {likely}"
    return Signal("time", 0.0, contributes=chance < w.chance, hint=hint)


def _reason(events: Sequence[Event], scene: Scene, w: RankWeights) -> Signal:
    """The application's close reason, told by the fault itself: the line is of the very code that closed."""
    reasons = {
        close.reason.casefold()
        for close in scene.ends_of(scene.bad)
        if close.reason and close.initiator is Initiator.SERVER
        if len(close.reason) >= _TELLING and closes.author_of(close.reason).author == "application"
    }
    told = {
        reason
        for event in events
        for text in (event.title, event.trace.header if event.trace else "")
        for reason in reasons
        if reason in text[:_LONGEST].casefold()
    }
    if told:
        hint = f"it tells the very reason that the connections were closed with: {min(told)}"
        return Signal("reason", w.reason_bonus, contributes=True, hint=hint)
    return Signal("reason", 0.0, contributes=False, hint="it does not tell the close's reason")


def _last(counts: Counts, w: RankWeights) -> Signal:
    """Of several faults on a connection, the last before the end is the likeliest to have ended it."""
    k, n = counts.last, counts.bad_tied
    if k and k >= w.nearly_all * n:
        hint = f"no other fault came later before the end on {k} of {n}"
        return Signal("last", w.last_bonus, contributes=True, hint=hint)
    return Signal(
        "last", 0.0, contributes=False, hint="another fault came later, or none of them right before the end"
    )


def _coverage(k: int, n: int, w: RankWeights) -> Signal:
    weight = _logit(k, n, w.smoothing)
    return Signal("coverage", weight, contributes=True, hint=f"tied to {k} of {n} failing sockets")


def _contrast(m: int, g: int, w: RankWeights) -> Signal:
    if g == 0:
        return Signal(
            "contrast", 0.0, contributes=False, hint="no socket ended well: nothing to compare with"
        )
    hint = (
        f"tied to {m} of {g} sockets that ended well" if m else f"absent from all {g} sockets that ended well"
    )
    return Signal("contrast", -_logit(m, g, w.smoothing), contributes=True, hint=hint)


def _common(share: float, counts: Counts, w: RankWeights) -> Signal:
    """What lies in good sockets nearly as often as in bad ones did not make them bad.

    The passing tests' own sockets come first: other users' may never do what the tests do.
    """
    for tied, good, whose in (
        (counts.peers_tied, counts.peers, "sockets of passing tests"),
        (counts.good_tied, counts.good, "sockets that ended well"),
    ):
        # One of a few can be a wrong tie, or a wrong join: half of one is not counted.
        if good >= w.few_good and (tied - w.smoothing) / good >= w.common * share:
            hint = f"it lies in {tied} of {good} {whose}, too"
            return Signal("shared", -w.mechanism_penalty, contributes=True, hint=hint)
    return Signal("shared", 0.0, contributes=False, hint="not shared with sockets that ended well")


def _form(events: Sequence[Event], w: RankWeights) -> Signal:
    placed = [event.trace for event in events if event.trace is not None]
    if any(naming.named(trace).frame for trace in placed):
        return Signal(
            "form", w.trace_bonus, contributes=True, hint="logged with a stack trace that names its place"
        )
    if placed:
        return Signal(
            "form", w.trace_bonus / 2, contributes=True, hint="logged with a stack trace of libraries only"
        )
    if all(is_symptom(event) for event in events):
        hint = "tells that an instance ended or was missing, or a handshake refused: a symptom, if anything tells more"
        return Signal("form", -w.symptom_penalty, contributes=True, hint=hint)
    lines = [event.entry for event in events if event.kind is EventKind.ERROR_LINE]
    mild = all(entry.severity < Severity.ERROR and entry.severity_stated for entry in lines)
    if lines and mild and not any(one_liner(event.title) for event in events):
        return Signal("form", -w.warning_penalty, contributes=True, hint="logged as a warning")
    return Signal("form", 0.0, contributes=False, hint="logged as a line without a stack trace")


def _mild(events: Sequence[Event], links: Sequence[Link], counts: Counts, scene: Scene) -> Signal:
    """A warning without an error's word counts only where the service turned its clients away on purpose.

    It must then be the last word on nearly every failing connection.
    """
    if not all(event.kind is EventKind.ERROR_LINE and is_mild(event.entry) for event in events):
        return Signal("mild", 0.0, contributes=False, hint="logged as something that went wrong")
    turned_away = all(_turned_away(link, scene) for link in links)
    last = all(abs(link.gap_s) <= weights().tie.near_s for link in links)
    w = weights().rank
    if links and turned_away and last and counts.bad_tied >= w.nearly_all * counts.bad:
        return Signal(
            "mild",
            0.0,
            contributes=False,
            hint="a warning, and the last word before the client is turned away",
        )
    hint = "a warning that does not say that anything went wrong"
    return Signal("mild", -w.mechanism_penalty, contributes=True, hint=hint)


def _turned_away(link: Link, scene: Scene) -> bool:
    """Whether the service refused the handshake (4xx), or closed with a code of policy or of its own (1008, 4xxx)."""
    close = scene.closes.get(link.socket.id)
    code = close.code if close else None
    refused = not link.socket.accepted and 400 <= (link.socket.status or 0) < 500  # noqa: PLR2004 - client errors
    return refused or code in (_POLICY, _TRY_LATER) or (code is not None and 4000 <= code < 5000)  # noqa: PLR2004 - RFC 6455, 7.4.2


def is_symptom(event: Event) -> bool:
    """Whether it is the platform's word of an exit, a failed probe or a missing instance: something else made it so.

    So is a server's word that it turned a handshake away: who told it to says why.
    """
    if event.kind is EventKind.ERROR_LINE and closes.tells_refusal(event.title):
        return True
    message = message_of(event.tag)
    return event.kind is EventKind.PLATFORM and message is not None and message.symptom


def _wording(events: Sequence[Event], w: RankWeights) -> Signal:
    """A line that only says that something failed is a symptom, whatever it is tied to."""
    lines = [event for event in events if event.kind is EventKind.ERROR_LINE]
    if len(lines) < len(events) or any(naming.says_what(event.title) for event in lines):
        return Signal("wording", 0.0, contributes=False, hint="says what failed")
    hint = "it says that something failed, not what: what was caught there was not logged"
    return Signal("wording", -w.mechanism_penalty, contributes=True, hint=hint)


def known(one: Suspect, scene: Scene, among: Sequence[Known]) -> tuple[Signal, str | None]:
    """What the catalogue says of a suspect, and the id of its entry; what only looks like a cause is refused."""
    ends = scene.ends_of(link.socket for link in one.links)
    like = look_alike(one, ends, scene.server, among)
    hint = (like.spec.is_not or like.spec.why) if like else _ruled_out(one, ends, scene, among)
    if hint is not None:
        return Signal(
            "known", -weights().rank.mechanism_penalty, contributes=True, hint=hint
        ), like.id if like else None
    entry = of_suspect(one, ends, scene.server, among)
    hint = f"known as: {entry.spec.title}" if entry else "the catalogue of known causes does not hold it"
    return Signal("known", 0.0, contributes=False, hint=hint), entry.id if entry else None


def _ruled_out(one: Suspect, ends: Sequence[Close], scene: Scene, among: Sequence[Known]) -> str | None:
    """Why the way that its connections ended rules a suspect out, where the catalogue knows that way."""
    for end in {(end.code, end.reason, end.initiator): end for end in ends}.values():
        entry = of_close(end, (), scene.server, among=among)
        against = speaks_against(entry, one.events[0]) if entry else None
        if against is not None:
            return against
    return None


def _mechanism(events: Sequence[Event], links: Sequence[Link], scene: Scene, w: RankWeights) -> Signal:
    sockets = {link.socket.id: link.socket for link in links}
    told = {
        name: verdict_of(events[0], scene.closes.get(name), socket, scene.server)
        for name, socket in sockets.items()
    }
    verdicts = [told[link.socket.id] for link in links]
    against = [hint for possible, hint in verdicts if not possible]
    if len(against) * 2 > len(verdicts):
        return Signal("mechanism", -w.mechanism_penalty, contributes=True, hint=against[0])
    hint = verdicts[0][1] if verdicts else "no failing socket is tied"
    return Signal("mechanism", 0.0, contributes=False, hint=hint)
