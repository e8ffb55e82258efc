"""Days laid round recorded cases: what stands in them, that none of it is the fault, and that a seed makes them."""

import gzip
import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.examples import examples
from tests.lab.day import DAYS, Day, dated, lay_day
from tests.lab.day_units import Case
from tests.lab.entries import LogEntry, Scribe, Served, nanoseconds, seeded
from tests.lab.fill import fill
from tests.lab.mould import Mould, Part, Setting
from tests.lab.scenario import all_scenarios
from tests.lab.score import Recorded
from tests.lab.service import Service
from tests.lab.ties import text_of

RECORDINGS = Path(__file__).parent / "recordings"
AT = 1_790_000_000_123_456_000
HOUR_NS = 3_600_000_000_000
LATER = AT + 5 * HOUR_NS

each_day = pytest.mark.parametrize("name", DAYS)
some_cases = pytest.mark.parametrize("name", ["node-cause-below", "sanic-roll-out", "wsproto-relay-died"])


@cache
def case_of(name: str) -> Case:
    """A kept recording."""
    label = json.loads((RECORDINGS / name / "label.json").read_text(encoding="utf-8"))
    return Case(Recorded(RECORDINGS / name, label).entries(), label)


def line(at_ms: int, text: str, instance: str = "00ab") -> LogEntry:
    """A container's line at a time in milliseconds."""
    entry = Scribe(Service(), seeded(at_ms)).line("stderr", instance, AT + at_ms * 1_000_000, text)
    assert entry is not None
    return entry


def request(at_ms: int, lasts_ms: int, target: str, status: int = 200, ip: str = "203.0.113.7") -> LogEntry:
    """A request's entry."""
    start = AT + at_ms * 1_000_000
    served = Served(
        start,
        start + lasts_ms * 1_000_000,
        "GET",
        target,
        status,
        1,
        1,
        "agent/1",
        ip,
        f"{at_ms:032x}",
        "0a" * 8,
        "00ab",
    )
    return Scribe(Service(), seeded(at_ms)).request(served)


def made(entries: Sequence[LogEntry], **told: object) -> Case:
    """A case of these entries; its suite ran when nobody else did."""
    label = {
        "id": "made",
        "evidence": [],
        "message_contains": [],
        "red_herrings": [],
        "test_window": ["2001-01-01T00:00:00Z"] * 2,
    }
    return Case(entries, label | told)


def cast(entries: Sequence[LogEntry], setting: Setting, seed: int = 1) -> list[dict[str, Any]]:
    """The entries out of their mould."""
    lines = Mould([Part(entry) for entry in entries]).cast(setting, seeded(seed))
    return [json.loads(text) for _, text in lines]


class TestMould:
    """A piece of life is cast anew."""

    @settings(max_examples=examples(30))
    @given(st.lists(st.integers(min_value=0, max_value=60_000), min_size=2, max_size=20, unique=True))
    def test_order_stays(self, times: list[int]) -> None:
        """What was later is later, and what was written in one go still is."""
        entries = [line(at, "x") for at in sorted(times)]
        new = cast(entries, Setting(LATER, "rev-2", ("00cd",), (0.5, 3.0)))
        moved = [nanoseconds(entry["timestamp"]) for entry in new]
        for (before, after), (was, then) in zip(pairwise(moved), pairwise(sorted(times)), strict=True):
            assert after > before
            if then - was == 1:
                assert after - before == 1_000_000

    def test_ids_are_fresh_and_agree(self) -> None:
        """A session's id is new, and the same in each of its lines; user 1011 stays."""
        entries = [line(0, "ses_0123456789 signed in as u_1011"), line(9, "ses_0123456789 left")]
        new = cast(entries, Setting(LATER, "rev-2", ("00cd",)))
        first, second = (entry["textPayload"].split()[0] for entry in new)
        assert first == second != "ses_0123456789"
        assert new[0]["textPayload"].endswith("u_1011")
        assert {entry["labels"]["instanceId"] for entry in new} == {"00cd"}
        assert {entry["resource"]["labels"]["revision_name"] for entry in new} == {"rev-2"}
        assert new[0]["insertId"] != entries[0]["insertId"]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("2026-09-21 14:13:20,123 [INFO] a", "2026-09-21 19:13:20,123 [INFO] a"),
            ("14:13:19.9 INFO a", "19:13:19.9 INFO a"),
            ('"GET / 1.1" [21/Sep/2026:14:13:20 +0000]', '"GET / 1.1" [21/Sep/2026:19:13:20 +0000]'),
            (
                '{"t": 1790000000.5, "ms": 1790000000123, "n": 17}',
                {"t": 1790018000.5, "ms": 1790018000123, "n": 17},
            ),
            ("born 1985-09-21 14:13:20, 50% off", "born 1985-09-21 14:13:20, 50% off"),
        ],
    )
    def test_times_in_the_text_move_along(self, text: str, told: object) -> None:
        """A time near the entry's own is moved as far as it; another one is somebody's birthday."""
        entry = cast([line(0, text)], Setting(LATER, "r", ("00cd",)))[0]
        assert entry.get("textPayload", entry.get("jsonPayload")) == told


