"""What the structlog dialects share: the standard library's records, formatted by structlog's processors."""

import logging
import sys

import structlog

_SHARED = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.ExtraAdder(),
)


def write_by(*processors: structlog.typing.Processor) -> None:
    """Every logger, the server's own too, goes through structlog's formatter to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=(structlog.stdlib.ProcessorFormatter.remove_processors_meta, *processors),
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
