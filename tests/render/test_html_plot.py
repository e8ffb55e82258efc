"""The timeline as a picture: what is drawn where, how much of it, and that it needs and runs nothing."""

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings, strategies as st

from rca import resources
from rca.contract import Moment, Report
from rca.errors import RcaError
from rca.model import Outcome
from rca.render import html, plot
from rca.render.plot_chart import COLORS, SHAPES
from rca.render.plot_rows import EVENTS, INSTANCES, SOCKETS, TESTS, Mark, Panel, Picture, picture_of
from rca.render.plot_svg import Drawn
from tests.examples import examples

from .page import all_of, bundled, classed, links, page_of, parsed, words_of
from .reports import FOUND, NOTHING, a_close, a_test, at, entry

BARE = replace(NOTHING, tests=(), timeline=(), evidence=())


def planned(report: Report) -> Picture:
    """What is drawn of a report that has times."""
    found = picture_of(report)
    assert found is not None
    return found


def panel(report: Report, title: str) -> Panel:
    """The panel of this title."""
    (found,) = (one for one in planned(report).panels if one.title.startswith(title))
    return found


def marks(report: Report, kind: str) -> list[Mark]:
    """All marks of a kind."""
    return [mark for one in planned(report).panels for mark in one.marks if mark.kind == kind]


@cache
def drawn(name: str) -> Drawn:
    """The picture of a bundled cycle, drawn once."""
    made = plot.picture(bundled(name))
    assert made is not None
    return made


# --- what is drawn ---------------------------------------------------------------------------------------


def test_rows_stand_by_instance_and_revision() -> None:
    """The tests first, then each instance with its revision: its events, then a row for each connection."""
    assert [one.title for one in planned(FOUND).panels] == [
        "tests, by the logs' clock",
        "instance …a59687 · revision tide-gateway-00042-kev",
    ]
    rows = panel(FOUND, "instance").rows
    assert [row.label for row in rows] == ["events", "test_order_flow", "test_two_orders", "test_two_orders"]


def test_tests_are_drawn_by_the_logs_clock() -> None:
    """A runner's clock that is 0.61 s ahead is set right; a test lasts as long as it did, failing or passing."""
    first, *_, last = (row.marks[0] for row in panel(FOUND, "tests").rows)
    assert (first.kind, last.kind) == ("failing test", "passing test")
    assert first.at == at("09:16:01.490000")
    assert first.end - first.at == timedelta(seconds=0.41)


def test_a_connection_has_a_life_and_an_end() -> None:
    """A bar from handshake to close, and at its end a mark with the close code; both lead to the evidence."""
    life, end = panel(FOUND, "instance").rows[1].marks
    assert (life.kind, life.at, life.end) == ("connection", at("09:16:02.310"), at("09:16:02.377"))
    assert (end.kind, end.at, end.note, end.cites) == ("failed end", at("09:16:02.377"), "1011", "E1")
    assert "1011 by the server session failed after 67 ms: test_order_flow\nsame trace" in end.says


def test_a_connection_that_ended_in_order_is_no_failure() -> None:
    """1000 is drawn as a good end."""
    good = replace(FOUND.closes[0], code=1000)
    assert len(marks(replace(FOUND, closes=(good,)), "good end")) == 1
    assert not marks(replace(FOUND, closes=(good,)), "failed end")


def test_a_refused_request_ends_with_its_status() -> None:
    """A handshake that was answered 503 is drawn with that, although it never was a connection."""
    refused = replace(FOUND.closes[0], code=None, status=503)
    (end,) = marks(replace(FOUND, closes=(), refused=(refused,)), "failed end")
    assert end.note == "503"


def test_what_a_mark_says_shows_the_entry() -> None:
    """A cause says when, what, and the entry that tells of it, with its stack trace."""
    says = marks(FOUND, "cause")[0].says
    assert says.startswith("09:16:02.361 exception: KeyError: 'berth'\n")
    assert "Traceback (most recent call last)" in says


