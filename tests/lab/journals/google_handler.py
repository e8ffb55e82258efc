"""google-cloud-logging's own StructuredLogHandler: JSON on stderr, fields beside the message, the trace as its own."""

import logging
import os

from google.cloud.logging.handlers import StructuredLogHandler, setup_logging

from .base import FIELDS, TRACE, Journal, trace_asked

__all__ = ["TRACE", "journal", "set_up"]


class GoogleJournal(Journal):
    """Fields go as `json_fields`; the handler makes the rest."""

    def _say(self, level: int, text: str, fields: dict[str, object], *, trouble: bool = False) -> None:
        extra: dict[str, object] = {"json_fields": dict(fields)} if FIELDS else {}
        if trace := trace_asked():
            extra["trace"] = trace
        self._log.log(level, text, extra=extra, exc_info=trouble, stacklevel=3)


journal = GoogleJournal


def set_up() -> None:
    """Every logger writes by the handler."""
    # The library has no types.
    handler = StructuredLogHandler(project_id=os.environ["GOOGLE_CLOUD_PROJECT"])  # type: ignore[no-untyped-call]
    setup_logging(handler, log_level=logging.INFO)  # type: ignore[no-untyped-call]
