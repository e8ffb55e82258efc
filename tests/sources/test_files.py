"""Files become the entries of a window, whatever they hold."""

import gzip
import io
import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rca.errors import SourceError, UsageError
from rca.model import Pulled, Window
from rca.questions import Ask, everything, failures, probe
from rca.sources.files import Files
from tests.examples import examples
from tests.sources.exporting import START, WRAPPINGS, Raw, line, request

KEEP_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40))


def pulled(
    folder: Path,
    content: bytes,
    window: Window | None = None,
    *,
    name: str = "logs.json",
    ask: Ask | None = None,
) -> Pulled:
    """What a file of this content gives."""
    path = folder / name
    path.write_bytes(content)
    return Files([str(path)]).pull(ask or everything(window))


def ndjson(raws: Sequence[Raw]) -> bytes:
    """A line an entry."""
    return "".join(json.dumps(raw) + "\n" for raw in raws).encode()


def told(given: Pulled) -> list[tuple[int, str | None, str]]:
    """What the entries say, without where they stood."""
    return [(entry.at_ns, entry.ref.insert_id, entry.text) for entry in given.entries]


def around(start_s: float, end_s: float) -> Window:
    """A window by seconds after the start."""
    return Window(START + timedelta(seconds=start_s), START + timedelta(seconds=end_s), "a test")


RAWS = [line(number, text=f"basket {number}", after_s=number * 1.5) for number in range(6)]


# --- Laws ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_wrapping_gives_the_same_entries(tmp_path: Path, wrapping: str, packed: bool) -> None:  # noqa: FBT001 - a column of the table
    """Arrays, lines, pages, groups, messages, gzipped or not."""
    content = WRAPPINGS[wrapping](RAWS)
    given = pulled(tmp_path, gzip.compress(content) if packed else content)
    assert told(given) == told(pulled(tmp_path, ndjson(RAWS)))
    assert (given.read, given.unreadable, given.duplicates, given.complete) == (6, 0, 0, None)


raws_strategy = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40)).map(
        lambda pair: line(pair[0], text=f"{pair}", after_s=pair[1] / 10)
    ),
    max_size=12,
)


@given(
    raws=raws_strategy, chance=st.randoms(use_true_random=False), wrapping=st.sampled_from(sorted(WRAPPINGS))
)
@KEEP_FOLDER
def test_shuffling_doubling_and_wrapping_change_nothing(
    tmp_path: Path, raws: list[Raw], chance: random.Random, wrapping: str
) -> None:
    """The entries are a set with an order of their own."""
    plain = pulled(tmp_path, ndjson(raws))
    mixed = raws * 2
    chance.shuffle(mixed)
    again = pulled(tmp_path, WRAPPINGS[wrapping](mixed))
    assert told(again) == told(plain)
    assert again.duplicates == len(mixed) - len(plain.entries)
    assert (again.first_at, again.last_at) == (plain.first_at, plain.last_at)


@given(
    spans=st.lists(st.tuples(st.integers(0, 100), st.none() | st.integers(0, 100)), max_size=12),
    bounds=st.tuples(st.integers(0, 110), st.integers(0, 110)).map(sorted),
)
@KEEP_FOLDER
def test_a_window_keeps_exactly_what_overlaps_it(
    tmp_path: Path, spans: list[tuple[int, int | None]], bounds: list[int]
) -> None:
    """A line is a moment of [start, end); a request lasts from its timestamp for its latency."""
    start, end = bounds
    raws, expected = [], []
    for number, (at, lasts) in enumerate(spans):
        if lasts is None:
            raws.append(line(number, after_s=at))
            overlaps = start <= at < end
        else:
            raws.append(request(number, url="/ws", status=101, after_s=at, latency=f"{lasts}.000000000s"))
            overlaps = at < end and at + lasts >= start
        if overlaps:
            expected.append(f"id{number:05d}")
    given = pulled(tmp_path, ndjson(raws), around(start, end))
    assert sorted(entry.ref.insert_id or "" for entry in given.entries) == expected
    assert given.read == len(raws)


def test_first_and_last_time_are_those_of_the_file_not_of_the_window(tmp_path: Path) -> None:
    """So that a report can say that a window lies outside of the export."""
    given = pulled(tmp_path, ndjson(RAWS), around(100, 200))
    assert given.entries == ()
    assert (given.first_at, given.last_at) == (START, START + timedelta(seconds=7.5))


