"""The bundled cycles by file, by gRPC and by HTTP: the same entries, the same causes, the same insertIds."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings, strategies as st

from rca import questions
from rca.model import Entry, EntryRef, Pulled, Window
from rca.questions import Ask
from rca.sources import LogSource
from rca.sources.cloud import wire
from rca.sources.cloud.source import CloudLogging, Wanted
from rca.sources.files import Files
from rca.sources.origin import Origin
from tests.cloud.clients import SERVERS
from tests.cloud.hurried import hurried
from tests.cloud.listing import Server
from tests.cloud.logs import Logs, read_entries
from tests.examples import examples

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"
CYCLES = (1, 2, 5, 6)
FILTERS = (
    None,
    "severity>=WARNING",
    'textPayload=~"(?i)error|warn" OR httpRequest.status=101',
    'NOT labels.instanceId:"00" -- the others',
    'httpRequest.latency>"1.5s" OR SEARCH("live session")',
    'trace:* AND resource.labels.revision_name!="parley-api-00086-zfm"',
)


def logs_of(cycle: int) -> Path:
    """The log file beside a bundled cycle."""
    return next(path for path in (FIXTURES / f"cycle-{cycle}").glob("logs.ndjson*"))


@cache
def stored(cycle: int) -> Logs:
    """Its entries, as a server holds them."""
    return Logs(read_entries(logs_of(cycle)), project="demo")


@cache
def span(cycle: int) -> tuple[datetime, datetime]:
    """The time of its first and last entry."""
    pulled = Files([str(logs_of(cycle))]).pull(questions.everything(None))
    return pulled.entries[0].at, pulled.entries[-1].at


@pytest.fixture(scope="module", name="servers")
def _servers() -> Iterator[dict[tuple[str, int], Server]]:
    with ExitStack() as running:
        yield {
            (transport, cycle): running.enter_context(server(stored(cycle)))
            for transport, server in SERVERS.items()
            for cycle in CYCLES
        }


def live(server: Server, wanted: str | None = None) -> LogSource:
    """The source that reads from a server."""
    origin = Origin(("demo",), endpoint=server.endpoint, wanted=wanted)
    return CloudLogging(wire.opened(server.endpoint), Wanted(origin), hurried())


def told(pulled: Pulled) -> tuple[Entry, ...]:
    """The entries, but for where they lay."""
    nowhere = EntryRef(None, "", None)
    return tuple(replace(one, ref=replace(nowhere, insert_id=one.ref.insert_id)) for one in pulled.entries)


@st.composite
def asks(draw: st.DrawFn) -> tuple[int, Ask]:
    """A cycle, and a question to a stretch of its logs: the short and the empty ones, too."""
    cycle = draw(st.sampled_from(CYCLES))
    first, last = span(cycle)
    whole = (last - first).total_seconds()
    start = first + timedelta(seconds=draw(st.floats(-10, whole + 10)))
    window = Window(start, start + timedelta(seconds=draw(st.floats(0.001, min(whole, 3600)))), "drawn")
    made = draw(
        st.sampled_from(
            [
                questions.everything(window),
                questions.probe(window, 4.0),
                questions.probe(window, None),
                questions.failures(window),
                questions.occurrences("Live session error", window, 5),
            ]
        )
    )
    return cycle, made


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asks(), st.sampled_from(FILTERS))
def test_a_question_has_one_answer_wherever_it_is_asked(
    servers: dict[tuple[str, int], Server], drawn: tuple[int, Ask], wanted: str | None
) -> None:
    """A file, gRPC and HTTP give the same entries for the same question and the user's filter."""
    cycle, ask = drawn
    by_file = told(Files([str(logs_of(cycle))], wanted=wanted).pull(ask))
    for transport in SERVERS:
        assert told(live(servers[transport, cycle], wanted).pull(ask)) == by_file


# --- through the command line -----------------------------------------------------------------------------

Rca = Callable[..., Result]


def answer(result: Result) -> dict[str, Any]:
    """The report in the result's output."""
    report: dict[str, Any] = json.loads(result.stdout)
    return report


