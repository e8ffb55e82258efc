"""How Parley logs: plain text, JSON as Cloud Run understands it, or bare messages.

In: records of the standard library's logging, uvicorn's among them; out: lines on stderr.
"""

import json
import logging
import os
import sys
from contextvars import ContextVar

TRACE: ContextVar[str] = ContextVar("trace", default="")
"""`TRACE_ID/SPAN_ID;o=1` of the request being served, as the front end's header says."""

_FORMATS = {
    "text": "%(levelname)-8s %(name)s | %(message)s",
    "dated": "%(asctime)s [%(levelname)s] %(name)s: %(message)s",
    "bare": "%(message)s",
}


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the fields that Cloud Logging lifts out."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a single line."""
        line: dict[str, object] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        trace = TRACE.get().partition("/")[0]
        if trace:
            project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
            line["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
        if record.exc_info:
            line["stack_trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up(dialect: str) -> None:
    """Every logger, uvicorn's included, writes to stderr in this dialect."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if dialect == "json" else logging.Formatter(_FORMATS[dialect]))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if dialect == "text":
        return  # uvicorn keeps its own lines beside ours, as it does where nobody set logging up
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
