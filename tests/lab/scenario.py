"""What a recording is of: the sound app with one thing broken, who is about, and what the answer should be."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.lab.entries import LogEntry
from tests.lab.service import Service

LAB = Path(__file__).parent
_TOKENS = LAB / "apps" / "parley-api" / "parley" / "tokens.py"
HYPERCORN = (
    "hypercorn",
    "parley.server:app",
    "--bind",
    "127.0.0.1:{port}",
    "-w",
    "0",
    "--access-logfile",
    "-",
)
UVICORN = (
    "uvicorn",
    "parley.server:app",
    "--host",
    "127.0.0.1",
    "--port",
    "{port}",
    "--proxy-headers",
    "--forwarded-allow-ips",
    "*",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to one file of the app or the suite: `old`, which occurs once, becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Place:
    """The line of a file that holds a text; the frame a label names."""

    file: str
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Strike:
    """Something done to the instances while the suite runs; those struck get no more requests."""

    after_s: float
    """Seconds after the suite's first request; where negative, before the suite is started."""

    signal: int
    instances: Sequence[int]
    says: str = ""
    """What the platform says of it, as an ERROR, just before."""

    successors: int = 0
    """How many instances have come up before it."""

    revision: str = ""
    """The successors' revision where it is a new one: a rollout."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """What the successors are told beyond what the others were."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much goes on."""

    pollers: int = 2
    poll_pause_s: float = 0.8
    chatters: int = 2
    chat_s: float = 5.0
    paths: tuple[str, ...] = (
        "/healthz",
        "/api/registry",
        "/api/mcp/servers",
        "/api/plots/12",
        "/api/plots/1011",
        "/api/almanac",
        "/robots.txt",
    )
    expired_tokens: int = 0
    """Handshakes with a token past its time, spread over the recording's middle."""

    runs: bool = False
    """Whether these people start runs too, as the suite does."""

    live_path: str = "/live"
    sign_in: Literal["post", "get"] = "post"
    """How a token is asked for; a bare WebSocket server takes no POST."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The label's part that a person knows beforehand."""

    category: str
    explanation: str
    exception: str | None = None
    exception_any: tuple[str, ...] = ()
    also_categories: tuple[str, ...] = ()
    message_contains: tuple[str, ...] = ()
    place: Place | None = None
    evidence: tuple[str, ...] = ()
    """An entry that holds one of these texts is evidence."""

    red_herrings: tuple[str, ...] = ()
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One incident that can be recorded on demand."""

    name: str
    title: str
    expected: Expected
    story: str
    """What happened, the true cause, what would mislead: Markdown below the story's title."""

    cycle: int = 1
    service: Service = field(default_factory=Service)
    edits: tuple[Edit, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Files added to the app: path -> text."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """`{refused}` stands for a port of the loopback that refuses connections.

    `{refused:HOST:PORT}` and `{silent:HOST:PORT}` too; the logs call them by that address. A silent one accepts
    and never answers.
    """

    one_instance: Mapping[str, str] = field(default_factory=dict)
    """What the first instance alone is told."""

    app: str = "parley-api"
    """The folder of `apps` that holds the service."""

    journal: str = ""
    """The module of `journals` by which the app logs; for apps other than parley."""

    interpreter: str = ""
    """The environment variable that names the Python to run it, where it is not this one."""

    words: Mapping[str, str] = field(default_factory=dict)
    """Words of the app and the suite that are told otherwise."""

    request_timeout_s: float | None = None

    suite_environment: Mapping[str, str] = field(default_factory=dict)
    suite_options: tuple[str, ...] = ()
    """What pytest is told beyond what it always is, when it runs the suite."""

    dialect: str = "text"
    traces: Literal["lines", "joined", "cut"] = "lines"
    """How tracebacks arrive: a line an entry, whole in one entry, or cut in mid-frame with the rest in lines."""

    server: str = "uvicorn/fastapi"
    command: tuple[str, ...] = UVICORN
    instances: int = 2
    starts: bool = True
    """False where no instance is expected to become ready."""

    refusal: tuple[int, str] | None = None
    """Status and note that requests get where no instance is ready; None for Cloud Run's usual ones."""

    traffic: Traffic = field(default_factory=Traffic)
    lead_s: float = 6.0
    tail_s: float = 5.0
    strikes: tuple[Strike, ...] = ()
    skew_s: float = 0.0
    """How far the runner's clock is ahead of the service's."""

    report: bool = True
    junit: bool = True
    report_times: bool = True
    """Whether the report tells the time of day."""

    edit_entries: Callable[[list[LogEntry]], list[LogEntry]] | None = None
    """What gets lost or comes late between the service and the export."""

    day: bool = False
    """Whether the recording is set into a whole day of the service's life."""

    needs: tuple[str, ...] = ()
    """Modules beyond the lab extra that the app imports."""


def write_out(scenario: Scenario, root: Path) -> None:
    """The app and the suite, broken as the scenario says, stand in `root`/app and `root`/runner/e2e."""
    _copy(LAB / "apps" / scenario.app, root / "app")
    if scenario.journal:
        _copy(LAB / "journals", root / "app" / "journals")
        named = f"from journals.{scenario.journal} import TRACE, journal, set_up\n"
        (root / "app" / "journal.py").write_text(named, encoding="utf-8")
        _copy_file(_TOKENS, root / "app" / "passes.py")
    _copy(LAB / "suite", root / "runner" / "e2e")
    for name, text in scenario.files.items():
        (root / "app" / name).write_text(text, encoding="utf-8")
    for edit in scenario.edits:
        path = root / ("runner" if edit.file.startswith("e2e/") else "app") / edit.file
        text = path.read_text(encoding="utf-8")
        if text.count(edit.old) != 1:
            raise ValueError(
                f"{scenario.name}: {edit.old!r} occurs {text.count(edit.old)} times in {edit.file}"
            )
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    if scenario.words:
        for path in (path for path in root.rglob("*") if path.suffix in (".py", ".js")):
            path.write_text(in_words(path.read_text(encoding="utf-8"), scenario.words), encoding="utf-8")


def in_words(text: str, words: Mapping[str, str]) -> str:
    """`text` with each whole word of `words` replaced."""
    return re.sub(r"\b[A-Za-z_]+\b", lambda found: words.get(found[0], found[0]), text)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.suffix in (".py", ".js"):
            _copy_file(path, target / path.relative_to(source))


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def line_of(place: Place, folder: Path) -> int:
    """The line, from 1, of the place's text."""
    lines = (folder / place.file).read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if place.text in line]
    if len(found) != 1:
        raise ValueError(f"{place.text!r} stands on lines {found} of {place.file}")
    return found[0]


def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by name; each module of `tests.lab.scenarios` has a tuple SCENARIOS."""
    package = importlib.import_module("tests.lab.scenarios")
    found: dict[str, Scenario] = {}
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        found |= {scenario.name: scenario for scenario in loaded.SCENARIOS}
    return found
