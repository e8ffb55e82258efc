"""Structlog's console renderer: coloured columns on stdout, tracebacks in plain lines below."""

import structlog

from .base import TRACE, ExtraJournal
from .through_structlog import write_by

__all__ = ["TRACE", "journal", "set_up"]

journal = ExtraJournal


def set_up() -> None:
    """Every logger writes coloured columns to stdout."""
    write_by(structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback))
