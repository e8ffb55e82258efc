"""What was pulled, on disk and back: rca/sources/recording.py."""

import json
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from rca import questions
from rca.errors import SourceError
from rca.model import Pulled, Query, Window
from rca.questions import Ask
from rca.sources import recording
from rca.sources.fetches import Fetch, pulled_from
from rca.sources.origin import Origin
from rca.sources.recording import Made, Recording, manifest_of, numbers_in, ranges, read, write
from tests import build
from tests.examples import examples
from tests.sources.exporting import START, Raw, line, request

AT = datetime(2026, 3, 10, tzinfo=UTC)
MADE = Made(AT, {"rca": "1"})
ORIGIN = Origin(("shop-stg",), services=("cart",), wanted="severity>=DEFAULT")
ASKED = recording.Asked(cycle=build.cycle([build.failed("test_order", 1.0, 2.0)]), zone="Europe/Zurich")


def window(start_s: float, end_s: float) -> Window:
    """A stretch by seconds after the start of the day's log."""
    return Window(START + timedelta(seconds=start_s), START + timedelta(seconds=end_s), "the test's")


def fetched(ask: Ask, raws: Sequence[Raw], **more: Any) -> Fetch:  # noqa: ANN401 - fields of Fetch
    """The fetch of a question that these entries answered."""
    told = {"queries": (Query("q", START, None, 1),), "gaps": (), "warnings": (), "asked_at": AT, **more}
    return Fetch.of(ask, raws=tuple(raws), **told)


WHOLE = questions.everything(window(0, 60))
PROBE = questions.probe(window(-3600, 3600), 80.0)
LINES = [line(number, text=f"basket {number}", after_s=number * 10) for number in range(6)]
SOCKET = request(7, url="https://cart.example/ws", status=101, after_s=5, latency="20s")
EARLY = request(8, url="https://cart.example/ws", status=503, after_s=-900)
FETCHES = (fetched(PROBE, [EARLY, SOCKET]), fetched(WHOLE, [*LINES, SOCKET]))


def kept(
    folder: Path, fetches: Sequence[Fetch] = FETCHES, origin: Origin = ORIGIN, made: Made = MADE
) -> Path:
    """The recording of these fetches, in a folder."""
    return write(folder / "kept", ASKED, origin, fetches, made)


def ids(pulled: Pulled) -> list[str | None]:
    """The insertIds in order."""
    return [entry.ref.insert_id for entry in pulled.entries]


def files(folder: Path) -> set[str]:
    """The names of all that lies in a folder, hidden files too."""
    return {path.name for path in folder.iterdir()}


def rewritten(folder: Path, **fields: Any) -> Path:  # noqa: ANN401 - any JSON
    """The recording, with these fields of its manifest overwritten."""
    path = folder / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | fields))
    return folder


# --- there and back --------------------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Fetches, origin and the question it was made for come back equal; entries are in order of time."""
    back = read(kept(tmp_path))
    assert back.manifest.asked == ASKED
    assert back.manifest.origin == ORIGIN
    assert back.fetches == (FETCHES[0], replace(FETCHES[1], raws=(LINES[0], SOCKET, *LINES[1:])))


@pytest.mark.parametrize("ask", [WHOLE, PROBE], ids=["window", "probe"])
def test_the_same_question_has_the_same_answer(tmp_path: Path, ask: Ask) -> None:
    """A recording says what the API said: entries, queries, warnings, completeness."""
    fetch = next(one for one in FETCHES if one.answers(ask))
    assert read(kept(tmp_path)).pull(ask) == pulled_from(fetch, ask, ORIGIN.told)


def test_an_entry_is_kept_once(tmp_path: Path) -> None:
    """What two questions brought is one line, which both refer to."""
    folder = kept(tmp_path)
    manifest = read(folder).manifest
    lines = (folder / manifest.file).read_bytes().splitlines()
    assert len(lines) == manifest.entries == 8
    assert [pull.lines for pull in manifest.pulls] == ["1,3", "2-8"]


