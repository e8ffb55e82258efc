"""The timeline's picture as a chart: what is drawn where, in which shape and color.

In: a `Picture`. Out: altair's chart of it, and which mark bears which key. Decides shapes, colors and measures. Foreign
text stands in it as the text of a label alone, never as part of an expression. Loaded only where a picture is drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from rca.render.plot_rows import Mark, Panel, Picture, Row, Span, milliseconds
from rca.render.plot_svg import BEYOND

Layers = alt.LayerChart | alt.FacetChart

WIDTH = 660
"""Of the plot without its labels, in pixels."""

_LABELS, _MARGIN, _ROW, _STRIP = 175, 30, 20, 12
INK, FAINT, PAPER = "#1f2328", "#6e7781", "#ffffff"
GRID = "#d8dee4"
COLORS: Mapping[str, str] = {
    "failing test": "#cf222e",
    "passing test": "#2da44e",
    "skipped test": "#8c959f",
    "connection": "#54aeff",
    "failed end": "#a40e26",
    "good end": "#1a7f37",
    "cause": "#bc4c00",
    "other error": "#bf8700",
    "platform": "#57606a",
    "deploy": "#8250df",
}
"""What is drawn, and in which color. The page gives each another one in the dark, by its value here."""

SHAPES: Mapping[str, str] = {
    "failed end": "M-0.7,-1L0,-0.3L0.7,-1L1,-0.7L0.3,0L1,0.7L0.7,1L0,0.3L-0.7,1L-1,0.7L-0.3,0L-1,-0.7Z",
    "good end": "circle",
    "cause": "diamond",
    "other error": "triangle-down",
    "platform": "square",
    "deploy": "triangle-up",
}
"""A shape for each kind of point: colors alone tell some readers nothing."""

_BAR = "M-1.4,-0.8h2.8v1.6h-2.8Z"
_BARS = tuple(kind for kind in COLORS if kind not in SHAPES)


def chart(planned: Picture, keys: dict[str, Mark]) -> alt.VConcatChart:
    """Return legend, strip of the whole where a part is drawn large, and the panels below each other."""
    parts: list[Any] = [_legend(planned)]
    if planned.large != planned.whole:
        parts.append(_overview(planned))
    last = len(planned.panels) - 1
    parts += [_panel(panel, planned.large, keys, n, last=n == last) for n, panel in enumerate(planned.panels)]
    # Fonts differ: a reader's may be wider than the one that labels were measured with.
    padding = {"left": 28, "right": 30, "top": 8, "bottom": 8}
    # Bounds are those of the plots: labels of any width leave all time axes below each other.
    made: alt.VConcatChart = (
        alt.vconcat(*parts, bounds="flush", spacing=24, padding=padding)
        .configure(font="sans-serif", background=PAPER)
        .configure_view(stroke=GRID)
        .configure_axis(
            gridColor=GRID, tickColor=FAINT, domainColor=FAINT, labelColor=FAINT, labelFontSize=11
        )
        .configure_title(anchor="start", frame="group", color=INK, fontSize=12, offset=4)
    )
    return made


def _panel(panel: Panel, span: Span, keys: dict[str, Mark], number: int, *, last: bool) -> Layers:
    """Return a panel's rows on the common time axis, which the last one writes; marks' keys go into `keys`."""
    bars, points = _values(panel, keys)
    labels = [{"row": line, "label": row.label} for line, row in enumerate(panel.rows)]
    rows = list(range(len(panel.rows)))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=rows, paddingInner=0.3, paddingOuter=0.15))
    x = alt.X("at:T", scale=_scale(span), axis=_axis(span, labels=last))
    layers = [
        _source(bars)
        .mark_bar(clip=True, strokeWidth=1)
        .encode(x=x, x2="until:T", y=y, color=_color(_BARS), stroke=_color(_BARS), description="key:N"),
        _source(points)
        .mark_point(clip=True, filled=True, opacity=1, stroke=PAPER, strokeWidth=0.5)
        .encode(x=x, y=y, color=_color(SHAPES), shape=_shape(), size=alt.value(75), description="key:N"),
        _source([one for one in points if one["note"]])
        .mark_text(align="left", dx=8, fontSize=10, color=INK, clip=True)
        .encode(x=x, y=y, text="note:N", description="key:N"),
        _source(labels)
        .mark_text(align="right", limit=_LABELS, fontSize=11, color=INK, aria=False)
        .encode(x=alt.value(-_MARGIN), y=y, text="label:N"),
        *_beyond(panel, span, y),
    ]
    title = alt.Title(panel.title)
    return alt.layer(*layers).properties(
        width=WIDTH, height=_ROW * len(rows), title=title, name=f"large{number}"
    )


def _beyond(panel: Panel, span: Span, y: alt.Y) -> Iterator[alt.Chart]:
    """Yield how many marks of each row lie before and after what is drawn large, beside the plot on that side."""
    before = [sum(mark.end < span.start for mark in row.marks) for row in panel.rows]
    after = [sum(mark.at > span.end for mark in row.marks) for row in panel.rows]
    earlier = _source([{"row": row, "text": f"\u2190{one}"} for row, one in enumerate(before) if one])
    later = _source([{"row": row, "text": f"{one}\u2192"} for row, one in enumerate(after) if one])
    for drawn, edge in (
        (earlier.mark_text(align="right", fontSize=10, color=FAINT), -5),
        (later.mark_text(align="left", fontSize=10, color=FAINT), WIDTH + 5),
    ):
        yield drawn.encode(x=alt.value(edge), y=y, text="text:N", description=alt.value(BEYOND))


def _overview(planned: Picture) -> Layers:
    """Return the whole time in a thin strip a panel, with what is drawn large below marked."""
    strips = [Panel(panel.title, panel.short, (Row(panel.short, panel.marks),)) for panel in planned.panels]
    marks: list[dict[str, Any]] = []
    for number, strip in enumerate(strips):
        marks += [_value(mark, number, "") for mark in strip.marks]
    labels = [{"row": number, "label": strip.short} for number, strip in enumerate(strips)]
    window = [{"at": milliseconds(planned.large.start), "until": milliseconds(planned.large.end)}]
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(len(strips))), padding=0.2))
    x = alt.X("at:T", scale=_scale(planned.whole), axis=_axis(planned.whole, labels=True, above=True))
    layers = [
        _source(window)
        .mark_rect(color=COLORS["connection"], opacity=0.25, aria=False)
        .encode(x=x, x2="until:T"),
        _source(marks)
        .mark_bar(clip=True, strokeWidth=2, aria=False)
        .encode(x=x, x2="until:T", y=y, color=_color(COLORS), stroke=_color(COLORS)),
        _source(labels)
        .mark_text(align="right", fontSize=10, color=FAINT, aria=False)
        .encode(x=alt.value(-8), y=y, text="label:N"),
    ]
    title = alt.Title(
        "the whole time, UTC; the shaded part is drawn large below (\u21902: two more events before it)"
    )
    height = _STRIP * len(strips)
    return alt.layer(*layers).properties(width=WIDTH, height=height, title=title, name="whole")


def _legend(planned: Picture) -> Layers:
    """Return what the shapes and colors stand for, of those that are drawn."""
    drawn = {mark.kind for panel in planned.panels for mark in panel.marks}
    kinds = [kind for kind in COLORS if kind in drawn]
    values = [
        {"x": number % _LEGEND * WIDTH // _LEGEND + 6, "y": number // _LEGEND * _ROW + 8, "kind": kind}
        for number, kind in enumerate(kinds)
    ]
    source = _source(values)
    x, y = (alt.X("x:Q", axis=None, scale=None), alt.Y("y:Q", axis=None, scale=None))
    lines = (len(kinds) + _LEGEND - 1) // _LEGEND
    height = _ROW * lines + (_ROW if planned.large != planned.whole else 0)
    return alt.layer(
        source.mark_point(filled=True, opacity=1, size=75, aria=False).encode(
            x=x, y=y, color=_color(COLORS), shape=_shape()
        ),
        source.mark_text(align="left", dx=9, fontSize=11, color=INK, aria=False).encode(
            x=x, y=y, text="kind:N"
        ),
    ).properties(width=WIDTH, height=height, view=alt.ViewConfig(stroke=None), name="legend")


_LEGEND = 5
"""Entries of the legend on a line."""


def _values(panel: Panel, keys: dict[str, Mark]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a panel's spans and its points, each under a key of its own."""
    bars: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    for number, row in enumerate(panel.rows):
        for mark in row.marks:
            key = f"m{len(keys)}"
            keys[key] = mark
            (points if mark.kind in SHAPES else bars).append(_value(mark, number, key))
    # What is drawn last lies on top: nothing covers the cause, and no platform message the deploy it tells of.
    return bars, sorted(points, key=lambda one: (one["kind"] == "cause", one["kind"] != "platform"))


