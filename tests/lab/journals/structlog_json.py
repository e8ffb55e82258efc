"""structlog: JSON on stdout with event, level, logger, timestamp and exception; no severity."""

import structlog

from .base import TRACE, ExtraJournal
from .through_structlog import write_by

__all__ = ["TRACE", "journal", "set_up"]

journal = ExtraJournal


def set_up() -> None:
    """Every logger writes JSON to stdout."""
    write_by(structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
