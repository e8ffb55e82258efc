"""`python -m tests.fuzz [READER ...]`: fuzz readers one after the other, and say what was reached and found.

Each run goes on with the inputs that earlier runs kept in build/fuzz. With `--until-flat` a reader is fuzzed in rounds
until its coverage has stopped growing, as reached.py defines it. What broke a reader is tried
again without instrumentation; if it still does, it is printed with what it raised.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz import run, table
from tests.fuzz.reached import WORST, Reached

if TYPE_CHECKING:
    from tests.fuzz.readers import Reader

PLACE = Path("build/fuzz")
_MEMORY_MIB = 512
_STATUS = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+) corp: (\d+)/(\S+).*?rss: (\d+)Mb")
_MOST_ROUNDS = 90


def _kept(name: str) -> Reached:
    path = PLACE / name / "reached.json"
    return Reached(**json.loads(path.read_text())) if path.is_file() else Reached(name)


def _round(reader: "Reader", seconds: int, reached: Reached) -> Iterator[Path]:
    """One round; yields the input that it found something with, if it did."""
    name = reached.reader
    corpus, artifacts = PLACE / name / "corpus", PLACE / name / "found"
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in reader.seeds():  # those that are new since the last run, too
        begun = seed[: reader.longest]
        (corpus / f"seed-{sha256(begun).hexdigest()[:16]}").write_bytes(begun)
    dictionary = PLACE / name / "words.dict"
    dictionary.write_text("".join(f"{_quoted(word)}\n" for word in reader.words), encoding="ascii")
    before = {path.name for path in artifacts.iterdir()}
    options = [
        str(corpus), f"-dict={dictionary}", f"-max_total_time={seconds}", f"-max_len={reader.longest}",
        f"-artifact_prefix={artifacts}/", f"-rss_limit_mb={_MEMORY_MIB}", "-timeout=20", "-print_final_stats=1",
        "-reload=0", "-len_control=0",
    ]  # fmt: skip
    began, base, last = time.monotonic(), reached.executions, 0
    with (PLACE / name / "log.txt").open("a", encoding="utf-8") as log:
        for line in run.told(reader, PLACE / name, options):
            log.write(line)
            if told := _STATUS.search(line):
                done, edges = int(told[1]), int(told[3])
                if edges > reached.edges:
                    reached.edges = edges
                    reached.growth.append((base + done, edges))
                reached.features = max(reached.features, int(told[4]))
                reached.inputs, reached.peak_mib = int(told[5]), max(reached.peak_mib, int(told[7]))
                last = max(last, done)
            if told := re.match(r"stat::number_of_executed_units:\s+(\d+)", line):
                last = int(told[1])
            if told := re.match(r"stat::peak_rss_mb:\s+(\d+)", line):
                reached.peak_mib = max(reached.peak_mib, int(told[1]))
    reached.executions = base + last
    reached.seconds += time.monotonic() - began
    worst = PLACE / name / WORST
    if worst.is_file():
        reached.worst_s = max(reached.worst_s, float(worst.read_text()))
    yield from sorted(path for path in artifacts.iterdir() if path.name not in before)


def _quoted(word: str) -> str:
    """A word as libFuzzer's dictionaries spell it."""
    plain = frozenset(range(32, 127)) - frozenset(b'"\\')
    return '"' + "".join(chr(one) if one in plain else f"\\x{one:02X}" for one in word.encode()) + '"'


def _broken(name: str, path: Path) -> str | None:
    """What a reader raises without instrumentation, or that it is slow; None where it takes the input."""
    command = [sys.executable, "-m", "tests.fuzz.again", name, str(path)]
    try:
        again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired:
        return "more than 60 s"
    return None if again.returncode == 0 else again.stderr[-2500:]


def main() -> int:
    """Fuzz what is asked; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help="of those in readers.py (default: all)")
    parser.add_argument("--seconds", type=int, default=20, help="of a round (default: 20)")
    parser.add_argument("--until-flat", action="store_true", help="rounds until coverage stops growing")
    parser.add_argument(
        "--most", type=int, default=900, help="seconds of a reader at most, with --until-flat (default: 900)"
    )
    parser.add_argument("--table", type=Path, help="write what all runs came to into this Markdown file")
    given = parser.parse_args()
    readers = run.instrumented()
    wrong = 0
    for name in given.readers or readers:
        reached = _kept(name)
        began = time.monotonic()
        for _ in range(_MOST_ROUNDS):
            found = _found_in(readers[name], given.seconds, reached)
            wrong += found
            spent = time.monotonic() - began
            if reached.flat or spent >= (given.most if given.until_flat else given.seconds):
                break
            if not given.until_flat and not found:
                break
        told = {
            **asdict(reached),
            "growth": len(reached.growth),
            "later": reached.later,
            "flat": reached.flat,
        }
        print(json.dumps(told), flush=True)  # noqa: T201 - a command's output
    if given.table:
        table.write(given.table, [one for one in map(_kept, readers) if one.executions])
    return int(wrong > 0)


def _found_in(reader: "Reader", seconds: int, reached: Reached) -> int:
    """One round; how many inputs broke the reader, each told."""
    wrong, name = 0, reached.reader
    told_of = set()
    for path in _round(reader, seconds, reached):
        if (data := path.read_bytes()) in told_of:
            continue  # what libFuzzer keeps as well
        told_of.add(data)
        told = _broken(name, path)
        if told is None:
            path.unlink()  # slow under instrumentation alone
        else:
            wrong += 1
            print(f"{name}: {path}\n{told}", flush=True)  # noqa: T201 - a command's output
    reached.found += wrong
    (PLACE / name / "reached.json").write_text(json.dumps(asdict(reached)))
    return wrong


if __name__ == "__main__":
    sys.exit(main())
