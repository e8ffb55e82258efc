"""How far a later cycle took the tests that a cause had failed: whether it went where the cause lay.

In: a cause, the report it stands in, and a later report. Out: for each of its tests, past the point, masked before it,
not run, or unclear; and a sentence that says why. Decides that a pass alone proves nothing: connections of the same
kind must be in the later logs, and the test must have taken long enough to come that far.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rca.comparison import Exercise, Retried
from rca.contract import Report, ReportCause, ReportClose, ReportTest
from rca.diff.matching import counterpart
from rca.model import Kind, Outcome
from rca.quote import quote

PASSES = "passes"
"""What is said of a test that came past the point, and on to its end."""

_STAGES = {"startup_failure": 0, "authentication_failure": 1}
"""What a connection has to get through before it is served; every other fault comes later."""

_SERVED = 2
_HANDLERS, _SERVING = "WebSocket event handlers", "deployed and serving"
"""The status checks that say whether connections, and plain requests, were seen to work."""

_REQUEST = re.compile(r"[A-Z]{3,8} (\S{1,2000}) answered 101\b")
"""A handshake as a report quotes it: `GET /live answered 101 after 0.727 s`."""

_WAITING = re.compile(r"(?i)time[sd]?[ -]?out|deadline|keep-?alive|too long|never answered")
_WAITS = frozenset({"event_loop_blocked", "platform_limit"})

_HALF = 0.5
"""A pass that took less than half of the time after which the test had failed did not do the same."""

_CLEARLY, _JITTER_S = 1.25, 0.05
"""Times of two runs of one test: what differs by less is the same moment."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What became of each test in a report, by its name."""

    closes: Mapping[str, Sequence[ReportClose]]
    refused: Mapping[str, ReportClose]
    """The first of its handshakes or requests that was turned away."""

    causes: Mapping[str, ReportCause]


def ends_of(report: Report) -> Ends:
    """The report's connections and causes, by test."""
    closes: dict[str, list[ReportClose]] = {}
    for close in report.closes:
        for name in close.tests:
            closes.setdefault(name, []).append(close)
    refused = {name: one for one in reversed(report.refused) for name in one.tests}
    causes = {name: one for one in reversed(report.causes) for name in one.tests}
    return Ends(closes, refused, causes)


@dataclass(frozen=True, slots=True)
class Scene:
    """A cause in its report, and the later report it is looked for in."""

    cause: ReportCause
    first: Report
    second: Report
    before: Ends
    """Of the first report."""

    after: Ends
    later: Mapping[str, ReportTest | None]
    """Tests of the first report, by name -> the same in the second; None where it is not there."""

    label: str
    """Of the second, in words."""


def retried(scene: Scene) -> tuple[Retried, ...]:
    """Each test that the cause explained, and how far the second cycle took it."""
    shown = _shown(scene)
    return tuple(
        Retried(name, *_exercise(scene, name, scene.later.get(name), shown=shown))
        for name in dict.fromkeys(scene.cause.tests)
    )


def seen_working(scene: Scene) -> tuple[str, ...]:
    """Evidence of the second report for connections of the cause's kind that were served."""
    wanted = _path(scene)
    failing = {one for close in scene.second.closes for one in close.evidence}
    served = [
        one.id
        for one in scene.second.evidence
        if one.kind == "entry" and one.id not in failing and (found := _REQUEST.match(one.text))
        if wanted in (None, found[1])
    ]
    if _websocket(scene):
        return tuple(served[:1]) or _check(scene.second, _HANDLERS)
    return _check(scene.second, _SERVING)


def _shown(scene: Scene) -> bool:
    """Whether the second's logs hold connections like those that the cause had met: else they may be another run's."""
    return bool(seen_working(scene) or (_websocket(scene) and scene.second.closes))


def _check(report: Report, name: str) -> tuple[str, ...]:
    return next((one.evidence for one in report.status_checks if one.name == name and one.status == "ok"), ())


def _websocket(scene: Scene) -> bool:
    names = set(scene.cause.tests)
    kinds = {test.kind for test in scene.first.tests if test.name in names}
    return Kind.WEBSOCKET in kinds or any(name in scene.before.closes for name in names)


