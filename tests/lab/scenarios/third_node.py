"""Node with winston, console and plain JSON: ioredis, BigInt, a stray rejection, unanswered pings, a cause below."""

from dataclasses import replace

from tests.lab.more_servers import TOLLBOOTH
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("coin tray jammed", "reading 'length'", "countCoins", "paint flaking")
_ACCOUNT = "  return { driver, passages: paid.get(driver) ?? 0 };\n"

REDIS = replace(
    TOLLBOOTH,
    name="node-ioredis-refused",
    title="ioredis gives up after one retry; its own event errors stand beside",
    story="Accounts are read from Redis, which refuses. ioredis: MaxRetriesPerRequestError, caught and told by winston;"
    " its unhandled `error` events are printed as well.",
    environment={"PURSE": "redis://{refused:10.66.1.3:6379}"},
    edits=(
        Edit(
            "lib/fares.js",
            "const paid = new Map();\n",
            "const Redis = require('ioredis');\n"
            "const purse = new Redis(process.env.PURSE, { maxRetriesPerRequest: 1 });\n"
            "const paid = new Map();\n",
        ),
        Edit("lib/fares.js", _ACCOUNT, "  return { driver, passages: Number(await purse.get(driver)) };\n"),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="MaxRetriesPerRequestError",
        exception_any=("Error", "ECONNREFUSED", "AggregateError"),
        message_contains=("max retries per request limit", "ECONNREFUSED 10.66.1.3:6379"),
        evidence=("max retries per request limit", "ECONNREFUSED 10.66.1.3:6379"),
        red_herrings=_NOISE,
        explanation="Redis at 10.66.1.3:6379 refuses connections: ioredis gives up, MaxRetriesPerRequestError, 1011.",
    ),
)

