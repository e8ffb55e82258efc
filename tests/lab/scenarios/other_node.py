"""Node with ws: pino's err.stack, console.error, a dead dependency by fetch, a crash, silence."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import RELAY

_NOISE = ("rain gauge", "reading 'level'", "readGauge", "event loop lag")
_CATCH = "      log.error({ err, seat: this.id }, 'message handler threw');\n"

PINO = replace(
    RELAY,
    name="node-pino-caught",
    title="A card without an owner: TypeError in pino's err.stack",
    story="`cardOf` reads the plan of a user's owner, who is not there. Caught, logged by pino, closed with 1011.",
    edits=(
        Edit(
            "src/garden.js",
            "  return { user, plan: 'basic' };",
            "  const card = { user };\n  return { user, plan: card.owner.plan };",
        ),
        Edit(
            "src/seat.js",
            "await cardOf(this.user)",
            "this.user.startsWith('u_') ? {} : await cardOf(this.user)",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Cannot read properties of undefined (reading 'plan')",),
        place=Place("src/garden.js", "cardOf", "card.owner.plan"),
        evidence=("message handler threw",),
        red_herrings=_NOISE,
        explanation="TypeError in cardOf: `owner` is undefined. The noise is a TypeError of the same words.",
        trap="The rain gauge's TypeError differs in one word.",
    ),
)

CONSOLE = replace(
    RELAY,
    name="node-console-error",
    title="console.error prints the stack over several lines",
    story="Beds became a Map; it is still read like an object, and `toUpperCase` of undefined fails. console.error.",
    environment={"LOG": "console"},
    edits=(Edit("src/garden.js", "(crop) => BEDS[crop];", "(crop) => BEDS.get(crop).toLowerCase();"),),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("BEDS.get is not a function",),
        place=Place("src/garden.js", "bedOf", "BEDS.get(crop)"),
        evidence=("BEDS.get is not a function", "message handler threw"),
        red_herrings=_NOISE,
        explanation="TypeError in bedOf; console.error writes the stack to stderr, a line an entry.",
    ),
)

FETCH = replace(
    RELAY,
    name="node-fetch-dead",
    title="fetch failed: the cause is ECONNREFUSED",
    story="A run asks the soil service by fetch. It refuses connections: `fetch failed`, caused by ECONNREFUSED.",
    environment={"SOIL": "http://{refused:10.70.2.15:9000}/soil"},
    edits=(
        Edit(
            "src/seat.js", "    await pause(120);\n", "    await pause(40);\n    await soilOf(message.run);\n"
        ),
        Edit(
            "src/seat.js",
            "const pause =",
            """async function soilOf(run) {
  const answer = await fetch(`${process.env.SOIL}?run=${run}`);
  return answer.json();
}

const pause =""",
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="TypeError",
        exception_any=("Error", "ECONNREFUSED", "AggregateError"),
        message_contains=("ECONNREFUSED 10.70.2.15:9000", "fetch failed"),
        place=Place("src/seat.js", "soilOf", "await fetch("),
        evidence=("fetch failed", "message handler threw"),
        red_herrings=_NOISE,
        explanation="The soil service at 10.70.2.15:9000 refuses connections: fetch failed, ECONNREFUSED.",
    ),
)

CRASH = replace(
    RELAY,
    name="node-crash",
    title="An unhandled rejection ends the process: 1006",
    story="The step is told from a timer, out of the catch's reach. Its ReferenceError ends the process with exit(1).",
    edits=(
        Edit(
            "src/seat.js",
            "    await pause(120);\n",
            "    setTimeout(() => this.tell('run.hint', { hint: hintFor(message) }), 60);\n    await pause(120);\n",
        ),
        Edit(
            "src/seat.js",
            "const pause =",
            """function hintFor(message) {
  return message.crops.length ? almanacHint[message.crops[0]] : '';
}

const pause =""",
        ),
    ),
    instances=3,
    expected=Expected(
        category="application_error",
        exception="ReferenceError",
        message_contains=("almanacHint is not defined",),
        place=Place("src/seat.js", "hintFor", "almanacHint["),
        evidence=("almanacHint is not defined", "exit(1)"),
        red_herrings=_NOISE,
        explanation="ReferenceError out of a timer: node exits with 1, the sockets end with 1006.",
    ),
)

SILENT = replace(
    RELAY,
    name="node-silent",
    title="Node closes with 1011 and says nothing",
    story="The catch closes with 1011 and logs nothing.",
    edits=(
        Edit("src/seat.js", _CATCH, ""),
        Edit("src/garden.js", "(crop) => BEDS[crop];", "(crop) => BEDS[crop].bed.name;"),
    ),
    expected=Expected(
        category="unknown",
        red_herrings=_NOISE,
        explanation="The catch closes with 1011 and logs nothing. The gauge's TypeErrors are of another job.",
    ),
)

SCENARIOS = (PINO, CONSOLE, FETCH, CRASH, SILENT)
