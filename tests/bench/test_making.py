"""What is measured on: a day is the same for a seed, in order, in every format, and its label tells of it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from rca import cycles
from tests.bench.crash_loop import crash_loop
from tests.bench.formats import FORMATS, written
from tests.bench.making import FAULTS, Size, made
from tests.bench.rivals import rivals

pytestmark = pytest.mark.slow

N = 3000
SIZE = Size(N, N, 2)


@pytest.fixture(name="day", scope="module")
def _day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small day."""
    return made(SIZE, tmp_path_factory.mktemp("bench"))


def entries_of(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of an NDJSON file."""
    return (orjson.loads(line) for line in path.read_bytes().splitlines())


def label_of(folder: Path) -> dict[str, Any]:
    """What the answer is."""
    label: dict[str, Any] = json.loads((folder / "label.json").read_text(encoding="utf-8"))
    return label


def test_a_day_has_its_size_and_its_order(day: Path) -> None:
    """About as many entries as were asked for, oldest first, within 24 hours, no two under one insertId."""
    entries = list(entries_of(day / "logs.ndjson"))
    at = [entry["timestamp"] for entry in entries]
    assert at == sorted(at)
    assert len({text[:10] for text in at}) <= 2
    assert abs(len(entries) - N) < N / 5
    assert len(entries) == len({entry["insertId"] for entry in entries}) == label_of(day)["entries"]


def test_a_seed_makes_the_same_day(day: Path, tmp_path: Path) -> None:
    """Made again from the same plan, the day is the same to the byte; made where it lies, it is not made again."""
    again = made(SIZE, tmp_path)
    assert (again / "logs.ndjson").read_bytes() == (day / "logs.ndjson").read_bytes()
    assert (again / "label.json").read_text() == (day / "label.json").read_text()
    before = (day / "logs.ndjson").stat()
    assert made(SIZE, day.parent) == day
    assert (day / "logs.ndjson").stat() == before


def test_each_seed_tells_another_fault(tmp_path: Path) -> None:
    """As many seeds as there are faults tell each of them once."""
    told = {label_of(made(Size(600, 600, seed), tmp_path))["id"] for seed in range(1, len(FAULTS) + 1)}
    assert told == set(FAULTS)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"sink", "gz"}])
def test_every_format_holds_the_same_entries(day: Path, form: str) -> None:
    """Read as JSON, or line by line, a format gives the day's entries, all of them."""
    path = written(day, form)
    found = json.loads(path.read_text()) if path.suffix == ".json" else list(entries_of(path))
    wanted = list(entries_of(day / "logs.ndjson"))
    if path.suffix == ".json" or form == "newest-first":
        assert found[::-1] == wanted
    else:
        assert sorted(found, key=lambda entry: entry["insertId"]) == sorted(
            wanted, key=lambda entry: entry["insertId"]
        )


@pytest.mark.parametrize(("form", "indent"), [("gcloud", 2), ("indent-4", 4)])
def test_an_array_is_printed_as_gcloud_prints_one(day: Path, form: str, indent: int) -> None:
    """The array stands as `json.dumps` prints it with that indent and its keys in order, as gcloud does."""
    text = written(day, form).read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=indent, sort_keys=True, ensure_ascii=False) + "\n"


def test_a_sink_keeps_each_entry_in_the_file_of_its_hour(day: Path) -> None:
    """Each entry lies below its log and day, in the file of its hour; in the addendum where it arrived in another."""
    folder, count = written(day, "sink"), 0
    for path in folder.rglob("*.json"):
        for entry in entries_of(path):
            count += 1
            at, log = entry["timestamp"], entry["logName"].rpartition("/")[2].replace("%2F", "/")
            assert str(path.parent.relative_to(folder)) == f"{log}/{at[:10].replace('-', '/')}"
            assert path.name.startswith(f"{at[11:13]}:00:00_{at[11:13]}:59:59_")
            assert ("_S0" in path.name) == (entry["receiveTimestamp"][:13] == at[:13])
    assert count == label_of(day)["entries"]


def test_the_cycle_tells_the_runs(day: Path) -> None:
    """The exact cycle fails in each run, at its time; the dated one tells one run's results and no time of day."""
    exact, dated = cycles.find(day / "exact", 1), cycles.find(day / "dated", 1)
    runs = label_of(day)["runs"]
    starts = [test.started_at.timestamp() for test in exact.tests if test.failed and test.started_at]
    assert all(any(start <= at * 1e9 <= end for at in starts) for start, end in runs)
    assert len(exact.tests) == len(runs) * len(dated.tests)
    assert dated.date is not None
    assert dated.run_start is None
    assert all(test.started_at is None and test.duration_s for test in dated.tests)


def test_the_evidence_stands_in_the_logs(day: Path) -> None:
    """Each run has entries that show the cause, without a severity, and they say what the label says."""
    label = label_of(day)
    entries = {entry["insertId"]: entry for entry in entries_of(day / "logs.ndjson")}
    assert len(label["evidence"]) == 6
    for evidence in label["evidence"]:
        shown = [entries[one] for one in evidence]
        assert all("severity" not in entry for entry in shown)
        assert any(text in str(entry) for entry in shown for text in label["message_contains"])


def test_a_larger_day_has_the_same_windows(day: Path, tmp_path: Path) -> None:
    """Of three times as many entries, those round the runs stay what they were, but for what reaches in."""
    larger = made(Size(3 * N, N, SIZE.seed), tmp_path)
    runs = label_of(day)["runs"]
    assert label_of(larger)["runs"] == runs
    around = [(start / 1e9 - 120, end / 1e9 + 120) for start, end in runs]

    def within(folder: Path) -> set[str]:
        return {
            entry["insertId"]
            for entry in entries_of(folder / "logs.ndjson")
            if any(low <= int(entry["insertId"][:8], 16) <= high for low, high in around)
        }

    same, more = within(day), within(larger)
    assert len(same & more) > 0.9 * len(same)
    assert len(more) < 1.2 * len(same)


def test_a_crash_loop_has_its_traces(tmp_path: Path) -> None:
    """So often an instance dies of the recorded error, within minutes; most of them once each."""
    folder = crash_loop(60, 1, tmp_path)
    entries = list(entries_of(folder / "logs.ndjson"))
    cause = [entry for entry in entries if str(entry.get("textPayload")).startswith("ModuleNotFoundError")]
    by_id = Counter(entry["labels"]["instanceId"] for entry in cause)
    assert by_id.total() == 60
    assert sum(times == 1 for times in by_id.values()) > 30
    assert {entry["insertId"] for entry in cause} <= set(label_of(folder)["evidence"][0])
    span = {entry["timestamp"][:13] for entry in entries}
    assert len(span) <= 2


def test_a_tool_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """Without an environment for them, the tools that are Python packages have no version."""
    found = {
        one.name: one.version for one in rivals(tmp_path / "none", tmp_path / "x", [("a", "b")], tmp_path)
    }
    assert {found[name] for name in ("duckdb", "polars", "pandas")} == {""}
