"""Did the fix hold: rca diff, on the bundled cycles and on small reports, one for each fate of a cause."""

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given, strategies as st

from rca.comparison import STILL_THERE as STILL, Change, Comparison, Exercise, Fate, Held
from rca.contract import Report, ReportCause, ReportClose, ReportFrame, ReportTest, StatusCheck, Verdict
from rca.diff import compare
from rca.diff.matching import paired
from rca.errors import Exit
from rca.model import Kind, Outcome
from rca.naming import fingerprint_of, fingerprint_of_line
from rca.quote import quote
from rca.render import diff as drawn, diff_html, json as stored
from tests import build
from tests.render.hostile import assert_inert, texts
from tests.render.reports import ALL, CAUSE, FOUND, NOTHING, UNKNOWN, a_close, a_test, at
from tests.render.test_markdown import _everywhere as everywhere

FIXTURES = Path(__file__).parent.parent / "fixtures"
Rca = Callable[..., Result]

assert FOUND.cycle is not None
CYCLE = FOUND.cycle
SERVED = StatusCheck("WebSocket event handlers", "ok", ("E4",), "9 sockets ended in order")


def later(report: Report, revision: str = "tide-gateway-00043-lum", **changed: Any) -> Report:  # noqa: ANN401 - fields of a report
    """The report as if it were of the next cycle, an hour on, on another revision."""
    hour = timedelta(hours=1)
    evidence = tuple(
        replace(one, revision=one.revision and revision, timestamp=one.timestamp and one.timestamp + hour)
        for one in report.evidence
    )
    pull = replace(
        report.pull,
        first_at=report.pull.first_at and report.pull.first_at + hour,
        last_at=report.pull.last_at and report.pull.last_at + hour,
        revisions=(revision,),
    )
    moved = replace(report, cycle=replace(CYCLE, number=8), evidence=evidence, pull=pull)
    return replace(moved, **changed)


GREEN = later(NOTHING, status_checks=(SERVED,), alternatives=())


def failing(
    cause: ReportCause, closes: tuple[ReportClose, ...] = (), refused: tuple[ReportClose, ...] = ()
) -> Report:
    """The next cycle, failing in the same tests by another cause."""
    return later(FOUND, causes=(cause,), root_cause=cause, closes=closes, refused=refused, alternatives=())


def fate(second: Report, first: Report = FOUND) -> Fate:
    """What became of the first report's one cause."""
    (one,) = compare(first, second).causes
    return one.fate


def with_tests(report: Report, change: Callable[[ReportTest], ReportTest | None]) -> Report:
    """The report with each test changed, or left out."""
    return replace(report, tests=tuple(made for test in report.tests if (made := change(test)) is not None))


OTHER = replace(
    CAUSE,
    id="C1",
    exception="harbor.errors.StoreDown",
    message="no answer of the store at all",
    summary=f"{quote('StoreDown: no answer of the store at all')}",
    fingerprint="StoreDown in store.py:open_store",
    frame=ReportFrame("harbor/store.py", 12, "open_store"),
    category="dependency_failure",
    known_cause=None,
)
START = replace(
    OTHER,
    category="startup_failure",
    fingerprint="ImportError in plans.py:load",
    message="no tides in this image",
)
SIGN_IN = replace(
    OTHER,
    category="authentication_failure",
    fingerprint="Expired in auth.py:verify",
    message="this pass is too old",
)


def refusals(status: int) -> tuple[ReportClose, ...]:
    """The failing tests' handshakes, turned away."""
    return tuple(replace(one, code=None, status=status, lifetime_s=0.01) for one in FOUND.closes)


def closing(after_s: float) -> tuple[ReportClose, ...]:
    """The failing tests' connections, ending so long after they opened."""
    return tuple(replace(one, lifetime_s=after_s) for one in FOUND.closes)


# --- stories ---------------------------------------------------------------------------------------------


def golden(number: int) -> str:
    """The stored report on a bundled cycle."""
    return str(FIXTURES / f"cycle-{number}" / "expected" / "report.json")


