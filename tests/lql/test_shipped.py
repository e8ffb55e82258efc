"""The shipped queries are filters of the language, and values filled in cannot break out of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from rca import resources
from rca.lql import parse
from rca.lql.tree import Comparison, Operator
from tests.lql.entries import json

QUERIES = sorted(path.name for path in resources.path("queries", "README.md").parent.glob("*.lql"))
SAMPLES: dict[str, resources.Value] = {
    "string": "5s",  # a text, and a duration where one is asked for
    "strings": ("gate", "till"),
    "timestamp": datetime(2026, 5, 4, 10, 20, 30, 125, tzinfo=UTC),
    "number": 5,
}


@pytest.mark.parametrize("name", QUERIES)
def test_every_shipped_query_is_a_filter(name: str) -> None:
    """Filled in with values of the declared types it is read, and nothing about it is odd."""
    declared = resources.parameters(resources.text("queries", name))
    query = parse(resources.filled(name, **{one: SAMPLES[kind] for one, kind in declared.items()}))
    assert query.warnings == ()
    assert query.matches({}) in {True, False}


@given(st.text(max_size=40))
def test_a_quoted_value_is_one_value_again(value: str) -> None:
    """What `rca.resources` quotes is read as that text, whatever it holds."""
    tree = parse(f"jsonPayload.f={resources.lql_string(value)}").tree
    assert isinstance(tree, Comparison)
    assert (tree.operator, tree.value) == (Operator.EQUAL, value)
    assert parse(f"jsonPayload.f={resources.lql_string(value)}").matches(json(f=value))
