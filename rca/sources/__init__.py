"""Where log entries come from: one small interface.

In: a window. Out: `Pulled`, normalized entries in order. Each module here is one kind of source.
"""

from typing import Protocol

from rca.model import Pulled, Window


class LogSource(Protocol):
    """Something that log entries can be pulled from."""

    def pull(self, window: Window | None, *, probe: bool = False) -> Pulled:
        """The entries of the window, sorted by `at_ns`, ties by insertId, without duplicates.

        A request lasts from its `timestamp` for its `latency`, and is kept when that span overlaps the window.
        None means everything. With `probe`, only what could show where a failure lies.
        Raises `SourceError` where there is nothing to read.
        """
        ...
