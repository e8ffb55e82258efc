"""The report as Markdown: what a reader finds, in which order, and that nothing foreign can act in it."""

import dataclasses
from collections.abc import Callable
from enum import Enum
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings

from rca.contract import Report, StatusCheck, Verdict
from rca.errors import TemplateError
from rca.model import Initiator
from rca.quote import quote
from rca.render import markdown, renderer
from tests.examples import examples

from .hostile import assert_inert, flat, parsed, texts
from .reports import ALL, CAUSE, FOUND, NOTHING, QUERY, UNKNOWN, a_close, a_test, at

_IDS = frozenset({"id", "evidence", "cause", "url"})


def _everywhere(value: Any, change: Callable[[str], str], kept: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - any part
    """Return a report with `change` made to every text in it but in the fields `kept`."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_everywhere(one, change, kept) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = _IDS - {"evidence"} if isinstance(value, Report) else _IDS
        names = [field.name for field in dataclasses.fields(value) if field.name not in kept]
        return dataclasses.replace(
            value, **{name: _everywhere(getattr(value, name), change) for name in names}
        )
    return value


def sections(text: str) -> list[str]:
    """Return the headings of a report, without their marks."""
    tokens = flat(parsed(text))
    return [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]


def first_lines(report: Report, count: int) -> str:
    """Return the opening of a report."""
    return "\n".join(markdown.render(report).split("\n")[:count])


@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_a_report_is_well_formed(report: Report) -> None:
    """Each opening gives one title, tables of even rows, no blank run and one line feed at the end."""
    text = markdown.render(report)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert text.startswith("# ")
    assert_inert(text)
    for table in text.split("\n\n"):
        if table.startswith("| "):
            assert len({line.count(" |") for line in table.split("\n")[2:]}) == 1


def test_a_found_cause_leads() -> None:
    """The cause, its confidence and what it explains stand before anything else."""
    assert first_lines(FOUND, 7) == (
        "# Why cycle 7 failed: `KeyError: 'berth'` in `pick_berth`\n"
        "\n"
        "> **Read first:** The log file has no manifest: whether it holds every entry of these minutes is not known.\n"
        "\n"
        "**Root cause, confidence 0.93:** every order without a berth dies in `pick_berth` "
        "(`harbor/plans/berths.py:31`): `KeyError: 'berth'`. The handler catches it and closes the socket with 1011 "
        "`session failed`. [E1] [E2]\n"
        "\n"
        "**It explains both failing tests.**"
    )


def test_the_sections_follow_the_reader_down() -> None:
    """From the answer over the five whys to the evidence, and how it was reached."""
    assert sections(markdown.render(FOUND))[1:] == [
        "Where it breaks",
        "Five whys",
        "Ruled out",
        "Service status",
        "Next",
        "Impact",
        "Timeline",
        "Evidence",
        "How this was found",
    ]


def test_an_unknown_says_what_would_settle_it() -> None:
    """Without a cause the report says so first, then what was looked for and what would settle it."""
    text = markdown.render(UNKNOWN)
    assert text.startswith(
        "# Why cycle 7 failed: not established\n\n**Root cause: unknown.** 2 of 4 tests failed"
    )
    assert "- What would settle it: log the exception in the handler that calls `close(1011)`.\n" in text
    assert f"\n```\n{QUERY}\n```\n" in text
    assert "Where it breaks" not in text


def test_a_query_is_printed_once() -> None:
    """Five unknowns with one query do not fill a page with it."""
    text = markdown.render(UNKNOWN)
    assert text.count(QUERY) == 1
    assert text.count("To settle it, ask the logs what question 1 asks.") == 4


def test_nothing_failed_is_no_incident() -> None:
    """A cycle in which nothing failed is told in one line, without whys or impact."""
    assert (
        first_lines(NOTHING, 3) == "# Nothing failed in cycle 7\n\n**Nothing failed:** 4 of 4 tests passed."
    )
    assert not {"Five whys", "Impact", "Ruled out"} & set(sections(markdown.render(NOTHING)))


def test_several_causes_are_told_apart() -> None:
    """Each cause has its own number, confidence and tests; what none explains is said."""
    other = dataclasses.replace(
        CAUSE,
        id="C2",
        summary="the cache refuses connections.",
        confidence=0.7,
        calibrated=False,
        tests=("test_c",),
    )
    both = dataclasses.replace(
        FOUND,
        causes=(dataclasses.replace(CAUSE, tests=("test_order_flow",)), other),
        failing_tests=("test_order_flow", "test_two_orders", "test_c"),
        unexplained=("test_two_orders",),
    )
    text = markdown.render(both)
    assert "**2 causes**, each with tests of its own:" in text
    assert "1. **confidence 0.93**, explains 1 of 3 failing tests: every order" in text
    assert "2. **confidence 0.70, not calibrated**, explains 1 of 3 failing tests: the cache refuses" in text
    assert "**Not explained:** `test_two_orders`. Nothing in the logs read says why" in text


def test_an_uncalibrated_confidence_is_marked() -> None:
    """A number without labelled incidents behind it is not printed as if it had them."""
    cause = dataclasses.replace(CAUSE, confidence=0.7, calibrated=False)
    assert "**Root cause, confidence 0.70, not calibrated:**" in markdown.render(
        dataclasses.replace(FOUND, root_cause=cause, causes=(cause,))
    )


def test_the_failing_tests_show_their_sockets() -> None:
    """A row says when its sockets opened, how long they lived, who closed them and what ties them to the cause."""
    row = next(line for line in markdown.render(FOUND).split("\n") if line.startswith("| `test_two_orders`"))
    assert row == (
        "| `test_two_orders` | 09:16:03.000, 09:16:03.008 | 88 ms, 96 ms | 1011 by the server | `received 1011 "
        "(internal error) session failed; then sent 1011 (internal error) session failed` [T2] | [E2] same trace |"
    )


def test_a_failing_test_without_a_socket_says_so() -> None:
    """Where no socket was found, the row does not pretend one."""
    text = markdown.render(dataclasses.replace(FOUND, closes=()))
    assert "| `test_order_flow` | no socket found | \u2013 | \u2013 |" in text


def test_without_tests_the_connections_are_listed() -> None:
    """Asked about a moment rather than a cycle, the report lists the connections that ended badly."""
    closes = (
        dataclasses.replace(
            a_close("09:16:02.377000", "09:16:02.310000", (), "E1"), initiator=Initiator.NOBODY
        ),
        dataclasses.replace(a_close("09:17:02.377000", "09:17:02.310000", (), "E2"), code=1000, cause=None),
    )
    bare = dataclasses.replace(FOUND, cycle=None, tests=(), failing_tests=(), closes=closes, impact=None)
    text = markdown.render(bare)
    assert text.startswith("# Why the service failed: ")
    assert "| Connection | Socket opened (UTC) |" in text
    assert text.count("| 1011, no close frame |") == 1
    assert "09:17:02" not in text.split("## Five whys")[0].split("| Connection")[1]


def test_many_failing_tests_are_counted_not_printed() -> None:
    """A table stops after 25 rows and says how many it leaves out."""
    tests = tuple(a_test(i, f"test_{i}", FOUND.tests[0].outcome, "boom") for i in range(40))
    many = dataclasses.replace(
        FOUND, tests=tests, failing_tests=tuple(test.name for test in tests), closes=()
    )
    text = markdown.render(many)
    assert text.count("| no socket found |") == 25
    assert "15 more failing tests in the JSON report." in text


def test_an_answer_without_citations_gets_its_evidence() -> None:
    """A sentence that cites keeps its own citations; one that does not is given those of its evidence."""
    text = markdown.render(FOUND)
    assert "after accepting them. [T1] [T2]\n" in text
    assert "catches whatever the plan raises and closes. [E1]\n" in text


def test_colors_of_a_log_line_are_left_out() -> None:
    """A color says nothing; every other control character of an entry is shown."""
    loud = dataclasses.replace(FOUND.evidence[2], text="\x1b[31m\x1b[1mred\x1b[0m alert\x07")
    text = markdown.render(
        dataclasses.replace(FOUND, evidence=(*FOUND.evidence[:2], loud, *FOUND.evidence[3:]))
    )
    assert r"`red alert\x07`" in text


def test_a_citation_of_nothing_is_not_printed() -> None:
    """An id without evidence behind it would send the reader nowhere."""
    check = StatusCheck("event loop", "ok", ("E99",), "no silence")
    assert "- [x] event loop: no silence\n" in markdown.render(
        dataclasses.replace(FOUND, status_checks=(check,))
    )


def test_a_citation_opens_its_entry() -> None:
    """Every citation is a link to Logs Explorer, yet reads as plain `[E1]`."""
    text = markdown.render(FOUND)
    tokens = flat(parsed(text))
    opened = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert f"[E1]: {FOUND.evidence[0].url}\n" in text
    assert opened.count(str(FOUND.evidence[0].url)) > 3
    assert text.count("https://") == 4


def test_an_address_that_is_not_the_console_s_is_not_linked() -> None:
    """A saved report cannot bring an address, or an id that is none, of its own."""
    evil = dataclasses.replace(FOUND.evidence[0], url="https://evil.example/")
    odd = dataclasses.replace(FOUND.evidence[1], id="E2](https://evil.example) [")
    text = markdown.render(dataclasses.replace(FOUND, evidence=(evil, odd, *FOUND.evidence[2:])))
    assert "[E1]: " not in text
    assert not any("evil" in str(token.attrs.get("href")) for token in flat(parsed(text)))


def test_a_summary_shows_exception_and_place_as_code() -> None:
    """Where the sentence of a cause quotes nothing, what came from the logs is still shown as code."""
    bare = dataclasses.replace(CAUSE, summary="KeyError: 'berth', in pick_berth (harbor/plans/berths.py:31)")
    text = markdown.render(dataclasses.replace(FOUND, root_cause=bare, causes=(bare,)))
    assert ":** `KeyError: 'berth'`, in `pick_berth` (`harbor/plans/berths.py:31`) [E1] [E2]" in text


def test_a_cell_shows_the_class_of_an_error_without_its_modules() -> None:
    """The table is narrow; the evidence keeps the whole."""
    tests = (
        dataclasses.replace(FOUND.tests[0], error="client.errors.ConnectionClosed: 1011"),
        *FOUND.tests[1:],
    )
    assert "| `ConnectionClosed: 1011` [T1] |" in markdown.render(dataclasses.replace(FOUND, tests=tests))


def test_times_on_several_days_carry_their_date() -> None:
    """A time of day alone would mislead where the report spans midnight."""
    late = dataclasses.replace(FOUND.evidence[0], timestamp=at("09:00:00").replace(day=15))
    text = markdown.render(dataclasses.replace(FOUND, evidence=(late, *FOUND.evidence[1:])))
    assert "| [E1] | 2026-05-15 09:00:00.000000 |" in text
    assert "| [E2] | 2026-05-14 09:16:03.070110 |" in text


def test_incomplete_logs_are_said_to_be() -> None:
    """A known gap stands in bold beside what was read."""
    pull = dataclasses.replace(FOUND.pull, complete=False)
    assert "; **known to have a gap**." in markdown.render(dataclasses.replace(FOUND, pull=pull))


@given(texts)
@settings(deadline=None, max_examples=examples(15))
def test_hostile_text_in_every_field_stays_inert(text: str) -> None:
    """Whatever logs, cycles or a saved report hold, the page has the template's headings, links and tables alone."""
    for report in ALL.values():
        hostile = _everywhere(report, lambda _: text)
        tokens = assert_inert(markdown.render(hostile))
        count = [token.type for token in tokens].count
        expected = [token.type for token in flat(parsed(markdown.render(report)))].count
        assert count("table_open") == expected("table_open")
        assert count("heading_open") == expected("heading_open")


@given(texts.map(quote))
@settings(deadline=None, max_examples=examples(15))
def test_hostile_quotations_in_every_field_stay_inert(text: str) -> None:
    """The same for text that a stage quoted, with words of ours around it."""
    for report in ALL.values():
        assert_inert(markdown.render(_everywhere(report, lambda old: f"{old} {text} [E1]", _IDS)))


def test_a_template_that_forgets_a_filter_is_refused() -> None:
    """Text without a filter never reaches the page."""
    template = markdown.environment().from_string("{{ report.headline }}")
    with pytest.raises(TemplateError, match="without a filter"):
        template.render(report=FOUND)


def test_a_template_that_names_what_is_not_there_is_refused() -> None:
    """A typing error in a template is an error, not an empty place."""
    with pytest.raises(jinja2.UndefinedError):
        markdown.environment().from_string("{{ report.headlin | prose }}").render(report=FOUND)


def test_the_same_report_gives_the_same_text() -> None:
    """Nothing but the report decides the page."""
    assert renderer("md").render(FOUND) == markdown.render(FOUND)
    assert UNKNOWN.verdict is Verdict.UNKNOWN


def test_a_cause_of_which_no_place_is_left_gets_no_empty_section() -> None:
    """A traceback cut before its last line names neither exception nor frame: there is nothing to show."""
    bare = (dataclasses.replace(cause, frame=None, frames=(), chain=("",)) for cause in FOUND.causes)
    assert "## Where it breaks" not in markdown.render(dataclasses.replace(FOUND, causes=tuple(bare)))
