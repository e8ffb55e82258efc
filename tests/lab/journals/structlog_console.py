"""Structlog's console renderer: coloured columns on stdout, tracebacks in plain lines below."""

import logging
import os
import sys
from contextvars import ContextVar

import structlog

TRACE: ContextVar[str] = ContextVar("trace", default="")
_FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


_SHARED = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.ExtraAdder(),
)


class Journal:
    """Texts and fields -> records of one logger."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        told = dict(fields) if _FIELDS else {}
        if os.environ.get("JOURNAL_TRACE") == "1" and TRACE.get():
            project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
            told["logging.googleapis.com/trace"] = (
                f"projects/{project}/traces/{TRACE.get().partition('/')[0]}"
            )
        self._log.log(level, text, extra=told, exc_info=trouble, stacklevel=3)

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
    """Every logger, the server's own too, goes through structlog's formatter."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=(
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback),
            ),
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
