"""Reports of many layouts (documents/) give their tests and nothing else."""

from datetime import UTC, date, datetime

from hypothesis import given, settings, strategies as st

from rca.cycles import read_file
from rca.cycles.document import Document
from rca.cycles.markdown import MarkdownReader
from rca.model import Cycle, Kind
from tests.cycles.telling import DOCUMENTS, markdown, outcomes
from tests.examples import examples


def read(name: str) -> Cycle:
    """One of documents/."""
    return read_file(DOCUMENTS / name)


def test_table_rows() -> None:
    """A table of tests gives its rows; tables of components, variables and totals give none."""
    cycle = read("tables.md")
    assert outcomes(cycle) == [
        ("Opens a socket", "passed"),
        ("Echoes a message", "failed"),
        ("Lists orders", "skipped"),
        ("Streams prices", "error"),
    ]
    assert [test.duration_s for test in cycle.tests] == [0.412, 1.011, None, 0.012]
    assert [test.close_code for test in cycle.tests] == [None, 1011, None, None]
    assert cycle.warnings == ('tables.md:19: no outcome in "⏳ pending" of "Cancels an order"',)


def test_header_from_a_table() -> None:
    """A table of two columns states header fields like a list of them."""
    cycle = read("tables.md")
    assert (cycle.number, cycle.date, cycle.environment) == (
        3,
        date(2026, 3, 4),
        "pre-production (europe-west1)",
    )
    assert cycle.target == "https://orders-api-12345.europe-west1.run.app"
    assert cycle.revision == "orders-api-00042-xyz"
    assert cycle.run_start == datetime(2026, 3, 4, 1, 10, tzinfo=UTC)
    assert cycle.impact == "Buyers cannot see prices."


def test_lists_under_headings() -> None:
    """A heading gives its outcome to the functions listed under it; tasks and claims are no tests."""
    cycle = read("identifiers.md")
    assert outcomes(cycle) == [
        ("test_checkout_ws", "failed"),
        ("test_cart_sync", "failed"),
        ("test_login_flow", "failed"),
        ("test_stream[eur-1]", "failed"),
        ("test_health", "passed"),
        ("test_catalog", "passed"),
        ("test_search", "passed"),
    ]
    assert [test.duration_s for test in cycle.tests] == [None, None, 2.5, None, None, 0.8, None]
    assert [test.close_code for test in cycle.tests[:4]] == [None, 1006, None, 1011]
    assert (cycle.number, cycle.passed, cycle.failed) == (12, 3, 4)
    assert cycle.run_time_text == "14:05:10 - 14:09 UTC"
    assert cycle.run_start == datetime(2026, 3, 7, 14, 5, 10, tzinfo=UTC)


def test_pasted_console() -> None:
    """Pasted pytest output gives its tests; functions of one name are told apart by their files."""
    cycle = read("pasted.md")
    assert outcomes(cycle) == [
        ("test_ws.py::test_open", "passed"),
        ("test_talk[long name]", "failed"),
        ("test_close", "skipped"),
        ("test_http.py::test_open", "skipped"),
        ("test_outside", "failed"),
    ]
    talk = cycle.tests[1]
    assert (talk.close_codes, talk.kind) == ((1011,), Kind.WEBSOCKET)
    assert talk.error is not None
    assert talk.error.startswith("websockets.exceptions.ConnectionClosedError: received 1011")
    assert cycle.tests[4].error == "ValueError: bad literal"


def test_a_section_for_each_test() -> None:
    """Fields below a test's heading are its own; one still running has no outcome."""
    cycle = read("sections.md")
    assert outcomes(cycle) == [("test_alpha_socket", "failed"), ("test_beta_page", "passed")]
    assert [test.duration_s for test in cycle.tests] == [63.0, 0.25]
    assert cycle.tests[0].error == "no close frame received or sent"
    assert cycle.run_start == datetime(2026, 5, 6, 16, 0, tzinfo=UTC)
    assert cycle.questions == ("Why did alpha fail?", "Was the server restarted?")
    assert [(item.text, item.done) for item in cycle.checklist] == [
        ("server logs pulled", False),
        ("client logs kept", True),
    ]


def test_two_runs() -> None:
    """Of two runs in one report the later one counts, with its totals."""
    cycle = read("runs.md")
    assert outcomes(cycle) == [("Handshake", "passed"), ("Echo", "passed")]
    assert (cycle.passed, cycle.failed) == (2, 0)
    assert cycle.date == date(2026, 3, 9)


