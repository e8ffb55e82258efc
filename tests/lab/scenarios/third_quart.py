"""Quart on hypercorn: databases that refuse, an enum in one line, a malformed URL, a lost await, an upstream quota."""

from dataclasses import replace

from tests.lab.more_servers import APIARY, called, stand_in, without_requests
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("frame stuck", "pop from empty list", "wasps near")
_START = Edit("apiary/main.py", "import passes\n", "import passes\nimport stand_in_postgres\n")
_SECRETS = Edit("apiary/comb.py", "import asyncio\n", "import asyncio\nimport os\n\nimport psycopg\n")
_CATCH = """    except Exception:
        log.exception("dance not understood", flight=flight)
        await websocket.close(1011, "dance not understood")
"""
_CELL = '    await asyncio.sleep(0.05)\n    return _CELLS.get(bee, "empty")\n'
_POSTGRES = called(r'"127\.0\.0\.1", port \d+', '"10.35.0.8", port 5432')

PASSWORD = replace(
    APIARY,
    name="quart-postgres-password",
    title="PostgreSQL refuses the password: psycopg's OperationalError, caught",
    story="Notes are stored in a database that no longer takes the service's password. Everybody's chats fail.",
    files=stand_in("stand_in_postgres"),
    environment={
        "STAND_IN_POSTGRES": 'HIVE_DB start 28P01 password authentication failed for user "keeper"',
    },
    needs=(*APIARY.needs, "psycopg"),
    edits=(
        _START,
        _SECRETS,
        Edit(
            "apiary/comb.py",
            "    await asyncio.sleep(0.02)\n    _CELLS[bee] = text\n",
            '    wanted = os.environ["HIVE_DB"] + " user=keeper password=made-up dbname=hives"\n'
            "    async with await psycopg.AsyncConnection.connect(wanted) as session:\n"
            '        await session.execute("insert into cell values (%s, %s)", (bee, text))\n',
        ),
    ),
    edit_entries=_POSTGRES,
    expected=Expected(
        category="dependency_failure",
        also_categories=("authentication_failure", "configuration_error"),
        exception="OperationalError",
        exception_any=("InvalidPassword", "InvalidAuthorizationSpecification"),
        message_contains=(
            'password authentication failed for user "keeper"',
            "password authentication failed",
        ),
        place=Place("apiary/comb.py", "store", "psycopg.AsyncConnection.connect("),
        evidence=("password authentication failed",),
        red_herrings=_NOISE,
        explanation="The database at 10.35.0.8:5432 refuses the service's password: OperationalError in store, caught.",
        trap="Other people's chats end so too.",
    ),
)

CLIENTS = replace(
    APIARY,
    name="quart-postgres-clients",
    title="PostgreSQL has too many clients; nobody catches",
    story="The cell is read from a database that is full: `sorry, too many clients already`. Not caught: Quart logs it"
    " and the socket ends in order.",
    files=stand_in("stand_in_postgres"),
    environment={"STAND_IN_POSTGRES": "HIVE_DB start 53300 sorry, too many clients already"},
    skew_s=-90.0,
    needs=(*APIARY.needs, "psycopg"),
    edits=(
        _START,
        _SECRETS,
        Edit(
            "apiary/comb.py",
            _CELL,
            '    wanted = os.environ["HIVE_DB"] + " user=keeper password=made-up dbname=hives"\n'
            "    async with await psycopg.AsyncConnection.connect(wanted) as session:\n"
            '        row = await session.execute("select wax from cell where bee = %s", (bee,))\n'
            "        return await row.fetchone()\n",
        ),
        Edit("apiary/hive.py", _CATCH, ""),
    ),
    edit_entries=_POSTGRES,
    expected=Expected(
        category="dependency_failure",
        also_categories=("resource_exhaustion",),
        exception="OperationalError",
        exception_any=("TooManyConnections",),
        message_contains=("sorry, too many clients already",),
        place=Place("apiary/comb.py", "cell_of", "psycopg.AsyncConnection.connect("),
        evidence=("sorry, too many clients already",),
        red_herrings=_NOISE,
        explanation="The database at 10.35.0.8:5432 takes no more clients: OperationalError in cell_of, not caught.",
    ),
)