def _path(scene: Scene) -> str | None:
    """The path of the connections that the cause had ended, where its report quotes their requests."""
    said = {one.id: one.text for one in scene.first.evidence}
    closes = (close for name in scene.cause.tests for close in scene.before.closes.get(name, ()))
    texts = (said.get(number, "") for close in closes for number in close.evidence)
    return next((found[1] for text in texts if (found := _REQUEST.match(text))), None)


def _exercise(scene: Scene, name: str, test: ReportTest | None, *, shown: bool) -> tuple[Exercise, str]:
    if test is None or test.outcome is Outcome.SKIPPED:
        return Exercise.NOT_RUN, "is not in it" if test is None else "is skipped"
    if test.outcome is not Outcome.PASSED:
        return _failing(scene, name, test)
    if test.flaky:
        return Exercise.UNCLEAR, "passes only on a later try"
    if not shown:
        return (
            Exercise.UNCLEAR,
            f"passes, but the logs read of {scene.label} hold no connection like those that failed",
        )
    lived = _lived(scene.before, name, scene.cause)
    took = test.duration_s
    if lived and took is not None and not _waits(scene.cause) and took < _HALF * min(lived):
        return Exercise.UNCLEAR, f"passes after {took:.2f} s, where it had failed after {min(lived):.2f} s"
    return Exercise.PAST, PASSES


def _waits(cause: ReportCause) -> bool:
    """Whether the fault itself is a wait: then a good run is the shorter one."""
    return cause.category in _WAITS or bool(_WAITING.search(f"{cause.exception} {cause.message[:2000]}"))


def _lived(ends: Ends, test: str, cause: ReportCause | None) -> list[float]:
    """How long a test's connections lived, in seconds: those that the cause ended, where it is told."""
    own = [close for close in ends.closes.get(test, ()) if close.lifetime_s is not None]
    ended = [close for close in own if cause is not None and close.cause == cause.id]
    return [close.lifetime_s for close in ended or own if close.lifetime_s is not None]


def _failing(scene: Scene, name: str, test: ReportTest) -> tuple[Exercise, str]:
    """How far a test got that fails again."""
    other = scene.after.causes.get(test.name)
    words = f"fails by {quote(other.summary, 120)}" if other else "fails, and it is not known why"
    if other is not None and counterpart(scene.cause, [other]):
        return Exercise.MET, "fails by the same cause"
    before, after = _lived(scene.before, name, scene.cause), _lived(scene.after, test.name, other)
    refusal = scene.after.refused.get(test.name)
    if before and not after and refusal is not None:
        status = f" with HTTP {refusal.status}" if refusal.status else ""
        return Exercise.MASKED, f"is turned away{status} before it comes so far, and {words}"
    if not before and after and name in scene.before.refused:
        return Exercise.PAST, f"is let in where it had been turned away; it {words}"
    if other is None:
        return Exercise.UNCLEAR, words
    own, others = _stage(scene.cause), _stage(other)
    if own != others:
        return (Exercise.MASKED if others < own else Exercise.PAST), words
    timed = bool(before) and own == _SERVED and not _waits(scene.cause)
    return _by_time(before, after, words) if timed else (Exercise.UNCLEAR, words)


def _by_time(before: list[float], after: list[float], words: str) -> tuple[Exercise, str]:
    """Whether a test came past the time after which it had failed, in seconds after its connections opened."""
    if not after:
        return Exercise.MASKED, f"opens no connection, and {words}"
    if min(after) > max(before) * _CLEARLY + _JITTER_S:
        return Exercise.PAST, f"{words}, after {min(after):.2f} s; it had failed after {max(before):.2f} s"
    if max(after) * _CLEARLY + _JITTER_S < min(before):
        return Exercise.MASKED, f"{words}, after {max(after):.2f} s; it had failed after {min(before):.2f} s"
    return Exercise.UNCLEAR, f"{words}, about as long after it opened as before"


def _stage(cause: ReportCause) -> int:
    return _STAGES.get(cause.category, _SERVED)
