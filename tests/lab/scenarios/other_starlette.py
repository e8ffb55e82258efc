"""Starlette alone, under uvicorn, hypercorn and gunicorn: pools, races, one bad instance, limits."""

import signal
from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place, Strike
from tests.lab.servers import MOORING, MOORING_GUNICORN, MOORING_HYPERCORN

_NOISE = ("lantern not lit", "starboard", "buoy drifts")
_SLOW_PAGE = Edit("e2e/client.py", "await asyncio.sleep(0.6)", "await asyncio.sleep(2.4)")
_CATCH = """            log.exception("stream torn", stream=self.key)
            await websocket.close(1011, "stream torn")
"""

WORKER_TIMEOUT = replace(
    MOORING,
    name="gunicorn-worker-timeout",
    title="gunicorn kills a worker whose loop is blocked",
    story="A berth is looked up with time.sleep in it, five seconds long. gunicorn's timeout is three: WORKER TIMEOUT,"
    " the worker is aborted, its sockets end with 1006.",
    server="gunicorn+uvicorn/starlette",
    command=MOORING_GUNICORN,
    journal="stdlib",
    environment={},
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport time\n"),
        Edit(
            "mooring/ropes.py",
            '        await asyncio.sleep(0.02)\n        return {"crop"',
            '        time.sleep(6)\n        return {"crop"',
        ),
    ),
    needs=("gunicorn", "uvicorn_worker"),
    tail_s=8,
    expected=Expected(
        category="event_loop_blocked",
        also_categories=("resource_exhaustion",),
        message_contains=("WORKER TIMEOUT", "event loop", "blocked"),
        evidence=("WORKER TIMEOUT",),
        red_herrings=_NOISE,
        explanation="time.sleep in Ropes.berth blocks the loop; gunicorn aborts the worker: WORKER TIMEOUT.",
    ),
)

POOL = replace(
    MOORING,
    name="gunicorn-pool-exhausted",
    title="The pool of connections runs dry",
    story="Each run takes a connection from a pool of two and forgets to give it back. SQLAlchemy: QueuePool limit.",
    server="gunicorn+uvicorn/starlette",
    command=MOORING_GUNICORN,
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\n\nimport sqlalchemy\n"),
        Edit(
            "mooring/ropes.py",
            "        self.knots = {}\n",
            """        self.knots = {}
        self.held = []
        self.engine = sqlalchemy.create_engine(
            "sqlite://", poolclass=sqlalchemy.QueuePool, pool_size=2, max_overflow=0, pool_timeout=0.7
        )
""",
        ),
        Edit(
            "mooring/ropes.py",
            '        await asyncio.sleep(0.02)\n        return {"crop"',
            '        self.held.append(await asyncio.to_thread(self.engine.connect))\n        return {"crop"',
        ),
    ),
    traffic=replace(MOORING.traffic, chatters=4, runs=True),
    needs=("gunicorn", "uvicorn_worker", "sqlalchemy"),
    expected=Expected(
        category="resource_exhaustion",
        also_categories=("application_error", "dependency_failure"),
        exception="TimeoutError",
        message_contains=("QueuePool limit of size 2 overflow 0 reached",),
        place=Place("mooring/ropes.py", "berth", "asyncio.to_thread(self.engine.connect)"),
        evidence=("QueuePool limit",),
        red_herrings=_NOISE,
        explanation="The pool of two is used up by connections that are never returned: QueuePool limit reached.",
        trap="Early runs, other people's, succeed.",
    ),
)

RACE = replace(
    MOORING,
    name="hypercorn-startup-race",
    title="The first streams come before the ropes are fast",
    story="The ropes are made fast by a task that takes seven seconds; until then `knot_of` raises RuntimeError. Not"
    " caught: hypercorn closes with 1011. The suite's first tests fail, the later ones pass.",
    server="hypercorn/starlette",
    command=MOORING_HYPERCORN,
    journal="loguru_text",
    environment={},
    needs=("hypercorn", "loguru"),
    lead_s=3,
    edits=(
        Edit(
            "mooring/endpoints/streams.py",
            '        try:\n            await getattr(self, data["type"])(websocket, data)\n        except Exception:\n'
            + _CATCH,
            '        await getattr(self, data["type"])(websocket, data)\n',
        ),
        Edit(
            "mooring/ropes.py",
            "        await asyncio.sleep(0.01)\n",
            "        self.warm_up = asyncio.create_task(self._make_fast())\n"
            "\n"
            "    async def _make_fast(self) -> None:\n"
            "        await asyncio.sleep(7.5)\n"
            "        self.ready = True\n",
        ),
        Edit(
            "mooring/ropes.py",
            "        self.knots = {}\n",
            "        self.knots = {}\n        self.ready = False\n",
        ),
        Edit(
            "mooring/ropes.py",
            "        await asyncio.sleep(0.06)\n",
            "        if not self.ready:\n"
            '            raise RuntimeError("Ropes not initialised: make_fast() has not finished")\n'
            "        await asyncio.sleep(0.06)\n",
        ),
    ),
    expected=Expected(
        category="application_error",
        also_categories=("startup_failure",),
        exception="RuntimeError",
        message_contains=("Ropes not initialised",),
        place=Place("mooring/ropes.py", "knot_of", "raise RuntimeError"),
        evidence=("Ropes not initialised",),
        red_herrings=_NOISE,
        explanation="Streams are served before the warm-up has finished: RuntimeError `Ropes not initialised`.",
    ),
)