ENUM = replace(
    APIARY,
    name="quart-enum-no-requests",
    title="An Enum in the cell, told in one line; the export has no request log",
    story="The cell's state became an Enum. Quart's JSON refuses it; the hive logs type and text in one line.",
    edit_entries=without_requests,
    edits=(
        Edit("apiary/comb.py", "import asyncio\n", "import asyncio\nimport enum\n"),
        Edit(
            "apiary/comb.py",
            "_CELLS = {}\n",
            '_CELLS = {}\n\n\nclass Wax(enum.Enum):\n    """How a cell is closed."""\n\n    OPEN = 1\n    CAPPED = 2\n',
        ),
        Edit("apiary/comb.py", '_CELLS.get(bee, "empty")', "Wax.CAPPED if bee in _CELLS else Wax.OPEN"),
        Edit(
            "apiary/hive.py",
            '    except Exception:\n        log.exception("dance not understood", flight=flight)\n',
            "    except Exception as error:\n"
            '        log.error(f"dance not understood ({type(error).__name__}: {error})", flight=flight)\n',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type Wax is not JSON serializable",),
        evidence=("Object of type Wax is not JSON serializable",),
        red_herrings=_NOISE,
        explanation="The cell is an Enum, which Quart's JSON refuses: TypeError, told in one line, 1011.",
    ),
)

ADDRESS = replace(
    APIARY,
    name="quart-redis-address",
    title="A Redis address without a scheme, read at request time",
    story="HIVE_REDIS is `10.35.0.21:6379`; redis-py wants a URL with a scheme. ValueError in each description.",
    environment={"HIVE_REDIS": "10.35.0.21:6379"},
    needs=(*APIARY.needs, "redis"),
    report_times=False,
    edits=(
        Edit(
            "apiary/comb.py",
            "import asyncio\n",
            "import asyncio\nimport os\n\nfrom redis.asyncio import Redis\n",
        ),
        Edit(
            "apiary/comb.py",
            _CELL,
            '    redis = Redis.from_url(os.environ["HIVE_REDIS"], decode_responses=True)\n'
            '    return await redis.get(f"cell:{bee}") or "empty"\n',
        ),
    ),
    expected=Expected(
        category="configuration_error",
        exception="ValueError",
        message_contains=("Redis URL must specify one of the following schemes",),
        place=Place("apiary/comb.py", "cell_of", "Redis.from_url("),
        evidence=("Redis URL must specify",),
        red_herrings=_NOISE,
        explanation="HIVE_REDIS has no scheme: ValueError of redis-py in cell_of, caught, 1011.",
    ),
)

AWAIT = replace(
    APIARY,
    name="quart-lost-await",
    title="An await is missing: the answer is never sent, and only a RuntimeWarning says so",
    story="The answer to `describe` is made and not awaited. The tests wait in vain and their clients close with 1011."
    " Python's RuntimeWarning names file and line.",
    suite_environment={"E2E_WAIT_S": "3"},
    edits=(
        Edit(
            "apiary/hive.py",
            '        await websocket.send_json({"type": "described"',
            '        websocket.send_json({"type": "described"',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="RuntimeWarning",
        exception_any=("TimeoutError",),
        message_contains=("was never awaited",),
        evidence=("was never awaited",),
        red_herrings=_NOISE,
        explanation="The coroutine that sends the description is never awaited; the tests' own time limit ends them.",
        trap="The 1011 is the client's own, made by its TimeoutError.",
    ),
)

QUOTA = replace(
    APIARY,
    name="quart-upstream-quota",
    title="A model API closes with 1011 for its quota, and the close is handed on",
    story="Runs go to a model API over a WebSocket of their own. It closes with 1011 and a reason that tells of a"
    " quota, cut at 123 bytes; the hive warns and hands code and reason on.",
    files={
        "apiary/model.py": '''"""The model API, and its stand-in, which takes a prompt and pleads its quota."""

import asyncio
import logging

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

_REASON = (
    "Request trace id: 6f1c9a02be7755d1, [ORIGINAL ERROR] generic::resource_exhausted: RESOURCE_EXHAUSTED:"
    " Maximum concurrent se"
)


_QUIET = logging.getLogger("elsewhere")
_QUIET.disabled = True


async def _plead(socket) -> None:
    await socket.recv()
    await asyncio.sleep(0.05)
    await socket.close(1011, _REASON)


async def ask(prompt):
    """The model's answer."""
    async with serve(_plead, "127.0.0.1", 0, logger=_QUIET) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}/v1beta/live", proxy=None, logger=_QUIET) as api:
            await api.send(prompt)
            return await api.recv()
'''
    },
    edits=(
        Edit("apiary/hive.py", "from apiary import comb\n", "from apiary import comb, model\n"),
        Edit(
            "apiary/hive.py",
            "from quart import Blueprint, abort, current_app, websocket\n",
            "from quart import Blueprint, abort, current_app, websocket\n"
            "from websockets.exceptions import ConnectionClosed\n",
        ),
        Edit(
            "apiary/hive.py",
            "    await asyncio.sleep(0.13)\n",
            """    try:
        await model.ask(f"forage for {dance['crops']}")
    except ConnectionClosed as error:
        log.warning(f"model hung up: {error}")
        await websocket.close(error.rcvd.code, error.rcvd.reason)
        return
""",
        ),
    ),
    needs=(*APIARY.needs, "websockets"),
    expected=Expected(
        category="dependency_failure",
        also_categories=("resource_exhaustion", "platform_limit"),
        exception="ConnectionClosedError",
        message_contains=("RESOURCE_EXHAUSTED", "resource_exhausted", "model hung up"),
        evidence=("model hung up",),
        red_herrings=_NOISE,
        explanation="The model API closed with 1011: RESOURCE_EXHAUSTED, too many sessions at once; handed on.",
    ),
)

SCENARIOS = (PASSWORD, CLIENTS, ENUM, ADDRESS, AWAIT, QUOTA)