def test_entries_of_one_instant_are_ordered_by_insert_id_and_nanoseconds(tmp_path: Path) -> None:
    """Cut to microseconds two entries can be equal; their nanoseconds still order them."""
    early = line(9) | {"timestamp": "2026-03-04T05:00:00.000000001Z"}
    late = line(1) | {"timestamp": "2026-03-04T05:00:00.000000002Z"}
    tied = line(0) | {"timestamp": "2026-03-04T05:00:00.000000002Z"}
    given = pulled(tmp_path, ndjson([late, tied, early]))
    assert [entry.ref.insert_id for entry in given.entries] == ["id00009", "id00000", "id00001"]


def test_lines_without_ids_keep_their_order_in_a_newest_first_file(tmp_path: Path) -> None:
    """A trace of one instant, exported newest first without insertIds, reads downwards again."""
    raws = [
        line(n, text=text, after_s=at)
        for n, (text, at) in enumerate([("z", 9), ("c", 5), ("b", 5), ("a", 5), ("-", 1)])
    ]
    for raw in raws:
        del raw["insertId"]
    newest_first = pulled(tmp_path, json.dumps(raws).encode())
    assert "".join(entry.text for entry in newest_first.entries) == "-abcz"
    oldest_first = pulled(tmp_path, json.dumps(raws[::-1]).encode())
    assert "".join(entry.text for entry in oldest_first.entries) == "-abcz"


def test_copies_without_ids_are_kept(tmp_path: Path) -> None:
    """Two equal lines may both have been logged."""
    raw = line(1)
    del raw["insertId"]
    assert len(pulled(tmp_path, ndjson([raw, raw])).entries) == 2


def test_the_richer_copy_stays(tmp_path: Path) -> None:
    """A client's dump beside the full export does not take anything away, in whichever order they are read."""
    poor = {
        "timestamp": RAWS[0]["timestamp"],
        "insertId": "id00000",
        "resource": RAWS[0]["resource"],
        "textPayload": "basket 0",
    }
    for order in ([poor, RAWS[0]], [RAWS[0], poor]):
        (entry,) = pulled(tmp_path, ndjson(order)).entries
        assert entry.log == "run.googleapis.com/stderr"


def test_each_entry_knows_its_place(tmp_path: Path) -> None:
    """The line of an NDJSON file, the position in an array."""
    lines = pulled(tmp_path, b"\n" + ndjson(RAWS))
    assert [entry.ref.line for entry in lines.entries] == [2, 3, 4, 5, 6, 7]
    array = pulled(tmp_path, json.dumps(RAWS[::-1], indent=2).encode())
    assert [entry.ref.line for entry in array.entries] == [6, 5, 4, 3, 2, 1]
    assert {entry.ref.file for entry in array.entries} == {"logs.json"}


# --- Damage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0.3, 0.62, 0.9, 0.999])
@pytest.mark.parametrize(
    "wrapping", sorted(set(WRAPPINGS) - {"Pub/Sub messages", "REST pages", "client's dump, grouped"})
)
def test_a_file_cut_short_gives_what_came_before_the_cut(tmp_path: Path, wrapping: str, keep: float) -> None:
    """Whole entries are salvaged, and the report can say that the rest is missing."""
    content = WRAPPINGS[wrapping](RAWS)
    given = pulled(tmp_path, content[: int(len(content) * keep)])
    whole = told(pulled(tmp_path, ndjson(RAWS)))
    assert [said for said in told(given) if said not in whole] == []
    assert len(given.entries) >= int(6 * keep) - 1
    if len(given.entries) < 6:
        assert given.complete is False
        assert "cut" in str(given.gaps)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_bad_entry_in_an_array_costs_only_itself(tmp_path: Path, indent: int | None) -> None:
    """It is counted, quoted once, and the entries around it are read."""
    content = json.dumps(RAWS, indent=indent).replace('"textPayload": "basket 2"', '"textPayload": "basket 2')
    given = pulled(tmp_path, content.encode())
    assert [entry.text for entry in given.entries] == [f"basket {number}" for number in (0, 1, 3, 4, 5)]
    assert (given.unreadable, given.complete) == (1, None)
    assert "1 of 6 entries could not be read" in str(given.warnings)


