# ruff: noqa: INP001 - a script beside its picture, no package
"""Draws a terminal that shows `rca` at work, as SVG: the picture in the README.

In: the bundled cycle 1, by way of the real commands. Out: a file. Decides only what is shown: the answer that the
report opens with and its first whys, then the drawn part of the timeline. `make picture` runs it.
"""

import sys
import textwrap
from collections.abc import Iterator
from html import escape
from pathlib import Path

from click.testing import CliRunner

from rca.cli import main

COLUMNS = 104
WIDTH, HEIGHT = 8.2, 19.0
"""Of one character, in pixels; lines are stretched to it, so that columns stand in any monospaced font."""

_KEPT = "\N{NO-BREAK SPACE}"
"""Spaces that stay: not every viewer heeds `xml:space`, and the timeline is drawn with columns."""

_MARGIN = 18.0
_BAR = 30.0
_WHYS = 2
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_INK = {"prompt": "#7ee787", "heading": "#79c0ff", "bold": "#f0f6fc", "plain": "#c9d1d9", "bad": "#ff7b72"}


def shown() -> Iterator[tuple[str, str]]:
    """Yield the lines of the terminal, each with its kind of ink."""
    yield "prompt", "$ rca why --cycle 1"
    yield from _wrapped(_opening(_said("why", "--cycle", "1")))
    yield "plain", ""
    yield "prompt", "$ rca timeline --cycle 1"
    drawn, _, _ = _said("timeline", "--cycle", "1").partition("\n\n20")
    for line in drawn.splitlines():
        yield ("bad" if "=x" in line else "plain"), line[:COLUMNS]


def _said(*command: str) -> str:
    ran = CliRunner().invoke(main, list(command))
    if ran.exit_code:
        sys.exit(f"rca {' '.join(command)} ended with {ran.exit_code}: {ran.stderr}")
    return ran.stdout


def _opening(report: str) -> list[str]:
    """The report's first paragraphs without its wide table, and its first whys."""
    opening, _, rest = report.partition("\n## Five whys\n")
    whys = [line for line in rest.splitlines() if line.startswith("**")][:_WHYS]
    lines = [line for line in opening.splitlines() if not line.startswith(("|", "Passing"))]
    return ["\n".join(lines).strip(), "", "## Five whys", "", *"\n\n".join(whys).splitlines(), "", "..."]


def _wrapped(paragraphs: list[str]) -> Iterator[tuple[str, str]]:
    for line in "\n".join(paragraphs).splitlines():
        ink = "heading" if line.startswith("#") else "bold" if line.startswith("**") else "plain"
        for piece in textwrap.wrap(line, COLUMNS, break_on_hyphens=False) or [""]:
            yield ink, piece


def svg(lines: list[tuple[str, str]]) -> str:
    """Return the lines as a picture of a terminal."""
    width, height = COLUMNS * WIDTH + 2 * _MARGIN, len(lines) * HEIGHT + _BAR + _MARGIN
    rows = [
        f'<text x="{_MARGIN}" y="{_BAR + (row + 0.7) * HEIGHT:.1f}" fill="{_INK[ink]}" '
        f'textLength="{len(line) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs" '
        f'xml:space="preserve">{escape(line).replace(" ", _KEPT)}</text>'
        for row, (ink, line) in enumerate(lines)
        if line
    ]
    dots = [
        f'<circle cx="{_MARGIN + 6 + 18 * place}" cy="16" r="5.5" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            "<title>rca why and rca timeline on the bundled cycle 1</title>",
            f'<rect width="{width:.0f}" height="{height:.0f}" rx="9" fill="#0d1117"/>',
            *dots,
            f'<g font-family="{_FONTS}" font-size="13.5">',
            *rows,
            "</g>",
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(svg(list(shown())), encoding="utf-8")