def test_the_second_cycle_met_the_same_fingerprint_on_a_new_revision(rca: Rca) -> None:
    """`rca diff 1 2` says so in its first line, cites the first entry of each, and exits with 5."""
    made = rca("diff", 1, 2, "--cycles-dir", FIXTURES)
    first = made.stdout.splitlines()[0]
    assert made.exit_code == Exit.STILL_THERE
    assert first.startswith(
        "# The fix did not hold: the same fingerprint `Live session error: Object of type"
    )
    assert first.endswith("on the new revision `parley-api-00088-nqb`")
    assert "08:47:18.808 [E1] | 2026-11-23 09:02:58.507 [E2]" in made.stdout
    assert "a roll-out starts instances of revision parley-api-00088-nqb" in made.stdout


EXITS = {
    Held.HELD: Exit.OK,
    Held.DID_NOT_HOLD: Exit.STILL_THERE,
    Held.UNKNOWN: Exit.UNKNOWN,
    Held.NOTHING_TO_HOLD: Exit.OK,
}


@pytest.mark.parametrize(
    ("first", "second", "fate", "verdict"),
    [
        (1, 2, Fate.ON_NEW_REVISION, Held.DID_NOT_HOLD),
        (1, 3, Fate.MASKED, Held.UNKNOWN),
        (2, 4, Fate.MASKED, Held.UNKNOWN),
        (1, 5, Fate.CANNOT_TELL, Held.UNKNOWN),
        (2, 6, Fate.GONE, Held.HELD),
        (3, 2, Fate.GONE, Held.HELD),
        (3, 4, Fate.MASKED, Held.UNKNOWN),
        (3, 6, Fate.GONE, Held.HELD),
        (4, 3, Fate.GONE, Held.HELD),
        (4, 6, Fate.GONE, Held.HELD),
        (5, 6, None, Held.UNKNOWN),
        (6, 1, None, Held.NOTHING_TO_HOLD),
        (6, 6, None, Held.NOTHING_TO_HOLD),
    ],
)
def test_the_bundled_cycles_tell_their_story(
    rca: Rca, first: int, second: int, fate: Fate | None, verdict: Held
) -> None:
    """Mended, masked by what fails before, met again, or not to be told: and the exit code follows."""
    made = rca("diff", golden(first), golden(second), "--format", "json")
    found = json.loads(made.stdout)
    assert found["schema"] == "rca.diff/1"
    assert [one["fate"] for one in found["causes"]] == ([fate] if fate else [])
    assert found["verdict"] == verdict
    assert made.exit_code == EXITS[verdict]


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 4), (1, 5), (3, 6), (6, 1)])
def test_each_format_says_the_same_first(rca: Rca, first: int, second: int) -> None:
    """The headline of the JSON opens the Markdown, and is the lead of the page."""
    headline = json.loads(rca("diff", golden(first), golden(second), "--format", "json").stdout)["headline"]
    words = headline.replace("\u2e22", "`").replace("\u2e23", "`")
    text = rca("diff", golden(first), golden(second)).stdout
    page = rca("diff", golden(first), golden(second), "--format", "html").stdout
    assert text.splitlines()[0] == f"# {words}"
    lead = page.split('<p class="lead">')[1].split("</p>")[0]
    assert (
        lead.replace("<code>", "`").replace("</code>", "`").replace("&lt;", "<").replace("&gt;", ">") == words
    )
    assert "<script" not in page


@pytest.mark.parametrize("second", [2, 3, 4, 5, 6])
def test_every_citation_of_a_comparison_leads_to_an_entry(second: int) -> None:
    """What is cited is listed once, with the side whose report it stands in."""
    first, other = (stored.loads(Path(golden(number)).read_text(encoding="utf-8")) for number in (1, second))
    made = compare(first, other)
    cited = [one for cause in made.causes for one in cause.evidence]
    cited += [one for deploy in made.deploys for one in deploy.evidence]
    cited += [one.first for one in made.new_causes if one.first]
    listed = [one.id for one in made.evidence]
    assert len(set(listed)) == len(listed)
    assert set(cited) <= set(listed)
    sides = {"first": first, "second": other}
    assert all(one.entry in sides[one.side].evidence for one in made.evidence)


# --- gone, and what it needs -----------------------------------------------------------------------------


