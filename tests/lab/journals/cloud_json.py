"""JSON as google-cloud-logging's handler has it: severity, message with the traceback, sourceLocation, trace."""

import json
import logging
import sys

from .base import TRACE, Journal, told

__all__ = ["TRACE", "journal", "set_up"]


class CloudFormatter(logging.Formatter):
    """A record as one line of structured logging."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; the exception follows the message, after a newline."""
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        line = {
            "message": message,
            "severity": record.levelname,
            "logging.googleapis.com/labels": {"python_logger": record.name},
            "logging.googleapis.com/sourceLocation": {
                "file": record.pathname,
                "line": str(record.lineno),
                "function": record.funcName,
            },
            **getattr(record, "fields", {}),
        }
        return json.dumps(line, default=str)


class CloudJournal(Journal):
    """Fields go to the formatter as one mapping."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        self._log.log(level, text, extra={"fields": told(fields)}, exc_info=trouble, stacklevel=3)


journal = CloudJournal


def set_up() -> None:
    """Every logger writes JSON to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(CloudFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
