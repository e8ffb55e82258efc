"""The report as a page: what a reader finds, in which order, and what its policy lets a browser do."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from xml.etree.ElementTree import Element

import jinja2
import pytest

from rca import resources
from rca.contract import Report, ReportCode, Verdict
from rca.errors import TemplateError
from rca.quote import quote
from rca.render import html, plot
from rca.render.html_view import CARDS, CITED, SUSPECTS, Page

from .page import CYCLES, all_of, bundled, classed, links, page_of, parsed, words_of
from .reports import ALL, CAUSE, FOUND, NOTHING, QUERY, TRACEBACK, UNKNOWN, entry


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture: tests/render/test_html_plot.py looks at it, and drawing takes seconds."""
    monkeypatch.setattr(plot, "installed", lambda: False)


def headings(root: Element) -> list[str]:
    """Return the page's headings of sections."""
    return [words_of(one) for one in all_of(root, "h2")]


def table_in(root: Element, section: str) -> list[list[str]]:
    """Return the words of a section's table, row by row."""
    found = next(one for one in root.iter("section") if one.get("id") == section)
    return [[words_of(cell) for cell in row if cell.tag in {"th", "td"}] for row in found.iter("tr")]


def texts_of(root: Element, tag: str) -> Iterator[str]:
    """Yield the text of each element of a kind, as it stands."""
    return ("".join(one.itertext()) for one in root.iter(tag))


# --- what a reader finds ---------------------------------------------------------------------------------


def test_a_found_cause_leads() -> None:
    """Title, cause, confidence and what it explains come before anything else; what must be read first, first."""
    root = page_of(FOUND)
    head = next(root.iter("header"))
    assert [words_of(one) for one in head][:2] == [
        "Why cycle 7 failed",
        "Read first: The log file has no manifest: whether it holds every entry of these minutes is not known.",
    ]
    answer = words_of(classed(root, "answer")[0])
    assert answer.startswith(
        "Root cause every order without a berth dies in pick_berth (harbor/plans/berths.py:31)"
    )
    assert "E1 E2 confidence 0.93 · explains both failing tests" in answer
    assert next(root.iter("meter")).get("value") == "0.93"
    assert words_of(next(root.iter("title"))) == "Why cycle 7 failed: KeyError: 'berth' in pick_berth"


def test_the_sections_follow_the_reader_down() -> None:
    """From the failing tests over the whys and the suspects to the evidence, and how it was reached."""
    assert headings(page_of(FOUND)) == [
        "Failing tests",
        "Timeline",
        "Where it breaks",
        "Five whys",
        "Suspects, signal by signal",
        "Ruled out",
        "Service status",
        "Next",
        "Impact",
        "Evidence",
        "How this was found",
    ]


def test_an_unknown_says_what_would_settle_it() -> None:
    """Without a cause the answer says so, then what would settle it; the query is printed once, whole."""
    root = page_of(UNKNOWN)
    answer = words_of(classed(root, "answer")[0])
    assert answer.startswith("Root cause Unknown. 2 of 4 tests failed")
    assert "What would settle it: log the exception in the handler that calls close(1011)." in answer
    assert [text.strip("\n") for text in texts_of(root, "pre")].count(QUERY) == 1
    assert words_of(root).count("ask the logs what question 1 asks") == 4
    assert not classed(root, "cause")


def test_nothing_failed_is_no_incident() -> None:
    """A cycle in which nothing failed has neither whys nor an impact."""
    root = page_of(NOTHING)
    assert words_of(classed(root, "answer")[0]) == "Nothing failed: 4 of 4 tests passed."
    assert not {"Five whys", "Impact", "Failing tests"} & set(headings(root))
    assert words_of(next(root.iter("h1"))) == "Nothing failed in cycle 7"