def test_gaps_and_warnings_come_back(tmp_path: Path) -> None:
    """What was missing then is missing now, and said again."""
    cut = fetched(
        WHOLE, LINES[:3], gaps=("stopped by hand",), warnings=("late",), upto="2026-03-04T05:00:20Z"
    )
    back = read(kept(tmp_path, [cut]))
    assert back.manifest.complete is False
    assert back.fetches == (cut,)
    pulled = back.pull(WHOLE)
    assert (pulled.complete, pulled.gaps, pulled.warnings) == (False, ("stopped by hand",), ("late",))


def test_entries_that_cannot_be_read_are_kept_and_counted(tmp_path: Path) -> None:
    """An entry without a time is as unreadable from a recording as it was from the API."""
    fetch = fetched(WHOLE, [*LINES, line(9) | {"timestamp": "tomorrow"}])
    pulled = read(kept(tmp_path, [fetch])).pull(WHOLE)
    assert pulled.unreadable == 1
    assert pulled == pulled_from(fetch, WHOLE, ORIGIN.told)


def test_entries_without_an_id_are_kept(tmp_path: Path) -> None:
    """They are told apart by what they say."""
    bare = [{"timestamp": raw["timestamp"], "textPayload": raw["textPayload"]} for raw in LINES]
    assert len(read(kept(tmp_path, [fetched(WHOLE, bare)])).pull(WHOLE).entries) == 6


def test_each_entry_can_be_changed_as_it_is_written(tmp_path: Path) -> None:
    """A mask is put on before anything reaches the disk; ids and order stay."""
    made = replace(MADE, change=lambda raws: [{**raw, "textPayload": "masked"} for raw in raws], masked=True)
    folder = kept(tmp_path, [fetched(WHOLE, LINES)], made=made)
    back = read(folder)
    assert back.manifest.masked
    assert ids(back.pull(WHOLE)) == [raw["insertId"] for raw in LINES]
    assert b"basket" not in b"".join(path.read_bytes() for path in folder.iterdir())


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(said=st.lists(texts, max_size=12), first=st.none() | st.integers(1, 5))
@settings(max_examples=examples(25))
def test_any_answer_comes_back(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], first: int | None
) -> None:
    """Whatever the entries say, and however few of them were wanted."""
    raws = [line(number, text=text, after_s=number) for number, text in enumerate(said)]
    ask = replace(WHOLE, first=first)
    fetch = fetched(ask, raws)
    back = read(kept(tmp_path_factory.mktemp("any"), [fetch]))
    assert back.pull(ask) == pulled_from(fetch, ask, ORIGIN.told)


# --- line numbers ----------------------------------------------------------------------------------------


@given(numbers=st.sets(st.integers(1, 60)).map(sorted))
def test_line_numbers_come_back(numbers: list[int]) -> None:
    """Ranges say which lines, in order and none twice."""
    assert list(numbers_in(ranges(numbers))) == numbers


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([4], "4"), ([1, 2, 3], "1-3"), ([1, 2, 5, 7, 8], "1-2,5,7-8")]
)
def test_line_numbers_are_short(numbers: list[int], text: str) -> None:
    """What follows each other is one range."""
    assert ranges(numbers) == text


@pytest.mark.parametrize(
    "text",
    ["0", "0-3", "-3", "3-1", "1,1", "2,1", "1-5,5", "1-5,1-5", "a", "1--2", ",", "1,", "9" * 5000],
)
def test_line_numbers_of_another_form_are_refused(text: str) -> None:
    """None is read from the wrong end of the file, and none twice, however often a manifest names it."""
    with pytest.raises(ValueError, match=r"."):
        list(numbers_in(text))


# --- other questions -------------------------------------------------------------------------------------


def test_a_question_inside_a_stretch_that_was_read_whole_is_covered(tmp_path: Path) -> None:
    """It is answered in full, with the requests that reach into it, and told by the query that read the stretch."""
    back = read(kept(tmp_path))
    inside = questions.everything(window(15, 35))
    assert back.covers(inside)
    pulled = back.pull(inside)
    assert ids(pulled) == ["id00007", "id00002", "id00003"]
    assert (pulled.complete, pulled.gaps) == (True, ())
    assert pulled.queries == FETCHES[1].queries