def test_a_cause_is_gone_when_its_tests_went_past_it() -> None:
    """They pass, connections like theirs are in the logs, and nothing is said of the cause any more."""
    made = compare(FOUND, GREEN)
    assert [one.fate for one in made.causes] == [Fate.GONE]
    assert made.verdict is Held.HELD
    assert {one.exercise for one in made.causes[0].tests} == {Exercise.PAST}
    assert made.headline.startswith("The fix held: ")


def test_a_pass_proves_nothing_without_connections_in_the_logs() -> None:
    """Where the second's logs show none that was served, they may be of another time or service."""
    assert fate(replace(GREEN, status_checks=())) is Fate.CANNOT_TELL


def test_a_served_handshake_in_the_evidence_shows_connections_too() -> None:
    """A service that logs no close codes has no check that is ok; its request entries tell."""
    shown = replace(GREEN.evidence[3], id="E9", text="GET /ws answered 101 after 0.400 s")
    assert fate(replace(GREEN, status_checks=(), evidence=(*GREEN.evidence, shown))) is Fate.GONE


def test_a_handshake_of_another_path_shows_nothing() -> None:
    """The connections must be of the kind that failed."""
    request = replace(FOUND.evidence[3], id="E9", text="GET /ws answered 101 after 0.067 s")
    first = replace(
        FOUND,
        evidence=(*FOUND.evidence, request),
        closes=tuple(replace(one, evidence=("E9", "E1")) for one in FOUND.closes),
    )
    other = replace(request, text="GET /metrics-stream answered 101 after 9.000 s")
    assert fate(replace(GREEN, status_checks=(), evidence=(other,)), first) is Fate.CANNOT_TELL


@pytest.mark.parametrize("outcome", [None, Outcome.SKIPPED])
def test_a_test_that_did_not_run_proves_nothing(outcome: Outcome | None) -> None:
    """None of those that failed was run again, or all were skipped: it cannot be told."""
    second = with_tests(
        GREEN,
        lambda test: (
            test if test.name not in CAUSE.tests else replace(test, outcome=outcome) if outcome else None
        ),
    )
    made = compare(FOUND, second)
    assert made.causes[0].fate is Fate.CANNOT_TELL
    assert {one.exercise for one in made.causes[0].tests} == {Exercise.NOT_RUN}


def test_few_of_the_tests_are_too_few() -> None:
    """One pass of three that had failed is less than half."""
    names = ("test_order_flow", "test_two_orders", "test_connect")
    first = replace(FOUND, causes=(replace(CAUSE, tests=names),))
    second = with_tests(GREEN, lambda test: None if test.name in names[1:] else test)
    assert fate(second, first) is Fate.CANNOT_TELL


def test_a_flaky_pass_is_no_pass() -> None:
    """A test that passes on a later try only may have met the cause before."""
    assert fate(with_tests(GREEN, lambda test: replace(test, flaky=True))) is Fate.CANNOT_TELL


def test_a_pass_that_was_over_too_soon_is_no_pass() -> None:
    """A test that took less than half of the time after which it had failed does not do the same any more."""
    first = replace(FOUND, closes=closing(8.0))
    assert fate(GREEN, first) is Fate.CANNOT_TELL
    assert fate(with_tests(GREEN, lambda test: replace(test, duration_s=4.1)), first) is Fate.GONE


def test_where_the_fault_was_a_wait_the_good_run_is_the_shorter() -> None:
    """A time-out that is mended lets its tests pass much sooner."""
    waited = replace(
        CAUSE, exception="TimeoutError", message="the tide table timed out", fingerprint="TimeoutError"
    )
    first = replace(FOUND, causes=(waited,), closes=closing(8.0))
    assert fate(GREEN, first) is Fate.GONE


def test_what_is_still_logged_is_not_gone() -> None:
    """All tests pass, but the same fingerprint is among what the second report ruled out."""
    logged = replace(CAUSE, id="A1", why_not="tied to none", tests=())
    assert fate(replace(GREEN, alternatives=(logged,))) is Fate.CANNOT_TELL


