"""A large array on one line is read member by member, and gives what reading it whole gives."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rca.model import Pulled
from rca.questions import everything
from rca.sources import large
from rca.sources.files import Files
from tests.sources.exporting import Raw, line
from tests.sources.test_files import told

TEXTS = st.sampled_from(
    ["a loaf", '},{"timestamp":"2026', "} , {", "}]", '"}]', "{", "}", "[{}]", "x" * 300, '\\"},{', "é}"]
)
NESTED = st.recursive(
    TEXTS, lambda inner: st.lists(st.dictionaries(TEXTS, inner, max_size=3), max_size=4), max_leaves=8
)
WRITTEN: dict[str, Any] = {
    "compact": lambda raws: json.dumps(raws, separators=(",", ":")),
    "with spaces": json.dumps,
    "a line each": lambda raws: "[" + ",\n".join(json.dumps(raw) for raw in raws) + "\n]\n",
    "a page": lambda raws: json.dumps({"entries": raws}),
    "a page with more": lambda raws: json.dumps({"entries": raws, "nextPageToken": "more"}),
    "a page with more, told at length": lambda raws: json.dumps(
        {"entries": raws, "nextPageToken": "m" * 900}
    ),
    "not ASCII": lambda raws: json.dumps(raws, ensure_ascii=False),
}


def one_by_one(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Pulled:
    """What the file gives when it counts as large."""
    monkeypatch.setattr(Files, "large", 64)
    monkeypatch.setattr(large, "BLOCK", 97)
    return read(folder, content)


def read(folder: Path, content: bytes) -> Pulled:
    """What the file gives."""
    path = folder / "logs.json"
    path.write_bytes(content)
    return Files([str(path)]).pull(everything(None))


def raws_of(payloads: Sequence[object]) -> list[Raw]:
    """Entries that hold these."""
    return [line(n, text=f"loaf {n}", after_s=n, jsonPayload={"told": one}) for n, one in enumerate(payloads)]


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(payloads=st.lists(NESTED, min_size=2, max_size=12), written=st.sampled_from(sorted(WRITTEN)))
def test_one_by_one_is_as_good_as_whole(tmp_path: Path, payloads: list[object], written: str) -> None:
    """Whatever stands in the texts, and wherever the pieces are cut."""
    content = WRITTEN[written](raws_of(payloads)).encode()
    whole = read(tmp_path, content)
    with pytest.MonkeyPatch.context() as patch:
        parts = one_by_one(tmp_path, content, patch)
    assert told(parts) == told(whole)
    assert [entry.ref for entry in parts.entries] == [entry.ref for entry in whole.entries]
    assert (parts.read, parts.unreadable, parts.gaps) == (whole.read, 0, whole.gaps)


def test_a_broken_member_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted and quoted; those around it are read."""
    raws = [line(n, text=f"loaf {n}", after_s=n) for n in range(9)]
    content = WRITTEN["compact"](raws).encode().replace(b'"loaf 4"', b'"loaf 4')
    given_back = one_by_one(tmp_path, content, monkeypatch)
    assert given_back.unreadable >= 1
    assert {"loaf 0", "loaf 3", "loaf 8"} <= {entry.text for entry in given_back.entries}


@pytest.mark.parametrize("many", [3, 30, 1500])
def test_a_list_within_an_entry_is_no_end_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """However many objects it holds, and whether they look like entries: as a list, and as a text."""
    inner = [
        {"timestamp": "2026-01-01T00:00:00Z", "logName": "projects/p/logs/l", "n": n} for n in range(many)
    ]
    raws = raws_of(["a", inner, json.dumps(inner, separators=(",", ":")), "b"])
    monkeypatch.setattr(Files, "large", 64)
    monkeypatch.setattr(large, "BLOCK", 4096)
    found = read(tmp_path, WRITTEN["compact"](raws).encode())
    assert [entry.payload.get("told") for entry in found.entries] == [
        raw["jsonPayload"]["told"] for raw in raws
    ]
    assert found.unreadable == 0


def test_an_array_cut_short_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before the cut is read, and the cut is stated."""
    content = WRITTEN["compact"](raws_of(["a"] * 9)).encode()[:-40]
    cut = one_by_one(tmp_path, content, monkeypatch)
    assert len(cut.entries) == 8
    assert cut.complete is False


def test_what_never_ends_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member longer than any entry is lost, and what follows it is read; memory stays small."""
    monkeypatch.setattr(large, "_LONGEST_ENTRY", 1000)
    raws = [line(n, text=f"loaf {n}", after_s=n) for n in range(9)]
    raws[4]["textPayload"] = "x" * 100_000
    found = one_by_one(tmp_path, WRITTEN["compact"](raws).encode(), monkeypatch)
    assert [entry.text for entry in found.entries] == [f"loaf {n}" for n in range(9) if n != 4]
    assert [entry.ref.line for entry in found.entries] == [n + 1 for n in range(9) if n != 4]
    assert found.unreadable == 1
    assert any("longer than any log entry" in warning for warning in found.warnings)


ENTRY = json.dumps(line(0, text="loaf"), separators=(",", ":"))
SHAPES = {
    "a list of small objects": '[{"x":[' + ",".join(['{"a":0}'] * 500_000) + "]}," + ENTRY + "]",
    "a list that never ends": '[{"x":[' + ",".join(['{"a":0}'] * 500_000),
    "a text that looks like ends": '[{"t":"' + '},{\\"a' * 500_000 + '"},' + ENTRY + "]",
    "every entry damaged": "[" + ",".join([ENTRY.replace('"loaf', '"loaf"')] * 20_000) + "," + ENTRY + "]",
    "deep entries": "["
    + ",".join('{"a":' + '[{"b":' * 600 + "1" + "}]" * 600 + "}" for _ in range(800))
    + "]",
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_what_looks_like_ends_costs_no_more_than_seconds(tmp_path: Path, shape: str) -> None:
    """Some megabytes of it; and the entry behind it is read, where one stands there."""
    whole = f"{SHAPES[shape]:<4200000}".encode()  # what counts as large
    began = time.process_time()
    found = read(tmp_path, whole)
    assert time.process_time() - began < 10
    assert len(found.entries) == SHAPES[shape].count(ENTRY)
