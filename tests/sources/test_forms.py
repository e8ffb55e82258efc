"""The forms in which Google's own tools hand out logs, and in which people hand them on."""

import base64
import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from rca.errors import SourceError
from rca.questions import everything, failures
from rca.sources.files import Files
from rca.traces import reassemble
from tests.sources.exporting import START, Raw, line, request
from tests.sources.test_files import KEEP_FOLDER, ndjson, pulled, told

TRACE = (
    'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 41, in add\n    x()\nKeyError: 12'
)
DAY: list[Raw] = [
    line(1, text="basket 1: ready", severity="INFO"),
    line(2, text=TRACE, after_s=1, severity="ERROR"),
    request(3, url="https://cart.example/ws", status=500, after_s=2),
    {key: value for key, value in line(4, after_s=3).items() if key != "textPayload"}
    | {"jsonPayload": {"message": "basket 4 is gone", "level": "error", "n": 7}, "severity": "ERROR"},
]


def explorer_csv(raws: Sequence[Raw]) -> bytes:
    """The Logs Explorer's download: a column a path."""
    rows = [dict(_flat(raw)) for raw in raws]
    names = sorted({name for row in rows for name in row})
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _flat(value: Raw, path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, inner in value.items():
        found += _flat(inner, f"{path}{name}.") if isinstance(inner, dict) else [(path + name, str(inner))]
    return found


def printed_yaml(raws: Sequence[Raw]) -> bytes:
    """`gcloud logging read --format=yaml`: a document an entry."""
    text: str = yaml.safe_dump_all(raws, explicit_start=True, sort_keys=True, allow_unicode=True)
    return text.encode()


def bigquery(raws: Sequence[Raw]) -> bytes:
    """A BigQuery sink's rows: absent columns are null, numbers floats, times without a T."""
    rows = []
    for raw in raws:
        row: Raw = {
            name: raw.get(name) for name in ("textPayload", "jsonPayload", "httpRequest", "protoPayload")
        }
        row |= raw | {"timestamp": raw["timestamp"].replace("T", " ").replace("Z", " UTC")}
        if row["httpRequest"]:
            row["httpRequest"] = row["httpRequest"] | {"status": float(row["httpRequest"]["status"])}
        rows.append(row)
    return ndjson(rows)


def pushed(raws: Sequence[Raw]) -> bytes:
    """What a Pub/Sub subscription pushes, a message a line."""
    return ndjson(
        [
            {
                "message": {"data": base64.b64encode(json.dumps(raw).encode()).decode(), "messageId": "7"},
                "subscription": "s",
            }
            for raw in raws
        ]
    )


def work_log(raws: Sequence[Raw]) -> bytes:
    """A work log in Markdown: prose and headings around one block an entry."""
    blocks = (
        f"### Issue {at}\n\n```json\n{json.dumps(raw, indent=2)}\n```\n" for at, raw in enumerate(raws, 1)
    )
    head = "# Work log of 2026-03-04\n\n2026-03-04T04:00:00Z was when it began, ERROR we said.\n\n"
    return (
        head + "\nThe next one is worse.\n\n".join(blocks) + "\n| Time | What |\n|---|---|\n| 05:00 | x |\n"
    ).encode()


FORMS = {
    "the Logs Explorer's CSV": explorer_csv,
    "gcloud's YAML": printed_yaml,
    "a BigQuery sink's rows": bigquery,
    "pushed messages": pushed,
    "a work log": work_log,
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_entries(tmp_path: Path, form: str) -> None:
    """Words, times, severities, services, requests and payloads are those of the plain export."""
    plain = pulled(tmp_path, ndjson(DAY))
    found = pulled(tmp_path, FORMS[form](DAY), name="x.txt")
    assert told(found) == told(plain)
    for one, other in zip(found.entries, plain.entries, strict=True):
        assert (one.severity, one.service, one.instance, one.log) == (
            other.severity,
            other.service,
            other.instance,
            other.log,
        )
        assert one.request == other.request
        assert one.payload.get("message") == other.payload.get("message")
    assert (found.unreadable, found.complete) == (0, None)
    # A question in the Logging query language is asked of the same fields.
    ask = failures(None)
    assert told(pulled(tmp_path, FORMS[form](DAY), ask=ask)) == told(pulled(tmp_path, ndjson(DAY), ask=ask))


def test_a_sink_s_folders_are_one_log(tmp_path: Path) -> None:
    """Hourly files are unsorted, an addendum holds what came late, overlapping sinks double: each entry counts once."""
    for log, raws in (("stderr", [DAY[1], DAY[0], DAY[3]]), ("requests", [DAY[2]])):
        hour = tmp_path / "run.googleapis.com" / log / "2026" / "03" / "04"
        hour.mkdir(parents=True)
        (hour / "05:00:00_05:59:59_S0.json").write_bytes(ndjson(raws[:2]))
        (hour / "05:00:00_05:59:59_A0:1772604000.json").write_bytes(ndjson(raws[1:]))
    given_ = Files([str(tmp_path)]).pull(everything(None))
    assert told(given_) == told(pulled(tmp_path, ndjson(DAY)))


def test_an_audit_entry_of_a_sink_s_table(tmp_path: Path) -> None:
    """BigQuery's column of an audit entry has a suffix; what it says is read all the same."""
    raw = {name: value for name, value in line(1).items() if name != "textPayload"}
    raw["protopayload_auditlog"] = {
        "methodName": "google.cloud.run.v2.Services.UpdateService",
        "status": {"message": "no such image"},
        "requestJson": "{}",
    }
    (entry,) = pulled(tmp_path, ndjson([raw])).entries
    assert (entry.text, entry.method_name) == ("no such image", "google.cloud.run.v2.Services.UpdateService")


# --- Markdown ------------------------------------------------------------------------------------------------


PASTE = f"""\
# Five whys

**Date**: 2026-03-04, about 05:10.

1. Why? Because of this:

   ```
   {START:%Y-%m-%dT%H:%M:%S}.000001Z  ERROR     WebSocket error: Object of type Basket is not JSON serializable
   {START:%Y-%m-%dT%H:%M:%S}.000000Z  INFO      accepted (state: OPEN)
   ```

2. And again, quoted:

> {START:%Y-%m-%dT%H:%M:%S}.000001Z  ERROR     WebSocket error: Object of type Basket is not JSON serializable

```python
raise ValueError("2026-03-04 this is no log")
ERROR = 5
```

```mermaid
sequenceDiagram
    C->>S: ERROR
```

2026-03-04 was a Wednesday. ERROR handling is hard.
"""


def test_the_log_blocks_of_a_paste_are_read_and_its_prose_is_not(tmp_path: Path) -> None:
    """Code blocks in lists and quotes count, each line once and with its line number; code and prose do not."""
    given_ = pulled(tmp_path, PASTE.encode(), name="why.md")
    assert [(entry.severity.name, entry.message, entry.ref.line) for entry in given_.entries] == [
        ("INFO", "accepted (state: OPEN)", 9),
        ("ERROR", "WebSocket error: Object of type Basket is not JSON serializable", 8),
    ]
    assert "only its log lines were read" in str(given_.warnings)


def test_blocks_of_every_form_in_one_document(tmp_path: Path) -> None:
    """A table, YAML, many entries of JSON, JSON with a part cut out, lines with a traceback: a block each."""
    table = b"TIMESTAMP                    SEVERITY  TEXT_PAYLOAD\n2026-03-04T05:00:09Z         ERROR     basket 9"
    cut = json.dumps(DAY[3], indent=1).replace("{", "{\n  // shortened", 1)
    blocks = [
        table.decode(),
        printed_yaml(DAY[:1]).decode(),
        json.dumps(DAY[1:3]),
        f"{cut}\n...\n{json.dumps(DAY[3])}",
        "2026-03-04T05:00:10Z ERROR order failed\n" + TRACE,
    ]
    given_ = pulled(
        tmp_path, "\n\n".join(f"## {at}\n\n~~~\n{block}\n~~~" for at, block in enumerate(blocks)).encode()
    )
    assert [entry.ref.insert_id for entry in given_.entries] == [
        "id00001",
        "id00002",
        "id00003",
        "id00004",
        None,
        None,
    ]
    assert [error.type for trace in reassemble(given_.entries) for error in trace.exceptions] == [
        "KeyError",
        "KeyError",
    ]


def test_a_paste_without_times_is_counted_and_says_so(tmp_path: Path) -> None:
    """Its lines are logs, and can be tied to nothing."""
    given_ = pulled(tmp_path, b"# Log\n\n```\nERROR basket 12 is gone\nWARNING slow\n```\n", name="log.md")
    assert (given_.entries, given_.read, given_.unreadable) == ((), 2, 2)
    assert "tells no time" in str(given_.warnings)


def test_a_document_without_code_blocks_gives_its_pasted_paragraphs(tmp_path: Path) -> None:
    """A paragraph whose first line is a log line is one, whatever prose stands around it."""
    text = (
        "Hi all,\n\nsee below.\n\n"
        + "words\n\n" * 30
        + "2026-03-04T05:00:00Z ERROR basket 12 is gone\n\nBest, A.\n"
    )
    (entry,) = pulled(tmp_path, text.encode(), name="mail.txt").entries
    assert (entry.message, entry.severity.name, entry.ref.line) == ("basket 12 is gone", "ERROR", 65)


@pytest.mark.parametrize(
    "content", ["# A report\n\n```\nmake test\n```\n", '# A\n\n```json\n{"a": 1}\n```\n']
)
def test_a_document_without_log_lines_gives_none(tmp_path: Path, content: str) -> None:
    """Code blocks that are no logs are passed over, and that is said."""
    given_ = pulled(tmp_path, content.encode(), name="report.md")
    assert given_.entries == ()
    assert "passed over: report.md" in str(given_.warnings)


@given(noise=st.text(alphabet="`~>|-:#{}[]\n\t 2026-03-04T05:00:00ZERROR,;\"'&*!%x", max_size=400))
@KEEP_FOLDER
def test_no_text_crashes_the_readers(tmp_path: Path, noise: str) -> None:
    """Whatever a text is made of, it gives entries, warnings or a `SourceError`."""
    for content in (
        noise,
        f"```\n{noise}\n```",
        f"insertId: a\ntimestamp: {noise}",
        f"timestamp,severity,message\n{noise}",
    ):
        with suppress(SourceError):
            given_ = pulled(tmp_path, content.encode())
            assert given_.read == len(given_.entries) + given_.duplicates + given_.unreadable


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "```\n" * 60_000,
        ">" * 150_000 + "\n```\n",
        "- " * 60_000 + "\n```\nx\n",
        "insertId: a\ntimestamp: b\nx: " + "[" * 150_000,
        "insertId: a\ntimestamp: b\na: &a [x,x]\n" + "b: *a\n" * 40_000,
        "insertId: a\ntimestamp: b\n" + "? " * 100_000,
        "timestamp,severity,message\n" + '"' * 200_001,
        "timestamp,severity,message\n" + "," * 200_000,
        "2026-03-04T05:00:00Z " + "a=" * 150_000,
        "2026-03-04T05:00:00Z x\n" + "y\n" * 150_000,
        'time=2026-03-04T05:00:00Z msg="' + "\\" * 200_000,
        "TIMESTAMP" + "  A_B" * 50_000,
    ],
    ids=range(12),
)
def test_no_text_is_slow_to_read(tmp_path: Path, text: str) -> None:
    """Hundreds of kilobytes made to be slow take time in proportion."""
    import time  # noqa: PLC0415 - the only test that needs a clock

    begin = time.process_time()
    with suppress(SourceError):
        pulled(tmp_path, text.encode())
    assert time.process_time() - begin < 15


