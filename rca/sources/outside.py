"""What a source that waits and calls needs of the world around it, handed in by whoever runs it.

The command line gives the real clock and the terminal; a test gives its own, and so needs no patience.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outside:
    """The clock, the patience, the dice and the ear of the user."""

    now: Callable[[], datetime]
    """Aware, in UTC: to tell whether logs are recent."""

    monotonic: Callable[[], float]
    """Seconds of a clock that never goes back: to keep to a rate and to a patience."""

    sleep: Callable[[float], None]
    """Waits so many seconds."""

    chance: Callable[[], float]
    """A number from [0, 1): spreads the tries of many who were refused at once."""

    tell: Callable[[str], None]
    """Says to the user, beside the report, what takes time."""