def test_another_service_proves_nothing() -> None:
    """A cycle against another service does not show what became of this one's cause, and a note says so."""
    made = compare(FOUND, replace(GREEN, pull=replace(GREEN.pull, services=("ferry-desk",))))
    assert made.causes[0].fate is Fate.CANNOT_TELL
    assert any("different services" in note for note in made.notes)


def test_one_unexplained_test_of_the_first_leaves_the_whole_unknown() -> None:
    """Every known cause is gone, but what was never explained may not be."""
    first = replace(FOUND, unexplained=("test_connect",))
    made = compare(first, GREEN)
    assert made.causes[0].fate is Fate.GONE
    assert made.verdict is Held.UNKNOWN
    assert "test\\_connect" in drawn.as_markdown(made) or "`test_connect`" in drawn.as_markdown(made)


# --- masked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [START, SIGN_IN, OTHER])
def test_who_is_turned_away_does_not_come_so_far(cause: ReportCause) -> None:
    """A failed start, a refused sign-in or another refusal of the handshake masks what lay behind it."""
    assert fate(failing(cause, refused=refusals(503))) is Fate.MASKED


def test_a_failure_before_the_point_masks_what_lies_behind_it() -> None:
    """Connections that end sooner than they had did not reach it."""
    first = replace(FOUND, closes=closing(4.0))
    assert fate(failing(OTHER, closing(0.2)), first) is Fate.MASKED


def test_what_is_said_of_several_tests_is_said_of_each() -> None:
    """`it fails` of one test, `each fails` of several alike; where they are not alike, the first is named."""
    why = f"fails by {quote(START.summary, 120)}"
    one, two, three = names = ("test_order_flow", "test_two_orders", "test_connect")

    def said(tests: tuple[str, ...], second: Report) -> str:
        return compare(replace(FOUND, causes=(replace(CAUSE, tests=tests),)), second).causes[0].says

    failed = failing(START)
    assert f"{quote(one)} (1 of 1): it {why}" in said((one,), failed)
    assert f"{quote(one)}, {quote(two)} (2 of 2): each {why}" in said((one, two), failed)
    refused = replace(failed, refused=refusals(503)[:1], closes=())
    assert f"{quote(one)}, {quote(two)} (2 of 2): {quote(one)} is turned away" in said((one, two), refused)
    text = drawn.as_markdown(compare(replace(FOUND, causes=(replace(CAUSE, tests=names),)), failed))
    assert f"- `{one}`, `{two}`: each fails by" in text
    assert f"- `{three}`: passes" in text


def test_a_failure_after_the_point_shows_that_it_was_passed() -> None:
    """Connections that live much longer than they had, and end by another cause, came past it."""
    made = compare(FOUND, failing(OTHER, closing(4.0)))
    assert made.causes[0].fate is Fate.GONE
    assert [one.fingerprint for one in made.new_causes] == [OTHER.fingerprint]
    assert "; new in cycle 8: " in made.headline


def test_another_failure_at_the_same_moment_tells_nothing() -> None:
    """One may hide the other, or be the other in new words."""
    assert fate(failing(OTHER, FOUND.closes)) is Fate.CANNOT_TELL


def test_a_failure_without_a_known_cause_tells_nothing() -> None:
    """The same tests fail, and nobody knows why: it may be the same, no longer logged."""
    unexplained = later(UNKNOWN, alternatives=())
    assert fate(unexplained) is Fate.CANNOT_TELL
    assert compare(FOUND, unexplained).verdict is Held.UNKNOWN


def test_who_was_turned_away_and_is_let_in_came_past_the_start() -> None:
    """Once connections are accepted, the failed start is gone, whatever fails then."""
    first = replace(FOUND, causes=(START,), closes=(), refused=refusals(503))
    assert fate(failing(OTHER, closing(0.2)), first) is Fate.GONE


def test_a_refused_sign_in_shows_that_the_service_starts() -> None:
    """Of two refusals, the later stage shows that the earlier was passed."""
    first = replace(FOUND, causes=(START,), closes=(), refused=refusals(503))
    assert fate(failing(SIGN_IN, refused=refusals(401)), first) is Fate.GONE


