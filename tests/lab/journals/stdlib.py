"""Standard library logging: dated text on stderr; fields follow the text as key=value."""

import logging
import sys

from .base import TRACE, Journal, tail, trace_asked

__all__ = ["TRACE", "journal", "set_up"]


class TextJournal(Journal):
    """Fields follow the text as key=value, the trace first."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        if trace := trace_asked():
            fields = {"trace": trace, **fields}
        self._log.log(level, "%s%s", text, tail(fields), exc_info=trouble, stacklevel=3)


journal = TextJournal


def set_up() -> None:
    """Every logger writes to stderr."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s.%(msecs)03d %(levelname)s [%(name)s] %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
