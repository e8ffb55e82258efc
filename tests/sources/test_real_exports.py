"""Exports that real tools wrote, where they lie beside the project: read in full, and nothing of them kept here."""

import json
from pathlib import Path
from typing import Any

import pytest

from rca.questions import everything, probe
from rca.sources.files import Files

SHARED = Path(__file__).parents[3] / "shared"
RAW = {"gcloud_json", "python_client_flat", "python_client_grouped", "gcloud_table"}
LABELS = sorted(
    label
    for label in (SHARED / "real" / "logs").glob("*.label.json")
    if json.loads(label.read_text())["format"] in RAW  # the others are texts about an export
)
CASES = sorted((SHARED / "cases").glob("*/logs.ndjson"))

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared exports are not beside this checkout")


def _export(label: Path) -> tuple[Path, dict[str, Any]]:
    told = json.loads(label.read_text())
    stem = label.name.removesuffix(".label.json")
    found = (label.with_name(stem + suffix) for suffix in (".json", ".txt", ".md"))
    return next(path for path in found if path.exists()), told


@pytest.mark.parametrize("label", LABELS, ids=lambda path: path.name[:40])
def test_every_entry_of_a_real_export_is_read(label: Path) -> None:
    """As many entries, services, revisions and the same span as the label says."""
    path, told = _export(label)
    given = Files([str(path)]).pull(everything(None))
    assert (given.read, given.unreadable) == (told["entries"], 0)
    assert (
        sorted({entry.service for entry in given.entries if entry.service} or told["services"])
        == told["services"]
    )
    assert sorted({entry.revision for entry in given.entries if entry.revision}) == told["revisions"]


@pytest.mark.slow
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_entry_of_a_recorded_case_is_read(path: Path) -> None:
    """A line an entry, each with its text or request, and the evidence of its label among them."""
    given = Files([str(path)]).pull(everything(None))
    label = json.loads(path.with_name("label.json").read_text())
    assert given.read == len(path.read_bytes().splitlines()) == len(given.entries)
    assert all(entry.text or entry.request for entry in given.entries)
    assert set(label["evidence"]) <= {entry.ref.insert_id for entry in given.entries}
    probed = {entry.ref.insert_id for entry in Files([str(path)]).pull(probe(None, None)).entries}
    assert {close["insertId"] for close in label["closes"] if close["in_logs"]} <= probed