def test_half_of_the_tests_masked_masks_the_cause() -> None:
    """One of two passes, the other is turned away: its place was reached by too few."""
    cause = replace(START, tests=("test_two_orders",))
    second = with_tests(
        failing(cause, refused=refusals(503)[1:]),
        lambda test: replace(test, outcome=Outcome.PASSED) if test.name == "test_order_flow" else test,
    )
    assert fate(second) is Fate.MASKED


# --- still there -----------------------------------------------------------------------------------------


def test_the_same_fingerprint_on_the_same_revision_was_not_mended_by_code() -> None:
    """It is still there, and a note says that no new code ran."""
    made = compare(FOUND, later(FOUND, "tide-gateway-00042-kev"))
    assert made.causes[0].fate is Fate.SAME
    assert any("same revision" in note for note in made.notes)
    assert made.new_revisions == ()


def test_the_same_fingerprint_on_a_new_revision() -> None:
    """It is still there, and both revisions are named."""
    made = compare(FOUND, later(FOUND))
    assert made.causes[0].fate is Fate.ON_NEW_REVISION
    assert "tide-gateway-00043-lum" in made.headline
    assert "tide-gateway-00042-kev" in made.causes[0].says
    assert made.new_revisions == ("tide-gateway-00043-lum",)


def moved(**changed: Any) -> Report:  # noqa: ANN401 - fields of a cause
    """The next cycle with the same cause, changed in some fields."""
    cause = replace(CAUSE, **changed)
    return later(FOUND, causes=(cause,), root_cause=cause)


def test_the_same_fingerprint_at_another_line() -> None:
    """The line moved; the fingerprint did not."""
    made = compare(FOUND, moved(frame=ReportFrame("harbor/plans/berths.py", 44, "pick_berth")))
    assert made.causes[0].fate is Fate.MOVED
    assert "at line 44 (it was 31)" in made.causes[0].says


def test_a_renamed_function_with_the_same_wording_is_the_same_cause() -> None:
    """Type, wording and file are the same: only the place within it is new."""
    first = moved(message="no berth is left for this ship")
    second = later(
        first,
        causes=(
            replace(
                first.causes[0],
                fingerprint="KeyError in berths.py:find_berth",
                frame=ReportFrame("harbor/plans/berths.py", 60, "find_berth"),
            ),
        ),
    )
    assert fate(second, first) is Fate.MOVED


def test_a_line_that_got_a_traceback_is_the_same_cause() -> None:
    """What was one line is now logged with its trace: its message ends as the line did."""
    line = replace(
        CAUSE,
        frame=None,
        frames=(),
        message="session failed: no berth is left for this ship",
        fingerprint="harbor: session failed: no berth is left for this ship",
    )
    first = replace(FOUND, causes=(line,))
    second = moved(message="no berth is left for this ship", fingerprint="KeyError in berths.py:pick_berth")
    assert fate(second, first) is Fate.MOVED


@pytest.mark.parametrize(
    "changed",
    [
        {"message": "'pier'", "fingerprint": "KeyError in berths.py:pick_pier", "frame": None},
        {"exception": "ValueError", "fingerprint": "ValueError in berths.py:pick_berth"},
        {
            "fingerprint": "KeyError in cranes.py:lift",
            "frame": ReportFrame("harbor/cranes.py", 5, "lift"),
            "message": "no berth is left for this ship",
        },
    ],
)
def test_likeness_is_not_sameness(changed: dict[str, Any]) -> None:
    """Another type, another place or a wording of values alone is another cause."""
    first = moved(message="no berth is left for this ship")
    made = compare(first, moved(**{"message": "no berth is left for this ship", **changed}))
    assert made.causes[0].fate not in STILL
    assert len(made.new_causes) == 1


def test_another_module_missing_in_the_same_place_is_another_cause() -> None:
    """A file's top level runs once and alike: what it says there is the fault, not a value."""
    place = {"fingerprint": "ModuleNotFoundError in plans.py:<module>", "exception": "ModuleNotFoundError"}
    frame = ReportFrame("harbor/plans.py", 3, "<module>")
    first = moved(**place, frame=frame, message="No module named 'tides'")
    same = moved(**place, frame=frame, message="No module named 'tides'")
    other = moved(**place, frame=frame, message="No module named 'moons'")
    assert fate(same, first) in STILL
    assert fate(other, first) not in STILL


