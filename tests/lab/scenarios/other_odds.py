"""An older uvicorn, files that run out, a run that hangs, a refused upgrade on node."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import HARVEST, MOORING, RELAY

_WATCH = ("lantern not lit", "starboard", "buoy drifts")
_CATCH = """        try:
            await getattr(self, data["type"])(websocket, data)
        except Exception:
            log.exception("stream torn", stream=self.key)
            await websocket.close(1011, "stream torn")
"""
_CLEATS = Edit(
    "mooring/ropes.py",
    '        return {"crop": crop, ',
    '        return {"crop": crop, "cleats": int("six" + crop), ',
)

OLD_CAUGHT = replace(
    MOORING,
    name="old-uvicorn-caught",
    title="Starlette on uvicorn 0.35, caught and closed with 1011",
    story="Cleats are counted in words: ValueError, caught. The server is an older uvicorn with websockets 15.",
    interpreter="LAB_OLD_PYTHON",
    server="uvicorn-0.35/starlette",
    journal="stdlib",
    environment={"JOURNAL_TRACE": "1"},
    edits=(_CLEATS,),
    expected=Expected(
        category="application_error",
        exception="ValueError",
        message_contains=("invalid literal for int() with base 10: 'sixleek'", "'sixbean'"),
        place=Place("mooring/ropes.py", "berth", 'int("six" + crop)'),
        evidence=("invalid literal for int()",),
        red_herrings=_WATCH,
        explanation="ValueError in Ropes.berth, caught and logged with its traceback, on an older uvicorn.",
    ),
)

OLD_UNCAUGHT = replace(
    OLD_CAUGHT,
    name="old-uvicorn-uncaught",
    title="Starlette on uvicorn 0.35, not caught: 1006",
    story="As old-uvicorn-caught, without the catch-all: `Exception in ASGI application`, 1006.",
    edits=(
        _CLEATS,
        Edit(
            "mooring/endpoints/streams.py",
            _CATCH,
            '        await getattr(self, data["type"])(websocket, data)\n',
        ),
    ),
    expected=replace(
        OLD_CAUGHT.expected,
        explanation="ValueError in Ropes.berth, not caught; the older uvicorn drops the socket: 1006.",
    ),
)

FILES = replace(
    HARVEST,
    name="aiohttp-too-many-files",
    instances=1,
    title="Files run out: each card leaves one open",
    story="Each card opens a file and keeps it. After some dozens: OSError 24, in sockets and in accept().",
    journal="jsonlogger",
    needs=("aiohttp", "pythonjsonlogger"),
    edits=(
        Edit("harvest/barn.py", "import asyncio\n", "import asyncio\nimport resource\n"),
        Edit(
            "harvest/barn.py",
            "_NOTES = ",
            "resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))\n_OPEN = []\n_NOTES = ",
        ),
        Edit(
            "harvest/barn.py",
            "    await asyncio.sleep(0.05)\n",
            '    await asyncio.sleep(0.05)\n    _OPEN.extend(open("/etc/hostname") for _ in range(5))\n',
        ),
    ),
    expected=Expected(
        category="resource_exhaustion",
        exception="OSError",
        message_contains=("Too many open files",),
        place=Place("harvest/barn.py", "<genexpr>", "_OPEN.extend("),
        evidence=("Too many open files",),
        red_herrings=("scale gave no reading", "division by zero", "_weigh"),
        explanation="Each card keeps files open; the limit of 30 is reached: [Errno 24] Too many open files.",
        trap="The first tests pass.",
    ),
)

HANGS = replace(
    MOORING,
    name="starlette-hangs",
    title="A run waits for ever; the tests give up, and nothing is logged",
    story="The berth waits for an event that nobody sets. The tests time out and their clients close with 1011.",
    suite_environment={"E2E_WAIT_S": "3"},
    edits=(
        Edit(
            "mooring/ropes.py",
            '        await asyncio.sleep(0.02)\n        return {"crop"',
            '        await asyncio.Event().wait()\n        return {"crop"',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_WATCH,
        explanation="The run hangs; the test's own time limit ends it and its client closes with 1011. The logs do not"
        " say what the run waits for.",
        trap="The 1011 is the client's, made by the test's TimeoutError; the loop is alive all the while.",
    ),
)

NODE_REFUSED = replace(
    RELAY,
    name="node-403",
    title="Node refuses the upgrade: 403",
    story="Tokens are signed with one key and checked with another. The upgrade is answered with 403.",
    edits=(
        Edit(
            "src/passes.js",
            "  if (at < 0 || sign(token.slice(0, at)) ",
            "  if (at < 0 || sign(`${token.slice(0, at)}.`) ",
        ),
    ),
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error", "application_error"),
        exception="Error",
        message_contains=("bad signature", "upgrade refused"),
        evidence=("upgrade refused",),
        red_herrings=("rain gauge", "reading 'level'"),
        explanation="Signatures do not match; every upgrade is refused with 403.",
    ),
)

SCENARIOS = (OLD_CAUGHT, OLD_UNCAUGHT, FILES, HANGS, NODE_REFUSED)
