"""The answer hangs on what the logs say, not on how they were exported."""

import gzip
import json
import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rca import cycles
from rca.contract import Report
from rca.pipeline import Question, investigate
from rca.sources.files import Files
from tests.examples import examples
from tests.sources.exporting import WRAPPINGS, Raw

RECORDING = Path(__file__).parents[1] / "lab" / "recordings" / "node-cause-below"
"""A small one, of a stack trace with a cause below it."""


@cache
def raws() -> tuple[Raw, ...]:
    """The recording's entries as they were logged."""
    text = gzip.decompress((RECORDING / "logs.ndjson.gz").read_bytes()).decode()
    return tuple(json.loads(line) for line in text.splitlines())


def report_on(path: Path) -> Report:
    """What is said of the recording's cycle by the logs of a file."""
    return investigate(Question(cycles.find(RECORDING, 1)), Files([str(path)]))


def said(report: Report) -> dict[str, object]:
    """What a report claims, without the places in files that it cites."""
    cause = report.root_cause
    return {
        "cause": cause and (cause.category, cause.exception, cause.message, cause.confidence, cause.frame),
        "evidence": cause and cause.evidence,
        "closes": report.closes,
        "ruled out": [(one.what, one.why) for one in report.ruled_out],
    }


@cache
def plain(folder: Path) -> dict[str, object]:
    """What the recording as it is leads to."""
    path = folder / "plain.ndjson"
    path.write_bytes(WRAPPINGS["NDJSON"](raws()))
    return said(report_on(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples."""
    return tmp_path_factory.mktemp("exports")


@pytest.mark.slow
@given(
    chance=st.randoms(use_true_random=False),
    copies=st.floats(0, 1),
    wrapping=st.sampled_from(sorted(WRAPPINGS)),
    packed=st.booleans(),
)
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_copies_and_wrapping_change_no_cause(
    folder: Path,
    chance: random.Random,
    copies: float,
    wrapping: str,
    packed: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    """Shuffled, partly doubled, as array, lines, pages, groups or messages, gzipped or not: the same causes."""
    mixed = [*raws(), *(raw for raw in raws() if chance.random() < copies)]
    chance.shuffle(mixed)
    content = WRAPPINGS[wrapping](mixed)
    path = folder / "export"
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    assert said(report_on(path)) == plain(folder)


def test_the_recording_has_a_cause(folder: Path) -> None:
    """The law above is one about causes, not about silence."""
    assert plain(folder)["cause"] is not None