class TestPieces:
    """Entries are told apart by whose they are."""

    def test_lines_are_with_their_request(self) -> None:
        """By an id that both name, by the path, by standing at its end; what stands apart is a chore."""
        entries = [
            request(0, 9_000, "/live?s=ses_0123456789", 101),
            line(4_000, "ses_0123456789 says hello"),
            line(9_001, "connection closed"),
            request(20_000, 5, "/api/plots", ip="203.0.113.8"),
            line(20_150, '"GET /api/plots" 200'),
            line(15_000, "swept 12 drafts"),
        ]
        found = {tuple(text_of(one) for one in piece.lines) for piece in made(entries).pieces}
        assert found == {
            ("ses_0123456789 says hello", "connection closed"),
            ('"GET /api/plots" 200',),
            ("swept 12 drafts",),
        }

    def test_a_fault_is_none_of_life_s(self) -> None:
        """Evidence, errors that are no decoys, refusals and dropped sockets stay in the recording."""
        entries = [
            line(0, "the cause"),
            line(1_000, "ERROR something else"),
            line(2_000, "ERROR frost job failed"),
            line(3_000, "swept"),
            request(4_000, 1, "/a", 503, "203.0.113.1"),
            request(5_000, 1, "/b", 101, "203.0.113.2"),
            request(6_000, 1, "/c", 200, "203.0.113.3"),
        ]
        dropped = entries[5]["trace"].rpartition("/")[2]
        case = made(
            entries,
            evidence=[entries[0]["insertId"]],
            red_herrings=["frost job"],
            closes=[{"trace": dropped}],
        )
        left = [entry for piece in case.life for entry in piece.entries]
        assert left == [entries[2], entries[3], entries[6]]


class TestFill:
    """A service's life at any rate."""

    @pytest.mark.slow
    def test_it_is_ordered_at_the_rate_and_by_seed(self) -> None:
        """Lines come by the time that Logging got them, about as many as asked for; one seed makes one life."""
        case, span = case_of("node-cause-below"), (AT, AT + 24 * HOUR_NS)
        lines = list(fill(case, 4, span, 1))
        assert [got for got, _ in lines] == sorted(got for got, _ in lines)
        assert 0.85 < len(lines) / (4 * 24 * 60) < 1.15
        assert len({json.loads(text)["insertId"] for _, text in lines}) == len(lines)
        short = (AT, AT + HOUR_NS)
        assert list(fill(case, 4, short, 1)) == list(fill(case, 4, short, 1)) != list(fill(case, 4, short, 2))


@each_day
def test_there_is_a_scenario(name: str) -> None:
    """Each day of the family is round a scenario."""
    assert name in all_scenarios()


