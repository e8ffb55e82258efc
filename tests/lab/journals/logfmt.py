r"""Pairs of logfmt on stdout; a traceback is one quoted value, its newlines written as \n."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from .base import TRACE, Journal, told

__all__ = ["TRACE", "journal", "set_up"]

_PLAIN = re.compile(r"[\w.:/@+-]+")


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class LogfmtFormatter(logging.Formatter):
    """A record as one line of pairs."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; the exception comes last."""
        pairs: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            pairs["exc_info"] = self.formatException(record.exc_info)
        return " ".join(f"{key.rpartition('/')[2]}={_quoted(value)}" for key, value in pairs.items())


class LogfmtJournal(Journal):
    """Fields go to the formatter as one mapping."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        self._log.log(level, text, extra={"fields": told(fields)}, exc_info=trouble, stacklevel=3)


journal = LogfmtJournal


def set_up() -> None:
    """Every logger writes pairs to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LogfmtFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