def test_the_numbers_of_masks_do_not_tell_causes_apart() -> None:
    """A secret masked as the first of its kind in one report may be the third in the next."""
    first = moved(fingerprint="gate: no such key \u2039token:1\u203a")
    second = moved(fingerprint="gate: no such key \u2039token:3\u203a")
    assert fate(second, first) in STILL
    assert fate(moved(fingerprint="gate: no such key \u2039email:1\u203a", frame=None), first) not in STILL


# --- what else changed -----------------------------------------------------------------------------------


def test_tests_that_changed_are_listed() -> None:
    """Mended, broken, new and missing ones, by whatever spelling; the rest is counted."""
    second = replace(
        GREEN,
        tests=(
            a_test(1, "Order Flow", Outcome.PASSED),
            a_test(3, "test_connect", Outcome.FAILED, "x"),
            a_test(4, "test_health", Outcome.PASSED),
            a_test(5, "test_tides", Outcome.PASSED),
        ),
    )
    made = compare(FOUND, second)
    assert [(one.name, one.change) for one in made.tests] == [
        ("test_connect", Change.BROKEN),
        ("Order Flow", Change.MENDED),
        ("test_tides", Change.NEW),
        ("test_two_orders", Change.MISSING),
    ]
    assert made.unchanged == 1


def test_deploys_between_the_two_are_told_and_others_not() -> None:
    """Only those after the first's failures and before the second's end."""
    moments = tuple(
        replace(FOUND.timeline[0], kind="deploy", at=when, text=text)
        for when, text in (
            (at("09:16:00"), "before the failures"),
            (at("09:40:00"), "between"),
            (at("23:00:00"), "after all"),
        )
    )
    made = compare(FOUND, replace(GREEN, timeline=moments))
    assert [one.text for one in made.deploys] == ["between"]


def test_an_order_that_cannot_be_meant_is_told() -> None:
    """Where the second's logs are the earlier ones, a note asks."""
    assert any("the earlier of the two" in note for note in compare(GREEN, FOUND).notes)
    assert compare(FOUND, GREEN).notes == ()


def test_two_cycles_of_one_number_are_told_apart() -> None:
    """By their dates; by their place where these are the same as well."""
    dated = replace(FOUND, cycle=replace(CYCLE, date=at("09:00:00").date().replace(day=15)))
    assert compare(FOUND, dated).second.label == "cycle 7 of 2026-05-15"
    assert compare(FOUND, FOUND).second.label == "the second run"


# --- exit codes and files --------------------------------------------------------------------------------


def saved(folder: Path, name: str, report: Report) -> Path:
    """The report as `rca why --format json` saves it."""
    path = folder / name
    path.write_text(stored.dumps(report), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (GREEN, Exit.OK),
        (later(FOUND), Exit.STILL_THERE),
        (failing(START, refused=refusals(503)), Exit.UNKNOWN),
        (later(UNKNOWN), Exit.UNKNOWN),
        (failing(OTHER, closing(4.0)), Exit.OK),
    ],
)
@pytest.mark.parametrize("complete", [None, True, False])
def test_the_exit_code_follows_from_the_answer(
    rca: Rca, tmp_path: Path, second: Report, code: int, *, complete: bool | None
) -> None:
    """0 gone, 5 still there, 3 not to be told; 4 before all where logs have a gap, unless that is accepted."""
    second = replace(second, pull=replace(second.pull, complete=complete))
    names = saved(tmp_path, "a.json", FOUND), saved(tmp_path, "b.json", second)
    assert rca("diff", *names).exit_code == (Exit.INCOMPLETE if complete is False else code)
    assert rca("diff", *names, "--allow-incomplete").exit_code == code


def test_a_cycle_and_its_saved_report_compare_alike(rca: Rca, tmp_path: Path) -> None:
    """Whether a cycle is named by its number or by the report that was saved of it makes no difference."""
    rca("why", "--cycle", 5, "--cycles-dir", FIXTURES, "--format", "json", "-o", tmp_path / "five.json")
    by_number = rca("diff", 5, golden(6), "--cycles-dir", FIXTURES, "--format", "json")
    by_file = rca("diff", tmp_path / "five.json", golden(6), "--format", "json", "-o", tmp_path / "made.json")
    assert by_file.stdout == ""
    assert (tmp_path / "made.json").read_text(encoding="utf-8") == by_number.stdout


