"""What the loguru dialects share: a journal on loguru, and the standard library's records through it."""

import logging

from loguru import logger

from .base import Journal, tail


class LoguruJournal(Journal):
    """Fields follow the text as key=value."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        logger.opt(exception=trouble, depth=2).log(logging.getLevelName(level), "{}{}", text, tail(fields))


class _Through(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(exception=record.exc_info, depth=6).log(record.levelname, "{}", record.getMessage())


def pass_on() -> None:
    """The standard library's records pass through loguru; where loguru writes is its caller's to say."""
    logging.basicConfig(level=logging.INFO, handlers=[_Through()], force=True)
