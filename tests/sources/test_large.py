"""A large export gives the same answers as if it were read whole, though most of it is never parsed."""

import gzip
import io
import json
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rca.lql import parse
from rca.model import Pulled, Window
from rca.normalize import as_rest
from rca.questions import Ask, deploys, everything, occurrences, probe
from rca.sources import large, packing, timeindex
from rca.sources.files import Files
from rca.sources.sieve import is_in
from tests.examples import examples
from tests.lab.entries import seeded
from tests.sources.exporting import START, Raw, line, request
from tests.sources.test_files import around, told

FIXTURES = Path(__file__).parents[2] / "fixtures"


class InParts(Files):
    """Reads every file as if it were large."""

    large = 16_384


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few entries, so that a hundred are a large file."""
    monkeypatch.setattr(large, "BLOCK", 4096)
    monkeypatch.setattr(timeindex, "STEP", 1024)


def platform(number: int, after_s: float) -> Raw:
    """A line of the platform's."""
    at = START + timedelta(seconds=after_s)
    return {
        "insertId": f"p{number}",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}Z",
        "logName": "projects/p/logs/run.googleapis.com%2Fvarlog%2Fsystem",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "loaf"}},
        "textPayload": "Container called exit(1).",
    }


def audit(number: int, after_s: float) -> Raw:
    """A deploy."""
    at = START + timedelta(seconds=after_s)
    return {
        "insertId": f"a{number}",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "loaf"}},
        "protoPayload": {"methodName": "google.cloud.run.v1.Services.ReplaceService", "serviceName": "run"},
    }


FRAMINGS: dict[str, Callable[[Sequence[Raw]], str]] = {
    "lines": lambda raws: "".join(json.dumps(raw, separators=(",", ":")) + "\n" for raw in raws),
    "lines with spaces": lambda raws: "".join(json.dumps(raw) + "\n" for raw in raws),
    "lines, the last one open": lambda raws: "\n".join(json.dumps(raw) for raw in raws),
    "pretty": lambda raws: json.dumps(raws, indent=2),
    "pretty, sorted as gcloud does": lambda raws: json.dumps(raws, indent=2, sort_keys=True),
    "pretty, by four": lambda raws: json.dumps(raws, indent=4),
    "compact": lambda raws: json.dumps(raws, separators=(",", ":")),
    "a compact page": lambda raws: json.dumps({"entries": raws}),
    "an array, a line each": lambda raws: "[" + ",\n".join(json.dumps(raw) for raw in raws) + "\n]\n",
    "a pretty page": lambda raws: json.dumps({"entries": raws}, indent=2),
}
ORDERS: dict[str, Callable[[list[Raw], random.Random], list[Raw]]] = {
    "oldest first": lambda raws, _: raws,
    "newest first": lambda raws, _: raws[::-1],
    "shuffled": lambda raws, dice: dice.sample(raws, len(raws)),
    "as they arrived": lambda raws, _: sorted(raws, key=arrived),
    "two exports in one file": lambda raws, _: raws[::2] + raws[1::2],
}


def arrived(raw: Raw) -> str:
    """When Logging got an entry: a request's when it ends."""
    return str(raw.get("receiveTimestamp") or raw["timestamp"])


def day(dice: random.Random, count: int) -> list[Raw]:
    """Entries of some hours, in order of their times: lines, requests that last up to an hour, exits, deploys."""
    found: list[Raw] = []
    for number in range(count):
        after_s = number * 40.0 + dice.random()
        kind = dice.choice("llllllrrrwpa")
        if kind == "l":
            text = dice.choice(
                ["baked", 'he said "timestamp": "2020-01-01T00:00:00Z"', "x" * 900, "},\n{", "\n  {\n"]
            )
            found.append(line(number, text=text, after_s=after_s))
        elif kind in "rw":
            lasts_s = dice.choice([0.2, 8.0, 9.99, 10.0, 70.5, 3599.0])
            status = 101 if kind == "w" else dice.choice([200, 404, 500, 503])
            url = f"https://cart.run.app/{dice.choice(['api', 'ws', 'v1/Socket'])}?q=1"
            raw = request(number, url=url, after_s=after_s, latency=f"{lasts_s}s", status=status)
            end = START + timedelta(seconds=after_s + lasts_s)
            found.append({**raw, "receiveTimestamp": f"{end:%Y-%m-%dT%H:%M:%S.%f}Z"})
        else:
            found.append((platform if kind == "p" else audit)(number, after_s))
    return found