def test_a_condition_inside_a_stretch_that_was_read_whole_is_covered(tmp_path: Path) -> None:
    """The query language is evaluated on what is kept."""
    ask = questions.occurrences("basket 3", window(0, 60), 10)
    back = read(kept(tmp_path))
    assert back.covers(ask)
    assert ids(back.pull(ask)) == ["id00003"]


def test_the_first_of_a_stretch_are_the_first(tmp_path: Path) -> None:
    """Of what a recording holds, no more than asked for."""
    assert ids(read(kept(tmp_path)).pull(questions.occurrences("basket", window(0, 60), 2))) == [
        "id00000",
        "id00001",
    ]


@pytest.mark.parametrize(
    "ask",
    [
        questions.everything(window(-1, 60)),
        questions.everything(window(0, 61)),
        questions.everything(None),
        questions.failures(window(-100, 0)),
        replace(PROBE, first=1),
    ],
    ids=["begins before", "ends after", "all there is", "another condition", "fewer"],
)
def test_a_question_that_was_never_asked_is_not_covered(tmp_path: Path, ask: Ask) -> None:
    """What the recording holds of it is given, and the gap is stated."""
    back = read(kept(tmp_path))
    assert not back.covers(ask)
    pulled = back.pull(ask)
    assert pulled.complete is False
    assert pulled.gaps == ("the recording does not cover what was asked; pull it with --refresh",)


@pytest.mark.parametrize(
    "fetch",
    [
        fetched(WHOLE, LINES, gaps=("stopped by hand",)),
        fetched(replace(WHOLE, first=6), LINES),
        fetched(questions.failures(WHOLE.window), LINES),
    ],
    ids=["cut short", "the first ones", "some of it"],
)
def test_a_stretch_that_was_not_read_whole_covers_nothing_else(tmp_path: Path, fetch: Fetch) -> None:
    """Only what was asked without a condition and ended without a gap answers other questions."""
    assert not read(kept(tmp_path, [fetch])).covers(questions.everything(window(15, 35)))


def test_what_the_recording_holds_of_an_uncovered_question_is_given(tmp_path: Path) -> None:
    """Entries of all its questions that meet the new one."""
    pulled = read(kept(tmp_path)).pull(questions.everything(window(-1000, 15)))
    assert ids(pulled) == ["id00008", "id00000", "id00007", "id00001"]


@given(start=st.integers(-10, 70), length=st.integers(1, 80))
@settings(max_examples=examples(60))
def test_a_covered_stretch_has_the_entries_that_a_question_for_it_would_have_brought(
    start: int, length: int
) -> None:
    """A recording of the whole answers for a part as one of the part would."""
    raws = [*LINES, SOCKET]
    ask = questions.everything(window(start, start + length))
    made = recording.Manifest(
        ASKED, ORIGIN, (), complete=True, entries=0, file="", sha256="", made_at=AT, versions={}
    )
    whole = Recording(made, (fetched(WHOLE, raws),))
    if whole.covers(ask):
        alone = pulled_from(fetched(ask, raws), ask, ORIGIN.told)
        assert whole.pull(ask).entries == alone.entries