def test_errors_that_are_cited_are_drawn_apart_from_the_cause() -> None:
    """An error that was ruled out is seen where it happened, by another shape."""
    (other,) = marks(FOUND, "other error")
    assert (other.at, other.cites) == (at("09:16:01.900"), "E3")
    assert SHAPES["other error"] != SHAPES["cause"]


@pytest.mark.slow
def test_a_cause_that_only_evidence_tells_is_drawn() -> None:
    """Where the timeline holds no moment of the cause, the entries that show it are marked as the cause."""
    bare = replace(FOUND, timeline=())
    assert [mark.cites for mark in marks(bare, "cause")] == ["E1", "E2"]


def test_moments_that_connections_tell_are_not_drawn_twice() -> None:
    """A close of the timeline is its connection's end; one without a connection is drawn by itself."""
    known, other = (
        Moment(at(clock), "close", "connection ended", ()) for clock in ("09:16:02.377", "09:17:00")
    )
    both = replace(FOUND, timeline=(known, other))
    assert sorted(mark.at for mark in marks(both, "failed end")) == sorted(
        [*(close.timestamp for close in FOUND.closes if close.timestamp), at("09:17:00")]
    )


def test_the_failing_part_is_drawn_large() -> None:
    """Where a deploy lies minutes before, the failing seconds have the width, and all of it has a strip."""
    made = planned(FOUND)
    assert made.whole.start < at("09:15:03") < made.large.start
    assert made.large.end > at("09:16:03.104")
    assert made.large.seconds < made.whole.seconds / 10
    near = planned(replace(FOUND, timeline=FOUND.timeline[1:], evidence=FOUND.evidence[:2]))
    assert near.large == near.whole


def test_nothing_with_a_time_is_no_picture() -> None:
    """A report without a single time has nothing to draw, and says so where a picture is asked for."""
    assert picture_of(BARE) is None
    with pytest.raises(RcaError, match="nothing in this report has a time"):
        plot.svg(BARE)


# --- how much --------------------------------------------------------------------------------------------


def test_what_is_not_drawn_is_counted() -> None:
    """Of hundreds of tests, connections and events a picture's worth is drawn, the failing first."""
    tests = tuple(
        replace(
            a_test(n, f"test_{n}", Outcome.FAILED if n == 250 else Outcome.PASSED), started_at=at("09:16:00")
        )
        for n in range(300)
    )
    closes = tuple(a_close("09:16:02", "09:16:01", (f"test_{n}",), "E1") for n in range(100))
    moments = tuple(Moment(at("09:16:01"), "platform", f"moment {n}", (), f"i{n}") for n in range(EVENTS + 5))
    many = replace(
        BARE, tests=(*tests, a_test(1, "late", Outcome.PASSED)), closes=closes, timeline=moments,
        failing_tests=("test_250",),
    )  # fmt: skip
    many = replace(many, tests=(*many.tests[:-1], replace(many.tests[-1], started_at=None)))
    made = planned(many)
    assert made.left_out == (
        "1 test without a time", f"{300 - TESTS} more tests", f"{100 - SOCKETS} more connections", "5 more events",
    )  # fmt: skip
    shown = [row.label for row in made.panels[0].rows]
    assert len(shown) == TESTS
    assert shown[0] == "test_0"
    assert shown[-1] == "test_250"


def test_many_instances_share_a_row() -> None:
    """Those with failing connections have panels of their own; the rest stand together, counted."""
    moments = tuple(Moment(at("09:16:01"), "platform", "started", (), f"instance-{n}") for n in range(30))
    made = planned(replace(FOUND, timeline=moments, tests=()))
    assert len(made.panels) == INSTANCES + 1
    assert made.panels[0].short == "…a59687"
    assert made.panels[-1].title == f"{31 - INSTANCES} more instances"


times = st.datetimes(timezones=st.just(UTC)) | st.just(datetime.max.replace(tzinfo=UTC))