def asked(dice: random.Random, count: int) -> list[Ask]:
    """Two windows somewhere, and the questions that are asked of all of it."""
    first, second = sorted(dice.uniform(-100, count * 40.0) for _ in range(2))
    return [
        everything(around(first, first + dice.choice([1, 60, 400]))),
        everything(around(second, second + dice.choice([1, 60, 400]))),
        deploys(),
        probe(around(-3600, count * 50), 30.0),
        probe(None, None),
        occurrences("he said", around(-3600, count * 50), 5),
    ]


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60)
)
@given(
    seed=st.integers(0, 10**6),
    framing=st.sampled_from(sorted(FRAMINGS)),
    order=st.sampled_from(sorted(ORDERS)),
    packed=st.booleans(),
    exhaustive=st.booleans(),
)
def test_a_part_of_it_answers_like_all_of_it(  # noqa: PLR0913 - each is a side of the law
    tmp_path: Path, *, seed: int, framing: str, order: str, packed: bool, exhaustive: bool
) -> None:
    """However the entries lie and in whichever order, each question gets what reading everything would give."""
    dice = seeded(seed)
    raws = ORDERS[order](day(dice, 150), dice)
    content = FRAMINGS[framing](raws).encode()
    path = tmp_path / "logs"
    path.write_bytes(gzip.compress(content) if packed else content)
    asks = asked(dice, 150)
    whole = Files([str(path)]).pull_all(asks)
    parts = InParts([str(path)], exhaustive=exhaustive).pull_all(asks)
    assert [told(one) for one in parts] == [told(one) for one in whole]
    assert [[e.ref.insert_id for e in one.entries] for one in parts] == [
        [e.ref.insert_id for e in one.entries] for one in whole
    ]
    assert {one.gaps for one in parts} == {one.gaps for one in whole}


@pytest.mark.parametrize("framing", ["compact", "a compact page", "an array, a line each"])
def test_an_entry_of_an_array_is_cited_by_its_position(tmp_path: Path, framing: str) -> None:
    """Where lines tell nothing, a reference names how many entries stand before it, and one."""
    path, raws = tmp_path / "logs", day(seeded(3), 150)
    path.write_text(FRAMINGS[framing](raws))
    given = InParts([str(path)]).pull(everything(around(2000, 2600)))
    assert given.entries
    for entry in given.entries:
        assert entry.ref.line is not None
        assert raws[entry.ref.line - 1]["insertId"] == entry.ref.insert_id


@pytest.mark.parametrize("framing", sorted(one for one in FRAMINGS if "compact" not in one))
def test_an_entry_is_cited_by_its_line(tmp_path: Path, framing: str) -> None:
    """The line that a reference names is the one on which the entry begins."""
    path = tmp_path / "logs"
    path.write_text(FRAMINGS[framing](day(seeded(3), 150)))
    lines = path.read_text().split("\n")
    given = InParts([str(path)]).pull(everything(around(2000, 2600)))
    assert given.entries
    for entry in given.entries:
        assert entry.ref.line is not None
        assert lines[entry.ref.line - 1].lstrip().startswith("{")
        assert entry.ref.insert_id is not None
        assert entry.ref.insert_id in "\n".join(lines[entry.ref.line - 1 : entry.ref.line + 40])


def condition_holds(ask: Ask, raw: Raw) -> bool:
    """Whether an entry meets what a question asks besides its time."""
    return bool(parse(ask.condition).matches(as_rest(raw)))


def known_entries() -> Iterator[Raw]:
    """A tenth of a bundled cycle's entries, and some of each kind besides."""
    with gzip.open(FIXTURES / "cycle-1" / "logs.ndjson.gz") as stream:
        yield from (json.loads(one) for one in islice(stream, 0, None, 10))
    yield from day(seeded(1), 300)


@pytest.mark.slow
def test_no_answer_lacks_what_it_is_known_by() -> None:
    """Whatever answers a question holds one of its hints, compact, with spaces and pretty: none is passed by."""
    asks = [probe(None, 60.0), probe(None, None), deploys(), occurrences("he said", around(0, 1), 5)]
    met = 0
    for raw in known_entries():
        for ask in asks:
            if not condition_holds(ask, raw):
                continue
            met += 1
            for text in (json.dumps(raw), json.dumps(raw, separators=(",", ":")), json.dumps(raw, indent=2)):
                content = text.encode()
                assert any(is_in(hint, content) for hint in ask.hints), (ask.name, text)
    assert met > 500


