"""The report put together, from entries in memory to verdict and citations: rca/report, rca/pipeline.py."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from rca.contract import Report, Verdict
from rca.model import Cycle, Entry, Outcome, Pulled
from rca.pipeline import Question, investigate
from rca.questions import Ask
from rca.quote import CLOSE, OPEN
from rca.render import json as stored
from rca.sources import LogSource
from tests import build
from tests.build import Ran, Raw, failed, logged, ran, requested

HOUR = 3600.0
CITATION = re.compile(r"\[([EST]\d+)\]")
QUOTED = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


@dataclass(frozen=True, slots=True)
class Held(LogSource):
    """Entries that are held in memory: a source as the pipeline knows it."""

    entries: tuple[Entry, ...]

    scarce = False

    def pull(self, ask: Ask) -> Pulled:
        """The entries of the window, whatever else is asked; a probe sees them all."""
        window = None if ask.name == "probe" else ask.window
        kept = tuple(one for one in self.entries if window is None or one.at in window)
        first, last = (kept[0].at, kept[-1].at) if kept else (None, None)
        return Pulled(kept, "memory", None, first_at=first, last_at=last)


@dataclass(frozen=True)
class Scarce(Held):
    """The same, behind a quota; it notes what it is asked."""

    asked: list[Ask] = field(default_factory=list)
    scarce = True

    def pull(self, ask: Ask) -> Pulled:
        """As the base class."""
        self.asked.append(ask)
        return Held.pull(self, ask)


def report_on(raws: Sequence[Raw], cycle: Cycle | None = None) -> Report:
    """The report on these raw entries."""
    return investigate(Question(cycle), Held(build.in_order([build.entry(raw) for raw in raws])))


def run(fault: str = "", at: float = 0.0, name: str = "a") -> list[Raw]:
    """A client's run of three WebSockets, the last two closed after a line that tells of the fault."""
    raws = [
        requested(at, 1.0, trace_id=f"{name}0"),
        logged("disconnected code=1000", at + 0.99, trace_id=f"{name}0", severity="INFO"),
    ]
    for number in (1, 2):
        raws.append(requested(at + number * 3, 1.0, trace_id=f"{name}{number}"))
        if fault:
            raws.append(logged(fault, at + number * 3 + 0.98, trace_id=f"{name}{number}"))
    return raws


def of_run() -> list[Ran]:
    """The tests of such a run, as a report without times tells them."""
    return [ran("connect", lasts_s=1.1), failed("order", lasts_s=1.1), failed("bake", lasts_s=1.1)]


# --- the verdict -----------------------------------------------------------------------------------------


def test_a_run_with_a_fault_has_its_cause() -> None:
    """One stretch of logs, one answer, for both tests."""
    report = report_on(run("no flour left"), build.cycle(of_run()))
    assert report.verdict is Verdict.CAUSE_FOUND
    assert report.root_cause is not None
    assert (report.root_cause.message, report.root_cause.tests) == ("no flour left", ("order", "bake"))


def test_two_stretches_with_different_answers_give_unknown_and_name_both() -> None:
    """Where two runs fit the cycle equally, neither's cause is taken for its own."""
    raws = [*run("no flour left"), *run("oven door is jammed", HOUR, "b")]
    report = report_on(raws, build.cycle(of_run()))
    assert (report.verdict, report.root_cause) == (Verdict.UNKNOWN, None)
    (note,) = [note for note in report.notes if "answers differ" in note]
    assert "no flour left" in note
    assert "oven door is jammed" in note
    assert "--at" in note
    assert report.unexplained == ("order", "bake")


def test_a_stretch_in_which_nothing_failed_makes_an_answer_less_sure() -> None:
    """Of two runs that fit equally, the one whose failures are the cycle's is likelier; how much is said."""
    cycle = build.cycle(of_run())
    alone = report_on(run("no flour left"), cycle).root_cause
    report = report_on([*run("no flour left"), *run("", HOUR, "b")], cycle)
    assert alone is not None
    assert report.root_cause is not None
    assert report.root_cause.confidence == pytest.approx(0.8 * alone.confidence, abs=0.01)
    assert any("1 of them gives this answer" in note and "less for that" in note for note in report.notes)


def test_many_stretches_in_which_nothing_failed_are_an_answer_too() -> None:
    """The run could be any of them, and have failed without a word."""
    silent = [raw for number in range(1, 5) for raw in run("", number * HOUR, f"b{number}-")]
    report = report_on([*run("no flour left"), *silent], build.cycle(of_run()))
    assert report.verdict is Verdict.UNKNOWN
    assert any("no flour left" in note and "unknown" in note for note in report.notes)


def test_two_stretches_with_the_same_answer_give_it_and_say_so() -> None:
    """The cause is the same whichever run was the cycle's."""
    report = report_on([*run("no flour left"), *run("no flour left", HOUR, "b")], build.cycle(of_run()))
    assert report.verdict is Verdict.CAUSE_FOUND
    assert any("all give the same answer" in note for note in report.notes)


