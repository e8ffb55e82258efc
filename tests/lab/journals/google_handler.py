"""google-cloud-logging's own StructuredLogHandler: JSON on stderr, fields beside the message, the trace as its own."""

import logging

from google.cloud.logging.handlers import StructuredLogHandler

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
    handler = StructuredLogHandler(project_id="")  # type: ignore[no-untyped-call] # the library's own lack
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
