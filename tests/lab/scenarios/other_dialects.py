"""More dialects and mechanisms: loguru's JSON, structlog's console, winston's stack, stalls, heaps."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import CONSULATE, HARVEST, KESTREL, MOORING, RELAY, TIDEWATCH

_BARN = ("scale gave no reading", "division by zero", "_weigh", "feed order")
_WATCH = ("lantern not lit", "starboard", "buoy drifts")
_GAUGE = ("rain gauge", "reading 'level'", "readGauge", "event loop lag")

LOGURU_JSON = replace(
    HARVEST,
    name="aiohttp-loguru-json",
    title="loguru with serialize=True: the traceback is in `text`",
    story="A bed that is None is asked for its title. Lines are JSON objects with `text` and `record`.",
    journal="loguru_json",
    needs=("aiohttp", "loguru"),
    edits=(
        Edit(
            "harvest/barn.py",
            '"bed": "north" if crop in ("leek", "chard") else "south"',
            '"bed": {"chard": "north"}.get(crop).title()',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'NoneType' object has no attribute 'title'",),
        place=Place("harvest/barn.py", "place", ".get(crop).title()"),
        evidence=("'NoneType' object has no attribute 'title'",),
        red_herrings=_BARN,
        explanation="AttributeError in place: the bed of leek and bean is None; told in loguru's JSON.",
    ),
)

CONSOLE = replace(
    MOORING,
    name="starlette-structlog-console",
    title="structlog's coloured console, tracebacks in lines",
    story="Berths are counted from a tuple that is too short. Coloured columns; the traceback follows line by line.",
    journal="structlog_console",
    environment={},
    needs=("structlog",),
    edits=(
        Edit(
            "mooring/ropes.py",
            '        return {"crop": crop, ',
            '        return {"crop": crop, "cleat": ("fore", "aft")[len(crop)], ',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="IndexError",
        message_contains=("tuple index out of range",),
        place=Place("mooring/ropes.py", "berth", '("fore", "aft")[len(crop)]'),
        evidence=("tuple index out of range",),
        red_herrings=_WATCH,
        explanation="IndexError in Ropes.berth; structlog's console renderer, coloured.",
    ),
)

WINSTON = replace(
    RELAY,
    name="node-winston-range",
    title="winston's JSON: message and stack side by side",
    story="A hint is repeated a negative number of times: RangeError, `stack` at the top of the JSON line.",
    environment={"LOG": "winston"},
    edits=(
        Edit("src/garden.js", "(crop) => BEDS[crop];", "(crop) => BEDS[crop] + '-'.repeat(3 - crop.length);"),
    ),
    expected=Expected(
        category="application_error",
        exception="RangeError",
        message_contains=("Invalid count value: -1", "Invalid count value: -2"),
        place=Place("src/garden.js", "bedOf", "'-'.repeat"),
        evidence=("Invalid count value",),
        red_herrings=_GAUGE,
        explanation="RangeError in bedOf: String.repeat of a negative count; winston-like JSON.",
    ),
)

NODE_STALL = replace(
    RELAY,
    name="node-stall",
    title="A synchronous loop stalls node; clients' keepalive gives up",
    story="The run sorts a table by brute force for nine seconds. The clients' pings get no answer; they close.",
    edits=(
        Edit(
            "src/seat.js",
            "    await pause(120);\n",
            "    for (const until = Date.now() + 9000; Date.now() < until;) Math.sqrt(until);\n",
        ),
    ),
    suite_environment={"E2E_PING_S": "2", "E2E_WAIT_S": "12"},
    tail_s=9,
    expected=Expected(
        category="event_loop_blocked",
        message_contains=("keepalive ping timeout", "event loop", "blocked", "silent"),
        evidence=("run taken up",),
        red_herrings=_GAUGE,
        explanation="A synchronous loop of nine seconds blocks the event loop; the clients close with 1011 themselves.",
    ),
)

NODE_HEAP = replace(
    RELAY,
    name="node-heap",
    title="Node runs out of heap and aborts",
    story="A run keeps a growing history. V8: `Reached heap limit`, abort, Uncaught signal: 6.",
    command=("node", "--max-old-space-size=24", "main.js", "{port}"),
    edits=(
        Edit(
            "src/seat.js",
            "    await pause(120);\n",
            "    if (message.crops.length) for (;;) history.push(new Array(4096).fill(message.run));\n"
            "    await pause(120);\n",
        ),
        Edit("src/seat.js", "const pause =", "const history = [];\nconst pause ="),
    ),
    expected=Expected(
        category="resource_exhaustion",
        message_contains=("heap out of memory", "heap limit", "Uncaught signal: 6"),
        evidence=("JavaScript heap out of memory", "Uncaught signal: 6"),
        red_herrings=_GAUGE,
        explanation="V8 reached its heap limit and aborted; the sockets end with 1006.",
    ),
)

CLIENT_MADE = replace(
    HARVEST,
    name="aiohttp-client-made",
    title="The test's own assertion fails; aiohttp sees 1011 come in",
    story="A test expects other words in the reply; its client closes with 1011. The server did nothing wrong.",
    edits=(Edit("e2e/test_core_services.py", 'startswith("Noted")', 'startswith("Entered")'),),
    expected=Expected(
        category="client_error",
        exception="AssertionError",
        message_contains=("AssertionError", "1011"),
        evidence=("code=1011",),
        red_herrings=_BARN,
        explanation="The client sent the 1011, because an assertion of the test failed while the socket was open.",
    ),
)

TABLE = replace(
    CONSULATE,
    name="channels-no-table",
    title="A table is missing: django's OperationalError over sqlite's, caught",
    story="Chats are written to a table that no migration made. Two exceptions, chained; caught, 1011.",
    journal="jsonlogger",
    needs=(*CONSULATE.needs, "pythonjsonlogger"),
    edits=(
        Edit(
            "desk/asgi.py",
            '    INSTALLED_APPS=["channels"],\n',
            '    INSTALLED_APPS=["channels"],\n'
            '    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},\n',
        ),
        Edit(
            "desk/consumers.py",
            '        await self.send_json({"type": "reply"',
            """        try:
            await self.write_down(content["text"])
        except Exception:
            log.exception("could not write it down", visit=self.number)
            await self.close(1011)
            return
        await self.send_json({"type": "reply\"""",
        ),
        Edit(
            "desk/consumers.py",
            "    def bed_of(",
            '''    @database_sync_to_async
    def write_down(self, text) -> None:
        """The wish is in the book."""
        with connection.cursor() as cursor:
            cursor.execute("insert into desk_wish (text) values (%s)", [text])

    def bed_of(''',
        ),
        Edit(
            "desk/consumers.py",
            "from channels.generic",
            "from channels.db import database_sync_to_async\nfrom django.db import connection\nfrom channels.generic",
        ),
    ),
    expected=Expected(
        category="application_error",
        also_categories=("dependency_failure", "configuration_error"),
        exception="OperationalError",
        message_contains=("no such table: desk_wish",),
        place=Place("desk/consumers.py", "write_down", "insert into desk_wish"),
        evidence=("no such table: desk_wish",),
        red_herrings=("stamp illegible", "can't decode byte"),
        explanation="sqlite3.OperationalError: no such table: desk_wish, under django's of the same words; caught.",
    ),
)

