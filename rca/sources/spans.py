"""Stretches of time as every source compares them: whole nanoseconds."""

from rca.model import Window
from rca.normalize.times import in_ns

Range = tuple[int, int]
"""Nanoseconds since the epoch, the end beside it."""

EVER: Range = (0, 1 << 63)


def range_of(window: Window | None) -> Range:
    """A question's window; every time there is where it has none."""
    return EVER if window is None else (in_ns(window.start), in_ns(window.end))


def reaches(at_ns: int, lasts_ns: int, span: Range) -> bool:
    """Whether what began then and lasted so long lies in the span, or lasted into it."""
    return at_ns < span[1] and at_ns + lasts_ns >= span[0]