def test_several_causes_are_told_apart() -> None:
    """Each cause has its own number, confidence and tests; what none explains is said."""
    other = replace(CAUSE, id="C2", summary="the cache refuses.", confidence=0.7, tests=("test_c",))
    both = replace(
        FOUND,
        causes=(CAUSE, other),
        failing_tests=(*FOUND.failing_tests, "test_c", "test_d"),
        unexplained=("test_d",),
    )
    answer = words_of(classed(page_of(both), "answer")[0])
    assert answer.startswith("2 causes, each with tests of its own: Cause 1 every order")
    assert (
        "Cause 2 the cache refuses. E1 E2 confidence 0.70 · explains 1 of 4 failing tests Tests: test_c"
        in answer
    )
    assert "Not explained: test_d. Nothing in the logs read says why they fail." in answer


def test_failing_tests_stand_in_a_table() -> None:
    """One row a failing test: when its socket opened, how long it lived, how it ended, what the client saw."""
    head, first, second = table_in(page_of(FOUND), "tests")
    assert head == ["Failing test", "Socket opened (UTC)", "Lived", "Closed", "Client saw", "Tied to"]
    assert first[:4] == ["test_order_flow", "09:16:02.310", "67 ms", "1011 by the server"]
    assert second[1:3] == ["09:16:03.000, 09:16:03.008", "88 ms, 96 ms"]


def test_each_why_folds_what_shows_it() -> None:
    """Below each answer its evidence is folded, each entry with its link, its time and its first line."""
    why = classed(page_of(FOUND), "why")[1]
    assert words_of(next(why.iter("summary"))) == "What shows it (1)"
    folded = next(why.iter("details"))
    assert folded.get("open") is None
    assert list(links(folded)) == [("#E1", "E1")]
    assert "E1 09:16:02.361207 WebSocket session failed for ses_51ac" in words_of(folded)


def test_a_long_list_below_a_why_is_cut() -> None:
    """A why that rests on fifty entries folds the first of them; all stand below in the evidence."""
    many = tuple(entry(number, "09:16:02", "boom") for number in range(1, 51))
    why = replace(FOUND.whys[0], evidence=tuple(one.id for one in many), answer="They fail.")
    root = page_of(replace(FOUND, evidence=many, whys=(why,)))
    assert len(list(links(next(classed(root, "why")[0].iter("details"))))) == CITED
    assert len(classed(root, "card")) == 50


def test_suspects_are_compared_signal_by_signal() -> None:
    """A column a suspect, a row a signal: its weight or that it did not count, and why."""
    rows = table_in(page_of(FOUND), "suspects")
    assert rows[0] == ["Signal", "KeyError: 'berth'", "KeyError: disk quota exceeded"]
    assert rows[1] == [
        "Outcome",
        "the cause, confidence 0.93",
        "36 of its 42 occurrences belong to sessions that ended with 1000",
    ]
    assert rows[2][:2] == ["same trace", "+2.4 2 of 2 bad sockets carry its trace id"]
    assert rows[4][1] == "not counted only one revision in the logs"


def test_many_suspects_are_counted() -> None:
    """What does not fit beside the others is counted, and stands in the JSON."""
    many = tuple(replace(CAUSE, id=f"A{n}", why_not="too late") for n in range(9))
    root = page_of(replace(FOUND, alternatives=many))
    assert len(table_in(root, "suspects")[0]) == SUSPECTS + 1
    assert "4 more suspects in the JSON report." in words_of(root)


def test_a_suspect_that_was_not_weighed_has_empty_cells() -> None:
    """Where a suspect has no signals its column says why it lost, and nothing else."""
    bare = replace(FOUND.alternatives[0], signals=())
    rows = table_in(page_of(replace(FOUND, alternatives=(bare,))), "suspects")
    assert {row[2] for row in rows[2:]} == {"\u2013"}


def test_the_evidence_shows_entries_whole() -> None:
    """An entry of several lines is folded behind its first; its stack trace is there, line by line."""
    root = page_of(FOUND)
    card = next(one for one in classed(root, "card") if one.get("id") == "E1")
    assert words_of(classed(card, "first")[0]) == "WebSocket session failed for ses_51ac"
    assert next(texts_of(card, "pre")).strip("\n") == TRACEBACK
    assert "instance …a59687" in words_of(card)
    (home,) = (href for href, _ in links(card))
    assert home.startswith("https://console.cloud.google.com/logs/query;query=")


