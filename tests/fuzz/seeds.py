"""What fuzzing starts from: the samples, fixtures and shipped files that the repository holds."""

import ast
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rca import questions
from rca.model import Query, Window
from rca.settings import TEMPLATE
from rca.sources import recording
from rca.sources.collectors import collectors
from rca.sources.fetches import Fetch
from rca.sources.lines import layouts
from rca.sources.origin import Origin
from tests import build
from tests.redaction import innocents, planted
from tests.repo.test_node_sites import __file__ as node_sites
from tests.repo.test_python_sites import __file__ as python_sites
from tests.sources.exporting import WRAPPINGS
from tests.traces import languages, made

Seeds = Callable[[], Iterator[bytes]]
_ROOT = Path(__file__).parent.parent.parent
_LONGEST = 1 << 15
_CONSOLE = (".txt", ".log", ".out")
_AT = datetime(2026, 3, 10, tzinfo=UTC)


def _files(folder: Path, suffixes: Sequence[str]) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in suffixes and path.stat().st_size <= _LONGEST:
            yield path.read_bytes()


def _texts(path: Path, least: int) -> Iterator[bytes]:
    """The texts that a module holds in quotes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= least:
            yield node.value.encode("utf-8", "replace")


def of_cycles(suffix: str) -> Seeds:
    """Cycles' files of one format."""

    def told() -> Iterator[bytes]:
        suffixes = _CONSOLE if suffix == ".txt" else (suffix,)
        for folder in (
            _ROOT / "tests" / "cycles",
            _ROOT / "fixtures",
            _ROOT / "tests" / "lab" / "recordings",
        ):
            yield from (one for one in _files(folder, suffixes) if b'"schema": "rca.report' not in one[:300])
        modules = {
            ".txt": "test_console.py",
            ".json": "test_json_results.py",
            ".xml": "test_junit.py",
            ".md": "test_reports.py",
        }
        if suffix in modules:
            yield from _texts(_ROOT / "tests" / "cycles" / modules[suffix], 60)

    return told


def of_folders() -> Iterator[bytes]:
    """Two files each."""
    reports = list(of_cycles(".md")())[:20]
    results = list(of_cycles(".json")())
    yield from (one + b"\f" + results[at % len(results)] for at, one in enumerate(reports))


def _raws() -> list[dict[str, Any]]:
    return build.incident_logs()


