"""JSON by the Elastic Common Schema: `log.level`, `error.type`, `error.message`, `error.stack_trace`; no severity."""

import json
import logging
import sys
from datetime import UTC, datetime

from .base import TRACE, Journal, told

__all__ = ["TRACE", "journal", "set_up"]


class EcsFormatter(logging.Formatter):
    """A record as one document."""

    def format(self, record: logging.LogRecord) -> str:
        """The document on one line."""
        document: dict[str, object] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "log.level": record.levelname.lower(),
            "message": record.getMessage(),
            "ecs": {"version": "8.11.0"},
            "log": {"logger": record.name, "origin": {"function": record.funcName, "line": record.lineno}},
        }
        if fields := getattr(record, "fields", {}):
            document["labels"] = {k: v for k, v in fields.items() if "/" not in k}
            document |= {k: v for k, v in fields.items() if "/" in k}
        if record.exc_info and record.exc_info[0]:
            document["error.type"] = record.exc_info[0].__name__
            document["error.message"] = str(record.exc_info[1])
            document["error.stack_trace"] = self.formatException(record.exc_info)
        return json.dumps(document, default=str)


class EcsJournal(Journal):
    """Fields go to the formatter as one mapping."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        self._log.log(level, text, extra={"fields": told(fields)}, exc_info=trouble, stacklevel=3)


journal = EcsJournal


def set_up() -> None:
    """Every logger writes documents to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(EcsFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
