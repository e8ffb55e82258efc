"""The conformance cases beside the checkout, where there are any: each filter, entry and answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from rca.lql import QueryError, parse

FILE = Path(__file__).parent.parent.parent.parent / "shared" / "lql_cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else []

pytestmark = pytest.mark.skipif(not CASES, reason="no conformance cases lie beside the checkout")


@pytest.mark.parametrize("number", range(max(len(CASES), 1)))
def test_each_case_is_answered_as_it_says(number: int) -> None:
    """A filter matches, does not match, or is refused, as the case has it."""
    case = CASES[number]
    answer: bool | str
    try:
        answer = parse(case["filter"]).matches(case["entry"])
    except QueryError:
        answer = "error"
    assert answer == case["match"], f"{case['filter']}: {case['why']}"
