# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""The bedside: the WebSocket route."""

import asyncio
import secrets

import journal
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from infirmary.wards import OpenWard, Patient

log = journal.journal("infirmary.bedside")
router = APIRouter()


@router.websocket("/live")
async def visit(socket: WebSocket, patient: Patient, ward: OpenWard) -> None:
    """The patient was looked after until one of both left."""
    await socket.accept()
    visit_id = f"V{secrets.randbelow(10**8):08d}"
    log.info("visit begun", visit=visit_id, patient=patient)
    await socket.send_json({"type": "welcome", "session": visit_id})
    try:
        while True:
            await attend(socket, ward, patient, visit_id, await socket.receive_json())
    except WebSocketDisconnect as left:
        log.info("visit over", visit=visit_id, code=left.code)
    except Exception:
        log.exception("visit broken off", visit=visit_id)
        await socket.close(1011, "visit broken off")


async def attend(socket, ward, patient, visit_id, call) -> None:
    """The call was answered."""
    if call["type"] == "describe":
        await socket.send_json({"type": "described", **await ward.chart(patient)})
    elif call["type"] == "chat":
        line = await ward.write(patient, call["text"])
        await socket.send_json({"type": "reply", "text": f"Noted on line {line}."})
    else:
        await treat(socket, ward, visit_id, call)


async def treat(socket, ward, visit_id, call) -> None:
    """The run, from start to finish."""
    log.info("treatment", visit=visit_id, run=call["run"])
    await socket.send_json({"type": "run.started", "run": call["run"]})
    await asyncio.sleep(0.14)
    for crop in call["crops"]:
        await socket.send_json({"type": "run.step", "crop": crop, "bed": ward.bay(crop)})
    await socket.send_json({"type": "run.finished", "run": call["run"]})
