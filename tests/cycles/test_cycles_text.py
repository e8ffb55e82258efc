"""What `rca cycles` prints."""

import json
from dataclasses import replace

from rca.cycles import read_file
from rca.render.cycles import as_json, as_text
from tests.cycles.telling import DOCUMENTS


def test_json_keys() -> None:
    """The array has one object a cycle with the keys of the contract."""
    (cycle,) = json.loads(as_json([read_file(DOCUMENTS / "tables.md")]))
    assert {
        "number",
        "date",
        "environment",
        "target",
        "revision",
        "passed",
        "failed",
        "skipped",
    } <= cycle.keys()
    assert cycle["run_start_utc"] == "2026-03-04T01:10:00Z"
    assert {
        "id",
        "name",
        "kind",
        "outcome",
        "flaky",
        "started_at",
        "duration_s",
        "error",
        "close_code",
    } <= cycle["tests"][1].keys()
    assert cycle["tests"][1]["close_code"] == 1011
    assert cycle["sources"] == ["tables.md"]


def test_text_shows_what_was_read() -> None:
    """Each test stands on a line with its outcome and place; warnings follow."""
    text = as_text([read_file(DOCUMENTS / "tables.md")])
    assert "cycle 3 · 2026-03-04" in text
    assert "failed  Echoes a message" in text
    assert "tables.md:16 · close 1011" in text
    assert "warning: tables.md:19: no outcome" in text
    assert as_text([]) == "no cycles found\n"


def test_text_is_inert() -> None:
    """Control characters of a document do not reach the terminal."""
    cycle = replace(read_file(DOCUMENTS / "tables.md"), environment="\x1b[2J\x07evil\nline")
    assert "\x1b" not in as_text([cycle])
    assert "\nline" not in as_text([cycle])
