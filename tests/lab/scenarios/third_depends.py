"""FastAPI with dependencies: HTTPException after accept, teardown that fails, unanswered pings, old uvicorns."""

from dataclasses import replace

from tests.lab.more_servers import INFIRMARY
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("temperature not taken", "substring not found", "linen short")
_CHART = """        await asyncio.sleep(0.06)
        return {"patient": patient, "lines": len(_CHARTS.get(patient, ()))}
"""
_CATCH = """    except Exception:
        log.exception("visit broken off", visit=visit_id)
        await socket.close(1011, "visit broken off")
"""
_LAMP = Edit(
    "infirmary/wards.py",
    "        await asyncio.sleep(0.005)\n",
    '        raise RuntimeError("ward lamp was out already")\n',
)

HTTP_EXCEPTION = replace(
    INFIRMARY,
    name="depends-http-exception",
    title="An HTTPException after the accept: uvicorn blames the protocol",
    story="The ward raises HTTPException(404) for a chart that is not there, from a WebSocket route, after the accept."
    " FastAPI answers it as HTTP; uvicorn complains of `websocket.http.response.start`, and the socket drops: 1006.",
    edits=(
        Edit(
            "infirmary/wards.py", "import Depends, WebSocket, ", "import Depends, HTTPException, WebSocket, "
        ),
        Edit(
            "infirmary/wards.py",
            _CHART,
            "        await asyncio.sleep(0.06)\n"
            "        if patient not in _CHARTS:\n"
            '            raise HTTPException(404, f"no chart of {patient}")\n'
            '        return {"patient": patient, "lines": len(_CHARTS[patient])}\n',
        ),
        Edit("infirmary/bedside.py", _CATCH, ""),
    ),
    expected=Expected(
        category="application_error",
        exception="HTTPException",
        exception_any=("RuntimeError",),
        message_contains=("404: no chart of", "no chart of", "websocket.http.response.start"),
        place=Place("infirmary/wards.py", "chart", "raise HTTPException(404"),
        evidence=("no chart of", "websocket.http.response.start"),
        red_herrings=_NOISE,
        explanation="HTTPException(404) in Ward.chart, raised after the accept; the RuntimeError on the protocol is"
        " what FastAPI makes of it.",
        trap="The last exception of the chain, a RuntimeError on ASGI messages, is an effect.",
    ),
)

TEARDOWN = replace(
    INFIRMARY,
    name="depends-teardown-decoy",
    title="Each visit, good or bad, ends in a loud teardown error; the cause is not logged",
    story="The ward's teardown raises after each visit, so uvicorn logs `Exception in ASGI application` even when the"
    " socket closed in order. Runs of the suite are closed with 1011 by a catch-all that logs nothing.",
    traffic=replace(INFIRMARY.traffic, chatters=4),
    edits=(
        _LAMP,
        Edit("infirmary/bedside.py", '        log.exception("visit broken off", visit=visit_id)\n', ""),
        Edit(
            "infirmary/wards.py",
            '"bean": "south", "squash": "south"}[crop]',
            '"squash": "south"}[crop]["bay"]',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=(*_NOISE, "ward lamp was out already", "lights_out"),
        explanation="The catch-all closes with 1011 and logs nothing. The teardown's RuntimeError comes after the"
        " close, and after good closes too.",
        trap="A traceback right after each bad close, of the same request.",
    ),
)

TEARDOWN_HEALTHY = replace(
    INFIRMARY,
    name="depends-teardown-healthy",
    title="All green, with a traceback after every visit",
    story="The ward's teardown raises after each visit; every socket has closed with 1000 by then. All tests pass.",
    edits=(_LAMP,),
    expected=Expected(
        category="unknown",
        red_herrings=(*_NOISE, "ward lamp was out already", "lights_out"),
        explanation="All tests passed; there is nothing to explain.",
    ),
)

CLOSED_WARD = replace(
    INFIRMARY,
    name="old-depends-exception-1011",
    title="WebSocketException(1011) out of a handler: the older uvicorn logs nothing",
    story="A run finds the ward closed: WebSocketException with code 1011. FastAPI turns it into a close and logs"
    " nothing; what closed the ward is not told.",
    interpreter="LAB_OLD_PYTHON",
    server="uvicorn-0.35/fastapi",
    journal="stdlib",
    environment={},
    needs=(),
    edits=(
        Edit(
            "infirmary/bedside.py",
            "import APIRouter, WebSocket, WebSocketDisconnect\n",
            "import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException\n",
        ),
        Edit(
            "infirmary/bedside.py",
            "    except Exception:\n",
            "    except WebSocketException:\n        raise\n    except Exception:\n",
        ),
        Edit(
            "infirmary/bedside.py",
            "    await asyncio.sleep(0.14)\n",
            "    await asyncio.sleep(0.14)\n"
            '    if call["crops"]:\n'
            '        raise WebSocketException(code=1011, reason="ward closed")\n',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="The application closes with 1011 `ward closed` by WebSocketException; nothing is logged of it.",
    ),
)

KEEPALIVE = replace(
    INFIRMARY,
    name="old-server-keepalive",
    title="The test stops its own loop; the server's keepalive closes with 1011",
    story="A test computes for some seconds without letting its loop run, so its client answers no ping. uvicorn gives"
    " up: 1011 `keepalive ping timeout`. The server did nothing wrong, and logs no error.",
    interpreter="LAB_OLD_PYTHON",
    server="uvicorn-0.35/fastapi",
    journal="stdlib",
    environment={},
    needs=(),
    command=(*INFIRMARY.command, "--ws-ping-interval", "3", "--ws-ping-timeout", "3"),
    suite_environment={"E2E_WAIT_S": "14"},
    edits=(
        Edit("e2e/test_core_services.py", "import asyncio\n", "import asyncio\nimport time\n"),
        Edit(
            "e2e/test_core_services.py",
            "        async with staging.session() as socket:\n            answer",
            "        async with staging.session() as socket:\n            time.sleep(10)\n            answer",
        ),
    ),
    expected=Expected(
        category="client_error",
        message_contains=("keepalive ping timeout", "1011", "did not answer", "ping"),
        evidence=("code=1006", "'code': 1006"),
        red_herrings=_NOISE,
        explanation="The test's client did not answer the server's pings, because the test held its own loop for ten"
        " seconds; the server's keepalive closed with 1011.",
        trap="No exception anywhere on the server.",
    ),
)

SCENARIOS = (HTTP_EXCEPTION, TEARDOWN, TEARDOWN_HEALTHY, CLOSED_WARD, KEEPALIVE)