BIGINT = replace(
    TOLLBOOTH,
    name="node-bigint",
    title="A BigInt in the account: plain JSON lines with severity",
    story="Passages became a BigInt, which JSON.stringify refuses. Caught in the lane, logged with severity and stack.",
    environment={"LOG": "json"},
    skew_s=90.0,
    edits=(
        Edit(
            "lib/fares.js", "passages: paid.get(driver) ?? 0 }", "passages: BigInt(paid.get(driver) ?? 0) }"
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Do not know how to serialize a BigInt",),
        place=Place("lib/lane.js", "say", "const say ="),
        evidence=("Do not know how to serialize a BigInt",),
        red_herrings=_NOISE,
        explanation="The account holds a BigInt: TypeError of JSON.stringify in say, caught, 1011.",
    ),
)

STRAY = replace(
    TOLLBOOTH,
    name="node-stray-rejection",
    title="The tariff could not be read at start; runs are refused for want of it",
    story="At start the tariff is read from a setting that is no JSON. The rejection is only warned of, and the server"
    " comes up. Each run is then closed with 1011 `no tariff`.",
    environment={"LOG": "console", "TARIFF": "{axle: 2}"},
    edits=(
        Edit("server.js", "upkeep.start();\n", "upkeep.start();\nfares.readTariff();\n"),
        Edit(
            "server.js",
            "const upkeep = require('./lib/upkeep');\n",
            "const upkeep = require('./lib/upkeep');\nconst fares = require('./lib/fares');\n",
        ),
        Edit(
            "server.js",
            "process.on('SIGTERM', ",
            "process.on('unhandledRejection', (why) => logger.warn(`stray promise: ${why}`));\nprocess.on('SIGTERM', ",
        ),
        Edit(
            "lib/fares.js",
            "exports.roadTo = ",
            """exports.readTariff = async () => {
  exports.tariff = JSON.parse(process.env.TARIFF);
};

exports.roadTo = """,
        ),
        Edit(
            "lib/lane.js",
            "    await rest(110);\n",
            """    await rest(110);
    if (!fares.tariff) {
      logger.error('no tariff, convoy turned round', { lane });
      ws.close(1011, 'no tariff');
      return;
    }
""",
        ),
    ),
    expected=Expected(
        category="configuration_error",
        also_categories=("application_error", "startup_failure"),
        exception="SyntaxError",
        message_contains=("in JSON at position 1", "no tariff"),
        evidence=("stray promise", "no tariff, convoy turned round"),
        red_herrings=_NOISE,
        explanation="The setting TARIFF is no JSON: SyntaxError in a promise at start, only warned of; each run is then"
        " refused, `no tariff`.",
        trap="The warning comes seconds before the suite, once an instance, outside every socket.",
    ),
)

PINGS = replace(
    TOLLBOOTH,
    name="node-pings-unanswered",
    title="The server drops a lane that answers no ping, because the test stands still",
    story="Every two seconds each lane is pinged; one that has not answered is terminated. A test holds its own loop"
    " for seven seconds: its lane is dropped without a close frame, 1006.",
    suite_environment={"E2E_WAIT_S": "10"},
    edits=(
        Edit(
            "lib/lane.js",
            "  ws.on('close', ",
            """  let heard = true;
  ws.on('pong', () => { heard = true; });
  const beat = setInterval(() => {
    if (!heard) {
      logger.info('no pong, lane given up', { lane });
      ws.terminate();
    }
    heard = false;
    ws.ping();
  }, 2000);
  ws.on('close', () => clearInterval(beat));
  ws.on('close', """,
        ),
        Edit("e2e/test_core_services.py", "import asyncio\n", "import asyncio\nimport time\n"),
        Edit(
            "e2e/test_core_services.py",
            "        async with staging.session() as socket:\n            answer",
            "        async with staging.session() as socket:\n            time.sleep(7)\n            answer",
        ),
    ),
    expected=Expected(
        category="client_error",
        also_categories=("platform_limit",),
        message_contains=("no pong, lane given up", "no pong", "did not answer", "ping"),
        evidence=("no pong, lane given up",),
        red_herrings=_NOISE,
        explanation="The test's client answered no ping for four seconds; the server gave the lane up: 1006.",
    ),
)

CAUSE = replace(
    TOLLBOOTH,
    name="node-cause-below",
    title="An Error with a cause, printed by console.error",
    story="A crop has no road: TypeError, wrapped in an Error with `cause`. console.error prints both, the cause"
    " below.",
    environment={"LOG": "console"},
    edits=(
        Edit(
            "lib/fares.js",
            "const ROADS = { leek: 'north', chard: 'north', ",
            "const ROADS = { chard: 'north', ",
        ),
        Edit(
            "lib/fares.js",
            "  return ROADS[crop];\n",
            """  try {
    return ROADS[crop].toLowerCase();
  } catch (error) {
    throw new Error(`road to ${crop} not found`, { cause: error });
  }
""",
        ),
        Edit("lib/fares.js", "bean: 'south', ", ""),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        exception_any=("Error",),
        message_contains=(
            "Cannot read properties of undefined (reading 'toLowerCase')",
            "road to leek not found",
            "road to bean not found",
        ),
        place=Place("lib/fares.js", "exports.roadTo", "ROADS[crop].toLowerCase()"),
        evidence=("reading 'toLowerCase'", "not found"),
        red_herrings=_NOISE,
        explanation="TypeError in roadTo: leek and bean have no road; wrapped in an Error, printed by console.error.",
        trap="The coin tray's TypeError is of the same words.",
    ),
)

REQUEST_TIMEOUT = replace(
    TOLLBOOTH,
    name="node-request-timeout",
    title="The request timeout ends long lanes; report only, the clock 90 s ahead",
    story="The service's request timeout is three seconds. Tests whose lane lives longer are cut off without a close"
    " frame; the request log says 504, the service itself nothing.",
    request_timeout_s=3.0,
    junit=False,
    skew_s=90.0,
    edits=(
        Edit("e2e/client.py", "await asyncio.sleep(0.6)", "await asyncio.sleep(2.2)"),
        Edit("lib/lane.js", "    await rest(110);\n", "    await rest(1800);\n"),
    ),
    expected=Expected(
        category="platform_limit",
        also_categories=("configuration_error",),
        message_contains=("maximum request timeout",),
        evidence=("maximum request timeout",),
        red_herrings=_NOISE,
        explanation="Lanes that live longer than the request timeout of three seconds are ended by the platform.",
    ),
)

SCENARIOS = (REDIS, BIGINT, STRAY, PINGS, CAUSE, REQUEST_TIMEOUT)