@given(whens=st.lists(times, min_size=3, max_size=3), offset=st.floats(-1e9, 1e9), lasts=st.floats(-1e9, 1e9))
def test_any_time_can_be_planned(whens: list[datetime], offset: float, lasts: float) -> None:
    """Whatever times a saved report holds, the end of the calendar included, the picture has a span."""
    opened, closed, started = whens
    report = replace(
        FOUND,
        clock_offset_s=offset,
        closes=(replace(FOUND.closes[0], opened_at=opened, timestamp=closed),),
        tests=(replace(FOUND.tests[0], started_at=started, duration_s=lasts),),
    )
    made = planned(report)
    assert made.whole.seconds > 0
    assert made.large.seconds > 0
    assert all(mark.at <= mark.end for one in made.panels for mark in one.marks)


@pytest.mark.slow
@given(whens=st.lists(times, min_size=3, max_size=3))
@settings(max_examples=examples(4))
@pytest.mark.slow
def test_any_time_can_be_drawn(whens: list[datetime]) -> None:
    """From a picture of milliseconds to one of millennia: something is drawn, each mark with its place."""
    opened, closed, started = whens
    report = replace(
        FOUND,
        closes=(replace(FOUND.closes[0], opened_at=opened, timestamp=closed),),
        tests=(replace(FOUND.tests[0], started_at=started),),
    )
    made = plot.picture(report)
    assert made is not None
    assert "NaN" not in made.inline()


# --- the file, and the picture in the page ---------------------------------------------------------------