# --- What it says of what it did not read ---------------------------------------------------------------------


def lines_of(raws: Sequence[Raw]) -> bytes:
    """A line an entry."""
    return FRAMINGS["lines"](raws).encode()


def pulled(path: Path, content: bytes, ask: Ask, *, exhaustive: bool = False) -> Pulled:
    """What a file of this content gives, read in parts."""
    path.write_bytes(content)
    return InParts([str(path)], exhaustive=exhaustive).pull(ask)


def test_it_says_how_it_was_read(tmp_path: Path) -> None:
    """By a time index where the file is in order, else, or when told so, by the time of every entry."""
    raws = day(seeded(5), 150)
    window = everything(around(2000, 2600))
    indexed = pulled(tmp_path / "logs", lines_of(raws), window).warnings[0]
    told_so = pulled(tmp_path / "logs", lines_of(raws), window, exhaustive=True).warnings[0]
    shuffled = pulled(tmp_path / "logs", lines_of(seeded(5).sample(raws, 150)), window).warnings[0]
    assert "by a time index" in indexed
    assert "--exhaustive" in indexed
    assert "by the time of every entry" in told_so
    assert told_so == shuffled


def test_what_cannot_be_read_counts_where_it_was_to_be_read(tmp_path: Path) -> None:
    """A broken line within the window is counted and quoted; one that nobody asks for is not looked at."""
    rows = lines_of([line(n, text=f"loaf {n}", after_s=n * 40.0) for n in range(150)]).split(b"\n")
    rows[75] = rows[75].replace(b'"insertId":', b'"insertId"', 1)
    rows[5] = rows[5].replace(b'"insertId":', b'"insertId"', 1)
    given = pulled(tmp_path / "logs", b"\n".join(rows), everything(around(2900, 3100)))
    assert given.unreadable == 1
    assert any("logs:76: " in warning for warning in given.warnings)


@pytest.mark.parametrize("framing", ["lines", "pretty"])
def test_a_file_cut_short_is_a_gap(tmp_path: Path, framing: str) -> None:
    """Its last entry is lost and the gap is stated, although no window reaches there."""
    content = FRAMINGS[framing](day(seeded(5), 150)).encode()
    given = pulled(tmp_path / "logs", content[:-30], everything(around(2000, 2600)))
    assert given.complete is False
    assert "cut short" in given.gaps[0] or "ends early" in given.gaps[0]


