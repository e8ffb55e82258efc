"""A bare ASGI callable on granian: uncaught, a group of exceptions, one INFO line, one bad instance."""

from dataclasses import replace

from tests.lab.more_servers import FERRY, without_instances
from tests.lab.scenario import Edit, Expected, Place

_NOISE = ("sounding not read", "two fathoms", "fender worn")
_CATCH = """            except Exception:
                log.exception("crossing abandoned", ref=self.ref)
                await self.leave(1011, "abandoned")
                return
"""

UNCAUGHT = replace(
    FERRY,
    name="granian-uncaught",
    title="Naive and aware times are compared, not caught",
    story="The manifest is compared with a tide table: one time knows its zone, the other does not. Nobody catches;"
    " granian logs it and ends the socket without a code.",
    edits=(
        Edit("ferry/hold.py", "import asyncio\n", "import asyncio\nimport datetime\n"),
        Edit(
            "ferry/hold.py",
            "    return _CARGO.get(user, [])\n",
            "    high_water = datetime.datetime.fromisoformat('2026-01-01T06:12:00')\n"
            "    return [] if datetime.datetime.now(datetime.UTC) > high_water else _CARGO.get(user, [])\n",
        ),
        Edit(
            "ferry/crossing.py",
            '            try:\n                await self.answer(json.loads(event["text"]))\n' + _CATCH,
            '            await self.answer(json.loads(event["text"]))\n',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("can't compare offset-naive and offset-aware datetimes",),
        place=Place("ferry/hold.py", "manifest_of", "> high_water"),
        evidence=("offset-naive and offset-aware",),
        red_herrings=_NOISE,
        explanation="TypeError in manifest_of: an aware time is compared with a naive one. Not caught.",
    ),
)

GROUP = replace(
    FERRY,
    name="granian-group",
    title="Two tasks of a group fail: pilots refuse, ExceptionGroup on granian",
    story="Before a run two pilots are asked side by side, in anyio's task group. Both refuse the connection; the"
    " group's exception is caught and logged with its traceback.",
    environment={"PILOTS": "{refused:10.91.3.4:5683}"},
    needs=(*FERRY.needs, "anyio"),
    edits=(
        Edit("ferry/hold.py", "import asyncio\n", "import asyncio\nimport os\n\nimport anyio\n"),
        Edit(
            "ferry/hold.py",
            "async def lane_of(",
            '''async def _hail(number) -> None:
    host, port = os.environ["PILOTS"].split(":")
    await asyncio.sleep(0.01 * number)
    _, writer = await asyncio.open_connection(host, int(port))
    writer.close()


async def pilots() -> None:
    """Both pilots are aboard."""
    async with anyio.create_task_group() as group:
        for number in (1, 2):
            group.start_soon(_hail, number)


async def lane_of(''',
        ),
        Edit("ferry/crossing.py", "        await asyncio.sleep(0.12)\n", "        await pilots()\n"),
        Edit(
            "ferry/crossing.py",
            "import lane_of, manifest_of, stow\n",
            "import lane_of, manifest_of, pilots, stow\n",
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        exception="ConnectionRefusedError",
        exception_any=("OSError", "ExceptionGroup"),
        message_contains=("Connection refused",),
        place=Place("ferry/hold.py", "_hail", "asyncio.open_connection("),
        evidence=("ConnectionRefusedError",),
        red_herrings=_NOISE,
        explanation="The pilots refuse connections: ConnectionRefusedError in _hail, inside an ExceptionGroup.",
    ),
)

NAME = replace(
    FERRY,
    name="granian-name-info",
    title="A host name does not resolve; told at INFO, by an export without instances",
    story="Chats are sent to a log book by a name that does not resolve. The crossing says so at INFO and closes with"
    " 1011. The export has lost its labels.",
    edit_entries=without_instances,
    edits=(
        Edit(
            "ferry/hold.py",
            "    await asyncio.sleep(0.02)\n    _CARGO.setdefault",
            '    await asyncio.open_connection("logbook.harbour.invalid", 6514)\n    _CARGO.setdefault',
        ),
        Edit(
            "ferry/crossing.py",
            '                await stow(self.user, message["text"])\n',
            """                try:
                    await stow(self.user, message["text"])
                except OSError as error:
                    log.info(f"log book: {error}", ref=self.ref)
                    await self.leave(1011, "not written down")
                    return
""",
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        also_categories=("configuration_error",),
        exception="gaierror",
        exception_any=("OSError",),
        message_contains=("Name or service not known", "Temporary failure in name resolution", "log book:"),
        evidence=("log book:",),
        red_herrings=_NOISE,
        explanation="The log book's host name does not resolve: told in one line at INFO, without type or traceback.",
        trap="Other people's chats end in 1011 as well.",
    ),
)

ONE_BAD = replace(
    FERRY,
    name="granian-one-bad-instance",
    title="One instance of two has a malformed setting",
    story="Lanes may be given as JSON. One instance, started by hand, was given JSON with a trailing comma: what"
    " it serves fails, what the other serves does not.",
    one_instance={"FERRY_LANES": '{"leek": "north", "bean": "south",}'},
    traces="joined",
    traffic=replace(FERRY.traffic, runs=True),
    edits=(
        Edit("ferry/hold.py", "import asyncio\n", "import asyncio\nimport json\nimport os\n"),
        Edit(
            "ferry/hold.py",
            "async def manifest_of(",
            '''def _lanes():
    """The lanes of this instance."""
    return json.loads(os.environ["FERRY_LANES"]) if "FERRY_LANES" in os.environ else _LANES


async def manifest_of(''',
        ),
        Edit("ferry/hold.py", "    return _LANES[crop]\n", "    return _lanes()[crop]\n"),
        Edit("ferry/hold.py", "_CARGO.get(user, [])", "[*_CARGO.get(user, []), len(_lanes())]"),
    ),
    expected=Expected(
        category="configuration_error",
        also_categories=("application_error",),
        exception="JSONDecodeError",
        message_contains=("Expecting property name enclosed in double quotes", "Illegal trailing comma"),
        place=Place("ferry/hold.py", "_lanes", 'json.loads(os.environ["FERRY_LANES"])'),
        evidence=("JSONDecodeError",),
        red_herrings=_NOISE,
        explanation="One instance's FERRY_LANES is no JSON: JSONDecodeError in _lanes; the other instance is sound.",
    ),
)

SCENARIOS = (UNCAUGHT, GROUP, NAME, ONE_BAD)
