"""The bundled cycles 3 and 4: a chain down to a refused Redis, and a package that the image lacks."""

from tests.lab.front import NOT_READY
from tests.lab.scenario import Edit, Expected, Place, Scenario, Traffic
from tests.lab.service import Service

_GUNICORN = (
    "gunicorn",
    "parley.server:app",
    *("-k", "uvicorn_worker.UvicornWorker"),
    *("-w", "1", "-b", "127.0.0.1:{port}"),
    "--no-control-socket",  # instances on one machine would share it
)

CYCLE_3 = Scenario(
    name="cycle-3",
    title="Cycle 3: the conversation store refuses, three exceptions deep",
    cycle=3,
    service=Service(revision="parley-api-00089-gwd"),
    needs=("redis",),
    edits=(
        Edit("parley/store.py", "import asyncio\nimport os\n", ""),
        Edit(
            "parley/store.py",
            "from collections import defaultdict\n",
            "from collections import defaultdict\n\n"
            "from redis import asyncio as redis\nfrom redis.exceptions import RedisError\n",
        ),
        Edit(
            "parley/store.py",
            """            async with asyncio.timeout(_OPEN_TIMEOUT_S):
                _, writer = await asyncio.open_connection(host, int(port))
        except OSError as error:
            text = os.strerror(error.errno or 0)
            raise StoreError(f"Error {error.errno} connecting to {self._address}: {text}") from error
        writer.close()
""",
            """            async with redis.Redis(
                host=host, port=int(port), retry=None, socket_connect_timeout=_OPEN_TIMEOUT_S
            ) as client:
                await client.ping()
        except RedisError as error:
            raise StoreError("the conversation cannot be opened") from error
""",
        ),
        Edit(
            "parley/store.py",
            """        if self._address:
            await self._check_out()
""",
            "",
        ),
        Edit(
            "parley/store.py",
            "    async def append(",
            """    async def open(self, user: str) -> None:
        \"""`user` has a conversation.\"""
        await self._check_out()
        self._kept.setdefault(user, [])

    async def append(""",
        ),
        Edit(
            "parley/ws/gateway.py",
            '        await send(socket, "welcome", {"session": session.id})\n',
            '        await send(socket, "welcome", {"session": session.id})\n'
            "        if session.protocol == 2:\n"
            "            await socket.app.state.store.open(user)\n",
        ),
    ),
    environment={"PARLEY_STORE": "{refused}", "PARLEY_JOB_PACE": "0.9", "PARLEY_CHAINED_NOISE": "1"},
    traffic=Traffic(pollers=2, chatters=3, poll_pause_s=2, chat_s=6),
    lead_s=14,
    tail_s=10,
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionRefusedError",
        exception_any=("ConnectionError", "StoreError"),
        message_contains=("Connection refused", "Error 111 connecting to 10.24.8.3:6379"),
        place=Place("parley/store.py", "_check_out", "await client.ping()"),
        evidence=("Error 111 connecting", "broke off"),
        red_herrings=(
            "could not convert string to float",
            "frost warning",
            "no postage",
            "zone-9",
            "seed parcel",
        ),
        explanation="Redis at 10.24.8.3:6379 refuses connections: ConnectionRefusedError, redis-py's ConnectionError,"
        " the app's StoreError; caught at the endpoint, logged with its traceback, closed with 1011.",
        trap="Another job's chained exception (KeyError, RuntimeError) is as long; its lines stand between.",
    ),
    story="""
**What happened.** Sessions of protocol 2 open their conversation in a Redis store. The store at `10.24.8.3:6379`
refuses connections. `ConnectionRefusedError` becomes redis-py's `ConnectionError`, that becomes the app's
`StoreError`; the endpoint catches it, logs it with its traceback and closes with 1011 `Internal error`.

**The true cause.** The Redis server is down, or its address is wrong: the innermost exception of the chain. The last
line of each traceback names only the outermost, `StoreError: the conversation cannot be opened`.

**How it stands in the logs.** Each line of a traceback is an entry of its own, most of them within one millisecond, and
the parallel sessions fail on two instances at once: read by time, the lines of both are mixed.

**What stays good.** HTTP, and the chats of other people: protocol 1 keeps no conversation.

**What would mislead.** The parcel job's chained exception (`KeyError`, then `RuntimeError`); the frost job's traceback;
1011 as plot, user, rows, bytes and milliseconds.
""",
)

CYCLE_4 = Scenario(
    name="cycle-4",
    title="Cycle 4: the new image does not start",
    cycle=4,
    service=Service(revision="parley-api-00090-fis"),
    server="gunicorn+uvicorn/fastapi",
    command=_GUNICORN,
    needs=("gunicorn", "uvicorn_worker"),
    edits=(
        Edit(
            "parley/runs/planner.py",
            "from parley.runs.beds",
            "import seedbank\n\nfrom parley.runs.beds",
        ),
    ),
    starts=False,
    refusal=(503, NOT_READY),
    traffic=Traffic(pollers=1, chatters=1, poll_pause_s=3, chat_s=4),
    instances=1,
    lead_s=4,
    tail_s=3,
    expected=Expected(
        category="startup_failure",
        exception="ModuleNotFoundError",
        message_contains=("No module named 'seedbank'",),
        place=Place("parley/runs/planner.py", "<module>", "import seedbank"),
        evidence=("No module named 'seedbank'", "Exception in worker process"),
        red_herrings=("Reason: Worker failed to boot", "HaltServer"),
        explanation="The image lacks the package `seedbank`, which the planner imports: every worker exits with 3 and"
        " every request gets 503.",
        trap="`Worker failed to boot.` and HaltServer are gunicorn's words for it, not the cause.",
    ),
    story="""
**What happened.** Revision `parley-api-00090-fis` imports the package `seedbank`, which its image does not hold.
gunicorn's worker fails to boot (`ModuleNotFoundError`, exit code 3), gunicorn shuts down, the container ends with
exit(3), the startup probe fails, and so at each try. Every request, sign-in and HTTP included, gets 503.

**The true cause.** `No module named 'seedbank'`, raised while `parley/runs/planner.py` is loaded.

**What would mislead.** The WebSocket tests fail too, with `HTTP 503` at the handshake: no close, no 1011. gunicorn's
`Worker failed to boot.` and `HaltServer` name no cause.
""",
)

SCENARIOS = (CYCLE_3, CYCLE_4)