def test_totals_without_rows() -> None:
    """A report without rows keeps its totals and the close code it tells of."""
    cycle = read("totals_only.md")
    assert cycle.tests == ()
    assert (cycle.number, cycle.passed, cycle.failed, cycle.skipped) == (7, 6, 4, 0)
    assert cycle.close_codes == (1011,)
    assert cycle.revision == "chat-00123-abc"
    assert "no test results found" in cycle.warnings[-1]


def test_prose_is_no_test() -> None:
    """Services, tasks and claims with marks are no tests."""
    assert read("prose.md").tests == ()


def test_one_line_for_several_tests() -> None:
    """A label gives its outcome to every function after it."""
    cycle = read("compact.md")
    assert outcomes(cycle) == [
        ("test_one", "failed"),
        ("test_two", "failed"),
        ("test_three", "failed"),
        ("test_four", "passed"),
        ("test_five", "passed"),
        ("test_six", "passed"),
        ("test_seven", "failed"),
        ("test_eight", "passed"),
    ]
    assert cycle.number == 5


def test_merge_conflict() -> None:
    """The first side of an unresolved merge conflict is read, and a warning says so."""
    cycle = read("conflict.md")
    assert outcomes(cycle) == [("Opens", "passed"), ("Closes", "failed")]
    assert cycle.date == date(2026, 1, 2)
    assert cycle.warnings[0] == "conflict.md:3: unresolved merge conflict; its first side is read"


def test_fields_beside_a_test() -> None:
    """In a flat list, the fields after a test are its own, up to the next test."""
    cycle = markdown(
        "# Run\n\n## Failures\n\n- **Test:** `test_a`\n- **Status:** FAILED\n- **Error:** first\n"
        "- **Test:** `test_b`\n- **Status:** PASSED\n- **Test:** `test_c`\n- **Status:** FAILED\n- **Error:** third\n"
    )
    assert [(test.name, test.outcome.value, test.error) for test in cycle.tests] == [
        ("test_a", "failed", "first"),
        ("test_b", "passed", None),
        ("test_c", "failed", "third"),
    ]


def test_error_shared_by_affected_tests() -> None:
    """An error stated once for the tests it affects is the error of each."""
    cycle = markdown(
        "# Run\n\n### Socket failures\n- **Tests affected**:\n  - `test_a`\n  - `test_b`\n"
        "- **Error**: received 1011 (internal error)\n"
    )
    assert [(test.name, test.close_code) for test in cycle.tests] == [("test_a", 1011), ("test_b", 1011)]


def test_contradiction() -> None:
    """Where a report contradicts itself the later statement counts, with a warning at its line."""
    cycle = markdown("# Run\n\n## Tests\n\n- `test_a` - PASSED\n- `test_a` - FAILED\n")
    assert outcomes(cycle) == [("test_a", "failed")]
    assert cycle.warnings == ("report.md:6: test_a is passed in line 5 and failed here; failed counts",)


def test_one_name_in_two_files() -> None:
    """One function's name in two files is two tests."""
    cycle = markdown(
        "# Run\n\n## Tests\n\n- `test_a` - PASSED (test_x.py)\n- `test_a` - FAILED (test_y.py)\n"
    )
    assert outcomes(cycle) == [("test_x.py::test_a", "passed"), ("test_y.py::test_a", "failed")]


def test_rough_totals_are_none() -> None:
    """Counts that the report itself calls approximate are not taken for counts."""
    cycle = markdown(
        "# Run\n\n- Passed: ~17\n- Failed: 8+\n\n| Test | Status |\n|---|---|\n| Opens | PASS |\n"
    )
    assert (cycle.passed, cycle.failed) == (None, None)


def test_time_without_zone() -> None:
    """A time without a zone is kept in its words, is no instant, and is warned of."""
    cycle = markdown(
        "# Run\n**Date**: 2026-05-05 10:00:00\n\n| Test | Status |\n|---|---|\n| Opens | PASS |\n"
    )
    assert (cycle.run_time_text, cycle.run_start) == ("2026-05-05 10:00:00", None)
    assert cycle.warnings[0].startswith("report.md:2: the time")