# --- on disk ---------------------------------------------------------------------------------------------


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """Logs hold what is nobody's business: both files are for their owner alone."""
    before = os.umask(0)
    try:
        folder = kept(tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_an_older_recording_is_replaced(tmp_path: Path) -> None:
    """One manifest and one file of entries remain, and nothing half-written."""
    kept(tmp_path)
    folder = kept(tmp_path, [fetched(WHOLE, LINES[:2])])
    assert files(folder) == {"manifest.json", read(folder).manifest.file}
    assert len(read(folder).pull(WHOLE).entries) == 2


def test_files_of_others_stay(tmp_path: Path) -> None:
    """What is not named like a recording's entries is not removed, however similar."""
    folder = tmp_path / "kept"
    folder.mkdir()
    theirs = {"logs-prod.ndjson", "logs-2026.ndjson", "logs.ndjson", "notes.md"}
    for name in theirs:
        (folder / name).write_text("theirs", encoding="utf-8")
    kept(tmp_path)
    assert theirs <= files(folder)


@pytest.mark.parametrize("broken", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("steps", [0, 1], ids=["entries", "manifest"])
def test_a_crash_leaves_the_older_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: BaseException, steps: int
) -> None:
    """Whichever of the two files is not put in its place, what was there can be read, and no scrap is left."""
    folder = kept(tmp_path)
    before = read(folder).pull(WHOLE)
    done: list[Path] = []
    put = Path.replace

    def crashing(path: Path, target: Path) -> Path:
        if len(done) == steps:
            raise broken
        done.append(put(path, target))
        return done[-1]

    monkeypatch.setattr(Path, "replace", crashing)
    with pytest.raises((SourceError, KeyboardInterrupt)):
        kept(tmp_path, [fetched(WHOLE, LINES[:2])])
    monkeypatch.undo()
    assert read(folder).pull(WHOLE) == before
    assert not [name for name in files(folder) if name.startswith(".")]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With what to look at."""
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    with pytest.raises(SourceError, match="cannot write") as caught:
        kept(tmp_path)
    assert caught.value.hint


# --- which paths are a recording -------------------------------------------------------------------------


def test_a_recording_is_known_by_its_folder_and_by_each_of_its_files(tmp_path: Path) -> None:
    """All three lead to the manifest; and what they lead to can be read."""
    folder = kept(tmp_path)
    manifest = folder / "manifest.json"
    for path in (folder, manifest, folder / read(folder).manifest.file):
        assert manifest_of(path) == manifest
    assert read(manifest).fetches == read(folder).fetches


def test_a_manifest_of_something_else_is_no_recording(tmp_path: Path) -> None:
    """Web applications have a manifest.json, too."""
    foreign = tmp_path / "manifest.json"
    foreign.write_text('{"name": "shop", "icons": []}', encoding="utf-8")
    (tmp_path / "logs-0123456789ab.ndjson").write_text("{}", encoding="utf-8")
    for path in (tmp_path, foreign, tmp_path / "logs-0123456789ab.ndjson"):
        assert manifest_of(path) is None


def test_an_export_beside_a_recording_is_an_export(tmp_path: Path) -> None:
    """Only the recording's own entries stand for it."""
    folder = kept(tmp_path)
    other = build.write_logs(folder / "logs.ndjson", LINES)
    assert manifest_of(other) is None


@pytest.mark.parametrize("name", ["nowhere", "manifest.json", "logs-0123456789ab.ndjson", "-", ""])
def test_what_is_not_there_is_no_recording(tmp_path: Path, name: str) -> None:
    """Nor is an empty folder, or standard input."""
    assert manifest_of(tmp_path / name) is None


# --- damage ----------------------------------------------------------------------------------------------


def damaged(folder: Path) -> SourceError:
    """What is said of a recording that is not whole."""
    with pytest.raises(SourceError) as caught:
        read(folder)
    assert caught.value.hint
    return caught.value


def entries_of(folder: Path) -> Path:
    """The file of its entries."""
    return folder / str(orjson.loads((folder / "manifest.json").read_bytes())["file"])


def test_entries_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    """A manifest alone is half of a recording."""
    folder = kept(tmp_path)
    entries_of(folder).unlink()
    assert "hand over the whole folder" in damaged(folder).hint


def test_entries_that_were_cut_are_damage(tmp_path: Path) -> None:
    """Wherever the file ends too early, at a line's end or within a line."""
    folder = kept(tmp_path)
    content = entries_of(folder).read_bytes()
    for end in (0, len(content) // 2, content.rindex(b"\n", 0, -1) + 1):
        entries_of(folder).write_bytes(content[:end])
        assert "is damaged" in damaged(folder).message


@pytest.mark.parametrize("instead", [b"{", b"5", b"null", b"[]", b'"text"', b"\xff", b"[" * 5000])
def test_a_line_that_is_no_entry_is_damage(tmp_path: Path, instead: bytes) -> None:
    """Broken JSON, JSON of another kind, bytes that are no text."""
    folder = kept(tmp_path)
    lines = entries_of(folder).read_bytes().splitlines()
    entries_of(folder).write_bytes(b"\n".join([instead, *lines[1:]]) + b"\n")
    assert "is damaged" in damaged(folder).message


def test_entries_that_were_changed_are_read_with_a_warning(tmp_path: Path) -> None:
    """A line that somebody masked by hand is still an entry; that it is not as it was, every answer says."""
    folder = kept(tmp_path)
    path = entries_of(folder)
    path.write_bytes(path.read_bytes().replace(b"basket 3", b"bucket 3"))
    pulled = read(folder).pull(WHOLE)
    assert [entry.text for entry in pulled.entries if "bucket" in entry.text] == ["bucket 3"]
    assert pulled.warnings == (f"{path.name} was changed after it was recorded",)


def test_an_entry_deeper_than_logs_are_is_cut(tmp_path: Path) -> None:
    """No reader downstream recurses into what somebody nested a thousand times; it can be recorded again."""
    folder = kept(tmp_path, [fetched(WHOLE, LINES[:1])])
    deep = b'{"timestamp":"2026-03-04T05:00:01Z","jsonPayload":' + b'{"a":' * 900 + b"1" + b"}" * 901
    entries_of(folder).write_bytes(deep + b"\n")
    back = read(folder)
    assert len(back.pull(WHOLE).entries) == 1
    assert len(read(kept(tmp_path, back.fetches)).pull(WHOLE).entries) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"versions": {"a": "\xff"}}',
        b'{"a": ' + b"[" * 100_000,
        b'{"schema": "rca.recording/1"}',
    ],
    ids=["empty", "cut", "list", "bytes", "bytes in text", "deep", "bare"],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in its place."""
    (tmp_path / "manifest.json").write_bytes(content)
    assert "is no recording that this version reads" in damaged(tmp_path).message


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"schema": "rca.recording/2"}, "has the schema 'rca.recording/2', not rca.recording/1"),
        ({"schema": "rca.recording/1\x1b[2J"}, r"'rca.recording/1\x1b[2J'"),
        ({"file": "../../etc/passwd"}, "is damaged"),
        ({"file": "/etc/passwd"}, "is damaged"),
        ({"file": "\x1b[2J"}, "is damaged"),
        (
            {"made_at": "2026-03-10T00:00:00"},
            "is no recording that this version reads: Expected `datetime` with a timezone",
        ),
        (
            {"asked": {"span": {"start": "2026-03-10T00:00:00", "end": "2026-03-10T00:00:00Z", "why": ""}}},
            "is no recording that this version reads: Expected `datetime` with a timezone",
        ),
        ({"pulls": 5}, "is no recording that this version reads"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, Mapping) else "",
)
def test_a_manifest_that_rca_did_not_write_is_told(tmp_path: Path, fields: dict[str, Any], says: str) -> None:
    """No file outside of its folder is opened, no time without a zone compared, no escape code printed."""
    message = damaged(rewritten(kept(tmp_path), **fields)).message
    assert says in message
    assert message.isprintable()


@pytest.mark.parametrize("lines", ["1-99999999999", "9", "0", "2,1", "1,1", "x"])
def test_line_numbers_of_no_entry_are_damage(tmp_path: Path, lines: str) -> None:
    """Beyond the file's end, before its beginning, out of order."""
    folder = kept(tmp_path)
    pulls = orjson.loads((folder / "manifest.json").read_bytes())["pulls"]
    assert "is damaged" in damaged(rewritten(folder, pulls=[pulls[0] | {"lines": lines}])).message


def test_a_recording_can_be_moved(tmp_path: Path) -> None:
    """It names no place of the machine it was made on."""
    folder = kept(tmp_path)
    before = read(folder).pull(WHOLE)
    moved = shutil.move(folder, tmp_path / "elsewhere")
    assert read(Path(moved)).pull(WHOLE) == before
    assert str(tmp_path) not in (Path(moved) / "manifest.json").read_text(encoding="utf-8")
