"""Bare print() on stdout, tracebacks by traceback.print_exc() on stderr; logging is left as it is."""

import logging
import traceback

from .base import FIELDS, TRACE, Journal

__all__ = ["TRACE", "journal", "set_up"]


class PrintedJournal(Journal):
    """Fields follow the text by their values alone."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        said = " ".join(str(value) for value in fields.values()) if FIELDS else ""
        mark = "!! " if level >= logging.ERROR else ""
        print(f"{mark}{text} {said}".rstrip(), flush=True)  # noqa: T201 - it is what is shown here
        if trouble:
            traceback.print_exc()


journal = PrintedJournal


def set_up() -> None:
    """Nothing is set up: warnings of the server's own come by the last resort, without a level."""