def test_what_is_too_long_for_memory_is_lost_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than any entry costs itself; the lines around it keep their numbers."""
    monkeypatch.setattr(large, "_LONGEST_ENTRY", 20_000)
    rows = lines_of([line(n, text=f"loaf {n}", after_s=n * 40.0) for n in range(150)]).split(b"\n")
    rows.insert(70, b'{"textPayload": "' + b"x" * 90_000)
    given = pulled(tmp_path / "logs", b"\n".join(rows), everything(around(2000, 4000)), exhaustive=True)
    assert given.unreadable == 1
    assert any(large.TOO_LONG in warning for warning in given.warnings)
    assert {entry.text: entry.ref.line for entry in given.entries}["loaf 90"] == 92
    assert len(given.entries) == 50


def test_times_that_are_not_told_plainly_are_read(tmp_path: Path) -> None:
    """Entries with another zone, with a number, or with none but the time of receipt are parsed, not guessed at."""
    raws = [line(n, text=f"loaf {n}", after_s=n * 40.0) for n in range(150)]
    raws[50] = {**raws[50], "timestamp": raws[50]["timestamp"].replace("Z", "+00:00")}
    raws[51] = {**raws[51], "timestamp": {"seconds": int((START + timedelta(seconds=2040)).timestamp())}}
    raws[52] = {k: v for k, v in raws[52].items() if k != "timestamp"} | {
        "receiveTimestamp": raws[52]["timestamp"]
    }
    given = pulled(tmp_path / "logs", lines_of(raws), everything(around(1990, 2090)))
    assert [entry.text for entry in given.entries] == ["loaf 50", "loaf 51", "loaf 52"]


# --- Where it comes from ----------------------------------------------------------------------------------------


def test_standard_input_and_a_pipe_are_read_in_parts_and_again(tmp_path: Path) -> None:
    """What can be read only once answers a second question as well."""
    content = lines_of(day(seeded(5), 150))
    window = around(2000, 2600)
    wanted = told(pulled(tmp_path / "logs", content, everything(window)))
    piped = InParts(["-"], io.BytesIO(content))
    assert [told(piped.pull(everything(window))) for _ in range(2)] == [wanted] * 2
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(content,))
    writer.start()
    source = InParts([str(fifo)])
    assert [told(source.pull(everything(window))) for _ in range(2)] == [wanted] * 2
    writer.join()


def test_a_file_that_is_cut_while_it_is_read_is_a_gap(tmp_path: Path) -> None:
    """What told where to look may be wrong by then: the answer is incomplete and says why; what is added is no gap."""
    path, content = tmp_path / "logs", lines_of(day(seeded(5), 150))
    path.write_bytes(content)
    source, ask = InParts([str(path)]), everything(around(2000, 2600))
    assert source.pull(ask).complete is None
    path.write_bytes(content + lines_of(day(seeded(6), 20)))
    assert source.pull(ask).complete is None
    path.write_bytes(content[: len(content) // 2])
    cut = source.pull(ask)
    assert cut.complete is False
    assert any("was cut while it was read" in gap for gap in cut.gaps)


def hourly(folder: Path) -> Path:
    """A sink's folder: a file an hour, for a day, of two logs."""
    for hour in range(24):
        for log in ("stdout", "requests"):
            home = folder / "run.googleapis.com" / log / f"{START:%Y/%m/%d}"
            home.mkdir(parents=True, exist_ok=True)
            at = START.replace(hour=hour, minute=0, second=0)
            raw = line(
                hour * 2 + len(log), text=f"{log} of {hour}", after_s=(at - START).total_seconds() + 60.0
            )
            (home / f"{hour:02}:00:00_{hour:02}:59:59_S0.json").write_bytes(lines_of([raw]))
    return folder


def test_only_the_hours_that_can_answer_are_opened(tmp_path: Path) -> None:
    """Of a sink's folder the window's hours are read, and the one before, whose requests can last into it."""
    start = START.replace(hour=13, minute=0, second=0)
    window = Window(start, start + timedelta(minutes=5), "a test")
    given = Files([str(hourly(tmp_path))]).pull_all([everything(window), deploys()])[0]
    assert [entry.text for entry in given.entries] == ["stdout of 13", "requests of 13"]
    assert given.read == 4
    assert "of 48 hourly files 4 can hold what is asked; only they were opened" in given.warnings


def test_without_a_window_all_hours_are_opened(tmp_path: Path) -> None:
    """A folder of hours is read whole where nothing says when."""
    assert len(Files([str(hourly(tmp_path))]).pull(everything(None)).entries) == 48


# --- What is no log ---------------------------------------------------------------------------------------------


def test_a_line_without_an_end_is_lost_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is one line, longer than any entry, is told as lost; memory does not grow with it."""
    monkeypatch.setattr(large, "_LONGEST_ENTRY", 20_000)
    given = pulled(tmp_path / "logs", b'{"textPayload":"' + b"x" * 400_000 + b'"}\n', everything(None))
    assert (given.entries, given.read, given.unreadable) == ((), 1, 1)
    assert any(large.TOO_LONG in warning for warning in given.warnings)


@pytest.mark.slow
def test_what_unpacks_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb of a .gz is read up to a bound, and that is a gap; an export of the same size is read whole."""
    monkeypatch.setattr(packing, "_BOMB", 1 << 16)
    bomb = pulled(tmp_path / "bomb.gz", gzip.compress(b"\0" * 20_000_000), everything(None))
    assert bomb.complete is False
    assert "unpacks to more than 200 times its size" in bomb.gaps[0]
    raws = day(seeded(5), 150)
    log = pulled(tmp_path / "logs.gz", gzip.compress(lines_of(raws)), everything(None))
    assert (len(log.entries), log.gaps) == (150, ())


def test_a_file_that_is_read_whole_answers_however_its_json_is_spaced(tmp_path: Path) -> None:
    """Hints spare parsing where most is not parsed; where all is, they rule out nothing."""
    raw = request(1, url="https://cart.run.app/api", status=503)
    path = tmp_path / "logs.ndjson"
    path.write_text(json.dumps(raw, separators=(", ", " : ")) + "\n")
    assert len(Files([str(path)]).pull(probe(None, 60.0)).entries) == 1