def test_own_words_of_next_cycle() -> None:
    """The next cycle, or one compared with, is not the cycle of the report."""
    cycle = markdown("# Results after cycle 8\n\n**Cycle:** 9 of 12\n\n## Next steps for cycle 10\n")
    assert cycle.number == 9


NAMES = st.lists(
    st.from_regex(r"test_[a-z]{2,9}(_[a-z]{2,9}){0,2}", fullmatch=True), unique=True, min_size=1, max_size=6
)


@settings(deadline=None, max_examples=examples(40))
@given(NAMES, st.data())
def test_layouts_agree(names: list[str], data: st.DataObject) -> None:
    """The same results as a table, as a list and as pasted output are the same tests."""
    words = data.draw(
        st.lists(st.sampled_from(["PASSED", "FAILED", "SKIPPED"]), min_size=len(names), max_size=len(names))
    )
    rows = list(zip(names, words, strict=True))
    table = "| Test | Status |\n|---|---|\n" + "".join(f"| {name} | {word} |\n" for name, word in rows)
    listed = "".join(f"- `{name}` - {word}\n" for name, word in rows)
    pasted = "```\n" + "".join(f"tests/t.py::{name} {word}\n" for name, word in rows) + "```\n"
    expected = [(name, word.lower()) for name, word in rows]
    for layout in (table, listed, pasted):
        assert outcomes(markdown(f"# Run\n\n## Test results\n\n{layout}")) == expected


@settings(deadline=None, max_examples=examples(60))
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No text makes the reader raise, and every test it gives points at a line of the text."""
    cycle = MarkdownReader().read(Document("report.md", b"", "# x\n" + text))
    assert all(
        test.ref.line and test.ref.line <= text.count("\n") + text.count("\r") + 2 for test in cycle.tests
    )


def test_fix_report() -> None:
    """Tasks, plans, questions, suites, requirements and metrics are no tests, whatever their marks say."""
    cycle = read("fix_report.md")
    assert outcomes(cycle) == [
        ("test_ws_echo", "passed"),
        ("WebSocket handshake", "passed"),
        ("Order run", "failed"),
        ("ws-backend", "passed"),
    ]


def test_titled_sections() -> None:
    """A test's own label or heading takes its outcome from the lines below it."""
    cycle = read("titled.md")
    assert [(test.name, test.outcome.value, test.close_code) for test in cycle.tests] == [
        ("HTTP Health", "passed", None),
        ("WebSocket Connection", "failed", 1008),
        ("Price Discovery", "passed", None),
        ("Order API", "skipped", None),
        ("Login flow", "passed", None),
        ("Chat flow", "failed", 1011),
        ("Data export", "passed", None),
    ]
    assert (cycle.passed, cycle.failed, cycle.skipped) == (4, 2, 1)


def test_html_details() -> None:
    """Lists inside HTML are read; a table of tasks that names tests is not one of results."""
    cycle = read("details.md")
    assert outcomes(cycle) == [
        ("test_001_ws", "failed"),
        ("test_002_ws", "failed"),
        ("test_003_api", "passed"),
        ("test_004_api", "passed"),
        ("test_005_api", "passed"),
    ]
    assert cycle.tests[1].error == "timed out after 10s"
    assert (cycle.passed, cycle.failed) == (33, 2)


def test_tables_of_several_kinds() -> None:
    """Of columns for two runs the later counts; files, checks, services and wishes are no tests."""
    cycle = read("mixed_tables.md")
    assert outcomes(cycle) == [
        ("HTTP Health", "passed"),
        ("DNS Lookup", "passed"),
        ("TLS Handshake", "passed"),
        ("test_ws_connect", "passed"),
        ("test_ws_echo", "failed"),
        ("test_ws_stream", "failed"),
        ("test_ws_resume", "failed"),
    ]
    assert [test.close_code for test in cycle.tests[4:]] == [1011, None, 1006]
    assert (cycle.passed, cycle.failed) == (6, 3)


def test_suites_in_many_spellings() -> None:
    """Marks, words before and after, brackets and unittest's dots all state outcomes."""
    cycle = read("suites.md")
    assert [outcome for _, outcome in outcomes(cycle)] == [
        "passed",
        "failed",
        "skipped",
        "passed",
        "failed",
        "passed",
        "failed",
        "passed",
        "failed",
        "passed",
    ]
    assert cycle.tests[1].close_code == 1011
