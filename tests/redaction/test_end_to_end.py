"""A recorded cycle with secrets planted in its logs, addresses and test errors: nothing of them comes out anywhere."""

import gzip
import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from click.testing import Result

from rca import pipeline
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.logs import Logs
from tests.redaction import planted, secret_makers as makers, ways
from tests.redaction.measures import RECORDINGS
from tests.redaction.planted import Planted

pytestmark = pytest.mark.slow

Rca = Callable[..., Result]

RECORDED = RECORDINGS / "wsproto-relay-died"
PLACE = ("--cycle", 1, "--cycles-dir", "cycle")
CASES = planted.corpus(7)
SHARE = 24


@dataclass(frozen=True, slots=True)
class Told:
    """What was planted where."""

    entries: tuple[dict[str, Any], ...]
    cases: tuple[Planted, ...]


@pytest.fixture(name="told")
def _told(tmp_path: Path) -> Told:
    # A planted exception would be a cause of its own.
    cases = [case for case in CASES if case.way not in ("exception", "traceback")]
    return plant(tmp_path, cases[:: len(cases) // SHARE])


def plant(folder: Path, cases: Sequence[Planted]) -> Told:
    """Write the recording into a folder, a secret in every text and address of it; return what its logs hold."""
    cycle = folder / "cycle"
    cycle.mkdir(exist_ok=True)
    turns = _turns(cases)
    entries = []
    for line in gzip.decompress((RECORDED / "logs.ndjson.gz").read_bytes()).splitlines():
        entry = json.loads(line)
        case = next(turns)
        if "textPayload" in entry:
            entry["textPayload"] += f"\n{case.text}"
        if isinstance(entry.get("jsonPayload", {}).get("message"), str):
            entry["jsonPayload"]["message"] += f"\n{case.text}"
            entry["jsonPayload"]["asked"] = {"with": next(turns).text}
        if "requestUrl" in entry.get("httpRequest", {}):
            entry["httpRequest"]["requestUrl"] += f"?said={quote(case.text)}"
            entry["httpRequest"]["referer"] = case.text
        entries.append(entry)
    (cycle / "logs.ndjson").write_text(
        "".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8"
    )
    junit = (RECORDED / "junit.xml").read_text(encoding="utf-8")
    parts = re.split(r'(?<=<failure message=")([^"]*)', junit)
    parts[1::2] = [f"{error}, said {_xml(next(turns).text)}" for error in parts[1::2]]
    (cycle / "junit.xml").write_text("".join(parts), encoding="utf-8")
    return Told(tuple(entries), tuple(cases))


def _turns(cases: Sequence[Planted]) -> Iterator[Planted]:
    while True:
        yield from cases


def _xml(text: str) -> str:
    """The text as an attribute of XML can hold it: without the escape sign of colors."""
    return escape(text.replace("\x1b", ""), {'"': "&quot;", "\n": "&#10;"})


def left_in(text: str, cases: Sequence[Planted]) -> list[tuple[str, str]]:
    """What of the planted secrets can be read in a text, escaped or not."""
    read = [text, html.unescape(text), text.replace("\\n", "\n").replace('\\"', '"')]
    return [(case.kind, case.way) for case in cases if any(case.survives_in(one) for one in read)]


def test_without_masking_the_report_would_hold_them(
    rca: Rca, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted secrets are in what a report quotes: what the tests below find missing was there."""
    monkeypatch.setattr(pipeline, "redact", lambda report, _ids: report)
    assert len(left_in(rca("why", *PLACE, "--format", "json").stdout, told.cases)) > 10


def test_no_planted_secret_comes_out_of_why(rca: Rca, told: Told, tmp_path: Path) -> None:
    """Neither in the report, in any format or fitted to a place, nor in its picture, timeline or list of tests."""
    made = rca("why", *PLACE, "--format", "json", "-o", "saved.json", "--plot", "why.svg")
    assert made.exit_code == 0, made.output
    shown = {
        "why, json": (tmp_path / "saved.json").read_text(encoding="utf-8"),
        "picture": (tmp_path / "why.svg").read_text(encoding="utf-8"),
        "why, md": rca("why", *PLACE).stdout,
        "timeline": rca("timeline", *PLACE).stdout,
        "cycles": rca("cycles", "--cycles-dir", "cycle").stdout,
        "cycles, json": rca("cycles", "--cycles-dir", "cycle", "--format", "json").stdout,
        **{
            f"render, {form}": rca("render", "saved.json", "--format", form).stdout for form in ("md", "html")
        },
        **{
            f"fit, {to}": rca("render", "saved.json", "--fit", to).stdout
            for to in ("github", "jira", "slack")
        },
        **{
            f"attach, {to}": rca("attach", *PLACE, "--to", to, "--dry-run").stdout
            for to in ("github:harbor/tide#12", "webhook:http://127.0.0.1:9/hook")
        },
        "messages": made.output,
    }
    assert {name: left for name, text in shown.items() if (left := left_in(text, told.cases))} == {}
    assert all("\u2039" in shown[name] for name in ("why, json", "why, md", "cycles, json"))
    assert all(shown.values())


def test_the_cause_is_found_all_the_same(rca: Rca, told: Told) -> None:
    """Masking takes nothing from the answer: exception, frame and citations are those of the recording."""
    label = json.loads((RECORDED / "label.json").read_text(encoding="utf-8"))
    found = json.loads(rca("why", *PLACE, "--format", "json").stdout)
    assert found["root_cause"]["exception"] == label["exception"]
    assert found["root_cause"]["frame"]["line"] == label["frame"]["line"]
    cited = {one["insert_id"] for one in found["evidence"] if one["kind"] == "entry"}
    assert cited
    assert cited <= {entry["insertId"] for entry in told.entries}


def test_no_planted_secret_is_in_a_masked_recording(rca: Rca, told: Told, tmp_path: Path) -> None:
    """`pull --redact` writes none, neither of the logs nor of the cycle, and what places an entry stays."""
    with GrpcServer(Logs(told.entries, project="demo")) as server:
        made = rca("pull", *PLACE, "--project", "demo", "--endpoint", server.endpoint, "--redact")
    assert made.exit_code == 0, made.output
    kept = tmp_path / made.stdout.strip()
    written = {path.name: path.read_bytes() for path in kept.iterdir()}
    texts = {
        name: (gzip.decompress(data) if name.endswith(".gz") else data).decode()
        for name, data in written.items()
    }
    assert {name: left for name, text in texts.items() if (left := left_in(text, told.cases))} == {}
    lines = next(text for name, text in texts.items() if "ndjson" in name).splitlines()
    placed = {(entry["insertId"], entry.get("trace")) for entry in told.entries}
    assert len(lines) > 100
    assert {(entry["insertId"], entry.get("trace")) for entry in map(json.loads, lines)} <= placed


@pytest.mark.parametrize("start", range(0, 120, 10))
def test_no_kind_of_secret_comes_out_of_why(rca: Rca, tmp_path: Path, start: int) -> None:
    """Every kind, a few a run, so that each stands in many of the texts that the report quotes."""
    random = Random(start)  # noqa: S311 - nothing to guess
    kinds = sorted({case.kind for case in CASES})
    few = [random.choice([case for case in CASES if case.kind == kind]) for kind in kinds[start : start + 10]]
    told = plant(tmp_path, few or CASES[:10])
    shown = [rca("why", *PLACE, "--format", form).stdout for form in ("md", "json", "html")]
    assert [left for text in shown if (left := left_in(text, told.cases))] == []


def test_a_secret_that_only_the_cycle_names_is_masked_in_the_logs(rca: Rca, tmp_path: Path) -> None:
    """A test's error says what is a password; an entry that is cited says the word alone."""
    secret = makers.password(Random(1))  # noqa: S311 - nothing to guess
    bare = Planted("password", "plain", ways.ALONE["plain"](secret), secret)
    plant(tmp_path, [bare])
    junit = tmp_path / "cycle" / "junit.xml"
    told = junit.read_text(encoding="utf-8")
    assert bare.text in told
    junit.write_text(told.replace(bare.text, f"password={secret!r}"), encoding="utf-8")
    assert not bare.survives_in(rca("why", *PLACE, "--format", "json").stdout)
