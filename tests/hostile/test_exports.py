"""A damaged export gives a report, and what it lost is said; however entries are dealt over files, the answer stays."""

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from rca.errors import RcaError
from rca.model import Pulled
from rca.pipeline import Question, investigate
from rca.questions import everything
from rca.render import renderer
from rca.sources.files import Files
from tests import build
from tests.examples import examples
from tests.sources.exporting import WRAPPINGS
from tests.sources.test_same_causes import plain, raws, report_on, said

FORMS: Mapping[str, Callable[[Sequence[build.Raw]], bytes]] = {
    "lines": WRAPPINGS["NDJSON"],
    "pretty array": WRAPPINGS["gcloud array"],
    "array on one line": WRAPPINGS["one-line array"],
    "page": WRAPPINGS["REST page, one line"],
    "lines, packed": lambda given: gzip.compress(WRAPPINGS["NDJSON"](given), mtime=0),
    "pretty array, packed": lambda given: gzip.compress(WRAPPINGS["gcloud array"](given), mtime=0),
}

Damage = tuple[str, float, int]
"""How, where in the file as a part of it, and how much."""

DAMAGE = st.tuples(
    st.sampled_from(["flip", "delete", "double", "cut", "zero", "insert"]),
    st.floats(0, 1),
    st.integers(0, 300),
)


def damaged(data: bytes, damage: Damage) -> bytes:
    """The bytes with one thing wrong."""
    how, where, much = damage
    at = min(int(where * len(data)), len(data) - 1)
    end = at + 1 + much
    if how == "flip":
        return data[:at] + bytes([data[at] ^ (1 << much % 8)]) + data[at + 1 :]
    if how == "delete":
        return data[:at] + data[end:]
    if how == "double":
        return data[:end] + data[at:]
    if how == "cut":
        return data[:at]
    if how == "zero":
        return data[:at] + bytes(len(data[at:end])) + data[end:]
    return data[:at] + bytes([much % 256]) + data[at:]


def pulled_from(path: Path) -> Pulled | None:
    """All entries of a file; None where it is refused in words for its user."""
    try:
        return Files([str(path)]).pull(everything(None))
    except RcaError:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples."""
    return tmp_path_factory.mktemp("damaged")


@pytest.mark.parametrize("form", FORMS)
@given(
    damage=st.tuples(st.sampled_from(["flip", "delete", "insert"]), st.floats(0, 1), st.just(0))
    | st.tuples(st.just("flip"), st.floats(0, 1), st.integers(1, 7))
    | st.tuples(st.just("insert"), st.floats(0, 1), st.integers(1, 255))
)
@example(damage=("flip", 0.0, 0))
@example(damage=("flip", 1.0, 1))
@example(damage=("flip", 0.6764657171756626, 0))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_an_entry_that_one_byte_costs_is_counted_or_warned_of(
    folder: Path, form: str, damage: Damage
) -> None:
    """Any byte flipped, deleted or put in: all the entries, or a count, a gap or a warning, or a refusal."""
    given_raws = build.incident_logs()
    path = folder / "export"
    path.write_bytes(damaged(FORMS[form](given_raws), damage))
    pulled = pulled_from(path)
    if pulled is not None and len(pulled.entries) < len(given_raws):
        assert pulled.unreadable or pulled.gaps or pulled.warnings or pulled.duplicates


@given(form=st.sampled_from(sorted(FORMS)), where=st.floats(0, 1))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_an_export_that_is_cut_within_an_entry_says_so(folder: Path, form: str, where: float) -> None:
    """Cut anywhere but between two lines, where nothing shows it: a gap, a count or a warning, or a refusal."""
    given_raws = build.incident_logs()
    data = damaged(FORMS[form](given_raws), ("cut", where, 0))
    path = folder / "export"
    path.write_bytes(data)
    pulled = pulled_from(path)
    between = form == "lines" and data[-1:] in (b"", b"\n", b"}")
    if pulled is not None and len(pulled.entries) < len(given_raws) and not between:
        assert pulled.unreadable or pulled.gaps or pulled.warnings


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@given(damage=st.lists(DAMAGE, min_size=1, max_size=3))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_export_gives_a_report(folder: Path, form: str, damage: list[Damage]) -> None:
    """All the way to the page: a report, or a refusal in words; never a crash."""
    data = FORMS[form](build.incident_logs())
    for one in damage:
        data = damaged(data, one) or b"\n"
    path = folder / "export"
    path.write_bytes(data)
    with suppress(RcaError):
        assert renderer("md").render(investigate(Question(), Files([str(path)])))


@pytest.mark.slow
@given(chance=st.randoms(use_true_random=False), files=st.integers(2, 5), packed=st.booleans())
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_entries_that_are_dealt_over_files_lead_to_the_same_causes(
    tmp_path_factory: pytest.TempPathFactory,
    chance: random.Random,
    files: int,
    packed: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    """Split at any entry, dealt out in turn, some of them to two files, each in a form of its own: the same causes."""
    folder = tmp_path_factory.mktemp("dealt")
    hands: list[list[build.Raw]] = [[] for _ in range(files)]
    for raw in raws():
        for hand in chance.sample(hands, chance.choice((1, 1, 1, 2))):
            hand.append(raw)
    for number, hand in enumerate(hand for hand in hands if hand):
        content = WRAPPINGS[chance.choice(["NDJSON", "gcloud array", "one-line array"])](hand)
        name = f"{number}.json.gz" if packed else f"{number}.json"
        (folder / name).write_bytes(gzip.compress(content, 1) if packed else content)
    assert said(report_on(folder)) == plain(folder.parent)


def test_damage_is_done() -> None:
    """Each way of damaging an export changes it: the laws above are about damage."""
    data = json.dumps(build.incident_logs()).encode()
    ways = ("flip", "delete", "double", "cut", "zero", "insert")
    assert all(damaged(data, (how, 0.5, 3)) != data for how in ways)