@pytest.mark.parametrize(
    ("raws", "verdict"),
    [
        ([], Verdict.UNKNOWN),
        ([logged("oven door is jammed", 1.0)], Verdict.UNKNOWN),
        ([logged("the till rings", 1.0, severity="INFO")], Verdict.NOTHING_FAILED),
        ([logged("the till is slow", 1.0, severity="WARNING")], Verdict.NOTHING_FAILED),
    ],
    ids=["no entries", "an error", "an ordinary line", "a warning"],
)
def test_without_a_cycle_an_error_that_failed_no_connection_is_unknown(
    raws: list[Raw], verdict: Verdict
) -> None:
    """Something went wrong, though nothing shows for whom; and where nothing was read, nobody looked."""
    assert report_on(raws).verdict is verdict


def test_a_cycle_without_a_failing_test_has_nothing_to_explain() -> None:
    """However loud its logs are."""
    report = report_on([*run(), logged("oven door is jammed", 4.0)], build.cycle([ran("connect")]))
    assert (report.verdict, report.failing_tests) == (Verdict.NOTHING_FAILED, ())
    assert "nothing failed" in report.headline


def test_a_test_that_failed_by_itself_is_the_client_s_cause_and_cited() -> None:
    """The service logs 1011 and no error of its own: the failing assertion closed the connection."""
    raws = run()
    for number in (1, 2):
        raws.append(
            logged("disconnected code=1011", number * 3 + 0.99, trace_id=f"a{number}", severity="INFO")
        )
    error = "AssertionError: expected 3 loaves, got 2"
    own = [ran(name, Outcome.FAILED, lasts_s=1.1, error=error) for name in ("order", "bake")]
    report = report_on(raws, build.cycle([ran("connect", lasts_s=1.1), *own]))
    assert report.root_cause is not None
    assert (report.root_cause.category, report.root_cause.tests) == ("client_error", ("order", "bake"))
    kinds = {one.id: one.kind for one in report.evidence}
    assert {kinds[one] for one in report.root_cause.evidence} == {"entry", "test"}


# --- citations -------------------------------------------------------------------------------------------


def cited(value: Any, key: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every id that a report cites, in lists of evidence and in its sentences; not what it quotes of entries."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from cited(inner, name)
    elif isinstance(value, list):
        for inner in value:
            if key == "evidence" and isinstance(inner, str):
                yield inner
            else:
                yield from cited(inner, "")
    elif isinstance(value, str) and key not in {"text", "message", "summary", "title", "error"}:
        yield from CITATION.findall(QUOTED.sub("", value))


@pytest.mark.parametrize(
    ("raws", "of_tests"),
    [
        (run("no flour left"), of_run()),
        (run("handler failed"), of_run()),
        (run(f"no flour left [E99] {CLOSE} [T7]"), of_run()),
        (run(), of_run()),
        (run(), [ran("connect", lasts_s=1.1)]),
        (run("no flour left"), None),
        ([*run("no flour left"), *run("oven door is jammed", HOUR, "b")], of_run()),
        (build.incident_logs(), of_run()),
        ([], of_run()),
    ],
    ids=["cause", "vague", "hostile", "silent", "passed", "no cycle", "two runs", "incident", "no logs"],
)
def test_every_id_that_is_cited_is_in_the_evidence(raws: list[Raw], of_tests: list[Ran] | None) -> None:
    """Whatever the answer, each of its citations can be followed; and no number stands for two things."""
    report = json.loads(stored.render(report_on(raws, build.cycle(of_tests) if of_tests else None)))
    known = [one["id"] for one in report["evidence"]]
    assert len(set(known)) == len(known)
    assert set(cited(report)) <= set(known)
    assert set(known) <= set(cited(report))


def test_a_run_that_the_logs_show_to_have_ended_well_is_another_run() -> None:
    """A green run of the same suite fits as well; by the logs' own word all of its connections ended in order."""
    green = run("", HOUR, "b")
    green += [
        logged("disconnected code=1000", HOUR + number * 3 + 0.99, trace_id=f"b{number}", severity="INFO")
        for number in (1, 2)
    ]
    report = report_on([*run("no flour left"), *green], build.cycle(of_run()))
    assert report.root_cause is not None
    assert report.root_cause.message == "no flour left"


def test_no_question_is_asked_twice_of_a_scarce_source() -> None:
    """Where the report tells no durations the first search is the widest already: it is not paid for again."""
    held = Scarce(())
    cycle = replace(build.cycle([failed("order")]), date=date(2026, 3, 4))
    investigate(Question(cycle), held)
    assert [ask.name for ask in held.asked] == ["probe", "failures"]


def test_logs_that_look_filtered_by_severity_are_said_to_be() -> None:
    """Where every entry says WARNING or worse, an unknown may come of a filter; an INFO line shows there was none."""
    bad = [logged(f"oven {at} is too hot", at * 3.0, severity="WARNING") for at in range(9)]
    calm = logged("oven 1 is warm", 1.0, severity="INFO")
    filtered, whole = (report_on(raws, build.cycle(of_run())) for raws in (bad, [*bad, calm]))
    assert any("filtered by severity" in note for note in filtered.notes)
    assert not any("filtered by severity" in note for note in whole.notes)
