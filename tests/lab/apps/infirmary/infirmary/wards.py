# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""What routes depend on: the patient, the ward."""

import asyncio
from typing import Annotated

import journal
import passes
from fastapi import Depends, WebSocket, WebSocketException

from infirmary.desk import KEY

log = journal.journal("infirmary.wards")
_CHARTS = {}


class Ward:
    """Charts of patients and bays of crops, while somebody is in it."""

    async def chart(self, patient):
        """The patient's chart."""
        await asyncio.sleep(0.06)
        return {"patient": patient, "lines": len(_CHARTS.get(patient, ()))}

    async def write(self, patient, text) -> int:
        """A line more on the chart; how many there are."""
        await asyncio.sleep(0.02)
        _CHARTS.setdefault(patient, []).append(text)
        return len(_CHARTS[patient])

    def bay(self, crop):
        """The crop's bay."""
        return {"leek": "north", "chard": "north", "bean": "south", "squash": "south"}[crop]

    async def lights_out(self) -> None:
        """The ward is left tidy."""
        await asyncio.sleep(0.005)


async def patient_of(socket: WebSocket) -> str:
    """Who is at the other end; refused where the pass is no good."""
    journal.TRACE.set(socket.headers.get("x-cloud-trace-context", ""))
    try:
        return passes.user_of(socket.query_params.get("access_token", ""), KEY)
    except passes.TokenError as error:
        log.warning("not admitted", why=str(error))
        raise WebSocketException(code=1008, reason="not admitted") from error


async def open_ward():
    """A ward for the time of one visit."""
    ward = Ward()
    try:
        yield ward
    finally:
        await ward.lights_out()


Patient = Annotated[str, Depends(patient_of)]
OpenWard = Annotated[Ward, Depends(open_ward)]
