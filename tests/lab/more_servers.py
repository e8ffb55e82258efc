"""Sound services on servers that `servers` does not have: what the scenarios of the `third_*` modules start from.

Their packages are no part of the `lab` extra; a scenario names them in `needs`. `LAB_NODE_MODULES` also wants
`winston` and `ioredis`; `LAB_OLD_PYTHON` also `fastapi`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.lab.entries import LogEntry
from tests.lab.scenario import HYPERCORN, LAB, Expected, Scenario, Traffic
from tests.lab.service import Service

CROWD = Traffic(pollers=2, chatters=3, poll_pause_s=1.5, chat_s=5)
_UVICORN = ("--host", "127.0.0.1", "--port", "{port}", "--log-level", "info")
_HEALTHY = Expected(category="unknown", explanation="All tests passed; there is nothing to explain.")

JUKEBOX = Scenario(
    name="sanic-healthy",
    title="Sanic, sound",
    story="Nothing failed.",
    app="jukebox",
    journal="structlog_json",
    server="sanic/sanic",
    command=("jukebox", "{port}"),
    service=Service("dancehall-stage", "207714430956", "europe-west9", "jukebox-ws", "jukebox-ws-00061-fod"),
    traffic=CROWD,
    needs=("sanic", "structlog"),
    expected=_HEALTHY,
)

FERRY = Scenario(
    name="granian-healthy",
    title="A bare ASGI callable on granian, sound",
    story="Nothing failed.",
    app="ferry",
    journal="basic",
    server="granian/none",
    command=(
        *("granian", "ferry.app:app", "--interface", "asgi"),
        *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1"),
    ),
    service=Service(
        "narrows-qa", "590182277401", "northamerica-south1", "ferry-live", "ferry-live-00009-gaw"
    ),
    traffic=CROWD,
    needs=("granian",),
    expected=_HEALTHY,
)

APIARY = Scenario(
    name="quart-healthy",
    title="Quart on hypercorn, sound",
    story="Nothing failed.",
    app="apiary",
    journal="ecs",
    server="hypercorn/quart",
    command=("hypercorn", "apiary.main:app", *HYPERCORN[2:]),
    service=Service("meadow-int", "811630047729", "asia-south2", "apiary-chat", "apiary-chat-00148-ror"),
    traffic=CROWD,
    needs=("quart", "hypercorn"),
    expected=_HEALTHY,
)

FOUNDRY = Scenario(
    name="litestar-healthy",
    title="Litestar on uvicorn, sound",
    story="Nothing failed.",
    app="foundry",
    journal="loguru_json",
    server="uvicorn/litestar",
    command=("uvicorn", "foundry.works:app", *_UVICORN),
    service=Service(
        "ironbridge-sbx", "133970458216", "us-south1", "foundry-gateway", "foundry-gateway-00027-yim"
    ),
    traffic=CROWD,
    needs=("litestar", "loguru"),
    expected=_HEALTHY,
)

INFIRMARY = Scenario(
    name="fastapi-depends-healthy",
    title="FastAPI with yield-dependencies on uvicorn, sound; google-cloud-logging's handler",
    story="Nothing failed.",
    app="infirmary",
    journal="google_handler",
    environment={"JOURNAL_TRACE": "1"},
    server="uvicorn/fastapi",
    command=("uvicorn", "infirmary.main:app", *_UVICORN),
    service=Service(
        "lazaret-preprod-4", "376205518840", "europe-central2", "infirmary-api", "infirmary-api-00305-lut"
    ),
    traffic=CROWD,
    needs=("google.cloud.logging",),
    expected=_HEALTHY,
)
INFIRMARY_OLD: Mapping[str, Any] = {
    "interpreter": "LAB_OLD_PYTHON",
    "server": "uvicorn-0.35/fastapi",
    "journal": "stdlib",
    "environment": {},
    "needs": (),
}
"""What makes it one on an older uvicorn, whose Python has fewer packages."""

SWITCHYARD = Scenario(
    name="channels-uvicorn-healthy",
    title="Channels on uvicorn, sound",
    story="Nothing failed.",
    app="switchyard",
    journal="logfmt",
    server="uvicorn/channels",
    command=("uvicorn", "yard.asgi:application", "--lifespan", "off", *_UVICORN),
    service=Service("junction-dev", "664290713508", "us-west4", "yard-ws", "yard-ws-00019-tib"),
    traffic=CROWD,
    needs=("channels", "django"),
    expected=_HEALTHY,
)

DARKROOM = Scenario(
    name="gunicorn-two-healthy",
    title="Starlette under gunicorn with two workers, sound",
    story="Nothing failed.",
    app="darkroom",
    journal="jsonlogger",
    server="gunicorn+uvicorn/starlette",
    command=("gunicorn", "darkroom:app", "-c", "gunicorn_conf.py", "-b", "127.0.0.1:{port}"),
    service=Service(
        "silverhalide-t", "748821096633", "asia-northeast3", "darkroom-rt", "darkroom-rt-00082-vex"
    ),
    traffic=CROWD,
    needs=("gunicorn", "uvicorn_worker", "pythonjsonlogger"),
    expected=_HEALTHY,
)

TELEGRAPH = Scenario(
    name="wsproto-healthy",
    title="asyncio streams and wsproto by hand, sound; bare prints",
    story="Nothing failed.",
    app="telegraph",
    journal="prints",
    server="asyncio/wsproto",
    command=("telegraph", "{port}"),
    service=Service("cablehead-02", "925517340068", "africa-south1", "telegraph", "telegraph-00003-mek"),
    traffic=CROWD,
    needs=("wsproto",),
    expected=_HEALTHY,
)

BREWHOUSE = Scenario(
    name="blacksheep-healthy",
    title="BlackSheep on uvicorn, sound",
    story="Nothing failed.",
    app="brewhouse",
    journal="structlog_dicts",
    server="uvicorn/blacksheep",
    command=("uvicorn", "brewhouse:app", *_UVICORN),
    service=Service("hopfield-e2e", "480093315627", "europe-west12", "brew-socket", "brew-socket-00450-caj"),
    traffic=CROWD,
    needs=("blacksheep", "structlog"),
    expected=_HEALTHY,
)

TOLLBOOTH = Scenario(
    name="node-winston-healthy",
    title="Node with ws and winston, sound",
    story="Nothing failed.",
    app="tollbooth",
    server="node/ws",
    command=("node", "server.js", "{port}"),
    service=Service(
        "turnpike-uat", "519946027183", "southamerica-west1", "toll-lanes", "toll-lanes-00236-dap"
    ),
    traffic=CROWD,
    expected=_HEALTHY,
)


def stand_in(name: str) -> dict[str, str]:
    """The file, for `Scenario.files`, of a dependency that answers: `stand_in_http` or `stand_in_postgres`."""
    return {f"{name}.py": (LAB / "apps" / "backings" / f"{name}.py").read_text(encoding="utf-8")}


def called(pattern: str, name: str) -> Callable[[list[LogEntry]], list[LogEntry]]:
    """Entries in which what matches `pattern`, a stand-in's address, is called `name`."""
    address = re.compile(pattern)

    def renamed(value: Any) -> Any:  # noqa: ANN401 - a payload is any JSON
        if isinstance(value, str):
            return address.sub(name, value)
        if isinstance(value, dict):
            return {key: renamed(part) for key, part in value.items()}
        return [renamed(part) for part in value] if isinstance(value, list) else value

    def edit(entries: list[LogEntry]) -> list[LogEntry]:
        payloads = ("textPayload", "jsonPayload")
        return [entry | {key: renamed(entry[key]) for key in payloads if key in entry} for entry in entries]

    return edit


def without_requests(entries: list[LogEntry]) -> list[LogEntry]:
    """The export has no request log: an exclusion filter drops it."""
    return [entry for entry in entries if "httpRequest" not in entry]


def without_instances(entries: list[LogEntry]) -> list[LogEntry]:
    """The sink that made the export strips labels: no entry names its instance."""
    return [entry | {"labels": {}} for entry in entries]


def without_traces(entries: list[LogEntry]) -> list[LogEntry]:
    """No entry has a trace: the load balancer before the service samples none."""
    return [
        {key: value for key, value in entry.items() if key not in ("trace", "spanId")} for entry in entries
    ]