@pytest.mark.slow
def test_the_svg_is_a_file_of_its_own() -> None:
    """It parses, names its size, links nowhere, runs and loads nothing, and says what marks are."""
    text = drawn("cycle-1").standalone()
    root = fromstring(text)
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert root.get("viewBox")
    assert tags <= {"svg", "g", "path", "line", "rect", "text", "title", "defs", "clipPath"}
    assert "Live session error" in text
    assert "href" not in text
    assert set(re.findall(r"https?://[^\"< ]+", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.slow
def test_the_png_is_a_picture() -> None:
    """PNG by its first bytes, and larger than the SVG's pixels: a telephone shows it sharply."""
    made = plot.png(bundled("cycle-1"))
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    width = int.from_bytes(made[16:20], "big")
    root = fromstring(drawn("cycle-1").standalone())
    assert width >= 1.9 * float(root.get("width", "0"))


@pytest.mark.slow
def test_no_attribute_styles_runs_or_loads() -> None:
    """What Vega writes for browsers of its own is gone: the page's policy has nothing to stop."""
    root = parsed(drawn("cycle-1").inline())
    names = {name.rpartition("}")[2] for one in root.iter() for name in one.attrib}
    assert not {name for name in names if name.startswith("on") or name in {"style", "src"}}
    assert not {one.tag for one in root.iter()} & {
        "style",
        "script",
        "image",
        "use",
        "foreignObject",
        "animate",
    }
    assert {one.get("clip-path") for one in root.iter()} - {None} <= {
        f"url(#{one.get('id')})" for one in all_of(root, "clippath") + all_of(root, "clipPath")
    }


@pytest.mark.slow
def test_every_mark_leads_to_evidence_on_the_page() -> None:
    """Each mark that has evidence is a link, by a name that says what it is; its times are there for the zoom."""
    page = page_of(bundled("cycle-1"))
    (svg,) = all_of(page, "svg")
    ids = {one.get("id") for one in page.iter()}
    anchors = all_of(svg, "a")
    assert len(anchors) > 20
    assert {href.removeprefix("#") for href, _ in links(svg)} <= ids
    for anchor in anchors:
        (mark,) = anchor
        assert anchor.get("aria-label")
        assert mark.get("data-at")
        assert words_of(all_of(mark, "title")[0]) == " ".join((anchor.get("aria-label") or "").split())


@pytest.mark.slow
def test_the_codes_are_written_beside_the_ends() -> None:
    """Who does not point at anything sees the close codes, and the tests' names."""
    said = [one.text for one in parsed(drawn("cycle-1").inline()).iter("text")]
    assert said.count("1011") == 7
    assert {"WebSocket Handshake", "Assistant Run", "failed end", "cause", "deploy"} <= set(said)


@pytest.mark.slow
def test_a_place_on_the_picture_is_its_time() -> None:
    """A bar starts and ends where the axis says: its pixels are its times, to a tenth of a pixel."""
    root = parsed(drawn("cycle-1").inline())
    (svg,) = all_of(root, "svg")
    start, end, width = (float(svg.get(name, "")) for name in ("data-from", "data-to", "data-width"))
    bars = [one for one in all_of(svg, "rect") if one.get("data-until")]
    assert len(bars) == 7
    for bar in bars:
        left, right = (
            (float(bar.get(name, "")) - start) / (end - start) * width for name in ("data-at", "data-until")
        )
        assert float(bar.get("x", "")) == pytest.approx(left, abs=0.1)
        assert float(bar.get("width", "")) == pytest.approx(right - left, abs=0.1)


@pytest.mark.slow
def test_every_color_changes_with_the_page() -> None:
    """The page's style knows each color of the picture by its value, so that dark is dark in the picture too."""
    style = resources.text("templates", "five_whys.html.css")
    colors: set[str] = set()
    for name in ("cycle-1", "cycle-2"):
        root = parsed(drawn(name).inline())
        colors |= {one.get(kind, "none") for one in root.iter() for kind in ("fill", "stroke")}
    for color in (colors | set(COLORS.values())) - {"none", "transparent"}:
        assert f'[fill="{color}"]' in style or f'[stroke="{color}"]' in style, color


@pytest.mark.slow
def test_the_picture_is_told_in_words_as_well() -> None:
    """Who cannot see it is told what is in it, and finds a table."""
    (svg,) = all_of(page_of(bundled("cycle-1")), "svg")
    assert svg.get("aria-label", "").startswith("Timeline of ")
    assert "connection: 7" in svg.get("aria-label", "")
    assert svg.get("role") == "group"


def test_a_page_without_times_has_no_picture() -> None:
    """Where nothing has a time the page has neither picture nor timeline, and does not offer to install one."""
    root = page_of(BARE)
    assert not all_of(root, "svg")
    assert "No picture" not in words_of(root)


@pytest.mark.slow
def test_the_page_says_what_is_not_drawn() -> None:
    """What the picture leaves out stands below it."""
    assert "not drawn: 8 tests without a time." in words_of(classed(page_of(bundled("cycle-1")), "said")[0])


def test_without_the_extra_a_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a picture that cannot be drawn is told what to install; the page goes without."""
    for name in ("altair", "vl_convert"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(plot, "find_spec", lambda name: None if name == "vl_convert" else object())
    assert not plot.installed()
    with pytest.raises(RcaError, match="not installed") as refused:
        plot.svg(FOUND)
    assert refused.value.hint == "pip install altair vl-convert-python"
    assert "No picture" in html.render(FOUND)


@pytest.mark.slow
def test_the_same_report_gives_the_same_picture() -> None:
    """Nothing of the hour or the machine is in it."""
    again = plot.picture(bundled("cycle-1"))
    assert again is not None
    assert again.inline() == drawn("cycle-1").inline()


def places(root: Element) -> list[float]:
    """Where each mark's time is, as the page's script reads it."""
    return [float(one.get("data-at", "")) for one in root.iter() if one.get("data-at")]


@pytest.mark.slow
def test_times_are_counted_from_where_the_picture_begins() -> None:
    """The script's numbers are milliseconds since the picture's start, finer than one where the logs are."""
    (svg,) = all_of(parsed(drawn("cycle-1").inline()), "svg")
    report = bundled("cycle-1")
    opened = report.closes[0].opened_at
    assert opened is not None
    epoch = datetime.fromtimestamp(float(svg.get("data-epoch", "")) / 1000, UTC)
    expected = (opened - epoch) / timedelta(milliseconds=1)
    assert min(abs(place - expected) for place in places(svg)) < 0.01


def test_an_entry_without_times_is_left_to_the_words() -> None:
    """Evidence that has no time is no mark."""
    timeless = replace(entry(9, "09:16:02", "boom"), timestamp=None)
    assert not marks(replace(FOUND, evidence=(timeless,), timeline=()), "cause")
