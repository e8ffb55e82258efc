"""Bare print() on stdout, tracebacks by traceback.print_exc() on stderr; logging is left as it is."""

import logging
import os
import traceback
from contextvars import ContextVar

TRACE: ContextVar[str] = ContextVar("trace", default="")
_FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


class Journal:
    """Texts and fields -> records of one logger."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        tail = " ".join(str(value) for value in fields.values()) if _FIELDS else ""
        mark = "!! " if level >= logging.ERROR else ""
        print(f"{mark}{text} {tail}".rstrip(), flush=True)  # noqa: T201 - it is what is shown here
        if trouble:
            traceback.print_exc()

    def info(self, text: str, **fields: object) -> None:
        """The text was logged at INFO."""
        self._say(logging.INFO, text, fields)

    def warning(self, text: str, **fields: object) -> None:
        """The text was logged at WARNING."""
        self._say(logging.WARNING, text, fields)

    def error(self, text: str, **fields: object) -> None:
        """The text was logged at ERROR."""
        self._say(logging.ERROR, text, fields)

    def exception(self, text: str, **fields: object) -> None:
        """The text was logged at ERROR with the exception being handled."""
        self._say(logging.ERROR, text, fields, trouble=True)


def journal(name: str) -> Journal:
    """The journal of that name."""
    return Journal(name)


def set_up() -> None:
    """Nothing is set up: warnings of the server's own come by the last resort, without a level."""