HTTPX = replace(
    MOORING,
    name="starlette-httpx-dead",
    title="httpx over httpcore over a refused connection, in cloud JSON",
    story="The knot is asked for by httpx from a service that refuses. Three exceptions in a chain, in `message`.",
    environment={"KNOTS": "http://{refused:10.88.0.12:8181}/knots", "JOURNAL_TRACE": "1"},
    needs=("httpx",),
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport os\n\nimport httpx\n"),
        Edit(
            "mooring/ropes.py",
            "        await asyncio.sleep(0.06)\n",
            "        async with httpx.AsyncClient(trust_env=False) as http:\n"
            '            await http.get(os.environ["KNOTS"], params={"of": user})\n',
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="ConnectError",
        exception_any=("ConnectionRefusedError", "OSError"),
        message_contains=("All connection attempts failed", "Connect call failed ('10.88.0.12', 8181)"),
        place=Place("mooring/ropes.py", "knot_of", "await http.get("),
        evidence=("All connection attempts failed",),
        red_herrings=_WATCH,
        explanation="The knot service at 10.88.0.12:8181 refuses connections: httpx.ConnectError, caught, 1011.",
    ),
)

NAME = replace(
    KESTREL,
    name="tornado-name-unknown",
    title="A host name that cannot be resolved: gaierror, uncaught",
    story="A run asks a model host by a name that does not resolve. Not caught: tornado logs it, 1006.",
    journal="cloud_json",
    needs=("tornado",),
    edits=(
        Edit(
            "service.py",
            "        await asyncio.sleep(0.13)\n",
            '        await asyncio.open_connection("model.internal.invalid", 8443)\n',
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        also_categories=("configuration_error",),
        exception="gaierror",
        exception_any=("OSError",),
        message_contains=("Name or service not known", "Temporary failure in name resolution"),
        place=Place("service.py", "do_run", "asyncio.open_connection"),
        evidence=("Name or service not known", "Temporary failure in name resolution"),
        red_herrings=("sighting not filed", "is not in list"),
        explanation="socket.gaierror: the model's host name does not resolve; not caught, 1006.",
    ),
)

TWO = replace(
    TIDEWATCH,
    name="websockets-two-causes",
    title="Two faults at once on a bare websockets server",
    story="Runs fail of a missing crop, chats of a ledger that is a set. Neither is caught.",
    journal="cloud_json",
    edits=(
        Edit(
            "tidewatch/wharf.py",
            '{"leek": "north", "chard": "north"}.get(crop, "south")',
            '{"squash": "south", "chard": "north"}[crop]',
        ),
        Edit(
            "tidewatch/hub.py",
            'await self.wharf.book(visit.user, message["text"])',
            'self.wharf.profiles[visit.user].append(message["text"])',
        ),
    ),
    traffic=replace(TIDEWATCH.traffic, chatters=0),
    expected=Expected(
        category="application_error",
        exception="KeyError",
        exception_any=("AttributeError",),
        message_contains=("leek", "bean", "'dict' object has no attribute 'append'"),
        place=Place("tidewatch/wharf.py", "bed_for", '"chard": "north"}[crop]'),
        evidence=("KeyError: 'leek'", "KeyError: 'bean'", "no attribute 'append'"),
        red_herrings=("salinity probe", "invalid literal for int()"),
        explanation="Two causes: KeyError in bed_for (two tests), AttributeError in Hub.chat (one).",
    ),
)

SCENARIOS = (LOGURU_JSON, CONSOLE, WINSTON, NODE_STALL, NODE_HEAP, CLIENT_MADE, TABLE, HTTPX, NAME, TWO)
