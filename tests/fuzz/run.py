"""A process that fuzzes one reader, until it finds something or its time is up.

Instrumenting `rca` takes longer than most rounds: it is done once, and each round is a fork of the process that did it.
What is too slow is measured in CPU time, with `rca` instrumented: what passes here is quicker without.
"""

import os
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NoReturn

import atheris

from tests.fuzz.reached import WORST

if TYPE_CHECKING:
    from tests.fuzz.readers import Reader

SLOW_S = 1.0
"""Of CPU, for one input."""


class SlowError(Exception):
    """An input took too long."""


def instrumented() -> "dict[str, Reader]":
    """The readers, with all of `rca` instrumented that was not imported before."""
    with atheris.instrument_imports(include=["rca"], enable_loader_override=False):
        from tests.fuzz import mutations, readers  # noqa: F401, PLC0415 - instrumented as they are imported
        from tests.hostile.expressions import modules  # noqa: PLC0415 - as above

        modules()  # what is imported late would not be instrumented
    return readers.READERS


def told(reader: "Reader", place: Path, options: Sequence[str]) -> Iterator[str]:
    """Fuzz a reader in a process of its own, and yield what libFuzzer says, line by line."""
    reads, writes = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(writes, 2)
        os.close(reads)
        _fuzz(reader, place, options)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8", errors="replace") as lines:
        yield from lines
    os.waitpid(process, 0)


def _timed(reader: "Reader", data: bytes, folder: Path, worst: float) -> float:
    """Seconds of CPU that one input took; those that took longest are written down."""
    from tests.fuzz.readers import accepts  # noqa: PLC0415 - as above

    began = time.process_time()
    accepts(reader, data, folder)
    took = time.process_time() - began
    if took > worst:
        (folder.parent / WORST).write_text(f"{took:.3f}\n")
    if took > SLOW_S:
        raise SlowError(f"{took:.1f} s of CPU for {len(data)} bytes")
    return took


def _fuzz(reader: "Reader", place: Path, options: Sequence[str]) -> NoReturn:
    """Fuzz; never returns."""
    from tests.fuzz.mutations import changed  # noqa: PLC0415 - as above
    from tests.fuzz.readers import accepts  # noqa: PLC0415 - as above

    given = list(reader.seeds())
    folder = place / "now"
    folder.mkdir(exist_ok=True)
    worst = 0.0

    def one(data: bytes) -> None:
        nonlocal worst
        try:
            worst = max(worst, _timed(reader, data, folder, worst))
        except BaseException:
            # libFuzzer keeps what kills the process, and in a fork not what raises.
            (place / "found" / f"raises-{sha256(data).hexdigest()[:16]}").write_bytes(data)
            raise

    def another(data: bytes, limit: int, seed: int) -> bytes:
        return changed(data, limit, Random(seed), atheris.Mutate, given)  # noqa: S311 - no secret

    for data in given[:3]:
        accepts(reader, data, folder)  # what is loaded at the first use does not count as slow
    atheris.Setup(["fuzz", *options], one, custom_mutator=another)
    atheris.Fuzz()
    raise AssertionError("it does not return")
