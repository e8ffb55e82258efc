"""asyncio and wsproto by hand, in bare prints: nobody catches, memory runs out, a dead relay, the wrong audience."""

import signal
from dataclasses import replace

from tests.lab.more_servers import TELEGRAPH, without_instances
from tests.lab.scenario import Edit, Expected, Place, Strike

_NOISE = ("tape not cut", "list.remove(x)", "battery low")

UNCAUGHT = replace(
    TELEGRAPH,
    name="wsproto-uncaught",
    title="A set on the wire, not caught: asyncio's own words, 1006",
    story="The line became a set. json.dumps refuses it in the connection's callback; asyncio tells of it by its last"
    " resort, and the socket drops.",
    edits=(
        Edit(
            "telegraph/office.py",
            'return "north" if crop in ("leek", "chard") else "south"',
            'return {"north" if crop in ("leek", "chard") else "south"}',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("Object of type set is not JSON serializable",),
        place=Place("telegraph/wire.py", "key", "json.dumps("),
        evidence=("Object of type set is not JSON serializable",),
        red_herrings=_NOISE,
        explanation="A set in the run's step: TypeError of json.dumps in Wire.key; asyncio logs it, 1006.",
    ),
)

MEMORY = replace(
    TELEGRAPH,
    name="wsproto-memory",
    title="An instance goes over its memory; the export names no instances",
    story="Both instances go over their memory limit in mid-suite and are killed: 1006 and 503.",
    edits=(Edit("e2e/client.py", "await asyncio.sleep(0.6)", "await asyncio.sleep(4)"),),
    edit_entries=without_instances,
    strikes=(
        Strike(
            4.4,
            signal.SIGKILL,
            (0, 1),
            says="Memory limit of 256 MiB exceeded with 263 MiB used. Consider increasing the memory limit, see"
            " https://cloud.google.com/run/docs/configuring/memory-limits",
            successors=2,
        ),
    ),
    expected=Expected(
        category="resource_exhaustion",
        message_contains=("Memory limit of 256 MiB exceeded", "memory limit"),
        evidence=("Memory limit of 256 MiB exceeded",),
        red_herrings=_NOISE,
        explanation="The platform killed the instances: memory limit of 256 MiB exceeded.",
    ),
)

RELAY = replace(
    TELEGRAPH,
    name="wsproto-relay-died",
    title="A relay died of a question mark long before; long messages are refused since",
    story="A task keys what was taken down in Morse. It dies at the first question mark: KeyError, seen as a task"
    " exception that was never retrieved. From then on long messages are closed with 1011 `relay down`.",
    lead_s=14,
    traffic=replace(TELEGRAPH.traffic, chatters=4),
    edits=(
        Edit(
            "telegraph/office.py",
            "        self.last = {}\n",
            "        self.last = {}\n        self.spool = asyncio.Queue()\n        self.relaying = True\n",
        ),
        Edit(
            "telegraph/office.py",
            "    async def line_to(",
            '''    async def relay(self) -> None:
        """What was taken down was keyed until the office closed."""
        signs = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", ".-") | {" ": "/", "!": "-.-.--"}
        try:
            while True:
                text = await self.spool.get()
                for sign in text:
                    await asyncio.sleep(0.001 * len(signs[sign.lower()]))
        finally:
            self.relaying = False

    async def line_to(''',
        ),
        Edit(
            "telegraph/office.py",
            "        self.last[user] = ",
            "        self.spool.put_nowait(text)\n        self.last[user] = ",
        ),
        Edit(
            "telegraph/__main__.py",
            "    task = asyncio.create_task(clerk())\n",
            "    task = asyncio.create_task(clerk())\n    asyncio.create_task(office.relay())\n",
        ),
        Edit(
            "telegraph/wire.py",
            '            log.info("long message", call=self.call, run=message["run"])\n',
            """            log.info("long message", call=self.call, run=message["run"])
            if not office.relaying:
                log.error("relay down", call=self.call)
                await self.send(CloseConnection(code=1011, reason="relay down"))
                return
""",
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="KeyError",
        message_contains=("'?'",),
        place=Place("telegraph/office.py", "relay", "signs[sign.lower()]"),
        evidence=("KeyError: '?'", "never retrieved"),
        red_herrings=_NOISE,
        explanation="The relay task died of KeyError '?' when a question was taken down; long messages then get 1011.",
        trap="The cause stands seconds to minutes before, outside the failing sockets.",
    ),
)

AUDIENCE = replace(
    TELEGRAPH,
    name="wsproto-audience",
    title="Passes are for another audience: the upgrade is answered with 401",
    story="The office wants passes for `parley-cable`; the sign-in issues them for `parley`. Upgrades get 401, and a"
    " printed line says why.",
    skew_s=-90.0,
    report=False,
    edits=(
        Edit(
            "passes.py",
            '    if claims["exp"] < time.time():',
            '    if claims["aud"] != "parley-cable":\n'
            '        raise TokenError("audience is %s, not parley-cable" % claims["aud"])\n'
            '    if claims["exp"] < time.time():',
        ),
    ),
    expected=Expected(
        category="authentication_failure",
        also_categories=("configuration_error", "application_error"),
        exception="TokenError",
        message_contains=("audience is parley, not parley-cable", "wire refused"),
        evidence=("wire refused",),
        red_herrings=_NOISE,
        explanation="The passes' audience is not what the office wants: every upgrade is answered with 401.",
    ),
)

SCENARIOS = (UNCAUGHT, MEMORY, RELAY, AUDIENCE)
