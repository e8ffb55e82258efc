"""What the time index of a large file misses, by how far entries lie out of their order.

The day's lines are written anew: a part of them, in batches as agents send them, that much later than they were
logged; or all of them as Logging got them, requests at their end. Then what the index finds in the windows of the runs
is held against what `--exhaustive` finds.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from rca import cycles, questions, windows
from rca.sources.files import Files
from tests.bench.cases import Case, Row, Section
from tests.bench.ground import Ground, say
from tests.lab.entries import nanoseconds, seeded

_S = 1_000_000_000
_SHARE = 0.05
_BATCH_NS = 5 * _S
_SEED = 11
_DELAYS_S = (30, 60, 120, 600, 3600)


def disorder(ground: Ground) -> Section:
    """How many of the windows' entries are missed, and whether the answer stands."""
    folder = ground.folder(ground.seed)
    path = folder / "disordered.ndjson"
    rows = []
    for name, place in _orders():
        say(name)
        _write(folder / "logs.ndjson", path, place)
        found, all_of_them = (_in_windows(folder, path, exhaustive=one) for one in (False, True))
        case = Case(name, "disordered")
        cost = ground.bench.run(ground.why(folder, path, case))
        note = f"{all_of_them - found:,} of {all_of_them:,} entries missed"
        rows.append(Row(name, "", cost, None, None, ground.answer(folder, path, case), note))
    path.unlink()
    text = (
        f"What the time index misses where entries lie out of their order. {_SHARE:.0%} of the day's entries, in "
        "batches of five seconds, stand in the file up to so much later than they belong; or each stands where Logging "
        "received it, a request at its end. Missed are entries of the windows that `--exhaustive` finds; where too "
        "many steps go against the order, the file counts as in none, and nothing is missed. One run each."
    )
    return Section("Out of order", text, tuple(rows))


def _orders() -> Iterator[tuple[str, Callable[[bytes], int]]]:
    """Each way to lie out of order, with the moment that an entry's place in the file is by."""
    yield "as received", lambda line: nanoseconds(orjson.loads(line)["receiveTimestamp"])
    for delay_s in _DELAYS_S:
        yield f"up to {delay_s} s late", _late(delay_s, seeded(_SEED))


def _late(delay_s: int, dice: random.Random) -> Callable[[bytes], int]:
    batches: dict[tuple[str, int], int] = {}

    def place(line: bytes) -> int:
        entry = orjson.loads(line)
        at = nanoseconds(entry["timestamp"])
        batch = str(entry.get("labels", {}).get("instanceId")), at // _BATCH_NS
        if batch not in batches:
            batches[batch] = round(dice.random() * delay_s * _S) if dice.random() < _SHARE else 0
        return at + batches[batch]

    return place


def _write(source: Path, path: Path, place: Callable[[bytes], int]) -> None:
    lines = source.read_bytes().splitlines(keepends=True)
    order = sorted((place(line), number) for number, line in enumerate(lines))
    with path.open("wb") as file:
        file.writelines(lines[number] for _, number in order)


def _in_windows(folder: Path, path: Path, *, exhaustive: bool) -> int:
    """How many entries of the runs' windows are found."""
    search = windows.search_of(cycles.find(folder / "exact", 1), None)
    asks = [questions.everything(window) for window in search.windows]
    return sum(len(pulled.entries) for pulled in Files([str(path)], exhaustive=exhaustive).pull_all(asks))
