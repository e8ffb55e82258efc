"""A question and a plot -> the steps of a planting plan."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from parley.runs.beds import best_bed, spacing_cm
from parley.ws.session import Session

log = logging.getLogger("parley.runs.planner")


async def plan(session: Session, message: Mapping[str, Any]) -> AsyncIterator[dict[str, object]]:
    """Steps are given one by one as they are worked out."""
    crops = list(message.get("crops", ["leek", "bean"]))
    await asyncio.sleep(0.15)  # the model thinks
    for crop in crops:
        bed = best_bed(crop, session.topics)
        yield {"crop": crop, "bed": bed, "spacing_cm": spacing_cm(crop)}
        await asyncio.sleep(0.08)
    session.topics.extend(crops)
