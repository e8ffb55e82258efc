"""Other servers that do not start: each has words and an exit code of its own for it."""

from dataclasses import replace

from tests.lab.scenario import Edit, Expected, Place, Traffic
from tests.lab.servers import CONSULATE, MOORING, MOORING_GUNICORN, MOORING_HYPERCORN, RELAY

_FEW = Traffic(pollers=2, chatters=2, poll_pause_s=1.6, chat_s=4)

GUNICORN = replace(
    MOORING,
    name="gunicorn-failed-to-boot",
    title="gunicorn's worker fails to boot: a package is missing",
    story="The ropes import a package that is not installed. gunicorn: `Worker failed to boot`, exit(3).",
    server="gunicorn+uvicorn/starlette",
    command=MOORING_GUNICORN,
    journal="stdlib",
    environment={},
    starts=False,
    lead_s=8,
    traffic=_FEW,
    needs=("gunicorn", "uvicorn_worker"),
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\n\nfrom splicing_tools import splice\n"),
    ),
    expected=Expected(
        category="startup_failure",
        exception="ModuleNotFoundError",
        message_contains=("No module named 'splicing_tools'",),
        place=Place("mooring/ropes.py", "<module>", "from splicing_tools"),
        evidence=("No module named 'splicing_tools'",),
        explanation="ModuleNotFoundError while the worker loads the app; gunicorn shuts down, exit(3).",
        trap="`Worker failed to boot.` and HaltServer are gunicorn's words for it, not the cause.",
    ),
)

HYPERCORN_LIFESPAN = replace(
    MOORING,
    name="hypercorn-lifespan-failed",
    title="hypercorn's lifespan fails: a dependency refuses at the start",
    story="On start-up the ropes connect to a store that refuses. hypercorn: LifespanFailureError, exit(1).",
    server="hypercorn/starlette",
    command=MOORING_HYPERCORN,
    journal="loguru_text",
    environment={"CHANDLERY": "{refused:10.88.0.7:6379}"},
    starts=False,
    lead_s=8,
    traffic=_FEW,
    needs=("hypercorn", "loguru"),
    edits=(
        Edit("mooring/ropes.py", "import asyncio\n", "import asyncio\nimport os\n"),
        Edit(
            "mooring/ropes.py",
            "        await asyncio.sleep(0.01)\n",
            '        host, port = os.environ["CHANDLERY"].split(":")\n'
            "        await asyncio.open_connection(host, int(port))\n",
        ),
    ),
    expected=Expected(
        category="dependency_failure",
        also_categories=("startup_failure",),
        exception="ConnectionRefusedError",
        exception_any=("OSError",),
        message_contains=("Connect call failed ('10.88.0.7', 6379)",),
        place=Place("mooring/ropes.py", "make_fast", "asyncio.open_connection"),
        evidence=("10.88.0.7",),
        explanation="The chandlery at 10.88.0.7:6379 refuses connections; the lifespan fails, no instance starts.",
        trap="LifespanFailureError is hypercorn's wrapper.",
    ),
)

DAPHNE_SETTING = replace(
    CONSULATE,
    name="daphne-setting-missing",
    title="daphne: a setting is missing when the module is loaded",
    story="The consumers read DESK_REALM from the environment as they are imported. It is not set.",
    starts=False,
    lead_s=8,
    traffic=_FEW,
    edits=(Edit("desk/consumers.py", "_KEY = ", '_REALM = os.environ["DESK_REALM"]\n_KEY = '),),
    expected=Expected(
        category="configuration_error",
        also_categories=("startup_failure",),
        exception="KeyError",
        message_contains=("DESK_REALM",),
        place=Place("desk/consumers.py", "<module>", 'os.environ["DESK_REALM"]'),
        evidence=("KeyError: 'DESK_REALM'",),
        explanation="DESK_REALM is not set: KeyError while daphne loads the app; exit(1).",
    ),
)

NODE_MODULE = replace(
    RELAY,
    name="node-module-missing",
    title="Node cannot find a module",
    story="The garden requires a module that is not there: MODULE_NOT_FOUND, exit(1).",
    starts=False,
    lead_s=8,
    traffic=_FEW,
    edits=(Edit("src/garden.js", "// Beds and people.\n", "const { soil } = require('soil-kinds');\n"),),
    expected=Expected(
        category="startup_failure",
        exception="Error",
        exception_any=("MODULE_NOT_FOUND",),
        message_contains=("Cannot find module 'soil-kinds'",),
        place=Place("src/garden.js", "<anonymous>", "require('soil-kinds')"),
        evidence=("Cannot find module 'soil-kinds'",),
        explanation="Error: Cannot find module 'soil-kinds', required by src/garden.js; exit(1).",
    ),
)

SCENARIOS = (GUNICORN, HYPERCORN_LIFESPAN, DAPHNE_SETTING, NODE_MODULE)