# --- YAML and CSV --------------------------------------------------------------------------------------------


def test_yaml_keeps_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    """An insertId of digits stays what it is; a time is no time of Python's; a block's lines stay lines."""
    text = (
        "---\ninsertId: '0123'\ntimestamp: 2026-03-04T05:00:00.000000001Z\n"
        "jsonPayload:\n  message: |-\n    a\n      b\n"
        "  n: 7\n  x: 1.5\n  ok: true\n  none: null\n  list:\n  - 1\n  - two\n"
    )
    (entry,) = pulled(tmp_path, text.encode()).entries
    assert (entry.ref.insert_id, entry.text, entry.at_ns % 10) == ("0123", "a\n  b", 1)
    assert {name: entry.payload[name] for name in ("n", "x", "ok", "none", "list")} == {
        "n": 7,
        "x": 1.5,
        "ok": True,
        "none": None,
        "list": [1, "two"],
    }


def test_damaged_yaml_gives_what_came_before(tmp_path: Path) -> None:
    """The entries before the damage are read, the rest is counted once."""
    given_ = pulled(tmp_path, printed_yaml(DAY) + b"---\ninsertId: {\n")
    assert (len(given_.entries), given_.unreadable) == (4, 1)
    assert "damaged YAML" in str(given_.warnings)


