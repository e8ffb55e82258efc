"""Tornado: what nobody catches is 1006; one line, a setting at request time, bare prints."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place
from tests.lab.servers import KESTREL

_NOISE = ("sighting not filed", "is not in list", "battery of tracker")
_CATCH_LINE = "        await getattr(self, f\"do_{message['type']}\")(message)\n"
_WHEREABOUTS = "return next(bed for bed, crops in self.beds.items() if crop in crops)"

UNCAUGHT = replace(
    KESTREL,
    name="tornado-uncaught",
    title="Nobody catches on tornado: 1006",
    story="A bed is split into name and side; it has no side. tornado logs `Uncaught exception` and aborts.",
    journal="stdlib",
    traces="joined",
    needs=("tornado",),
    edits=(
        Edit(
            "field.py",
            _WHEREABOUTS,
            'name, side = next(bed for bed, crops in self.beds.items() if crop in crops).split("-")\n'
            '        return f"{name} {side}"',
        ),
    ),
    expected=Expected(
        category="application_error",
        exception="ValueError",
        message_contains=("not enough values to unpack (expected 2, got 1)",),
        place=Place("field.py", "bed", 'split("-")'),
        evidence=("not enough values to unpack",),
        red_herrings=_NOISE,
        explanation="ValueError in Field.bed, not caught: tornado logs it and aborts the connection.",
        trap="The noise is a ValueError too.",
    ),
)

ONE_LINE = replace(
    KESTREL,
    name="tornado-one-line",
    title="Caught on tornado, told in one printed line",
    story="The handler prints one line with type and text of what it caught, then closes with 1011.",
    journal="prints",
    needs=("tornado",),
    edits=(
        Edit(
            "service.py",
            _CATCH_LINE,
            "        try:\n"
            "            await getattr(self, f\"do_{message['type']}\")(message)\n"
            "        except Exception as error:\n"
            "            log.error(f\"{message['type']} failed: {type(error).__name__}: {error}\")\n"
            '            self.close(1011, "failed")\n',
        ),
        Edit("field.py", _WHEREABOUTS, "return self.plan.bed_of(crop)"),
    ),
    expected=Expected(
        category="application_error",
        exception="AttributeError",
        message_contains=("'Field' object has no attribute 'plan'",),
        evidence=("run failed: AttributeError",),
        red_herrings=_NOISE,
        explanation="AttributeError: Field has no `plan`; one printed line, no severity, no id.",
        trap="The sightings print whole tracebacks.",
    ),
)

SETTING = replace(
    KESTREL,
    name="tornado-setting-missing",
    title="A setting is read at request time, and is not there",
    story="The run reads KESTREL_MODEL from the environment. It is not set: KeyError, caught, traceback by loguru.",
    edits=(
        Edit(
            "service.py",
            _CATCH_LINE,
            "        try:\n"
            "            await getattr(self, f\"do_{message['type']}\")(message)\n"
            "        except Exception:\n"
            '            log.exception("could not serve", channel=self.tag)\n'
            '            self.close(1011, "could not serve")\n',
        ),
        Edit(
            "service.py",
            '        await self.say("run.started", run=message["run"])\n',
            '        model = os.environ["KESTREL_MODEL"]\n'
            '        await self.say("run.started", run=message["run"], model=model)\n',
        ),
    ),
    expected=Expected(
        category="configuration_error",
        exception="KeyError",
        message_contains=("KESTREL_MODEL",),
        place=Place("service.py", "do_run", 'os.environ["KESTREL_MODEL"]'),
        evidence=("KESTREL_MODEL", "could not serve"),
        red_herrings=_NOISE,
        explanation="KESTREL_MODEL is not set: KeyError in do_run at request time, caught, 1011.",
    ),
)

GENERIC = replace(
    SETTING,
    name="tornado-app-1011",
    title="Loud errors 50 ms before each close and in good sockets; the cause is a quiet one",
    story="A tracker fails with a traceback in each run, good or bad. The suite's runs fail in the landing: TypeError.",
    edits=(
        SETTING.edits[0],
        Edit(
            "service.py",
            "        await asyncio.sleep(0.13)\n",
            """        await asyncio.sleep(0.08)
        try:
            self.application.settings["tracker"].follow(self.tag)
        except KeyError:
            log.exception("tracker offline", channel=self.tag)
        await asyncio.sleep(0.05)
        if message["run"].startswith("run_e2e"):
            self.land(message["crops"], "meadow")
""",
        ),
        Edit(
            "service.py",
            "    async def do_run(",
            """    def land(self, crops) -> str:
        \"\"\"Where to land.\"\"\"
        return " ".join(crops)

    async def do_run(""",
        ),
    ),
    traffic=replace(KESTREL.traffic, chatters=4, runs=True, chat_s=4),
    lead_s=12,
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("takes 2 positional arguments but 3 were given",),
        place=Place("service.py", "do_run", "self.land("),
        evidence=("takes 2 positional arguments but 3 were given",),
        red_herrings=(*_NOISE, "tracker offline", "KeyError: 'tracker'"),
        explanation="Live.land is called with an argument too many: TypeError. The tracker fails in good runs as well.",
        trap="The tracker's traceback comes 50 ms before the cause, in the same session.",
    ),
)

SCENARIOS = (UNCAUGHT, ONE_LINE, SETTING, GENERIC)
