"""What masking finds of the planted secrets, what it masks of the look-alikes, and how long it takes."""

import gzip
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rca.redact import Masks, mask
from tests.redaction import innocents, planted
from tests.redaction.planted import Planted

RECORDINGS = Path(__file__).parent.parent / "lab" / "recordings"


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one run."""

    planted: tuple[Planted, ...]
    left: tuple[Planted, ...]
    innocents: tuple[str, ...]
    wrong: tuple[str, ...]
    us_per_kb: float
    us_per_kb_of_logs: float

    @property
    def recall(self) -> float:
        """The share of planted secrets of which nothing is left."""
        return 1 - len(self.left) / len(self.planted)

    @property
    def false_masks(self) -> float:
        """The share of look-alikes in which something was masked."""
        return len(self.wrong) / len(self.innocents)

    @property
    def kinds(self) -> int:
        """How many kinds of secrets were planted."""
        return len({case.kind for case in self.planted})

    @property
    def ways(self) -> int:
        """In how many ways they were written."""
        return len({case.way for case in self.planted})


def measured(seed: int = 0) -> Measured:
    """The figures on the corpora that a seed gives."""
    cases, lines = planted.corpus(seed), innocents.corpus(seed)
    return Measured(
        planted=cases,
        left=tuple(case for case in cases if case.survives_in(mask(case.text))),
        innocents=lines,
        wrong=tuple(line for line in lines if mask(line) != line),
        us_per_kb=us_per_kb([*(case.text for case in cases), *lines]),
        us_per_kb_of_logs=us_per_kb(logged()),
    )


def logged() -> list[str]:
    """The lines of the recordings, as they are in the file."""
    return [
        line
        for path in sorted(RECORDINGS.glob("*/logs.ndjson.gz"))
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]


def us_per_kb(texts: Sequence[str]) -> float:
    """How many microseconds of the processor masking takes for 1,024 letters of some texts."""
    masks = Masks()
    started = time.process_time()
    for text in texts:
        mask(text, masks)
    return (time.process_time() - started) * 1e6 / (sum(map(len, texts)) / 1024)
