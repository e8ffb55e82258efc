"""Where log entries come from: one small interface.

In: a question. Out: `Pulled`, normalized entries in order. Each module here is one kind of source, or a part of one.
"""

from collections.abc import Sequence
from typing import Protocol

from rca.model import Pulled
from rca.questions import Ask


class LogSource(Protocol):
    """Something that log entries can be pulled from."""

    @property
    def scarce(self) -> bool:
        """Whether reading more than is needed costs a quota that others share."""
        ...

    def pull(self, ask: Ask) -> Pulled:
        """The entries that answer the question, sorted by `at_ns`, ties by insertId, without duplicates.

        A request lasts from its `timestamp` for its `latency`, and counts when that span overlaps the window. Raises
        `SourceError` where there is nothing to read.
        """
        ...

    def pull_all(self, asks: Sequence[Ask]) -> tuple[Pulled, ...]:
        """The answer to each question; a source that has to go through everything anyway does so once for all."""
        return tuple(self.pull(ask) for ask in asks)
