"""A world outside in which time runs fast: a minute's patience takes a second, against real servers."""

import time
from datetime import UTC, datetime

from rca.sources.outside import Outside

FASTER = 60.0
"""So many seconds of the source's clock pass in one of the server's."""

NOW = datetime(2026, 3, 10, tzinfo=UTC)
"""Days after the entries of the tests: nothing arrives late any more."""


def hurried(now: datetime = NOW, told: list[str] | None = None) -> Outside:
    """Pauses are a sixtieth of what they are said to be; what is told to the user is kept."""
    said = [] if told is None else told
    return Outside(
        now=lambda: now,
        monotonic=lambda: time.monotonic() * FASTER,
        sleep=lambda seconds: time.sleep(seconds / FASTER),
        chance=lambda: 0.5,
        tell=said.append,
    )
