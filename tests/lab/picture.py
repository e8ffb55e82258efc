"""Answers with their confidence -> one SVG: reliability, and risk against coverage. Same answers, same bytes."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.lab import measures
from tests.lab.measures import Bin

_SIDE, _LEFT, _TOP, _APART = 300, 60, 50, 110
_TICKS = 5
_RISK = 0.2
"""Top of the risk axis, where the risk stays below; a fifth wrong is as bad as anyone will look at."""

_INK, _FAINT, _BLUE = "#333", "#ccc", "#1f5fa8"
_FONT = 'font-family="sans-serif" font-size="12"'
_CENTRED = f'text-anchor="middle" fill="{_INK}"'


def svg(told: Sequence[tuple[float, bool]], cases: int) -> str:
    """Both charts of the answers given to so many cases."""
    points = measures.risk_coverage(told, cases)
    curve = [(0.0, points[0][1]), *points] if points else []
    top = max([_RISK, *(risk for _, risk in points)])
    second = _LEFT + _SIDE + _APART
    width, height = second + _SIDE + 30, _TOP + _SIDE + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT}>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *_frame(
            _LEFT, f"How often right, by confidence ({len(told)} answers)", "confidence", "share right", 1.0
        ),
        _line(_LEFT, [(0.0, 0.0), (1.0, 1.0)], 1.0, _FAINT),
        *(mark for one in measures.reliability(told) for mark in _mark(one)),
        *_frame(second, f"Risk against coverage ({cases} cases)", "share answered", "share wrong", top),
        _line(second, curve, top, _BLUE),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _at(left: int, x: float, y: float, top: float) -> tuple[str, str]:
    return f"{left + x * _SIDE:.1f}", f"{_TOP + (1 - y / top) * _SIDE:.1f}"


def _frame(left: int, title: str, across: str, up: str, top: float) -> list[str]:
    """Axes from 0 to 1 across and 0 to `top` up, with their ticks and names."""
    foot, middle = _TOP + _SIDE, _TOP + _SIDE // 2
    parts = [
        f'<text x="{left}" y="{_TOP - 18}" font-size="14" fill="{_INK}">{escape(title)}</text>',
        f'<rect x="{left}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_INK}"/>',
        f'<text x="{left + _SIDE // 2}" y="{foot + 42}" {_CENTRED}>{escape(across)}</text>',
        f'<text transform="translate({left - 42} {middle}) rotate(-90)" {_CENTRED}>{escape(up)}</text>',
    ]
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        x, y = _at(left, share, share * top, top)
        parts.append(f'<text x="{x}" y="{foot + 18}" text-anchor="middle" fill="{_INK}">{share:.1f}</text>')
        parts.append(
            f'<text x="{left - 8}" y="{y}" text-anchor="end" dominant-baseline="middle" fill="{_INK}">'
            f"{share * top:.2f}</text>"
        )
    return parts


def _line(left: int, points: Sequence[tuple[float, float]], top: float, colour: str) -> str:
    path = " ".join(",".join(_at(left, x, y, top)) for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _mark(one: Bin) -> list[str]:
    """A point with its interval; its area tells how many answers it stands for."""
    x, y = _at(_LEFT, one.confidence, one.right, 1.0)
    _, low = _at(_LEFT, one.confidence, one.low, 1.0)
    _, high = _at(_LEFT, one.confidence, one.high, 1.0)
    radius = 3 + min(one.count, 400) ** 0.5 / 2
    return [
        f'<line x1="{x}" y1="{low}" x2="{x}" y2="{high}" stroke="{_BLUE}"/>',
        f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="{_BLUE}" fill-opacity="0.7"/>',
    ]