@pytest.mark.parametrize(
    "text", ["", "{}", '{"schema": "rca.report/9"}', "# a report", '{"schema": "rca.diff/1"}']
)
def test_what_is_no_saved_report_is_refused(rca: Rca, tmp_path: Path, text: str) -> None:
    """With one line that says so, and exit code 1."""
    (tmp_path / "no.json").write_text(text, encoding="utf-8")
    made = rca("diff", tmp_path / "no.json", golden(1))
    assert made.exit_code == Exit.FAILED
    assert made.stderr.startswith("rca: this ")


@pytest.mark.parametrize("named", ["nowhere.json", "99", "\u0661", "-1"])
def test_what_is_not_there_is_refused(rca: Rca, named: str) -> None:
    """A file, or a number that no cycle has; a digit of another script is no number."""
    made = rca("diff", "--cycles-dir", FIXTURES, "--", named, golden(1))
    assert made.exit_code == Exit.FAILED
    assert made.stderr.startswith("rca: ")


def test_standard_input_is_not_read_twice(rca: Rca) -> None:
    """Logs that are piped in are one cycle's: for two, files have to be named."""
    assert rca("diff", 1, 2, "--logs", "-", "--cycles-dir", FIXTURES).exit_code == Exit.USAGE


def test_a_fresh_folder_says_what_to_do(rca: Rca) -> None:
    """Without cycles, the error lists what there is and hints at where to look."""
    made = rca("diff", 1, 2)
    assert made.exit_code == Exit.FAILED
    assert "try: " in made.stderr


# --- laws ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_report_compared_with_itself_shows_everything_still_there(number: int) -> None:
    """No cause is gone, none is new, and no test changed."""
    report = stored.loads(Path(golden(number)).read_text(encoding="utf-8"))
    made = compare(report, report)
    assert {one.fate for one in made.causes} == {Fate.SAME}
    assert len(made.new_causes) == len(made.tests) == 0
    assert made.verdict is Held.DID_NOT_HOLD


OUR_TAGS = {
    *(
        "body",
        "header",
        "main",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "p",
        "div",
        "span",
        "strong",
        "code",
        "pre",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "ul", "li", "a"),
}
NAMES = st.text("abcdefghij -_.", max_size=12)
CAUSES = st.builds(
    lambda message, fingerprint, frame, exception: replace(
        CAUSE, message=message, fingerprint=fingerprint, frame=frame, exception=exception
    ),
    st.text(max_size=40),
    st.text(max_size=40),
    st.none()
    | st.builds(ReportFrame, st.text(max_size=8), st.none() | st.integers(), st.none() | st.text(max_size=8)),
    st.none() | st.text(max_size=12),
)


@given(causes=st.lists(CAUSES, min_size=1, max_size=4))
def test_any_report_compared_with_itself_shows_everything_still_there(causes: list[ReportCause]) -> None:
    """Whatever its causes are called, and wherever they lie."""
    report = replace(FOUND, causes=tuple(causes))
    made = compare(report, report)
    assert {one.fate for one in made.causes} <= STILL
    assert made.new_causes == ()


@given(
    line=st.integers(1, 9_000), number=st.integers(0, 10**9), id_=st.uuids(), when=st.datetimes(), name=NAMES
)
def test_a_fingerprint_carries_a_cause_from_cycle_to_cycle(
    line: int, number: int, id_: uuid.UUID, when: datetime, name: str
) -> None:
    """Moved lines, other ids, times and values: traced or told in one line, it is the same cause."""

    def met(line: int, said: str) -> tuple[Report, Report]:
        trace = build.chain(build.exception("KeyError", said, [build.frame("pick_berth", line_=line)]))
        return (
            moved(fingerprint=fingerprint_of(trace), message=said),
            moved(fingerprint=fingerprint_of_line("harbor", said), message=said, frame=None),
        )

    usual = met(31, "order 7 of 6f9619ff-8b86-d011-b42d-00c04fc964ff at 2026-05-14 09:16:02 failed for 'rye'")
    again = met(line, f"order {number} of {id_} at {when} failed for '{name}'")
    assert {fate(second, first) for first, second in zip(usual, again, strict=True)} <= STILL