def _value(mark: Mark, row: int, key: str) -> dict[str, Any]:
    return {
        "at": milliseconds(mark.at),
        "until": milliseconds(mark.end),
        "row": row,
        "kind": mark.kind,
        "note": mark.note,
        "key": key,
    }


def _source(values: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(values)))


def _color(kinds: Sequence[str] | Mapping[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(kinds), range=[COLORS[kind] for kind in kinds])
    return alt.Color("kind:N", scale=scale, legend=None)


def _shape() -> alt.Shape:
    scale = alt.Scale(domain=list(COLORS), range=[SHAPES.get(kind, _BAR) for kind in COLORS])
    return alt.Shape("kind:N", scale=scale, legend=None)


def _scale(span: Span) -> alt.Scale:
    return alt.Scale(type="utc", domain=[milliseconds(span.start), milliseconds(span.end)], nice=False)


def _axis(span: Span, *, labels: bool, above: bool = False) -> alt.Axis:
    return alt.Axis(
        title="UTC" if labels and not above else None,
        titleColor=FAINT,
        titleFontSize=10,
        titleFontWeight="normal",
        titlePadding=2,
        format=_format(span.seconds),
        orient="top" if above else "bottom",
        tickCount=6,
        labels=labels,
        ticks=labels,
        labelFlush=False,
        labelOverlap=True,
    )


def _format(seconds: float) -> str:
    """Return how an axis of this length writes a time: what two neighbours differ by has to show."""
    if seconds < _FINE:
        return "%H:%M:%S.%L"
    return "%H:%M:%S" if seconds < _DAY else "%Y-%m-%d %H:%M"


_FINE, _DAY = 8, 86_400