@pytest.mark.slow
@some_cases
def test_nothing_of_the_fault_is_in_the_rest(name: str) -> None:
    """The recording stands in the day as it ran; nothing else of the day says what the cause says."""
    case = case_of(name)
    own = {entry["insertId"] for entry in case.entries}
    day = Day(case, 0.4, 3)
    lines = [json.loads(text) for _, text in day.lines()]
    assert own <= {entry["insertId"] for entry in lines}
    rest = [entry for entry in lines if entry["insertId"] not in own]
    assert len(rest) > 100
    for entry in rest:
        assert not any(one in text_of(entry) for one in case.label["message_contains"])


def test_lines_alone_make_bursts() -> None:
    """Where the logs hold no requests, errors and warnings still come in bursts."""
    whole = case_of("wsproto-relay-died")
    case = Case([entry for entry in whole.entries if "httpRequest" not in entry], whole.label)
    bursts = Day(case, 0.0, 5).bursts
    assert len(bursts) >= 2
    assert all(burst.lines and "httpRequest" not in burst.lines[0][1] for burst in bursts)


def test_another_run_of_the_suite_is_all_good() -> None:
    """It asks for what the suite asked for, from one address of its own; each socket's close is one in order."""
    case = case_of("wsproto-relay-died")
    made = next(found for seed in range(9) for found in Day(case, 0.0, seed).bursts if found.kind == "client")
    entries = [json.loads(text) for _, text in made.lines]
    asked = [entry["httpRequest"] for entry in entries if "httpRequest" in entry]
    sockets = [one for one in asked if one["status"] == 101]
    assert len(asked) == sum(len(piece.requests) for piece in case.suite)
    assert {one["remoteIp"] for one in asked} == {made.herrings[0]}
    assert case.suite_ip != made.herrings[0]
    closed = [text_of(entry) for entry in entries if "wire down" in text_of(entry)]
    assert len({text.split()[2] for text in closed}) == len(closed) == len(sockets)
    assert all(text.endswith(" 1000") for text in closed)


@pytest.mark.slow
@some_cases
def test_each_burst_is_there_and_none_is_the_cause(name: str) -> None:
    """Three to five, most of them with words in the logs that the label warns of, apart from the case."""
    day = Day(case_of(name), 0.0, 5)
    assert 3 <= len(day.bursts) <= 5
    said = "\n".join(text for _, text in day.lines())
    for burst in day.bursts:
        assert set(burst.herrings) <= set(day.herrings)
        assert burst.herrings[0] in said
        assert abs(burst.at_ns - case_of(name).window_ns[0]) > HOUR_NS / 2


@pytest.mark.slow
def test_a_day_on_disk(tmp_path: Path) -> None:
    """Report with a date only, packed logs, a label with the herrings; the same seed gives the same bytes."""
    source = RECORDINGS / "hypercorn-uncaught"
    count = lay_day(source, tmp_path / "a", rate=0.5, seed=2)
    lay_day(source, tmp_path / "b", rate=0.5, seed=2)
    packed = (tmp_path / "a" / "logs.ndjson.gz").read_bytes()
    assert packed == (tmp_path / "b" / "logs.ndjson.gz").read_bytes()
    assert len(gzip.decompress(packed).splitlines()) == count
    report = (tmp_path / "a" / "report.md").read_text(encoding="utf-8")
    assert "- Date: 2026-11-25\n" in report
    assert "Cycle 1" in report or "cycle 1" in report
    label = json.loads((tmp_path / "a" / "label.json").read_text(encoding="utf-8"))
    known = json.loads((source / "label.json").read_text(encoding="utf-8"))
    assert label["red_herrings"][: len(known["red_herrings"])] == known["red_herrings"]
    assert label["category"] == known["category"]
    assert all(
        one in (tmp_path / "a" / "story.md").read_text(encoding="utf-8") for one in label["day"]["told"]
    )


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("- Date: 2026-11-25 23:41 UTC\n", "- Date: 2026-11-25\n"),
        ("at 2026-11-25T23:41:02.5+00:00.", "at 2026-11-25."),
        ("**Date**: 2026-11-25\n", "**Date**: 2026-11-25\n"),
    ],
)
def test_dated(text: str, date: str) -> None:
    """No time of day is left."""
    assert dated(text) == date
