"""Loguru with serialize=True: JSON on stdout, the text and the traceback in `text`, the rest in `record`."""

import sys

from loguru import logger

from .base import TRACE
from .through_loguru import LoguruJournal, pass_on

__all__ = ["TRACE", "journal", "set_up"]

journal = LoguruJournal


def set_up() -> None:
    """Loguru writes JSON to stdout."""
    logger.remove()
    logger.add(sys.stdout, serialize=True, backtrace=False, diagnose=False)
    pass_on()