def test_a_cell_of_json_is_opened(tmp_path: Path) -> None:
    """A query's result has records as JSON in their cells."""
    text = (
        'timestamp,severity,jsonPayload\n2026-03-04T05:00:00Z,ERROR,"{""message"": ""basket 12 is gone""}"\n'
    )
    (entry,) = pulled(tmp_path, text.encode()).entries
    assert (entry.text, entry.ref.line) == ("basket 12 is gone", 2)


def test_a_folder_s_other_tables_are_no_logs(tmp_path: Path) -> None:
    """Results in CSV lie beside logs; in a folder only Logging's own column names make a table one of entries."""
    (tmp_path / "results.csv").write_text("timestamp,status,message\n2026-03-04T05:00:00Z,failed,x\n")
    (tmp_path / "logs.csv").write_bytes(explorer_csv(DAY))
    given_ = Files([str(tmp_path)]).pull(everything(None))
    assert (len(given_.entries), given_.source) == (4, "file logs.csv")


# --- Entries in parts ----------------------------------------------------------------------------------------


def part(number: int, index: int, total: int, text: str) -> Raw:
    """One of the entries that the service made of one."""
    return line(number, text=text, split={"uid": "u1", "index": index, "totalSplits": total})


def test_an_entry_cut_into_parts_is_whole_again(tmp_path: Path) -> None:
    """Whatever their order, their files and their copies: the text is one, and so is the entry."""
    cut = [part(1, 0, 3, TRACE[:20]), part(2, 1, 3, TRACE[20:50]), part(3, 2, 3, TRACE[50:])]
    (tmp_path / "a.json").write_bytes(ndjson([cut[2], cut[0]]))
    (tmp_path / "b.json").write_bytes(ndjson([cut[1], cut[0], line(9, after_s=5)]))
    given_ = Files([str(tmp_path)]).pull(everything(None))
    assert [entry.text for entry in given_.entries] == [TRACE, "basket emptied"]
    assert (given_.read, given_.duplicates, given_.complete) == (3, 1, None)