@pytest.mark.parametrize("cycle", CYCLES)
def test_live_logs_give_the_causes_and_the_entries_of_the_file(
    cycle: int, transport: str, rca: Rca, servers: dict[tuple[str, int], Server]
) -> None:
    """`--project --endpoint` and the file beside the cycle: the same causes, citations, closes and exit code."""
    place = ("--cycle", cycle, "--cycles-dir", FIXTURES, "--format", "json")
    from_file = rca("why", *place, "--logs", logs_of(cycle))
    server = servers[transport, cycle]
    before = len(server.calls)
    from_api = rca("why", *place, "--project", "demo", "--endpoint", server.endpoint)
    assert from_api.exit_code == from_file.exit_code
    ours, theirs = answer(from_api), answer(from_file)
    for key in (
        "root_cause",
        "causes",
        "closes",
        "refused",
        "tests",
        "windows",
        "unexplained",
        "status_checks",
    ):
        assert ours[key] == theirs[key]
    assert [one["insert_id"] for one in ours["evidence"]] == [one["insert_id"] for one in theirs["evidence"]]
    assert ours["pull"]["complete"] is True
    queries = ours["pull"]["queries"]
    assert sum(query["calls"] for query in queries) == len(server.calls) - before <= len(queries) + 1


def test_a_recording_gives_the_report_of_the_run_that_made_it(
    tmp_path: Path, rca: Rca, servers: dict[tuple[str, int], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine, with nothing but the folder: not a byte of the report differs, and nothing is called."""
    server = servers["grpc", 1]
    first = rca(
        *("why", "--cycle", 1, "--cycles-dir", FIXTURES, "--project", "demo", "--endpoint", server.endpoint),
    )
    (kept,) = (tmp_path / ".rca").glob("cycle-*")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept.rename(elsewhere / "handed-over")
    monkeypatch.chdir(elsewhere)
    calls = len(server.calls)
    again = rca("why", "--logs", "handed-over")
    assert (again.exit_code, again.stdout) == (first.exit_code, first.stdout)
    assert len(server.calls) == calls


def test_why_takes_the_recording_that_pull_made(
    tmp_path: Path, rca: Rca, servers: dict[tuple[str, int], Server]
) -> None:
    """`rca pull`, then `rca why` without a word of where the logs are: the API is not asked again."""
    server = servers["http", 2]
    place = ("--cycle", 2, "--cycles-dir", FIXTURES / "cycle-2")
    made = rca("pull", *place, "--project", "demo", "--endpoint", server.endpoint)
    assert made.exit_code == 0
    kept = tmp_path / made.stdout.strip()
    assert kept.joinpath("manifest.json").stat().st_mode & 0o777 == 0o600
    calls = len(server.calls)
    report = answer(rca("why", *place, "--format", "json"))
    assert len(server.calls) == calls
    assert report["pull"]["source"] == "Cloud Logging, project demo"
    assert rca("why", *place, "--refresh").exit_code == 0
    assert len(server.calls) > calls


def test_a_masked_recording_holds_no_secret_and_gives_the_same_cause(
    tmp_path: Path, rca: Rca, servers: dict[tuple[str, int], Server]
) -> None:
    """`pull --redact`: none of the tokens of the label is in the folder, and the cause is found all the same."""
    label = json.loads((FIXTURES / "cycle-1" / "label.json").read_text(encoding="utf-8"))
    place = ("--cycle", 1, "--cycles-dir", FIXTURES)
    made = rca("pull", *place, "--project", "demo", "--endpoint", servers["grpc", 1].endpoint, "--redact")
    kept = tmp_path / made.stdout.strip()
    written = b"".join(path.read_bytes() for path in kept.iterdir()).decode()
    assert [secret for secret in label["secrets"] if secret in written] == []
    assert "\u2039" in written  # where a mask begins
    report = answer(rca("why", "--logs", kept, "--format", "json"))
    assert label["message_contains"][0] in report["root_cause"]["message"]


def test_a_stretch_around_a_moment_is_read_live(rca: Rca, servers: dict[tuple[str, int], Server]) -> None:
    """`--at` needs no cycle: one call reads five minutes either way."""
    server = servers["grpc", 2]
    calls = len(server.calls)
    told_at = span(2)[0].astimezone(UTC).isoformat()
    result = rca(
        "why", "--at", told_at, "--project", "demo", "--endpoint", server.endpoint, "--format", "json"
    )
    assert answer(result)["pull"]["entries"] > 0
    assert len(server.calls) == calls + 1


def test_queries_are_shown_as_they_are_sent(rca: Rca, servers: dict[tuple[str, int], Server]) -> None:
    """What `rca queries --cycle 1` prints for the probe is, to the letter, what the server is asked."""
    place = ("--cycle", 1, "--cycles-dir", FIXTURES)
    shown = rca("queries", *place, "--project", "demo").stdout
    server = servers["grpc", 1]
    before = len(server.calls)
    rca("why", *place, "--project", "demo", "--endpoint", server.endpoint)
    sent = server.calls[before].request.filter
    assert "\n".join(f"    {line}" for line in sent.strip().splitlines()) in shown
    assert "https://console.cloud.google.com/logs/query;query=" in shown
