"""A recorded incident whose logs, tests, files and labels try to do something: no command lets them."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cloud.grpc_server import GrpcServer
from tests.cloud.logs import Logs
from tests.render.hostile import ATTACKS, assert_inert
from tests.render.page import parsed

pytestmark = pytest.mark.slow

Rca = Callable[..., Result]

FIXTURES = Path(__file__).parent.parent / "fixtures"
PLACE = ("--cycles-dir", "@team <img src=x>")
_BEFORE = re.compile(r"\s|Traceback")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_TAGS = frozenset({"img", "iframe", "object", "embed", "form", "base", "foreignObject"})
TERMINAL = "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x07\x9b31m\u2066\U000e0041"


@pytest.fixture(name="entries", autouse=True)
def _entries(tmp_path: Path) -> list[dict[str, Any]]:
    """Two cycles in the folder; what the logs of the first hold."""
    attacks = cycle([*ATTACKS, TERMINAL])
    told = [_write(tmp_path / PLACE[1] / f"cycle-{number} `@x`", number, attacks) for number in (2, 3)]
    return told[0]


def _write(folder: Path, number: int, attacks: Iterator[str]) -> list[dict[str, Any]]:
    folder.mkdir(parents=True)
    source = FIXTURES / f"cycle-{number}"
    revision = f"parley-api-{next(attacks)}-@team {TERMINAL}"
    entries = [json.loads(line) for line in (source / "logs.ndjson").read_bytes().splitlines()]
    for entry in entries:
        for name in ("textPayload", "jsonPayload", "labels"):
            if name in entry:
                entry[name] = _hostile(entry[name], attacks)
        entry["resource"]["labels"]["revision_name"] = revision
    lines = [json.dumps(entry).encode() for entry in entries]
    damaged = b'{"textPayload": "\xff\xfe @team \x1b[31m \x00'
    (folder / "logs.ndjson").write_bytes(b"\n".join([*lines, damaged, b"\x00\x00{"]))
    report = (source / "report.md").read_text(encoding="utf-8").splitlines()
    told = [
        re.sub(r"(?= \| (?:PASS|FAIL))", lambda _: _one_line(next(attacks)), line).replace(
            "Error:", f"Error: {_one_line(next(attacks))}"
        )
        for line in report
    ]
    (folder / "report <b>@x.md").write_bytes("\n".join(told).encode("utf-8", "surrogatepass"))
    return entries


def _one_line(attack: str) -> str:
    return " " + re.sub(r"[\r\n|\\\u2028]", " ", attack)


def _hostile(value: Any, attacks: Iterator[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {
            name: inner if name == "instanceId" else _hostile(inner, attacks) for name, inner in value.items()
        }
    if not isinstance(value, str):
        return value
    return "\n".join(line if _BEFORE.match(line) else f"{line} {next(attacks)}" for line in value.split("\n"))


def seen(results: dict[str, Result]) -> dict[str, str]:
    """What of each stream cannot be seen, where there is any."""
    streams = {f"{name}, {kind}": text for name, one in results.items() for kind, text in _streams(one)}
    return {
        name: text[max(0, at.start() - 60) :][:90]
        for name, text in streams.items()
        if (at := _UNSEEN.search(text))
    }


def _streams(one: Result) -> tuple[tuple[str, str], ...]:
    return ("output", one.stdout), ("messages", one.stderr)


def test_every_character_that_a_command_prints_can_be_seen(rca: Rca, tmp_path: Path) -> None:
    """Neither output nor messages hold a control character, a bidi mark or one without width; Markdown is inert."""
    results = {
        **{form: rca("why", "--cycle", 2, *PLACE, "--format", form) for form in ("md", "json", "html")},
        **{to: rca("why", "--cycle", 2, *PLACE, "--fit", to) for to in ("github", "jira", "slack")},
        **{f"diff, {form}": rca("diff", 2, 3, *PLACE, "--format", form) for form in ("md", "json", "html")},
        **{
            f"attach, {to}": rca("attach", "--cycle", 2, *PLACE, "--to", to, "--dry-run", "--label", TERMINAL)
            for to in ("github:harbor/tide#12", "webhook:http://127.0.0.1:9/hook")
        },
        "history": rca("history", *PLACE),
        "history, JSON": rca("history", *PLACE, "--format", "json"),
        "cycles": rca("cycles", *PLACE),
        "cycles, JSON": rca("cycles", *PLACE, "--format", "json"),
        "timeline": rca("timeline", "--cycle", 2, *PLACE),
        "queries": rca("queries", "--cycle", 2, *PLACE),
        "no cycle": rca("why", "--cycle", 99, *PLACE),
        "no logs": rca("why", "--cycle", 2, *PLACE, "--logs", f"{TERMINAL}.json"),
        "a picture": rca("why", "--cycle", 2, *PLACE, "--plot", "why.svg", "-o", "why.md"),
    }
    assert seen(results) == {}
    assert "TypeError" in results["md"].stdout
    assert all(r"\u202e" in results[name].stdout for name in ("json", "html", "md"))
    for name in ("md", "github", "diff, md"):
        assert_inert(results[name].stdout)
    for name in ("html", "diff, html"):
        elements = list(parsed(results[name].stdout).iter())
        assert not _TAGS & {one.tag for one in elements}
        assert not [name for one in elements for name in one.attrib if name.startswith("on")]
    assert not _UNSEEN.search((tmp_path / "why.svg").read_text(encoding="utf-8"))


def test_what_comes_from_a_server_can_be_seen_as_well(rca: Rca, entries: list[dict[str, Any]]) -> None:
    """The same of logs that are read live, of the recording made of them and of the examination."""
    told = [
        json.loads(json.dumps(entry).encode("ascii", "replace").replace(b"\\ud83d", b"")) for entry in entries
    ]
    with GrpcServer(Logs(told, project="demo")) as server:
        live = ("--cycle", 2, *PLACE, "--project", "demo", "--endpoint", server.endpoint)
        results = {
            "pull": rca("pull", *live, "--redact"),
            "why": rca("why", *live, "--refresh"),
            "doctor": rca("doctor", *live),
        }
    assert seen(results) == {}
    assert_inert(results["why"].stdout)
    assert "TypeError" in results["why"].stdout