def test_a_missing_part_is_a_gap(tmp_path: Path) -> None:
    """What is there is read, what is not shows as such, and the pull is not whole."""
    given_ = pulled(tmp_path, ndjson([part(1, 0, 3, "basket "), part(3, 2, 3, " gone")]))
    assert [entry.text for entry in given_.entries] == ["basket … gone"]
    assert given_.complete is False
    assert "some are missing" in str(given_.gaps)


@pytest.mark.parametrize(
    "split", [None, {}, {"uid": 7}, {"uid": "a", "index": "x", "totalSplits": 10**9}, "u", []]
)
def test_a_split_of_any_shape_is_survived(tmp_path: Path, split: Any) -> None:  # noqa: ANN401 - any JSON value
    """A field that is no split's costs nothing, a giant count no memory."""
    given_ = pulled(tmp_path, ndjson([line(1, split=split), line(2, after_s=1)]))
    assert len(given_.entries) == 2
    assert given_.entries[0].text.startswith("basket emptied")


# --- What a source cannot tell ---------------------------------------------------------------------------------


def warned(tmp_path: Path, raws: Sequence[Raw]) -> str:
    """What is said of an export of these entries."""
    given_ = pulled(tmp_path, ndjson(raws))
    return " | ".join(given_.warnings)


def test_what_an_export_lacks_is_said_with_its_cost(tmp_path: Path) -> None:
    """Requests, instances, severities, payloads, ends of texts: each lack is one sentence; a whole export has none."""
    assert warned(tmp_path, DAY) == ""
    bare = [
        {key: line(n, after_s=n)[key] for key in ("timestamp", "textPayload", "insertId", "logName")}
        for n in range(3)
    ]
    said = warned(tmp_path, bare)
    assert "no request entry" in said
    assert "no entry names its instance" in said
    assert "no entry has a severity" in said
    dropped = [line(n, text="", after_s=n) for n in range(3)]
    assert "3 of 3 lines have no text: their payloads were dropped" in warned(tmp_path, dropped)
    words = ("a traceback of the till", "what the cook said", "when the oven was cold")
    cut = [line(n, text=(text + " and so on" * 30)[:200], after_s=n) for n, text in enumerate(words)]
    assert "texts end at 200 characters" in warned(tmp_path, cut)
    alike = [line(n, text=f"basket {n} is gone" + "." * 100, after_s=n) for n in range(5)]
    assert "texts end at" not in warned(tmp_path, alike)