@given(order=st.permutations(range(4)), others=st.permutations(range(4)))
def test_the_order_of_tests_does_not_matter(order: list[int], others: list[int]) -> None:
    """However each report lists them, the same is said."""
    first = replace(FOUND, tests=tuple(FOUND.tests[i] for i in order))
    second = replace(GREEN, tests=tuple(GREEN.tests[i] for i in others))
    assert compare(first, second) == compare(FOUND, GREEN)


@given(first=st.sampled_from(list(ALL.values())), second=st.sampled_from(list(ALL.values())), attack=texts)
def test_what_a_report_holds_can_do_nothing_in_a_comparison(
    first: Report, second: Report, attack: str
) -> None:
    """Whatever stands in any of its fields, the Markdown holds words and code only, and the page no element of it."""
    hostile = tuple(everywhere(one, lambda text: text + attack) for one in (first, second))
    made = compare(*hostile)
    assert_inert(drawn.as_markdown(made))
    page = diff_html.as_html(made)
    assert {tag.lower() for tag in re.findall(r"<(\w+)", page.split("</style>")[1])} <= OUR_TAGS
    assert 'href="javascript' not in page


@pytest.mark.slow
def test_many_tests_of_one_name_are_soon_paired() -> None:
    """Thousands of tests under one name, and causes that name them all, take no time to speak of."""
    many = tuple(replace(FOUND.tests[0], id=f"T{i}") for i in range(5_000))
    cause = replace(CAUSE, tests=tuple(f"test_{i}" for i in range(2_000)))
    started = time.process_time()
    assert len(paired(many, many)) == 5_000
    compare(replace(FOUND, tests=many, causes=(cause,)), replace(GREEN, tests=many))
    ends = tuple(replace(FOUND.closes[0], tests=(f"test_{i}",)) for i in range(5_000))
    named = tuple(replace(FOUND.tests[0], name=f"test_{i}") for i in range(5_000))
    compare(replace(FOUND, tests=named, causes=(cause,), closes=ends), failing(OTHER, ends))
    assert time.process_time() - started < 5


def test_kinds_without_a_connection_are_judged_by_plain_requests() -> None:
    """A cause that failed HTTP tests alone is gone where plain requests were answered, and only then."""
    http = replace(
        FOUND,
        tests=tuple(replace(test, kind=Kind.HTTP) for test in FOUND.tests),
        closes=(),
        refused=refusals(500),
    )
    answered = StatusCheck("deployed and serving", "ok", ("E4",), "9 requests answered")
    second = replace(GREEN, tests=tuple(replace(test, kind=Kind.HTTP) for test in GREEN.tests))
    assert fate(replace(second, status_checks=(answered,)), http) is Fate.GONE
    assert fate(replace(second, status_checks=(SERVED,)), http) is Fate.CANNOT_TELL


def test_a_comparison_says_each_fate_in_words() -> None:
    """Each heading names what became of a cause before the cause's fingerprint."""
    made: Comparison = compare(FOUND, GREEN)
    assert "## Gone: `KeyError@harbor/plans/berths.py:pick_berth`" in drawn.as_markdown(made)
    masked = compare(FOUND, failing(START, refused=refusals(503)))
    assert "## Masked: `KeyError@harbor/plans/berths.py:pick_berth`" in drawn.as_markdown(masked)
    assert masked.second.verdict is Verdict.CAUSE_FOUND


def test_a_close_of_a_test_that_is_explained_otherwise_is_not_the_cause_s() -> None:
    """The point is where the cause itself ended connections: others of the same test do not move it."""
    own = (*FOUND.closes, replace(a_close("09:16:09", "09:16:01", ("test_order_flow",), "E1"), cause=None))
    second = failing(OTHER, closing(4.0))
    assert fate(second, replace(FOUND, closes=own)) is Fate.GONE