def test_a_giant_entry_is_folded_in_its_middle() -> None:
    """Long lines and long texts lose their middle, and say how much."""
    giant = replace(FOUND.evidence[0], text="\n".join(["a" * 5000, *("b" * 300 for _ in range(500))]))
    (card,) = classed(page_of(replace(FOUND, evidence=(giant,))), "card")
    (text,) = texts_of(card, "pre")
    assert "… 461 lines left out …" in text
    assert re.search(r"a…\+48\d\d…a", text)
    assert len(text) < 10_000


@pytest.mark.slow
def test_more_evidence_than_a_page_holds_is_counted() -> None:
    """A report of thousands of entries makes no page of thousands."""
    many = tuple(entry(number, "09:16:02", "boom") for number in range(1, CARDS + 8))
    root = page_of(replace(FOUND, evidence=many))
    assert len(classed(root, "card")) == CARDS
    assert "7 more pieces of evidence in the JSON report." in words_of(root)


def test_the_source_is_shown() -> None:
    """What a checkout says is told, with the line that would have logged what was caught."""
    found = ReportCode(
        "the handler catches everything [E1]", ("E1",), "-    pass\n+    log()", "import logging"
    )
    root = page_of(replace(FOUND, code=(found,)))
    assert "In the source" in headings(root)
    assert "-    pass\n+    log()\n" in list(texts_of(root, "pre"))
    assert "it needs import logging" in words_of(root)


def test_a_pipe_in_a_log_line_is_a_pipe() -> None:
    """What Markdown's tables make of a pipe does not show on the page."""
    ruled = replace(FOUND.ruled_out[0], what=quote("a | b"))
    assert "a | b" in [words_of(one) for one in page_of(replace(FOUND, ruled_out=(ruled,))).iter("dt")]


# --- links -----------------------------------------------------------------------------------------------


@cache
def told(name: str) -> tuple[Report, Element]:
    """A report, of this module's or on a bundled cycle, and its page, drawn once."""
    report = ALL[name] if name in ALL else bundled(name)
    return report, page_of(report)


@pytest.mark.parametrize("name", [*ALL, *CYCLES])
def test_every_link_leads_somewhere(name: str) -> None:
    """A link leads to an element of the page, which is there once, or to the entry in the Cloud console."""
    _, root = told(name)
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for href, words in links(root):
        assert words
        assert href.removeprefix("#") in ids or href.startswith(
            "https://console.cloud.google.com/logs/query;"
        )


@pytest.mark.parametrize("cycle", CYCLES)
def test_every_statement_of_a_bundled_cycle_is_cited(cycle: str) -> None:
    """Each why that is answered has a citation that leads to evidence on the page."""
    report, root = told(cycle)
    whys = classed(root, "why")
    assert len(whys) == len(report.whys)
    for why, drawn in zip(report.whys, whys, strict=True):
        assert why.status == "unknown" or not why.evidence or list(links(drawn))


def test_a_citation_without_evidence_is_no_link() -> None:
    """What a report cites and does not hold stays the words that it is."""
    root = page_of(replace(FOUND, evidence=(), next_actions=("look at [E1] again",)))
    assert "look at [E1] again" in words_of(root)
    assert not [href for href, _ in links(root) if href == "#E1"]


def test_an_id_told_twice_anchors_once() -> None:
    """A saved report that gives two entries one id has one of them led to; both are shown."""
    root = page_of(replace(FOUND, evidence=(FOUND.evidence[0], FOUND.evidence[0])))
    assert [one.get("id") for one in classed(root, "card")] == ["E1", None]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/logs", None])
def test_only_the_console_is_linked(url: str | None) -> None:
    """An address that a saved report smuggles in is none."""
    root = page_of(replace(FOUND, evidence=(replace(FOUND.evidence[0], url=url),)))
    assert [href for href, _ in links(root) if not href.startswith("#")] == []


