"""Recordings of other servers that are kept beside the bundled cycles: the answer to each is its label's.

They were recorded by `python -m tests.lab record NAME --seed 12`; the scenarios of the same names say what was broken.
"""

from pathlib import Path

import pytest

from tests.lab.alter import ALTERATIONS
from tests.lab.score import Recorded, cases_in, explained, row_of

FOLDER = Path(__file__).parent / "recordings"
CASES = {case.folder.name: case for case in cases_in(FOLDER)}
WHOLE = ALTERATIONS[0]

each_case = pytest.mark.parametrize("name", sorted(CASES))


def answered(case: Recorded) -> tuple[bool, bool | None, bool | None, str | None]:
    """Whether the cause is right, and its entries, its category; the decoy that it blames."""
    row = row_of(case, WHOLE.name, explained(case, case.entries(), WHOLE))
    return row.right, row.grounded, row.category_right, row.herring


def test_there_are_recordings() -> None:
    """Several servers and one case without a cause are kept."""
    assert len({case.server for case in CASES.values()}) >= 6
    assert any(case.label["category"] == "unknown" for case in CASES.values())


@each_case
def test_the_answer_is_the_label_s(name: str) -> None:
    """Cause, category and cited entries are right, no decoy is blamed; where the logs do not say, nothing is."""
    right, grounded, category, herring = answered(CASES[name])
    assert right
    assert herring is None
    assert grounded in (True, None)
    assert category in (True, None)
