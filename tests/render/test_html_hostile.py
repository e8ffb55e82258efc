"""Hostile text in every field of a report: the page has the elements that it has with harmless text, and no more."""

import re
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings, strategies as st

from rca.contract import Report
from rca.render import html, plot
from rca.render.plot_rows import picture_of
from tests.examples import examples

from .hostile import texts
from .page import parsed, words_of
from .reports import ALL, FOUND
from .test_markdown import _everywhere

_MORE = [
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "</title><script>alert(1)</script>",
    "</pre></code></svg><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>",
    "<iframe srcdoc='x'>",
    "<!--",
    "<![CDATA[",
    "]]>",
    "<plaintext>",
    "{{ ''.__class__ }}",
    "{# x #}",
    "datum.x",
    "[E1](javascript:alert(1))",
    "[x][E1]",
    "![E1]",
    "<https://evil.example>",
    "\u2066\u202e\u2069",
    "\x85\x0b\x0c\x1c",
    "\ufffe\uffff",
]
hostile = st.lists(texts | st.sampled_from(_MORE), min_size=1, max_size=4).map("".join)

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


def harmless(text: str) -> str:
    """The same text with a letter for whatever is neither space nor the end of a line."""
    return "".join(one if one.isspace() or len(f"a{one}b".splitlines()) > 1 else "x" for one in text)


def structure(root: Element, ids: set[str]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every element with its attributes, but for what text may be shown as: code, and links to evidence."""
    found = []
    for one in root.iter():
        cites = (
            one.tag == "a" and set(one.attrib) == {"href"} and one.get("href", "").removeprefix("#") in ids
        )
        if isinstance(one.tag, str) and one.tag != "code" and not cites:
            found.append((one.tag, tuple(sorted(one.attrib.items()))))
    return found


def changed(report: Report, text: str) -> Report:
    """The report with this text in every field."""
    made = _everywhere(report, lambda _: text)
    assert isinstance(made, Report)
    return made


@pytest.fixture
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture: it has a test of its own below."""
    monkeypatch.setattr(plot, "installed", lambda: False)


@pytest.mark.slow
@pytest.mark.usefixtures("_undrawn")
@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
@given(text=hostile)
@settings(max_examples=examples(25))
def test_no_text_makes_an_element_or_an_attribute(report: Report, text: str) -> None:
    """Whatever stands in a report's fields, the page is built of the same elements and attributes."""
    ids = {one.id for one in report.evidence}
    page, plain = (html.render(changed(report, one)) for one in (text, harmless(text)))
    assert structure(parsed(page), ids) == structure(parsed(plain), ids)
    assert not _UNSEEN.search(page)


@pytest.mark.usefixtures("_undrawn")
@given(text=hostile)
@settings(max_examples=examples(25))
@pytest.mark.slow
def test_text_beside_ours_makes_no_element_either(text: str) -> None:
    """The same where the foreign text follows on a sentence, as a quotation does."""
    ids = {one.id for one in FOUND.evidence}
    pages = []
    for one in (text, harmless(text)):
        made = _everywhere(FOUND, lambda own, more=one: f"{own} {more}")  # type: ignore[misc] # bound at once
        pages.append(structure(parsed(html.render(made)), ids))
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("_undrawn")
def test_what_a_log_says_can_be_read() -> None:
    """Escapes, tags and templates are shown as the characters that they are."""
    text = "\x1b[31m<b>{{ 7*7 }}</b>\u202e"
    shown = r"\x1b[31m<b>{{ 7*7 }}</b>\u202e"
    root = parsed(html.render(changed(FOUND, text)))
    pres = [words_of(one) for one in root.iter("pre")]
    assert pres
    assert all(shown in one for one in pres)


def names_of(root: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes, in order; the words of labels differ, and so do places."""
    return [(one.tag, tuple(sorted(one.attrib))) for one in root.iter() if isinstance(one.tag, str)]


@pytest.mark.slow
@pytest.mark.parametrize("text", [*(_MORE[n] for n in (0, 3, 4, 5, 9, 10, 20, 21)), "".join(_MORE)])
def test_no_text_makes_an_element_of_the_picture(text: str) -> None:
    """Labels, titles and what marks say are words in the picture, too."""
    drawn: list[Any] = [plot.picture(changed(FOUND, one)) for one in (text, "x" * len(text))]
    assert names_of(drawn[0].root) == names_of(drawn[1].root)
    assert not _UNSEEN.search(drawn[0].inline())
    assert (
        "https://"
        not in drawn[0].standalone().replace("http://www.w3.org/2000/svg", "").partition("<title")[0]
    )


@given(text=hostile)
def test_what_is_drawn_is_in_harmless_characters(text: str) -> None:
    """No control character, no surrogate and no bidi mark reaches a label, a title or what a mark says."""
    planned = picture_of(replace(changed(FOUND, text), failing_tests=(text,)))
    assert planned is not None
    said = [word for panel in planned.panels for word in (panel.title, panel.short)]
    said += [row.label for panel in planned.panels for row in panel.rows]
    said += [word for panel in planned.panels for mark in panel.marks for word in (mark.says, mark.note)]
    assert not _UNSEEN.search("".join(said).replace("\n", " "))
