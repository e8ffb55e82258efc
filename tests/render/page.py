"""The page as a browser would build it: elements, links, words."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib

from rca.contract import Report
from rca.render import html, json

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CYCLES = tuple(sorted(path.parent.parent.name for path in FIXTURES.glob("cycle-*/expected/report.json")))


def bundled(cycle: str) -> Report:
    """Return the report of a bundled cycle, as it was saved."""
    return json.loads((FIXTURES / cycle / "expected" / "report.json").read_text(encoding="utf-8"))


def parsed(text: str) -> Element:
    """Return the tree that a browser builds of a page; names without a namespace."""
    root: Element = html5lib.parse(text, namespaceHTMLElements=False)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def page_of(report: Report) -> Element:
    """Return the tree of a report's page."""
    return parsed(html.render(report))


def all_of(root: Element, tag: str) -> list[Element]:
    """Return the elements of one kind, in the page's order."""
    return list(root.iter(tag))


def words_of(element: Element) -> str:
    """Return what an element says, white space folded."""
    return " ".join("".join(element.itertext()).split())


def classed(root: Element, name: str) -> list[Element]:
    """Return the elements of one class."""
    return [one for one in root.iter() if name in one.get("class", "").split()]


def links(root: Element) -> Iterator[tuple[str, str]]:
    """Yield what each link leads to, and its words."""
    for one in root.iter("a"):
        yield one.get("href", ""), words_of(one)
