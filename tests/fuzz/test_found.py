"""What fuzzing has found stays mended, and every reader takes what fuzzing starts from."""

import time
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutations import changed
from tests.fuzz.readers import READERS, accepts

FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))
SLOW_S = 1.0
"""Of CPU, for one input."""


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_is_read_or_refused(path: Path, tmp_path: Path) -> None:
    """An input that broke a reader once is read, or refused in words for its user, in less than a second."""
    reader = READERS[path.parent.name]
    (tmp_path / "before").mkdir()
    accepts(
        reader, next(reader.seeds()), tmp_path / "before"
    )  # what is loaded at the first use does not count
    (tmp_path / "now").mkdir()
    began = time.process_time()
    accepts(reader, path.read_bytes(), tmp_path / "now")
    assert time.process_time() - began < SLOW_S


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_what_it_starts_from(name: str, tmp_path: Path) -> None:
    """The samples of each format are read, so that fuzzing begins behind the first check."""
    seeds = list(READERS[name].seeds())
    assert seeds
    for number, seed in enumerate(seeds[:40]):
        folder = tmp_path / str(number)
        folder.mkdir()
        accepts(READERS[name], seed, folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_what_is_nearly_of_its_form(name: str, tmp_path: Path) -> None:
    """Lines moved and values exchanged, a few of each format: read or refused."""
    random = Random(name)  # noqa: S311 - no secret
    seeds = list(READERS[name].seeds())
    for number in range(30 if name != "incident" else 6):
        seed = random.choice(seeds)
        data = changed(seed, READERS[name].longest, random, lambda told, most: told[:most], seeds)
        folder = tmp_path / str(number)
        folder.mkdir()
        accepts(READERS[name], data, folder)


def test_an_input_that_is_changed_is_another_within_its_limit() -> None:
    """Most changes change something, and none makes an input longer than allowed."""
    random = Random(7)  # noqa: S311 - as above
    data = b'{"timestamp": "2026-03-04T05:06:07Z", "entries": [{"a": 1}]}\nsecond line'
    made = [changed(data, 200, random, lambda told, _most: told, [data]) for _ in range(200)]
    assert max(map(len, made)) <= 200
    assert len(set(made)) > 60