RETURNS = replace(
    MOORING,
    name="hypercorn-returns-early",
    title="A handler returns without closing: hypercorn's 1011, nothing logged",
    story="After the run's first step the endpoint returns. hypercorn closes with 1011, no reason, no line.",
    server="hypercorn/starlette",
    command=MOORING_HYPERCORN,
    needs=("hypercorn",),
    files={
        "mooring/endpoints/quiet.py": '''"""A stream that may simply end."""

from mooring.endpoints.streams import Stream


class Leaves(Exception):
    """The stream is over."""


class QuietStream(Stream):
    """Ends where a run has crops."""

    async def on_receive(self, websocket, data):
        """The message was served."""
        if data.get("crops"):
            await websocket.send_json({"type": "run.started", "run": data["run"]})
            raise Leaves
        await super().on_receive(websocket, data)

    async def dispatch(self):
        """Served to its end."""
        try:
            await super().dispatch()
        except Leaves:
            return
'''
    },
    edits=(
        Edit(
            "mooring/asgi.py",
            "from mooring.endpoints import pages, streams\n",
            "from mooring.endpoints import pages, quiet\n",
        ),
        Edit("mooring/asgi.py", "streams.Stream", "quiet.QuietStream"),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="The endpoint returned without closing; hypercorn closes with 1011 and logs nothing.",
    ),
)

ONE_BAD = replace(
    MOORING,
    name="starlette-one-bad-instance",
    title="One instance of two is bad",
    story="Two instances. One reads a table of berths from a file that is missing: FileNotFoundError.",
    one_instance={"BERTHS": "/srv/berths/table-7.json"},
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport os\nimport pathlib\n"),
        Edit(
            "mooring/ropes.py",
            '        await asyncio.sleep(0.02)\n        return {"crop"',
            '        if "BERTHS" in os.environ:\n'
            '            pathlib.Path(os.environ["BERTHS"]).read_text()\n'
            '        return {"crop"',
        ),
    ),
    traffic=replace(MOORING.traffic, runs=True),
    expected=Expected(
        category="application_error",
        also_categories=("configuration_error",),
        exception="FileNotFoundError",
        message_contains=("/srv/berths/table-7.json",),
        place=Place("mooring/ropes.py", "berth", "read_text()"),
        evidence=("table-7.json",),
        red_herrings=_NOISE,
        explanation="One instance reads a table of berths that is not there: FileNotFoundError in Ropes.berth.",
    ),
)

NEW_REVISION = replace(
    MOORING,
    name="starlette-new-revision",
    title="A fault that comes with a new revision",
    story="Streams are good until a new revision takes over before the suite starts; there, berths are strings.",
    environment={"JOURNAL_TRACE": "1"},
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport os\n"),
        Edit(
            "mooring/ropes.py",
            '        return {"crop": crop, "bed"',
            '        if os.environ.get("K_REVISION", "").endswith("zev"):\n'
            '            return f"{crop} at the quay"\n'
            '        return {"crop": crop, "bed"',
        ),
    ),
    strikes=(
        Strike(
            -7.0,
            signal.SIGTERM,
            (0, 1),
            successors=2,
            revision="mooring-api-00255-zev",
            environment={"K_REVISION": "mooring-api-00255-zev"},
        ),
    ),
    lead_s=20,
    traffic=replace(MOORING.traffic, runs=True, chatters=4),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("'str' object is not a mapping",),
        place=Place("mooring/endpoints/streams.py", "run", "await self.ropes.berth(crop)"),
        evidence=("'str' object is not a mapping",),
        red_herrings=_NOISE,
        explanation="Since revision mooring-api-00255-zev berth() returns a str: TypeError in Stream.run.",
    ),
)

