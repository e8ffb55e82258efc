"""Standard library logging: dated text on stderr; fields follow the text as key=value."""

import logging
import os
import sys
from contextvars import ContextVar

TRACE: ContextVar[str] = ContextVar("trace", default="")
_FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


class Journal:
    """Texts and fields -> records of one logger."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        if os.environ.get("JOURNAL_TRACE") == "1" and TRACE.get():
            fields = {"trace": TRACE.get().partition("/")[0], **fields}
        tail = "".join(f" {key}={value}" for key, value in fields.items()) if _FIELDS else ""
        self._log.log(level, "%s%s", text, tail, exc_info=trouble, stacklevel=3)

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
    """Every logger writes to stderr."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s.%(msecs)03d %(levelname)s [%(name)s] %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