# --- what a browser may do -------------------------------------------------------------------------------


def test_the_policy_allows_this_style_and_this_script_alone() -> None:
    """Nothing is loaded, nothing runs but what has the hash; no attribute runs or formats."""
    root = page_of(FOUND)
    metas = {one.get("http-equiv"): one.get("content", "") for one in all_of(root, "meta")}
    rules = dict(rule.split(" ", 1) for rule in metas["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (element,) = all_of(root, tag)
        digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"
    assert "unsafe" not in metas["Content-Security-Policy"]
    attributes = {name for one in root.iter() for name in one.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset"}}


def test_the_page_loads_nothing() -> None:
    """There is no element that fetches: no image, no frame, no style sheet, no address in the style."""
    root = page_of(FOUND)
    assert not {one.tag for one in root.iter()} & {
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "video",
    }
    assert [(one.get("rel"), one.get("href")) for one in all_of(root, "link")] == [("icon", "data:,")]
    assert "url(" not in (all_of(root, "style")[0].text or "")
    assert "@import" not in (all_of(root, "style")[0].text or "")


def test_without_the_extra_the_words_stand_open() -> None:
    """Where no picture can be drawn one line says how to get it, and the moments are not folded."""
    root = page_of(FOUND)
    assert "No picture: altair and vl-convert are not installed" in words_of(root)
    (moments,) = (one for one in all_of(root, "details") if one.get("id") == "moments")
    assert moments.get("open") is not None


def test_the_page_is_well_formed() -> None:
    """A strict reader of HTML finds nothing to mend in any of the pages."""
    import html5lib  # noqa: PLC0415 - the strict reader

    for report in ALL.values():
        html5lib.HTMLParser(strict=True).parse(html.render(report))


# --- the template engine ---------------------------------------------------------------------------------


def test_a_template_that_forgets_a_filter_is_refused() -> None:
    """Foreign text is not even printed escaped: it passes a filter, or rendering stops."""
    with pytest.raises(TemplateError, match="without a filter"):
        html.environment(frozenset()).from_string("{{ text }}").render(text="<b>")


def test_a_name_that_does_not_exist_is_an_error() -> None:
    """A typing mistake in the template does not leave an empty place."""
    with pytest.raises(jinja2.UndefinedError):
        html.environment(frozenset()).from_string("{{ nowhere }}").render()


def test_a_none_is_not_printed() -> None:
    """A field that may be None is guarded by the template, or named by the error."""
    with pytest.raises(TemplateError, match="None"):
        html.environment(frozenset()).from_string("{{ text | prose }}").render(text=None)


def test_only_views_make_cells() -> None:
    """Text that did not pass the view is refused where a cell is printed."""
    with pytest.raises(TemplateError, match="as a cell"):
        html.environment(frozenset()).from_string("{{ text | cell }}").render(text="a|b")


def test_a_broken_template_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that jinja cannot read is an error with its file, not a traceback."""
    real = resources.text
    html.environment.cache_clear()  # a template that was read before is not read again
    monkeypatch.setattr(
        resources, "text", lambda folder, name: "{% if %}" if name.endswith(".j2") else real(folder, name)
    )
    with pytest.raises(TemplateError, match="template is broken") as refused:
        html.render(FOUND)
    assert refused.value.hint == "templates/five_whys.html.j2"


def test_every_verdict_has_a_tone() -> None:
    """The answer's color is chosen for each verdict there is."""
    tones = {str(Page(replace(FOUND, verdict=verdict)).tone()) for verdict in Verdict}
    assert tones == {"bad", "warn", "good"}


def test_emphasis_comes_from_the_view_alone() -> None:
    """Known gaps are printed in bold by the view; stars in a log are stars."""
    root = parsed(html.render(replace(FOUND, pull=replace(FOUND.pull, complete=False, source="**x**"))))
    strong = [words_of(one) for one in classed(root, "facts")[0].iter("strong")]
    assert strong == ["known to have a gap"]
    assert "**x**" in words_of(root)
