"""Other servers than uvicorn with FastAPI, each with a sound app of its own: what their scenarios start from.

Their packages are no part of the `lab` extra; a scenario names them in `needs`. `LAB_NODE_MODULES` is a node_modules
folder with `ws` and `pino`; `LAB_OLD_PYTHON` a Python with uvicorn 0.35, websockets 15 and starlette.
"""

from tests.lab.scenario import HYPERCORN, Expected, Scenario, Traffic
from tests.lab.service import Service

CROWD = Traffic(pollers=2, chatters=3, poll_pause_s=1.5, chat_s=5)
_HEALTHY = Expected(category="unknown", explanation="All tests passed; there is nothing to explain.")

TIDEWATCH = Scenario(
    name="websockets-healthy",
    title="A bare websockets server, sound",
    story="Nothing failed.",
    app="tidewatch",
    journal="stdlib",
    server="websockets/none",
    command=("tidewatch", "{port}"),
    service=Service("saltmarsh-stg", "640018273355", "europe-west1", "quay-live", "quay-live-00031-nif"),
    traffic=Traffic(pollers=2, chatters=3, poll_pause_s=1.5, chat_s=5, sign_in="get"),
    suite_environment={"E2E_SIGN_IN": "get"},
    expected=_HEALTHY,
)

HARVEST = Scenario(
    name="aiohttp-healthy",
    title="aiohttp, sound",
    story="Nothing failed.",
    app="harvest-aio",
    journal="structlog_json",
    server="aiohttp/aiohttp",
    command=("harvest", "{port}"),
    service=Service("granary-nonprod", "118350926641", "us-east4", "harvest-room", "harvest-room-00112-sev"),
    traffic=CROWD,
    needs=("aiohttp", "structlog"),
    expected=_HEALTHY,
)

KESTREL = Scenario(
    name="tornado-healthy",
    title="tornado, sound",
    story="Nothing failed.",
    app="kestrel",
    journal="loguru_text",
    server="tornado/tornado",
    command=("service", "{port}"),
    service=Service("upland-test", "503377190284", "asia-east1", "kestrel-ws", "kestrel-ws-00008-pod"),
    traffic=CROWD,
    needs=("tornado", "loguru"),
    expected=_HEALTHY,
)

MOORING = Scenario(
    name="starlette-healthy",
    title="Starlette alone on uvicorn, sound",
    story="Nothing failed.",
    app="mooring",
    journal="cloud_json",
    environment={"JOURNAL_TRACE": "1"},
    server="uvicorn/starlette",
    command=("uvicorn", "mooring.asgi:app", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "info"),
    service=Service(
        "estuary-staging", "299415507718", "southamerica-east1", "mooring-api", "mooring-api-00254-xaq"
    ),
    traffic=CROWD,
    expected=_HEALTHY,
)
MOORING_HYPERCORN = ("hypercorn", "mooring.asgi:app", *HYPERCORN[2:])
MOORING_DAPHNE = ("daphne", "-b", "127.0.0.1", "-p", "{port}", "mooring.asgi:app")
MOORING_GUNICORN = (
    "gunicorn",
    "mooring.asgi:app",
    *("-k", "uvicorn_worker.UvicornWorker"),
    *("-w", "1", "-b", "127.0.0.1:{port}", "--timeout", "3", "--graceful-timeout", "3"),
    "--no-control-socket",  # instances on one machine would share it
)

CONSULATE = Scenario(
    name="channels-healthy",
    title="Channels on daphne, sound",
    story="Nothing failed.",
    app="consulate",
    journal="stdlib",
    server="daphne/channels",
    command=("daphne", "-b", "127.0.0.1", "-p", "{port}", "desk.asgi:app"),
    service=Service(
        "embassy-dev-3", "871200443965", "europe-southwest1", "counter-ws", "counter-ws-00077-kud"
    ),
    traffic=CROWD,
    needs=("daphne", "channels", "django"),
    expected=_HEALTHY,
)

RELAY = Scenario(
    name="node-healthy",
    title="Node with ws and pino, sound",
    story="Nothing failed.",
    app="relay-node",
    server="node/ws",
    command=("node", "main.js", "{port}"),
    service=Service("semaphore-lab", "410966238107", "us-central1", "relay-edge", "relay-edge-00390-daz"),
    traffic=CROWD,
    expected=_HEALTHY,
)
