"""structlog's JSON with tracebacks as data: `exception` is a list of exc_type, exc_value and frames."""

import structlog

from .base import TRACE, ExtraJournal
from .through_structlog import write_by

__all__ = ["TRACE", "journal", "set_up"]

journal = ExtraJournal


def set_up() -> None:
    """Every logger writes JSON to stdout."""
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    write_by(tracebacks, structlog.processors.JSONRenderer())
