"""A bare `websockets` server: what nobody catches closes with 1011 and an empty reason."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import TIDEWATCH

_NOISE = ("salinity probe", "invalid literal for int()", "tide table")

UNCAUGHT = replace(
    TIDEWATCH,
    name="websockets-uncaught",
    title="Nobody catches in a bare websockets server",
    story="Beds are looked up in a table without a default; leek and bean are not in it. The library logs the"
    " KeyError and closes with 1011, no reason.",
    journal="jsonlogger",
    edits=(
        Edit(
            "tidewatch/wharf.py",
            '{"leek": "north", "chard": "north"}.get(crop, "south")',
            '{"squash": "south", "chard": "north"}[crop]',
        ),
    ),
    needs=("pythonjsonlogger",),
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("leek", "bean"),
        place=Place("tidewatch/wharf.py", "bed_for", '"chard": "north"}[crop]'),
        evidence=("KeyError: 'leek'", "KeyError: 'bean'"),
        red_herrings=_NOISE,
        explanation="KeyError in bed_for, not caught: the library logs `connection handler failed`, closes with 1011.",
    ),
)

COROUTINE = replace(
    TIDEWATCH,
    name="websockets-coroutine",
    title="A coroutine that nobody awaits",
    story="`describe` forgot an await: AttributeError on a coroutine, and a RuntimeWarning that it was never awaited."
    " Only protocol 2, the suite's, describes itself.",
    edits=(
        Edit(
            "tidewatch/hub.py",
            "        profile = await self.wharf.profile_of(visit.user)\n"
            '        await visit.tell("described", **profile)\n',
            "        profile = self.wharf.profile_of(visit.user)\n"
            '        await visit.tell("described", **profile.as_card())\n',
        ),
    ),
    traces="joined",
    skew_s=31.0,
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'coroutine' object has no attribute 'as_card'",),
        place=Place("tidewatch/hub.py", "describe", "profile.as_card()"),
        evidence=("'coroutine' object has no attribute", "was never awaited"),
        red_herrings=_NOISE,
        explanation="`profile_of` is not awaited: AttributeError on the coroutine in describe, 1011 by the library.",
    ),
)

SWALLOWED = replace(
    TIDEWATCH,
    name="websockets-swallowed",
    title="The handler swallows what fails and closes with 1011",
    story="A catch-all closes with 1011 `try again` and logs nothing of what it caught.",
    journal="prints",
    edits=(
        Edit(
            "tidewatch/hub.py",
            '            await self.verbs[message["type"]](visit, message)\n',
            "            try:\n"
            '                await self.verbs[message["type"]](visit, message)\n'
            "            except Exception:\n"
            '                await socket.close(1011, "try again")\n',
        ),
        Edit(
            "tidewatch/wharf.py",
            '{"leek": "north", "chard": "north"}.get(crop, "south")',
            '{"leek": "north"}[crop.upper()]',
        ),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="The catch-all closes with 1011 and logs nothing of what it caught. The noise is other jobs'.",
        trap="Tracebacks of the probes come all the time, without any id.",
    ),
)

TASK_DIED = replace(
    TIDEWATCH,
    name="websockets-task-died",
    title="A background task died; what waits for it closes with 1011",
    story="A clerk task takes bookings from the ledger. It dies at the first booking without a colon. From then on"
    " each `run` finds no clerk and is closed with 1011. The first death is seen as a never retrieved exception.",
    edits=(
        Edit(
            "tidewatch/wharf.py",
            "    async def bed_for(",
            '''    async def clerk(self) -> None:
        """Bookings were entered until the server stopped."""
        while True:
            user, what = await self.ledger.get()
            kind, amount = what.split(":")
            self.profiles.setdefault(user, {"name": user})[kind] = amount

    async def bed_for(''',
        ),
        Edit(
            "tidewatch/hub.py",
            '        log.info("run begins", conn=visit.key, run=message["run"])\n',
            """        log.info("run begins", conn=visit.key, run=message["run"])
        if not self.clerks:
            log.error("no clerk at the ledger, run refused", conn=visit.key)
            await visit.socket.close(1011, "ledger unattended")
            return
""",
        ),
        Edit(
            "tidewatch/hub.py",
            "        pumps = asyncio.create_task(self.wharf.pumps())\n",
            "        pumps = asyncio.create_task(self.wharf.pumps())\n"
            "        self.clerks = {asyncio.create_task(self.wharf.clerk())}\n"
            "        next(iter(self.clerks)).add_done_callback(self.clerks.discard)\n",
        ),
    ),
    lead_s=12,
    expected=Expected(
        category="application_error",
        exception="ValueError",
        message_contains=("not enough values to unpack", "too many values to unpack"),
        place=Place("tidewatch/wharf.py", "clerk", 'what.split(":")'),
        evidence=("values to unpack", "never retrieved"),
        red_herrings=_NOISE,
        explanation="The clerk task died of a ValueError when a chat without a colon was booked; runs then get 1011.",
        trap="The cause is minutes or seconds before, outside the failing sockets; the noise is a ValueError too.",
    ),
)

UPSTREAM = replace(
    TIDEWATCH,
    name="websockets-upstream-1011",
    title="A model API closes with 1011, and the close is handed on",
    story="Runs go to a model API over a WebSocket of their own. It answers with 1011 `Internal error occurred.`; the"
    " hub logs one line and hands code and reason on.",
    journal="structlog_json",
    files={
        "tidewatch/model.py": '''"""The model API, and what stands in for it here: it takes a prompt and breaks down."""

import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def _break_down(socket) -> None:
    await socket.recv()
    await asyncio.sleep(0.05)
    await socket.close(1011, "Internal error occurred.")


class Model:
    """A session with the model API for each prompt."""

    def __init__(self) -> None:
        self._port = 0

    async def open(self) -> None:
        """The API can be reached."""
        server = await serve(_break_down, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]

    async def ask(self, prompt: str) -> str:
        """The model's answer."""
        async with connect(f"ws://127.0.0.1:{self._port}/v1/live", proxy=None) as api:
            await api.send(prompt)
            return await api.recv()
'''
    },
    edits=(
        Edit(
            "tidewatch/hub.py",
            "from tidewatch.wharf import Wharf\n",
            "from tidewatch.model import Model\nfrom tidewatch.wharf import Wharf\n",
        ),
        Edit(
            "tidewatch/hub.py",
            "from websockets.asyncio.server import serve\n",
            "from websockets.asyncio.server import serve\nfrom websockets.exceptions import ConnectionClosedError\n",
        ),
        Edit(
            "tidewatch/hub.py",
            "        stop = asyncio.Event()\n",
            "        stop = asyncio.Event()\n        self.model = Model()\n        await self.model.open()\n",
        ),
        Edit(
            "tidewatch/hub.py",
            "        await asyncio.sleep(0.14)\n",
            """        try:
            await self.model.ask(f"plan {message['crops']}")
        except ConnectionClosedError as error:
            log.error("model session lost", conn=visit.key, detail=str(error))
            await visit.socket.close(error.rcvd.code, error.rcvd.reason)
            return
""",
        ),
    ),
    needs=("structlog",),
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionClosedError",
        message_contains=("Internal error occurred.", "model session lost"),
        evidence=("model session lost",),
        red_herrings=_NOISE,
        explanation="The upstream model API closed with 1011 `Internal error occurred.`; the hub hands it on.",
    ),
)

SCENARIOS = (UNCAUGHT, COROUTINE, SWALLOWED, TASK_DIED, UPSTREAM)
