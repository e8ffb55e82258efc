"""loguru's own format on stderr, uncoloured; the standard library's records pass through it."""

import sys

from loguru import logger

from .base import TRACE
from .through_loguru import LoguruJournal, pass_on

__all__ = ["TRACE", "journal", "set_up"]

journal = LoguruJournal


def set_up() -> None:
    """Loguru writes to stderr."""
    logger.remove()
    logger.add(sys.stderr, colorize=False, backtrace=False, diagnose=False)
    pass_on()
