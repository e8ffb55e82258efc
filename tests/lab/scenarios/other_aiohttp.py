"""Aiohttp: dependencies that are dead or slow, values that are no JSON, a refused sign-in."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import HARVEST

_NOISE = ("scale gave no reading", "division by zero", "_weigh", "feed order")
_CARD = '    await asyncio.sleep(0.05)\n    return {"user": user, "notes": len(_NOTES[user])}\n'

DEAD_HTTP = replace(
    HARVEST,
    name="aiohttp-dead-http",
    title="The pricing service is down: ClientConnectorError, chained",
    story="Placing a crop asks the pricing service over HTTP. It refuses connections; the client's error is chained"
    " into one of the app's own, caught in the room and logged in structlog's `exception`.",
    environment={"PRICING": "http://{refused:10.61.4.20:8090}/v2/quote"},
    edits=(
        Edit("harvest/barn.py", "import journal\n", "import aiohttp\nimport journal\n"),
        Edit(
            "harvest/barn.py",
            "async def place(crop):\n",
            '''class QuoteError(Exception):
    """No quote could be had."""


async def _quote(crop):
    try:
        async with aiohttp.ClientSession() as http, http.get(os.environ["PRICING"], params={"crop": crop}) as got:
            return await got.json()
    except aiohttp.ClientError as error:
        raise QuoteError(f"no quote for {crop}") from error


async def place(crop):
''',
        ),
        Edit("harvest/barn.py", "    await asyncio.sleep(0.03)\n", "    await _quote(crop)\n"),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="ClientConnectorError",
        exception_any=("ConnectionRefusedError", "QuoteError", "OSError"),
        message_contains=(
            "Cannot connect to host 10.61.4.20:8090",
            "Connect call failed ('10.61.4.20', 8090)",
            "Connection refused",
        ),
        place=Place("harvest/barn.py", "_quote", "http.get("),
        evidence=("10.61.4.20",),
        red_herrings=_NOISE,
        explanation="The pricing service at 10.61.4.20:8090 refuses connections; QuoteError, caught, 1011.",
    ),
)

TIMEOUT = replace(
    HARVEST,
    name="aiohttp-timeout",
    title="A lookup times out: TimeoutError chained into one line with a traceback",
    story="Describing a user asks a directory that accepts and never answers. After a second the wait is given up:"
    " CancelledError, TimeoutError, LookupFailed, one chain.",
    journal="jsonlogger",
    needs=("aiohttp", "pythonjsonlogger"),
    environment={"DIRECTORY": "{silent:10.61.4.31:6380}"},
    edits=(
        Edit(
            "harvest/barn.py",
            "async def card_of(user):\n",
            '''class LookupFailed(RuntimeError):
    """The directory did not tell."""


async def _read_directory(user):
    host, port = os.environ["DIRECTORY"].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {user}\\n".encode())
    return await reader.readline()


async def card_of(user):
''',
        ),
        Edit(
            "harvest/barn.py",
            _CARD,
            """    try:
        line = await asyncio.wait_for(_read_directory(user), 1.0)
    except TimeoutError as error:
        raise LookupFailed(f"directory did not answer for {user} within 1.0 s") from error
    return {"user": user, "line": line.decode()}
