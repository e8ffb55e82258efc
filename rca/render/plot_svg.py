"""The drawn timeline made ours: Vega's SVG rebuilt from what is allowed in it, its marks told, linked and timed.

In: an SVG text, which mark bears which key. Out: a `Drawn`. Decides which elements and attributes stay: none that runs,
loads or styles. A page's policy then has nothing to forgive, and colors are attributes that a style sheet can change.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from rca.render.plot_rows import EPOCH, Mark, Picture, Span, milliseconds

BEYOND = "beyond"
"""The key of what tells of marks beyond the edges: true until somebody zooms."""

_ELEMENTS = frozenset({"svg", "g", "path", "line", "text", "rect", "defs", "clipPath"})
_ATTRIBUTES = frozenset(
    {
        *("id", "class", "width", "height", "viewBox", "x", "y", "x2", "y2", "d", "transform", "clip-path"),
        *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-miterlimit", "opacity"),
        *("font-family", "font-size", "font-weight", "text-anchor", "display", "pointer-events"),
    }
)
_BAR = re.compile(r"M([-\d.e]+),([-\d.e]+)h([-\d.e]+)v([-\d.e]+)h[-\d.e]+Z")
_NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture."""

    root: Element
    left_out: tuple[str, ...]
    """What is not drawn, counted."""

    def inline(self) -> str:
        """Return it as part of a page: marks are links to their evidence."""
        return tostring(self.root, encoding="unicode")

    def standalone(self) -> str:
        """Return it as a file: there is nothing that a link could lead to."""
        return tostring(_without_links(self.root), encoding="unicode")


def rebuilt(text: str, keys: Mapping[str, Mark], planned: Picture, width: int) -> Drawn:
    """Return Vega's picture as ours; marks are known by their key, which it put down as their label."""
    root = _copy(fromstring(text, forbid_dtd=True), keys, planned.whole.start)
    _renumber(root)
    root.attrib.update(
        {
            "xmlns": _NAMESPACE,
            "class": "timeline",
            "role": "group",
            "aria-label": _summary(planned),
            "data-epoch": _number(planned.whole.start),
            "data-whole": _number(planned.whole.end, planned.whole.start),
            "data-from": _number(planned.large.start, planned.whole.start),
            "data-to": _number(planned.large.end, planned.whole.start),
            "data-width": str(width),
        }
    )
    return Drawn(root, planned.left_out)


def _copy(found: Element, keys: Mapping[str, Mark], start: datetime) -> Element:
    made = Element(_name(found.tag), {k: v for k, v in found.attrib.items() if k in _ATTRIBUTES})
    made.text = found.text
    for child in found:
        if _name(child.tag) not in _ELEMENTS:
            continue
        copied = _copy(child, keys, start)
        key = child.get("aria-label", "")
        if key == BEYOND:
            copied.set("class", BEYOND)
        made.append(_marked(copied, keys[key], start) if key in keys else copied)
    return made


def _renumber(root: Element) -> None:
    """Give clips the numbers of this picture: Vega's go on from the picture before."""
    names: dict[str, str] = {}
    for one in root.iter("clipPath"):
        names[f"url(#{one.get('id')})"] = f"url(#clip{len(names) + 1})"
        one.set("id", f"clip{len(names)}")
    for one in root.iter():
        if "clip-path" in one.attrib:
            one.set("clip-path", names[one.attrib["clip-path"]])


def _marked(drawn: Element, mark: Mark, start: datetime) -> Element:
    """Return a mark with its times for the page's script, its words for who points at it, and its link."""
    bar = _BAR.fullmatch(drawn.get("d", "")) if mark.until else None
    if bar:
        drawn.tag = "rect"
        del drawn.attrib["d"]
        drawn.attrib.update(x=bar[1], y=bar[2], width=bar[3], height=bar[4])
        drawn.set("data-until", _number(mark.end, start))
    drawn.set("data-at", _number(mark.at, start))
    if drawn.tag == "text":
        drawn.set("aria-hidden", "true")
        return drawn
    SubElement(drawn, "title").text = mark.says
    if mark.cites is None:
        return drawn
    link = Element("a", {"href": f"#{mark.cites}", "aria-label": mark.says})
    link.append(drawn)
    return link


def _without_links(found: Element) -> Element:
    made = Element(found.tag, dict(found.attrib))
    made.text = found.text
    for child in found:
        made.extend(map(_without_links, child if child.tag == "a" else [child]))
    return made


def _summary(planned: Picture) -> str:
    marks = [mark for panel in planned.panels for mark in panel.marks]
    counts = [
        (kind, sum(mark.kind == kind for mark in marks)) for kind in dict.fromkeys(m.kind for m in marks)
    ]
    told = ", ".join(f"{kind}: {number}" for kind, number in counts)
    return f"Timeline of {_seconds(planned.whole)}, by instance. {told}. The table below tells the same in words."


def _seconds(span: Span) -> str:
    return f"{span.seconds:.0f} s" if span.seconds >= 1 else f"{span.seconds * 1000:.0f} ms"


def _number(at: datetime, since: datetime = EPOCH) -> str:
    return f"{milliseconds(at, since):.3f}"


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]