def test_a_truncated_page_within_its_wrapping(tmp_path: Path) -> None:
    """The wrapping itself is not counted as a lost entry."""
    content = WRAPPINGS["client's dump under raw_logs"](RAWS)
    given = pulled(tmp_path, content[: content.index(b"basket 4")])
    assert [entry.text for entry in given.entries] == [f"basket {number}" for number in range(4)]
    assert (given.unreadable, given.complete) == (1, False)


def test_gzip_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    """The end is missing, and the pull says so."""
    chance = random.Random(7)  # noqa: S311 - text that gzip cannot make small
    raws = [line(n, text=f"{chance.getrandbits(2000):x}", after_s=n) for n in range(50)]
    packed = gzip.compress(ndjson(raws))
    given = pulled(tmp_path, packed[: len(packed) // 2], name="logs.ndjson.gz")
    assert 20 <= len(given.entries) < 30
    assert given.complete is False
    assert "gzip" in str(given.gaps)


BAD_LINES: dict[str, bytes] = {
    "not JSON": b"Listed 6 items.",
    "NUL bytes": b"\x00" * 4096,
    "broken UTF-8": b'{"timestamp": \xff\xfe',
    "a giant line": b'{"timestamp": "2026-03-04T05:00:00Z", "textPayload": "' + b"x" * 5_000_000 + b'"}',
    "too deep": b'{"timestamp": "2026-03-04T05:00:00Z", "jsonPayload": '
    + b"[" * 10_000
    + b"]" * 10_000
    + b"}",
    "too deep and open": b"[" * 10_000,
    "no time": b'{"textPayload": "x", "logName": "projects/p/logs/l"}',
    "a wrong time": b'{"timestamp": "noon", "textPayload": "x", "logName": "projects/p/logs/l"}',
    "no entry": b'{"a": 1}',
    "a number": b"42",
    "a digit too many": b'{"timestamp": ' + b"9" * 5000 + b', "textPayload": "x"}',
}


@pytest.mark.parametrize("bad", BAD_LINES)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_bad_line_is_counted_and_quoted(tmp_path: Path, bad: str, place: int) -> None:
    """Whatever a line holds and wherever it stands, the others are read."""
    lines = ndjson(RAWS).splitlines(keepends=True)
    lines.insert(place, BAD_LINES[bad] + b"\n")
    given = pulled(tmp_path, b"".join(lines))
    assert [entry.text for entry in given.entries] == [f"basket {number}" for number in range(6)]
    assert (given.read, given.unreadable) == (7, 1)
    (warning,) = (warning for warning in given.warnings if "could not be read" in warning)
    assert f"logs.json:{place + 1}:" in warning
    assert warning.isprintable()
    assert len(warning) < 400


@pytest.mark.parametrize("depth", [60, 250, 500, 1000])
def test_depth_under_any_field_is_survived(tmp_path: Path, depth: int) -> None:
    """A field that nests as deep as a JSON reader takes gives an entry or a counted loss."""
    deep = "[" * depth + "]" * depth
    plain = {name: json.dumps(value) for name, value in RAWS[0].items()}
    names = (*plain, "jsonPayload", "httpRequest", "protoPayload", "severity", "trace", "spanId")
    fields = [plain | {name: deep} for name in names]
    fields.append(plain | {"labels": f'{{"a": {deep}}}', "resource": f'{{"labels": {{"b": {deep}}}}}'})
    texts = ["{" + ",".join(f'"{name}":{value}' for name, value in each.items()) + "}" for each in fields]
    for content in ("\n".join(texts), f"[{','.join(texts)}]"):
        for ask in (everything(None), failures(None)):
            given = pulled(tmp_path, content.encode(), ask=ask)
            assert given.read == len(texts)
            assert given.duplicates + given.unreadable + len(given.entries) <= len(texts)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", [b'{"a":[', b'{"a":"', b'{"k":[{},', b"\n", b"{", b'\\"', b'{"timestamp":bad},']
)
def test_no_damage_is_slow_to_read(tmp_path: Path, unit: bytes) -> None:
    """A hostile file of a few hundred kilobytes takes time in proportion, not minutes."""
    begin = time.process_time()
    with suppress(SourceError):
        pulled(tmp_path, b"[" + unit * (300_000 // len(unit)) + ndjson(RAWS[:1]))
    assert time.process_time() - begin < 15


def test_many_bad_lines_are_quoted_once(tmp_path: Path) -> None:
    """A report is no place for a thousand broken lines."""
    given = pulled(tmp_path, ndjson(RAWS) + b"oops\n" * 50)
    assert given.unreadable == 50
    assert str(given.warnings).count("oops") == 1


def test_what_is_nearly_json_is_read(tmp_path: Path) -> None:
    """Raw control characters, bad UTF-8 within a text, NaN and lone surrogates cost nothing but themselves."""
    content = (
        b'{"timestamp": "2026-03-04T05:00:00Z", "textPayload": "a\x00b\tc\xff"}\n'
        b'{"timestamp": "2026-03-04T05:00:01Z", "jsonPayload": {"message": "d\\ud800", "load": NaN}}\n'
    )
    given = pulled(tmp_path, content)
    assert [entry.text for entry in given.entries] == ["ab\tc\ufffd", "d?"]
    assert given.unreadable == 0
    assert "not UTF-8" in str(given.warnings)


def test_an_entry_among_others_that_is_none_is_counted(tmp_path: Path) -> None:
    """Nothing that stands where entries stand is dropped in silence."""
    given = pulled(tmp_path, json.dumps([RAWS[0], 5, {"x": 1}, None, RAWS[1]]).encode())
    assert (len(given.entries), given.unreadable) == (2, 3)


@given(st.binary(max_size=300), st.integers(0, 2000))
@KEEP_FOLDER
def test_no_bytes_crash_the_reader(tmp_path: Path, noise: bytes, place: int) -> None:
    """Noise anywhere in a file gives entries, warnings or a `SourceError`, never another error."""
    content = json.dumps(RAWS, indent=1).encode()
    for hostile in (noise, content[:place] + noise + content[place:]):
        with suppress(SourceError):
            given = pulled(tmp_path, hostile)
            assert given.read == len(given.entries) + given.duplicates + given.unreadable


# --- What an export says about itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \r\n",
        b"[]",
        b"[\n]\n",
        b"\x00" * 99,
        b"\x0b\n",
        b"WARNING: no zone\n[]\n",
        b"{}",
        b'{"entries": []}',
        gzip.compress(b"", mtime=0),
        b'{"total": 0, "logs": {}}',
    ],
)
def test_an_empty_export_is_no_error(tmp_path: Path, content: bytes) -> None:
    """No entries at all is an answer, with a warning."""
    given = pulled(tmp_path, content)
    assert (given.entries, given.complete) == ((), None)
    assert len(given.warnings) == 1


@pytest.mark.parametrize(("count", "flagged"), [(99, False), (100, True), (101, False), (1000, True)])
def test_a_round_number_of_entries_is_flagged(tmp_path: Path, count: int, flagged: bool) -> None:  # noqa: FBT001 - a column of the table
    """It is what --limit leaves."""
    given = pulled(tmp_path, json.dumps([line(number) for number in range(count)]).encode())
    assert ("--limit" in str(given.warnings)) is flagged
    assert given.complete is None


def test_groups_of_one_round_size_are_flagged(tmp_path: Path) -> None:
    """A script that fetched fifty of each severity has not fetched all."""
    given = pulled(tmp_path, WRAPPINGS["client's dump, grouped"]([line(number) for number in range(100)]))
    assert "2 of its groups hold exactly 50" in str(given.warnings)


def test_a_page_that_says_more_follows_is_incomplete(tmp_path: Path) -> None:
    """A last nextPageToken is a stated gap."""
    given = pulled(tmp_path, json.dumps({"entries": RAWS, "nextPageToken": "abc"}, indent=2).encode())
    assert given.complete is False
    assert "nextPageToken" in str(given.gaps)


@pytest.mark.parametrize(
    "content",
    [
        b"# A report\n\nIt failed.\n",
        b"\x89PNG\r\n\x1a\n\x00",
        b"[link](x) [y](z)",
        b"<html>{}</html>",
        b"{% for %}",
    ],
)
def test_what_is_not_json_is_refused_with_a_hint(tmp_path: Path, content: bytes) -> None:
    """The message names the file, the hint a way to export one."""
    with pytest.raises(SourceError, match=r"logs\.json") as caught:
        pulled(tmp_path, content)
    assert "--format=json" in caught.value.hint


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(SourceError, match="absent"):
        Files([str(tmp_path / "absent.json")]).pull(everything(None))


def test_no_file_at_all_is_wrong_usage() -> None:
    """A list of no paths is the caller's mistake."""
    with pytest.raises(UsageError):
        Files([]).pull(everything(None))


# --- Folders, several files, standard input ---------------------------------------------------------------------


def test_a_folder_is_walked_and_what_is_no_log_is_passed_over(tmp_path: Path) -> None:
    """Sink folders nest; results, labels, our own reports and hidden files lie beside the logs."""
    nested = tmp_path / "run.googleapis.com" / "stderr" / "2026"
    nested.mkdir(parents=True)
    (nested / "b.json").write_bytes(ndjson(RAWS[:3]))
    (nested / "a.ndjson.gz").write_bytes(gzip.compress(ndjson(RAWS[2:])))
    (tmp_path / ".hidden.json").write_bytes(ndjson([line(77)]))
    (tmp_path / "notes.md").write_text("no log")
    (tmp_path / "bad.json").write_text("no JSON")
    label = {
        "closes": [{"insertId": "x", "timestamp": "2026-03-04T05:00:00Z", "code": 1011}],
        "category": "unknown",
    }
    (tmp_path / "label.json").write_text(json.dumps(label, indent=1))
    report = {"schema": "rca.report/1", "evidence": [line(78)]}
    (tmp_path / "report.json").write_text(json.dumps(report))
    (tmp_path / "tests.json").write_text(
        json.dumps([{"name": "t", "timestamp": "2026-03-04T05:00:00Z", "status": "failed"}])
    )
    given = Files([str(tmp_path)]).pull(everything(None))
    assert [entry.text for entry in given.entries] == [f"basket {number}" for number in range(6)]
    assert (given.duplicates, given.unreadable) == (1, 0)
    assert {entry.ref.file for entry in given.entries} <= {
        f"run.googleapis.com/stderr/2026/{n}" for n in ("a.ndjson.gz", "b.json")
    }
    assert (
        "4 files hold no log entries, passed over: bad.json, label.json, report.json, tests.json"
        in given.warnings
    )
    assert given.source.startswith("2 files: ")


@pytest.mark.parametrize("content", [None, b'{"a": 1}', b"text"])
def test_a_folder_without_logs_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Nothing to read is an error, not an empty answer."""
    if content is not None:
        (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        Files([str(tmp_path)]).pull(everything(None))
    assert caught.value.hint


def test_several_files_are_one_log(tmp_path: Path) -> None:
    """Overlapping exports give each entry once; files of one name are told apart."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    (tmp_path / "x" / "logs.json").write_bytes(ndjson(RAWS[:4]))
    (tmp_path / "y" / "logs.json").write_bytes(json.dumps(RAWS[2:][::-1]).encode())
    given = Files([str(tmp_path / name / "logs.json") for name in ("x", "y")]).pull(everything(None))
    assert (len(given.entries), given.duplicates) == (6, 2)
    assert len({entry.ref.file for entry in given.entries}) == 2


def test_standard_input_can_be_pulled_more_than_once() -> None:
    """A probe comes before the windows, and a pipe is read only once."""
    source = Files(["-"], stdin=io.BytesIO(gzip.compress(json.dumps(RAWS).encode())))
    assert source.pull(probe(None, None)).read == 6
    given = source.pull(everything(None))
    assert (len(given.entries), given.source) == (6, "standard input")


def test_a_loggers_own_lines_are_read_where_the_user_names_them(tmp_path: Path) -> None:
    """`docker logs` of a JSON logger has no LogEntry around it."""
    bare: Any = {"level": 50, "time": 1_772_600_400_000, "msg": "basket gone"}
    (entry,) = pulled(tmp_path, ndjson([bare])).entries
    assert (entry.text, entry.severity.name, entry.at) == ("basket gone", "ERROR", START)
