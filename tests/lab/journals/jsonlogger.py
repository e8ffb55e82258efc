"""python-json-logger: one JSON object a line on stdout, levelname and exc_info, no severity."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from .base import TRACE, ExtraJournal

__all__ = ["TRACE", "journal", "set_up"]

journal = ExtraJournal


def set_up() -> None:
    """Every logger writes JSON to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