""",
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="LookupFailed",
        exception_any=("TimeoutError", "CancelledError"),
        message_contains=("directory did not answer", "within 1.0 s"),
        place=Place("harvest/barn.py", "_read_directory", "reader.readline()"),
        evidence=("directory did not answer",),
        red_herrings=_NOISE,
        explanation="The directory accepts and never answers: TimeoutError after 1 s, chained into LookupFailed.",
    ),
)

UNCAUGHT = replace(
    HARVEST,
    name="aiohttp-uncaught",
    title="Nobody catches on aiohttp: 1006",
    story="There is no catch-all: aiohttp logs `Error handling request` and drops the connection.",
    journal="stdlib",
    needs=("aiohttp",),
    edits=(
        Edit(
            "harvest/room.py",
            "    except Exception:\n"
            '        log.exception("guest dropped", request_id=seat.id)\n'
            '        await sock.close(code=1011, message=b"internal error")\n',
            "    finally:\n        pass\n",
        ),
        Edit("harvest/barn.py", '"row": 3}', '"row": len(crop) // (crop.count("z"))}'),
    ),
    expected=Expected(
        category="application_error",
        exception="ZeroDivisionError",
        message_contains=("integer division or modulo by zero", "division by zero"),
        place=Place("harvest/barn.py", "place", 'crop.count("z")'),
        evidence=("Error handling request", "integer division or modulo by zero"),
        red_herrings=("scale gave no reading", "_weigh"),
        explanation="ZeroDivisionError in place, not caught: aiohttp logs it, the client sees 1006.",
        trap="The noise is a ZeroDivisionError too, of another function.",
    ),
)

DATABASE = replace(
    HARVEST,
    name="aiohttp-asyncpg",
    title="The database refuses: asyncpg's chain in cloud JSON",
    story="Notes are kept in a database that refuses connections. OSError of asyncpg, chained into StorageDown.",
    journal="cloud_json",
    needs=("aiohttp", "asyncpg"),
    environment={"DATABASE": "postgresql://barn:made-up@{refused:10.61.5.2:5432}/barn", "JOURNAL_TRACE": "1"},
    edits=(
        Edit("harvest/barn.py", "import journal\n", "import asyncpg\nimport journal\n"),
        Edit(
            "harvest/barn.py",
            "async def keep(user, text) -> None:\n",
            '''class StorageDown(Exception):
    """Notes cannot be kept."""


async def _session():
    try:
        return await asyncpg.connect(os.environ["DATABASE"], timeout=2)
    except OSError as error:
        raise StorageDown("cannot open a session with the note store") from error


async def keep(user, text) -> None:
''',
        ),
        Edit(
            "harvest/barn.py",
            "    await asyncio.sleep(0.02)\n",
            '    session = await _session()\n    await session.execute("select 1")\n',
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionRefusedError",
        exception_any=("OSError", "StorageDown"),
        message_contains=(
            "Connect call failed ('10.61.5.2', 5432)",
            "cannot open a session with the note store",
        ),
        place=Place("harvest/barn.py", "_session", "asyncpg.connect("),
        evidence=("10.61.5.2",),
        red_herrings=_NOISE,
        explanation="The database at 10.61.5.2:5432 refuses connections: asyncpg's error, chained into StorageDown.",
        trap="Other people's chats fail too: few good sockets.",
    ),
)

SERIALIZE = replace(
    HARVEST,
    name="aiohttp-serialize-all",
    title="A date in the card: every socket is bad, other people's too",
    story="The card holds a date that json.dumps will not take. It is sent on arrival, so every socket ends with 1011.",
    edits=(
        Edit("harvest/barn.py", "import asyncio\n", "import asyncio\nimport datetime\n"),
        Edit("harvest/barn.py", '"notes": len(_NOTES[user])', '"since": datetime.datetime.now(datetime.UTC)'),
        Edit(
            "harvest/room.py",
            '        await seat.put("welcome", {"session": seat.id})\n',
            '        await seat.put("welcome", {"session": seat.id})\n'
            '        await seat.put("card", await barn.card_of(user))\n',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type datetime is not JSON serializable",),
        place=Place("harvest/room.py", "put", "json.dumps"),
        evidence=("is not JSON serializable",),
        red_herrings=_NOISE,
        explanation="A datetime in the card: TypeError of json.dumps in Seat.put, in every session there is.",
        trap="No socket is good.",
    ),
)

REFUSED = replace(
    HARVEST,
    name="aiohttp-4401",
    title="Sign-in refused after the handshake, with 4401",
    story="The room wants tokens signed with a key that the sign-in no longer uses: 4401 after the handshake.",
    edits=(Edit("harvest/room.py", '"made-up-staging-key"', '"made-up-older-key"'),),
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error",),
        exception="TokenError",
        message_contains=("signature does not match", "guest turned away", "4401"),
        evidence=("guest turned away",),
        red_herrings=_NOISE,
        explanation="Signatures do not match: the keys of sign-in and room differ. Every session is closed with 4401.",
    ),
)

NO_IDS = replace(
    SERIALIZE,
    name="aiohttp-no-ids",
    title="Neither ids nor traces in the handler's lines",
    story="The run's step holds a set, which is no JSON. Lines carry no ids and no trace.",
    environment={"JOURNAL_FIELDS": "0"},
    edits=(Edit("harvest/barn.py", '"row": 3}', '"row": {3, len(crop)}}'),),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type set is not JSON serializable",),
        place=Place("harvest/room.py", "put", "json.dumps"),
        evidence=("is not JSON serializable",),
        red_herrings=_NOISE,
        explanation="A set in the run's step: TypeError of json.dumps in Seat.put; tied by time and instance only.",
    ),
)

SCENARIOS = (DEAD_HTTP, TIMEOUT, UNCAUGHT, DATABASE, SERIALIZE, REFUSED, NO_IDS)