SIGTERM = replace(
    MOORING,
    name="gunicorn-sigterm",
    title="gunicorn is told to stop in mid-test",
    story="In mid-suite a new revision is rolled out; gunicorn gets SIGTERM and its workers close with 1012.",
    server="gunicorn+uvicorn/starlette",
    command=MOORING_GUNICORN,
    needs=("gunicorn", "uvicorn_worker"),
    journal="stdlib",
    environment={},
    edits=(_SLOW_PAGE,),
    strikes=(
        Strike(4.6, signal.SIGTERM, (0,), successors=1, revision="mooring-api-00256-lut"),
        Strike(9.2, signal.SIGTERM, (1,), successors=1, revision="mooring-api-00256-lut"),
    ),
    expected=Expected(
        category="deployment_change",
        message_contains=(
            "Handling signal: term",
            "SIGTERM",
            "1012",
            "Shutting down",
            "mooring-api-00256-lut",
        ),
        evidence=("Handling signal: term", "Shutting down", "DEPLOYMENT_ROLLOUT"),
        red_herrings=_NOISE,
        explanation="The instances were stopped for a rollout while tests had sockets on them.",
    ),
)

REQUEST_TIMEOUT = replace(
    MOORING,
    name="request-timeout",
    title="The request timeout ends long streams",
    story="The service's request timeout is three seconds. Tests that stay longer are cut off: 1006, 504 in the log.",
    request_timeout_s=3.0,
    edits=(
        _SLOW_PAGE,
        Edit(
            "mooring/endpoints/streams.py",
            "        await asyncio.sleep(0.15)\n",
            "        await asyncio.sleep(1.3)\n",
        ),
    ),
    expected=Expected(
        category="platform_limit",
        also_categories=("configuration_error",),
        message_contains=("maximum request timeout",),
        evidence=("maximum request timeout",),
        red_herrings=_NOISE,
        explanation="Streams that live longer than the request timeout of three seconds are ended by the platform.",
        trap="Other people's sessions end so too, and nothing is wrong with the service.",
    ),
)

QUIET_CAUSE = replace(
    MOORING,
    name="starlette-quiet-cause",
    title="The cause in one WARNING line without ids; loud errors in every stream",
    story="A knot counter fails with a traceback on each arrival, good or bad. What fails the suite's runs is told in"
    " one warning, without a traceback.",
    journal="stdlib",
    environment={"JOURNAL_FIELDS": "0"},
    traces="joined",
    edits=(
        Edit(
            "mooring/endpoints/streams.py",
            "        except Exception:\n" + _CATCH,
            """        except Exception as error:
            log.warning(f"stream given up, {error!r}")
            await websocket.close(1011, "stream torn")
""",
        ),
        Edit(
            "mooring/endpoints/streams.py",
            '        log.info("haul away", stream=self.key, run=data["run"])\n',
            """        try:
            self.ropes.knots["count"] += 1
        except KeyError:
            log.exception("knot counter broken")
""",
        ),
        Edit(
            "mooring/ropes.py",
            '        return {"crop": crop, ',
            '        return {"crop": crop, "side": crop.index("q"), ',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="ValueError",
        message_contains=("substring not found",),
        evidence=("substring not found",),
        red_herrings=(*_NOISE, "knot counter", "KeyError('count')"),
        explanation="str.index fails in Ropes.berth: ValueError('substring not found'), told in one warning.",
        trap="The counter's traceback is ERROR and some 170 ms before each close; parallel sessions have it and pass.",
    ),
)

SIGN_IN = replace(
    MOORING,
    name="starlette-1008",
    title="Streams are accepted, then refused with 1008",
    story="The stream accepts first, then checks the pass by a clock that is an hour off: all have expired, 1008.",
    edits=(
        Edit(
            "mooring/endpoints/streams.py",
            "        try:\n            self.user",
            "        await websocket.accept()\n        try:\n            self.user",
        ),
        Edit(
            "mooring/endpoints/streams.py",
            "        await websocket.accept()\n        log.info",
            "        log.info",
        ),
        Edit("passes.py", 'claims["exp"] < time.time():', 'claims["exp"] < time.time() + 3600:'),
    ),
    expected=Expected(
        category="authentication_failure",
        also_categories=("application_error", "configuration_error"),
        exception="TokenError",
        message_contains=("stream refused", "expired", "1008"),
        evidence=("stream refused",),
        red_herrings=_NOISE,
        explanation="Passes are held to be expired an hour early: every stream is closed with 1008 `refused`.",
    ),
)

SCENARIOS = (
    WORKER_TIMEOUT,
    POOL,
    RACE,
    RETURNS,
    ONE_BAD,
    NEW_REVISION,
    SIGTERM,
    REQUEST_TIMEOUT,
    QUIET_CAUSE,
    SIGN_IN,
)
