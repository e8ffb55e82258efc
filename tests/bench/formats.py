"""The day's NDJSON -> the same entries as other exports write them. What was written once is kept.

Sources: `gcloud logging read --format=json` (an array, newest first, two spaces, keys in order; entries stand at two
spaces, their keys at four); Cloud Storage sinks ("View logs routed to Cloud Storage": folders by log id and day, a
file an hour, unsorted inside; what arrived in another hour goes to the addendum).
"""

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from tests.lab.entries import nanoseconds, seeded

_S = 1_000_000_000
_HOUR_S = 3600
_BATCH = 500
_SEED = 7


def _lines(folder: Path) -> list[bytes]:
    return (folder / "logs.ndjson").read_bytes().splitlines(keepends=True)


def _newest_first(folder: Path, file: BinaryIO) -> None:
    file.writelines(reversed(_lines(folder)))


def _shuffled(folder: Path, file: BinaryIO) -> None:
    lines = _lines(folder)
    seeded(_SEED).shuffle(lines)
    file.writelines(lines)


def _indented(entry: object, by: int) -> bytes:
    """The entry as one of an array is printed, `by` spaces a level."""
    text = orjson.dumps(entry, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    lines = text.split(b"\n")
    if by != 2:
        lines = [b" " * ((len(line) - len(line.lstrip(b" "))) * (by - 2) // 2) + line for line in lines]
    return b"\n".join(b" " * by + line for line in lines)


def _array(file: BinaryIO, texts: Iterator[bytes], between: bytes, around: tuple[bytes, bytes]) -> None:
    file.write(around[0])
    file.write(next(texts))
    file.writelines(between + text for text in texts)
    file.write(around[1])


def _gcloud(folder: Path, file: BinaryIO) -> None:
    texts = (_indented(orjson.loads(line), 2) for line in reversed(_lines(folder)))
    _array(file, texts, b",\n", (b"[\n", b"\n]\n"))


def _indent_4(folder: Path, file: BinaryIO) -> None:
    texts = (_indented(orjson.loads(line), 4) for line in reversed(_lines(folder)))
    _array(file, texts, b",\n", (b"[\n", b"\n]\n"))


def _compact(folder: Path, file: BinaryIO) -> None:
    _array(file, (line.rstrip(b"\n") for line in reversed(_lines(folder))), b",", (b"[", b"]"))


def _packed(folder: Path, file: BinaryIO) -> None:
    with (
        (folder / "logs.ndjson").open("rb") as plain,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed, 1 << 20)


_FILES: dict[str, tuple[str, Callable[[Path, BinaryIO], None]]] = {
    "newest-first": ("newest-first.ndjson", _newest_first),
    "shuffled": ("shuffled.ndjson", _shuffled),
    "gcloud": ("gcloud.json", _gcloud),
    "compact": ("compact.json", _compact),
    "indent-4": ("indent-4.json", _indent_4),
    "gz": ("logs.ndjson.gz", _packed),
}
FORMATS = ("ndjson", *_FILES, "sink")
"""`ndjson` is the day as it was made."""


def written(folder: Path, name: str) -> Path:
    """The day in that format, written now where it was not before."""
    if name == "ndjson":
        return folder / "logs.ndjson"
    if name == "sink":
        return _sink(folder)
    file_name, write = _FILES[name]
    path = folder / file_name
    if not path.exists():
        writing = path.with_name(f"{file_name}.writing")
        with writing.open("wb") as file:
            write(folder, file)
        writing.rename(path)
    return path


def _sink(folder: Path) -> Path:
    """A bucket's folders; the entries of an hour stand in the order in which batches arrived, more or less."""
    out, writing = folder / "sink", folder / "sink.writing"
    if out.exists():
        return out
    shutil.rmtree(writing, ignore_errors=True)
    files: dict[Path, list[bytes]] = {}
    with (folder / "logs.ndjson").open("rb") as file:
        for line in file:
            files.setdefault(writing / _place(orjson.loads(line)), []).append(line)
    dice = seeded(_SEED)
    for path, lines in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        batches = [lines[first : first + _BATCH] for first in range(0, len(lines), _BATCH)]
        dice.shuffle(batches)
        path.write_bytes(b"".join(line for batch in batches for line in batch))
    writing.rename(out)
    return out


def _place(entry: dict[str, str]) -> str:
    """Which file of the bucket holds the entry."""
    log = entry["logName"].rpartition("/")[2].replace("%2F", "/")
    at, got = entry["timestamp"], entry["receiveTimestamp"]
    day, hour = at[:10].replace("-", "/"), at[11:13]
    ending = "S0.json"
    if got[:13] != at[:13]:
        ending = f"A0:{nanoseconds(got) // _S // _HOUR_S * _HOUR_S}.json"
    return f"{log}/{day}/{hour}:00:00_{hour}:59:59_{ending}"
