"""What every dialect has: the request's trace, and a journal of four levels over one `_say`."""

import logging
import os
from abc import ABC, abstractmethod
from contextvars import ContextVar

TRACE: ContextVar[str] = ContextVar("trace", default="")
FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


def trace_asked() -> str:
    """The id of the request's trace where `JOURNAL_TRACE=1` asks for it; empty where not, or where there is none."""
    return TRACE.get().partition("/")[0] if os.environ.get("JOURNAL_TRACE") == "1" else ""


def tail(fields: dict[str, object]) -> str:
    """The fields as ` key=value` after a text."""
    return "".join(f" {key}={value}" for key, value in fields.items()) if FIELDS else ""


def told(fields: dict[str, object]) -> dict[str, object]:
    """The fields as a line of structured logging has them, with the trace under Cloud Logging's key."""
    found = dict(fields) if FIELDS else {}
    if trace := trace_asked():
        project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        found["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
    return found


class Journal(ABC):
    """Texts and fields -> records of one logger."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    @abstractmethod
    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        """Log the text as the dialect does. The caller to name is two frames up: the app, past `info` and its like."""

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


class ExtraJournal(Journal):
    """Fields go as the standard library's `extra`, for a formatter that writes them."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        self._log.log(level, text, extra=told(fields), exc_info=trouble, stacklevel=3)
