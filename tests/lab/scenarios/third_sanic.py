"""Sanic: an uncaught exception closes with 1000; a silent Redis, a refused key, a roll-out, a call that blocks."""

import signal
from dataclasses import replace

from tests.lab.more_servers import JUKEBOX, called, stand_in
from tests.lab.scenario import Edit, Expected, Place, Strike

_NOISE = ("needle not weighed", "division by zero", "_tune", "coin slot")
_SLOW_PAGE = Edit("e2e/client.py", "await asyncio.sleep(0.6)", "await asyncio.sleep(4)")
_LISTENER = """        await asyncio.sleep(0.07)
        return {"listener": user, "plays": self.plays[user]}
"""
_IMPORTS = "import asyncio\nfrom collections import Counter\n"
_CATCH = """        except Exception:
            log.exception("needle off the record", ticket=play.ticket)
            await ws.close(1011, "needle off")
            return
"""

UNCAUGHT = replace(
    JUKEBOX,
    name="sanic-uncaught",
    title="A UUID in the listener's card, not caught: Sanic closes with 1000",
    story="The card got an id that is a UUID; json.dumps refuses it. Nobody catches: Sanic logs the exception and"
    " closes in order, with 1000. The tests wait for an answer and get an orderly end.",
    skew_s=90.0,
    edits=(
        Edit(
            "jukebox/records.py", _IMPORTS, "import asyncio\nimport uuid\nfrom collections import Counter\n"
        ),
        Edit(
            "jukebox/records.py",
            '"plays": self.plays[user]}',
            '"card": uuid.uuid5(uuid.NAMESPACE_DNS, user)}',
        ),
        Edit(
            "jukebox/booth.py",
            "        try:\n            await play.serve(json.loads(text))\n" + _CATCH,
            "        await play.serve(json.loads(text))\n",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type UUID is not JSON serializable",),
        place=Place("jukebox/booth.py", "out", "json.dumps"),
        evidence=("Object of type UUID is not JSON serializable",),
        red_herrings=_NOISE,
        explanation="TypeError of json.dumps in Play.out: the card holds a UUID. Not caught; Sanic closes with 1000.",
        trap="No close looks bad on the wire.",
    ),
)

REDIS = replace(
    JUKEBOX,
    name="sanic-redis-timeout",
    title="Redis accepts and never answers: redis-py's TimeoutError, report only",
    story="The card of a listener is read from Redis, which takes the connection and says nothing. redis-py gives up"
    " after some tries: asyncio's TimeoutError, chained into its own.",
    environment={"JUKEBOX_REDIS": "redis://{silent:10.44.7.9:6379}/0"},
    junit=False,
    needs=(*JUKEBOX.needs, "redis"),
    edits=(
        Edit(
            "jukebox/records.py",
            _IMPORTS,
            "import asyncio\nimport os\nfrom collections import Counter\n\nfrom redis.asyncio import Redis\n",
        ),
        Edit(
            "jukebox/records.py",
            "        self.plays = Counter()\n",
            "        self.plays = Counter()\n"
            '        self.redis = Redis.from_url(os.environ["JUKEBOX_REDIS"], socket_timeout=0.6)\n',
        ),
        Edit(
            "jukebox/records.py",
            _LISTENER,
            '        plays = await self.redis.get(f"plays:{user}")\n'
            '        return {"listener": user, "plays": int(plays or 0)}\n',
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="TimeoutError",
        exception_any=("CancelledError", "ConnectionError"),
        message_contains=("Timeout reading from 10.44.7.9:6379", "Timeout connecting to server", "10.44.7.9"),
        place=Place("jukebox/records.py", "listener", "await self.redis.get("),
        evidence=("redis.exceptions.TimeoutError", "Timeout reading from 10.44.7.9:6379"),
        red_herrings=_NOISE,
        explanation="Redis at 10.44.7.9:6379 accepts connections and never answers: redis-py's TimeoutError, caught.",
    ),
)

HTTP_401 = replace(
    JUKEBOX,
    name="sanic-http-401",
    title="The catalogue refuses the service's API key with 401; one WARNING line",
    story="A run asks the catalogue for the record's side. It answers 401: the key is no longer good. The booth logs"
    " one warning with the chain's outer text and closes with 1011.",
    files=stand_in("stand_in_http"),
    environment={
        "STAND_IN_HTTP": 'CATALOGUE 401 {"error": "invalid_api_key", "message": "key jbx-**** was revoked"}'
    },
    needs=(*JUKEBOX.needs, "httpx"),
    edits=(
        Edit("jukebox/house.py", "import passes\n", "import passes\nimport stand_in_http\n"),
        Edit(
            "jukebox/records.py",
            _IMPORTS,
            "import asyncio\nimport os\nfrom collections import Counter\n\nimport httpx\n",
        ),
        Edit(
            "jukebox/records.py",
            "    def slot(self, crop):\n",
            '''    async def side(self, crop):
        """Which side the catalogue has it on."""
        async with httpx.AsyncClient(trust_env=False, headers={"x-api-key": "made-up"}) as http:
            answer = await http.get(f"{os.environ['CATALOGUE']}/v1/records/{crop}")
        answer.raise_for_status()
        return answer.json()["side"]

    def slot(self, crop):
''',
        ),
        Edit("jukebox/booth.py", "bed=self.shelf.slot(crop))", "bed=await self.shelf.side(crop))"),
        Edit(
            "jukebox/booth.py",
            "        except Exception:\n"
            '            log.exception("needle off the record", ticket=play.ticket)\n',
            "        except Exception as error:\n"
            '            log.warning(f"booth cleared: {error}", ticket=play.ticket)\n',
        ),
    ),
    edit_entries=called(r"http://127\.0\.0\.1:\d+/v1", "http://catalogue.dancehall.internal/v1"),
    expected=Expected(
        category="authentication_failure",
        also_categories=("dependency_failure", "configuration_error"),
        exception="HTTPStatusError",
        message_contains=("Client error '401 Unauthorized' for url", "401 Unauthorized"),
        evidence=("401 Unauthorized",),
        red_herrings=_NOISE,
        explanation="The catalogue answers 401 Unauthorized to the service's API key; told in one WARNING line, 1011.",
    ),
)

ROLL_OUT = replace(
    JUKEBOX,
    name="sanic-roll-out",
    title="Sanic is told to stop under the tests",
    story="In mid-suite a new revision is rolled out; Sanic gets SIGTERM with the tests' sockets open.",
    skew_s=-90.0,
    edits=(
        _SLOW_PAGE,
        Edit(
            "jukebox/house.py",
            "    app.config.WEBSOCKET_PING_INTERVAL = 20\n",
            "    app.config.WEBSOCKET_PING_INTERVAL = 20\n    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 0.5\n",
        ),
    ),
    strikes=(
        Strike(3.4, signal.SIGTERM, (0,), successors=1, revision="jukebox-ws-00062-hak"),
        Strike(4.6, signal.SIGTERM, (1,), successors=1, revision="jukebox-ws-00062-hak"),
    ),
    expected=Expected(
        category="deployment_change",
        message_contains=("jukebox-ws-00062-hak", "Server Stopped", "SIGTERM", "roll"),
        evidence=("Stopping worker", "Server Stopped", "DEPLOYMENT_ROLLOUT"),
        red_herrings=_NOISE,
        explanation="The instances were stopped for the roll-out of jukebox-ws-00062-hak with tests' sockets on them.",
    ),
)

TARIFF = replace(
    JUKEBOX,
    name="sanic-revision-setting",
    title="A new revision brings a setting with a comma",
    story="Good until the new revision takes over before the suite: its JUKEBOX_TARIFF is `0,25`. float() refuses it in"
    " each run; caught, chained into TariffError.",
    environment={"JUKEBOX_TARIFF": "0.25"},
    traffic=replace(JUKEBOX.traffic, runs=True, chatters=4),
    lead_s=18,
    edits=(
        Edit("jukebox/booth.py", "import json\n", "import json\nimport os\n"),
        Edit(
            "jukebox/booth.py",
            "class Play:\n",
            '''class TariffError(RuntimeError):
    """What a play costs is not known."""


def price_of(crops) -> float:
    """What the records cost."""
    try:
        return float(os.environ["JUKEBOX_TARIFF"]) * len(crops)
    except ValueError as error:
        raise TariffError("cannot tell what a play costs") from error


class Play:
''',
        ),
        Edit(
            "jukebox/booth.py",
            "        await asyncio.sleep(0.11)\n",
            "        await asyncio.sleep(0.11)\n"
            '        log.info("coins due", ticket=self.ticket, coins=price_of(wish["crops"]))\n',
        ),
    ),
    strikes=(
        Strike(
            -6.0,
            signal.SIGTERM,
            (0, 1),
            successors=2,
            revision="jukebox-ws-00063-wim",
            environment={"JUKEBOX_TARIFF": "0,25", "K_REVISION": "jukebox-ws-00063-wim"},
        ),
    ),
    expected=Expected(
        category="configuration_error",
        also_categories=("application_error", "deployment_change"),
        exception="ValueError",
        exception_any=("TariffError",),
        message_contains=("could not convert string to float: '0,25'", "cannot tell what a play costs"),
        place=Place("jukebox/booth.py", "price_of", "return float("),
        evidence=("could not convert string to float", "cannot tell what a play costs"),
        red_herrings=_NOISE,
        explanation="Since jukebox-ws-00063-wim JUKEBOX_TARIFF is '0,25': ValueError in price_of, under TariffError.",
    ),
)

BLOCKING = replace(
    JUKEBOX,
    name="sanic-blocking-call",
    title="requests in an async handler: the loop stands until the call times out",
    story="The listener's card is asked for by `requests` from a host that never answers, nine seconds. The loop"
    " stands; clients that ping every two seconds close with 1011. Afterwards the call's own ReadTimeout is logged.",
    environment={"CARDS": "http://{silent:10.44.7.30:8080}"},
    suite_environment={"E2E_PING_S": "2", "E2E_WAIT_S": "14"},
    tail_s=10,
    needs=(*JUKEBOX.needs, "requests"),
    edits=(
        Edit(
            "jukebox/records.py",
            _IMPORTS,
            "import asyncio\nimport os\nfrom collections import Counter\n\nimport requests\n",
        ),
        Edit(
            "jukebox/records.py",
            _LISTENER,
            "        return requests.get(f\"{os.environ['CARDS']}/cards/{user}\", timeout=9).json()\n",
        ),
    ),
    expected=Expected(
        category="event_loop_blocked",
        also_categories=("dependency_failure",),
        exception="ReadTimeout",
        exception_any=("ReadTimeoutError", "TimeoutError", "timeout", "ConnectionClosedError"),
        message_contains=(
            "keepalive ping timeout",
            "event loop",
            "blocked",
            "Read timed out. (read timeout=9)",
            "timed out",
        ),
        place=Place("jukebox/records.py", "listener", "requests.get("),
        evidence=("Read timed out",),
        red_herrings=_NOISE,
        explanation="A synchronous requests.get in Shelf.listener blocks the event loop for nine seconds, until its"
        " read times out; meanwhile the clients' keepalive gives up.",
    ),
)

SCENARIOS = (UNCAUGHT, REDIS, HTTP_401, ROLL_OUT, TARIFF, BLOCKING)
