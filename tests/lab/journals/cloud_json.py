"""JSON as google-cloud-logging's handler has it: severity, message with the traceback, sourceLocation, trace."""

import json
import logging
import os
import sys
from contextvars import ContextVar

TRACE: ContextVar[str] = ContextVar("trace", default="")
_FIELDS = os.environ.get("JOURNAL_FIELDS", "1") == "1"


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
        self._log.log(level, text, extra={"fields": told}, exc_info=trouble, stacklevel=3)

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
    """Every logger writes JSON to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(CloudFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