def of_logs() -> Iterator[bytes]:
    """One incident in every wrapping, and one line each of real kinds of entries."""
    raws = _raws()
    yield from (wrap(raws[:6]) for wrap in WRAPPINGS.values())
    yield "".join(json.dumps(raw) + "\n" for raw in raws).encode()
    for collector in collectors():
        yield (
            json.dumps(collector.sample).encode()
            if not isinstance(collector.sample, str)
            else collector.sample.encode()
        )
    yield from _parts()
    for path in sorted((_ROOT / "fixtures").glob("cycle-*/logs.ndjson")):
        lines = path.read_bytes().splitlines()
        yield b"\n".join(lines[:: max(1, len(lines) // 12)])[:_LONGEST]


def _parts() -> Iterator[bytes]:
    """An entry that was cut into parts."""
    raws = [
        {**_raws()[5], "split": {"uid": "u", "index": at, "totalSplits": 3}, "insertId": f"p{at}"}
        for at in range(3)
    ]
    yield "\n".join(json.dumps(raw) for raw in raws).encode()


def of_printed_logs() -> Iterator[bytes]:
    """Lines with times, tables, CSV, YAML, pastes."""
    for layout in layouts():
        sample = layout.sample
        yield f"{sample}\n{sample}\n".encode()
    raws = _raws()
    yield from (wrap(raws[:4]) for wrap in WRAPPINGS.values())
    for name in ("test_forms.py", "test_other_layouts.py", "test_table.py", "test_lines.py"):
        yield from _texts(_ROOT / "tests" / "sources" / name, 60)
    yield (_ROOT / "README.md").read_bytes()[:4000]


def of_gzips() -> Iterator[bytes]:
    """Packed and not."""
    for one in list(of_logs())[:4]:
        yield one
        yield gzip.compress(one)
    yield gzip.compress(b"a") + gzip.compress(b"b") + b"\0" * 20


def _recorded() -> tuple[str, bytes]:
    window = Window(build.after(0), build.after(60), "the test's")
    whole = questions.everything(window)
    told: dict[str, Any] = {
        "queries": (Query("q", _AT, None, 1),),
        "gaps": (),
        "warnings": (),
        "asked_at": _AT,
    }
    fetches = [
        Fetch.of(questions.probe(window, 80.0), raws=tuple(_raws()[:3]), **told),
        Fetch.of(whole, raws=tuple(_raws()), **told),
    ]
    asked = recording.Asked(cycle=build.cycle([build.failed("test_order", 1.0, 2.0)]), zone="Europe/Zurich")
    with TemporaryDirectory() as place:
        folder = recording.write(
            Path(place) / "kept", asked, Origin(("shop-stg",)), fetches, recording.Made(_AT, {"rca": "1"})
        )
        (lines,) = folder.glob("logs-*.ndjson")
        return lines.name, (folder / recording.MANIFEST).read_bytes() + b"\f" + lines.read_bytes()


RECORDED, _RECORDING = _recorded()
"""The name of the entries' file in the recording that recordings start from."""


def of_recordings() -> Iterator[bytes]:
    """One recording, its manifest indented and not."""
    yield _RECORDING
    manifest, _, lines = _RECORDING.partition(b"\f")
    yield json.dumps(json.loads(manifest)).encode() + b"\f" + lines


def of_filters() -> Iterator[bytes]:
    """The shipped queries, and the filters of the tests."""
    yield from _files(_ROOT / "queries", (".lql",))
    seen = set()
    for path in sorted((_ROOT / "tests" / "lql").glob("test_*.py")):
        for text in _texts(path, 3):
            if (
                len(text) < 300
                and text not in seen
                and any(sign in text for sign in (b"=", b":", b"(", b" OR ", b"NOT", b"<", b">"))
            ):
                seen.add(text)
                yield text


@cache
def lql_entries() -> tuple[dict[str, Any], ...]:
    """Entries that filters are asked of."""
    odd = {
        "textPayload": None,
        "jsonPayload": {"a": [1, {"b": "x"}, None], "é.x": {"": 1e308}, "n": "NaN"},
        "timestamp": 5,
    }
    return (*_raws()[:6:2], odd, {})


def of_traces() -> Iterator[bytes]:
    """Every language, chained, framed, alone."""
    for module in (made, languages):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str):
                yield value.encode()
                mixed = "\n".join(chr(0xF0000 + at % 3) + line for at, line in enumerate(value.split("\n")))
                yield mixed.encode()
    for name in ("test_parse.py", "test_one_line.py", "test_frames.py", "test_reassemble.py"):
        yield from _texts(_ROOT / "tests" / "traces" / name, 50)


def of_secrets() -> Iterator[bytes]:
    """Planted secrets, and what looks like them."""
    for one in planted.corpus(3)[::17]:
        yield one.text.encode("utf-8", "replace")
    told = innocents.corpus(3)
    yield from ("\n".join(told[at : at + 6]).encode("utf-8", "replace") for at in range(0, len(told), 60))


def of_settings() -> Iterator[bytes]:
    """The template, as it is and with all set."""
    yield TEMPLATE.encode()
    set_lines = re.findall(r"^# (\w+ = .+)$", TEMPLATE, re.MULTILINE)
    yield "\n".join(set_lines).encode()
    yield "\n".join(line.partition(" = ")[2] for line in set_lines).encode()
    yield b'logs = ["a"]\nservices = ["b"]\nmax_calls = 3\nendpoint = "http://localhost:1"\ntz = "UTC"\n'


def of_catalogues() -> Iterator[bytes]:
    """A few entries of each shipped file, under ids of their own."""
    for path in sorted((_ROOT / "rca" / "catalogue").glob("*.toml")):
        causes = path.read_text(encoding="utf-8").split("[[cause]]")[1:]
        for at in range(0, len(causes), 3):
            text = "".join(f"[[cause]]{one}" for one in causes[at : at + 2])
            yield text.replace('id = "', 'id = "own-').encode()


def of_reports() -> Iterator[bytes]:
    """The bundled cycles' reports."""
    for path in sorted((_ROOT / "fixtures").glob("cycle-*/expected/report.json")):
        yield json.dumps(json.loads(path.read_bytes())).encode()


def of_sources(suffix: str) -> Seeds:
    """The lab's services and the tests' own snippets."""

    def told() -> Iterator[bytes]:
        yield from _files(_ROOT / "tests" / "lab" / "apps", (suffix, ".ts" if suffix == ".js" else suffix))
        yield from _texts(Path(python_sites if suffix == ".py" else node_sites), 60)

    return told


def of_incidents() -> Iterator[bytes]:
    """A report and the logs that explain it."""
    with TemporaryDirectory() as place:
        folder = build.write_incident(Path(place))
        report = (folder / "report.md").read_bytes()
    logs = "".join(json.dumps(raw) + "\n" for raw in _raws()).encode()
    yield report + b"\f" + logs
    for one in list(of_cycles(".md")())[:12]:
        yield one + b"\f" + logs
    for name in ("cycle-5", "cycle-6"):
        lines = (_ROOT / "fixtures" / name / "logs.ndjson").read_bytes().splitlines()
        loud = [line for line in lines if b"requests" in line or b"stderr" in line]
        yield (
            (_ROOT / "fixtures" / name / "report.md").read_bytes()
            + b"\f"
            + b"\n".join(loud[:40])[: _LONGEST // 2]
        )