def test_a_filtered_pull_is_not_said_to_lack_what_was_not_asked_for(tmp_path: Path) -> None:
    """Who asks for failures alone gets no word on requests."""
    assert pulled(tmp_path, ndjson(DAY[:2]), ask=failures(None)).warnings == ()


def test_times_are_those_of_the_export(tmp_path: Path) -> None:
    """The span of a paste is that of its lines."""
    given_ = pulled(tmp_path, PASTE.encode(), name="why.md")
    assert (given_.first_at, given_.last_at) == (START, START + timedelta(microseconds=1))


def test_a_csv_of_text_payload_and_other_columns_has_labels_that_are_none(tmp_path: Path) -> None:
    """Columns that are nobody's become labels; so does a `labels` cell that holds no object."""
    table = (
        "timestamp,insertId,textPayload,labels,shop\n"
        "2026-03-04T05:00:00Z,1,basket gone,prod,north\n"
        '2026-03-04T05:00:01Z,2,basket gone,"{""zone"": ""b""}",north\n'
    )
    first, second = pulled(tmp_path, table.encode(), name="logs.csv").entries
    assert first.labels == {"labels": "prod", "shop": "north"}
    assert second.labels == {"shop": "north", "zone": "b"}


@pytest.mark.parametrize("columns", ["labels,labels.instanceId", "labels.instanceId,labels"])
def test_a_part_s_column_counts_beside_a_whole_that_is_no_object(tmp_path: Path, columns: str) -> None:
    """Whichever of them comes first: both are told."""
    cells = {"labels": "prod", "labels.instanceId": "i-1"}
    row = ",".join(cells[name] for name in columns.split(","))
    table = f"timestamp,insertId,textPayload,{columns}\n2026-03-04T05:00:00Z,1,basket gone,{row}\n"
    (entry,) = pulled(tmp_path, table.encode(), name="logs.csv").entries
    assert (entry.instance, entry.labels) == ("i-1", {"labels": "prod", "instanceId": "i-1"})
