"""Loguru with serialize=True: JSON on stdout, the text and the traceback in `text`, the rest in `record`."""

import logging
import os
import sys
from contextvars import ContextVar

from loguru import logger

TRACE: ContextVar[str] = ContextVar("trace", default="")
_FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


class _Through(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(exception=record.exc_info, depth=6).log(record.levelname, "{}", record.getMessage())


class Journal:
    """Texts and fields -> records of one logger."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        tail = "".join(f" {key}={value}" for key, value in fields.items()) if _FIELDS else ""
        logger.opt(exception=trouble, depth=2).log(logging.getLevelName(level), "{}{}", text, tail)

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
    """Loguru writes JSON to stdout."""
    logger.remove()
    logger.add(sys.stdout, serialize=True, backtrace=False, diagnose=False)
    logging.basicConfig(level=logging.INFO, handlers=[_Through()], force=True)
