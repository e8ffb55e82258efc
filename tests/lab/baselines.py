"""What a person without the tool would answer on the same cases: the figures that ours are held against.

Each rule is given more than a person has: tracebacks put together, severities read from the text, the true moment of
the first failure from the label. What it names is held against the label exactly like our own answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from rca import faults, questions, traces
from rca.contract import ReportCause, ReportFrame
from rca.model import Entry, Event, EventKind, Severity
from rca.suspects import describe
from tests.lab.alter import ALTERATIONS
from tests.lab.score import Recorded, Row, herring_in, names, source_of


@dataclass(frozen=True, slots=True)
class Scene:
    """What a person looks at."""

    entries: tuple[Entry, ...]
    errors: tuple[Event, ...]
    """Exceptions, and lines of ERROR or worse, by time."""

    start: datetime
    """When the test run began."""

    end: datetime
    failed_at: datetime
    """When the first failing connection ended; the run's end where none is known to have failed."""


def scene_of(case: Recorded) -> Scene:
    """The case as a person has it before them."""
    entries = source_of(case.entries(), ALTERATIONS[0]).pull(questions.everything(None)).entries
    found = faults.detect(entries, traces.reassemble(entries))
    start, end = (datetime.fromisoformat(at) for at in case.label["test_window"])
    closes = [datetime.fromisoformat(close["timestamp"]) for close in case.label["closes"]]
    return Scene(
        entries, tuple(event for event in found if _is_error(event)), start, end, min(closes, default=end)
    )


def _is_error(event: Event) -> bool:
    return event.kind is EventKind.EXCEPTION or (
        event.kind is EventKind.ERROR_LINE and event.entry.severity >= Severity.ERROR
    )


def last_error(scene: Scene) -> list[Event]:
    """The last error before the first failing connection's end."""
    return [event for event in scene.errors if event.at <= scene.failed_at][-1:]


def most_frequent(scene: Scene) -> list[Event]:
    """The largest group of errors: by exception and place, else by template, as Error Reporting groups them."""
    return _largest(_groups(scene.errors).values())


def largest_new(scene: Scene) -> list[Event]:
    """The largest group of errors none of which was seen before the test run."""
    return _largest(group for group in _groups(scene.errors).values() if group[0].at >= scene.start)


def rarest_template(scene: Scene) -> list[Event]:
    """The line of the test run whose Drain template is the rarest; of equals the severest, nearest to the failure."""
    miner = TemplateMiner(config=TemplateMinerConfig())
    lines = [entry for entry in scene.entries if entry.request is None and entry.message.strip()]
    of_line = [(entry, int(miner.add_log_message(entry.message)["cluster_id"])) for entry in lines]
    sizes = Counter(cluster for _, cluster in of_line)
    seen = [(entry, sizes[cluster]) for entry, cluster in of_line if scene.start <= entry.at <= scene.end]
    if not seen:
        return []
    rarest, _ = min(
        seen,
        key=lambda one: (one[1], -one[0].severity, abs((one[0].at - scene.failed_at).total_seconds())),
    )
    whole = next((event for event in scene.errors if rarest in event.entries), None)
    return [whole or Event(EventKind.ERROR_LINE, rarest.at, rarest.message, "rarest", (rarest,))]


def _groups(events: Sequence[Event]) -> Mapping[str, list[Event]]:
    groups: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        groups[event.fingerprint].append(event)
    return groups


def _largest(groups: Iterable[list[Event]]) -> list[Event]:
    return max(groups, key=len, default=[])


BASELINES: Mapping[str, Callable[[Scene], list[Event]]] = {
    "last ERROR before the failure": last_error,
    "most frequent error group": most_frequent,
    "largest error group new since the run began": largest_new,
    "rarest log template (Drain)": rarest_template,
}


def baselines(cases: Sequence[Recorded], processes: int = 2) -> list[Row]:
    """A row for each case and rule; `alteration` names the rule."""
    with ProcessPoolExecutor(processes) as pool:
        return [row for rows in pool.map(_rows, cases, chunksize=4) for row in rows]


def _rows(case: Recorded) -> list[Row]:
    scene = scene_of(case)
    return [_row(case, name, rule(scene)) for name, rule in BASELINES.items()]


def _row(case: Recorded, rule: str, events: Sequence[Event]) -> Row:
    label = case.label
    cause = _cause(events) if events else None
    herring = herring_in(cause, label) if cause else None
    unknown = label["category"] == "unknown"
    right = cause is None if unknown else cause is not None and names(cause, label) and not herring
    return Row(
        case=case.name,
        server=case.server,
        alteration=rule,
        category=label["category"],
        right=right,
        in_three=right,
        frame=None,
        category_right=None,
        grounded=None,
        unknown_wanted=unknown,
        answered=cause is not None,
        herring=herring,
        decoys=bool(label["red_herrings"]),
        confidence=None,
        said=cause.summary[:110] if cause else "unknown",
    )


def _cause(events: Sequence[Event]) -> ReportCause:
    """The group in the words in which we would say it."""
    one = describe(events[0].fingerprint, events, (), fatal=False)
    return ReportCause(
        id="C1",
        category=one.category,
        exception=one.exception,
        message=one.message,
        summary=one.summary,
        confidence=0.0,
        calibrated=False,
        frame=ReportFrame(one.frame.file, one.frame.line, one.frame.function) if one.frame else None,
        known_cause=None,
        signals=(),
        tests=(),
        evidence=(),
    )
