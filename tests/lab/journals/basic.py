"""What logging.basicConfig() gives unasked: LEVEL:logger:text on stderr, without a time."""

import logging

from .base import TRACE
from .stdlib import TextJournal

__all__ = ["TRACE", "journal", "set_up"]

journal = TextJournal


def set_up() -> None:
    """Every logger writes to stderr."""
    logging.basicConfig(level=logging.INFO, force=True)
