"""On recorded incidents, the labelled exception and its frame are found where the label says.

The recordings lie beside the project (`../shared`); without them the tests are skipped.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from rca.model import Entry, EntryRef, Trace
from rca.normalize import normalize
from rca.traces import reassemble

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
LABELLED = sorted(path.parent for path in CASES.glob("*/label.json"))

pytestmark = pytest.mark.skipif(not LABELLED, reason="no recorded incidents beside the project")


def entries(folder: Path) -> list[Entry]:
    """Return the entries of a recording."""
    with (folder / "logs.ndjson").open(encoding="utf-8") as file:
        return [
            normalize(raw, EntryRef(raw.get("insertId"), "logs.ndjson", at))
            for at, raw in enumerate(map(json.loads, file), start=1)
        ]


def tells(trace: Trace, label: dict[str, Any]) -> bool:
    """Tell whether a trace names the labelled exception, and passed last through the labelled frame of our own."""
    types = {error.type.rpartition(".")[2] for error in trace.exceptions}
    last = [[frame for frame in error.frames if frame.in_app][-1:] for error in trace.exceptions]
    wanted = (label["frame"]["file"], label["frame"]["line"], label["frame"]["function"])
    return label["exception"] in types and any(
        (frame.file, frame.line, frame.function) == wanted for frames in last for frame in frames
    )


@pytest.mark.slow
@pytest.mark.parametrize("folder", LABELLED, ids=lambda folder: folder.name)
def test_the_labelled_exception_is_found(folder: Path) -> None:
    """Every labelled entry that a trace was read from belongs to one that tells the labelled exception and frame."""
    label = json.loads((folder / "label.json").read_text(encoding="utf-8"))
    traces = reassemble(entries(folder))
    assert all(trace.complete for trace in traces)
    evidence = set(label["evidence"])
    cited = [trace for trace in traces if evidence & {entry.ref.insert_id for entry in trace.entries}]
    if label["frame"] is None:
        assert cited == []
    else:
        assert cited
        assert all(tells(trace, label) and trace.header for trace in cited)
