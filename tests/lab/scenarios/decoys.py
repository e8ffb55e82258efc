"""Something louder than the cause stands beside it, or in its place."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place, Scenario, Traffic
from tests.lab.service import Service

_NOISE = ("could not convert string to float", "frost warning", "_frost")
_MOOR = Service(
    "moorland-sandbox", "230981176642", "australia-southeast1", "chat-edge", "chat-edge-00047-xru"
)
_RUNNERS = Traffic(pollers=2, chatters=4, poll_pause_s=1.4, chat_s=4, runs=True)
_WEATHER = (
    Edit(
        "parley/runs/planner.py",
        "    await asyncio.sleep(0.15)",
        "    try:\n        _forecast(session.user)\n    except LookupError:\n"
        '        log.exception("no forecast for %s, planning without", session.user)\n    await asyncio.sleep(0.15)',
    ),
    Edit(
        "parley/runs/planner.py",
        "async def plan(",
        "def _forecast(user: str) -> str:\n    stations: dict[str, str] = {}\n    return stations[user]\n"
        "\n\nasync def plan(",
    ),
)
_ONLY_SUITE = "    if session.protocol == 2:\n"

SILENT_DECOY = Scenario(
    name="silent-decoy",
    title="A silent close, with a harmless traceback in every run, good or bad",
    story="The planner logs a missing forecast with a traceback in each run and goes on. Runs of protocol 2 then fail,"
    " and the endpoint closes without a word. Other people's runs log the same traceback and end well.",
    edits=(
        *_WEATHER,
        Edit(
            "parley/runs/planner.py",
            "    for crop in crops:",
            f"{_ONLY_SUITE}        session.describe()['plan']\n    for crop in crops:",
        ),
        Edit("parley/ws/gateway.py", '        log.exception("%s broke off", session.id)\n', ""),
    ),
    service=_MOOR,
    dialect="dated",
    traffic=_RUNNERS,
    lead_s=14,
    tail_s=8,
    expected=Expected(
        category="unknown",
        red_herrings=(*_NOISE, "no forecast", "_forecast", "e2e_gardener'"),
        explanation="The endpoint closes silently. The forecast's KeyError is logged in good runs as well.",
        trap="A traceback some 150 ms before each close, of the same session.",
    ),
)

TRACED_DECOY = replace(
    SILENT_DECOY,
    name="traced-decoy",
    title="In one trace: a loud harmless traceback and the one line that tells the cause",
    story="As silent-decoy, in JSON with the trace; but the endpoint logs one line of what it caught, no traceback.",
    edits=(
        *_WEATHER,
        Edit(
            "parley/runs/planner.py",
            "    for crop in crops:",
            f"{_ONLY_SUITE}        crops = crops + session.id\n    for crop in crops:",
        ),
        Edit(
            "parley/ws/gateway.py",
            '    except Exception:\n        log.exception("%s broke off", session.id)\n',
            '    except Exception as error:\n        log.warning("closing the session: %s", error)\n',
        ),
    ),
    dialect="json",
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=('can only concatenate list (not "str") to list',),
        evidence=("can only concatenate list",),
        red_herrings=(*_NOISE, "no forecast", "_forecast"),
        explanation="A list and a str are added; caught and logged as one WARNING line with the trace.",
        trap="The forecast's traceback has the same trace and ERROR; it is in good runs' traces too.",
    ),
)

FLOOD = Scenario(
    name="flood",
    title="Hundreds of a harmless error, two of the cause",
    story="A job fails many times a second, with traceback. The suite's runs fail of a spacing that is a text.",
    edits=(Edit("parley/runs/beds.py", "return SPACING_CM[crop]", 'return SPACING_CM[crop] + " cm"'),),
    environment={"PARLEY_JOB_PACE": "0.09", "PARLEY_CHAINED_NOISE": "1"},
    service=_MOOR,
    dialect="text",
    traffic=replace(_RUNNERS, runs=False),
    expected=Expected(
        category="application_error",
        exception="TypeError",
        message_contains=("unsupported operand type(s) for +: 'int' and 'str'",),
        place=Place("parley/runs/beds.py", "spacing_cm", '+ " cm"'),
        evidence=("unsupported operand type(s)",),
        red_herrings=(*_NOISE, "no postage", "zone-9", "seed parcel", "_postage"),
        explanation="TypeError in spacing_cm, twice, among hundreds of other jobs' tracebacks.",
        trap="Other tracebacks stand within some 100 ms of any moment, the closes included.",
    ),
)

SCENARIOS = (SILENT_DECOY, TRACED_DECOY, FLOOD)
