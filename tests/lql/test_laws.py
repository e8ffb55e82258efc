"""Laws on generated filters and entries: what is written is read again, logic holds, nothing breaks."""

import time
from typing import Any

import pytest
import re2  # type: ignore[import-untyped]  # it has no stubs
from hypothesis import example, given, settings, strategies as st

from rca.lql import Query, QueryError, parse
from rca.lql.evaluate import predicate
from rca.lql.folding import fold
from rca.lql.patterns import finder
from rca.lql.tree import And, Comparison, Condition, Field, Not, Operator, Or, Special, Term, Value, walk
from tests.examples import examples
from tests.lql import trees
from tests.lql.printing import written

pytestmark = pytest.mark.slow

Entry = dict[str, Any]


def holds(tree: Condition, entry: Entry) -> bool:
    """Whether the entry is what the tree asks for."""
    return predicate(tree)(entry)


@given(trees.conditions)
@settings(max_examples=examples(100))
def test_what_is_written_is_read_again(tree: Condition) -> None:
    """A tree printed as a filter parses to the same tree."""
    assert parse(written(tree)).tree == tree


@given(trees.conditions, trees.entries)
@settings(max_examples=examples(100))
def test_no_entry_breaks_a_filter(tree: Condition, entry: Entry) -> None:
    """Any JSON is answered with yes or no, and twice alike."""
    asks = predicate(tree)
    assert asks(entry) is asks(entry)


@given(trees.json_values, trees.conditions)
@settings(max_examples=examples(60))
def test_a_payload_of_any_shape_breaks_no_filter(payload: Any, tree: Condition) -> None:  # noqa: ANN401 - JSON
    """Also where every field of LogEntry holds it."""
    names = [
        "jsonPayload",
        "protoPayload",
        "labels",
        "resource",
        "httpRequest",
        "severity",
        "timestamp",
        "logName",
    ]
    assert holds(tree, dict.fromkeys(names, payload)) in {True, False}


@given(trees.conditions, trees.conditions, trees.entries)
@settings(max_examples=examples(60))
def test_negation_turns_and_into_or(left: Condition, right: Condition, entry: Entry) -> None:
    """NOT (a AND b) is NOT a OR NOT b; NOT (a OR b) is NOT a AND NOT b; twice NOT is nothing."""
    assert holds(Not(And((left, right))), entry) is holds(Or((Not(left), Not(right))), entry)
    assert holds(Not(Or((left, right))), entry) is holds(And((Not(left), Not(right))), entry)
    assert holds(Not(Not(left)), entry) is holds(left, entry)


@given(st.lists(trees.conditions, min_size=1, max_size=5), trees.entries)
@settings(max_examples=examples(100))
def test_joined_conditions_are_what_each_of_them_is(parts: list[Condition], entry: Entry) -> None:
    """What is answered together, terms and comparisons of one field, is answered as if each stood alone."""
    each = [holds(part, entry) for part in parts]
    assert holds(And(tuple(parts)), entry) is all(each)
    assert holds(Or(tuple(parts)), entry) is any(each)


@given(
    st.lists(st.tuples(trees.ordinary, trees.texts | st.just(Special.NULL)), min_size=1, max_size=40),
    trees.fields,
    trees.entries,
)
def test_alternatives_of_one_field_are_what_each_of_them_is(
    asked: list[tuple[Operator, Value]], field: Field, entry: Entry
) -> None:
    """Also where there are so many that an automaton looks for them."""
    parts = [Comparison(field, operator, value) for operator, value in asked]
    assert holds(Or(tuple(parts)), entry) is any(holds(part, entry) for part in parts)


@given(st.lists(trees.texts, min_size=1, max_size=40), trees.json_values)
def test_a_list_of_values_is_as_many_comparisons(values: list[str], held: Any) -> None:  # noqa: ANN401 - JSON
    """`f:(a OR b)` asks what `f:a OR f:b` asks."""
    entry = {"jsonPayload": {"f": held}}
    alone = [written(Comparison(Field(("jsonPayload", "f")), Operator.HAS, value)) for value in values]
    listed = "jsonPayload.f:(" + " OR ".join(written(Term(value)) for value in values) + ")"
    assert parse(listed).matches(entry) is any(parse(one).matches(entry) for one in alone)


@given(
    st.sampled_from(["AND", "OR", ""]), st.sampled_from(["AND", "OR", ""]), st.tuples(*[st.booleans()] * 3)
)
def test_or_binds_before_and(first: str, second: str, facts: tuple[bool, bool, bool]) -> None:
    """Three conditions joined by any two operators hold as the groups between the ANDs do."""
    names = [name if fact else "absent" for name, fact in zip("xyz", facts, strict=True)]
    entry = {"jsonPayload": {"f": ["x", "y", "z"]}}
    terms = [f'jsonPayload.f="{name}"' for name in names]
    query = f"{terms[0]} {first} {terms[1]} {second} {terms[2]}"
    one, two, three = facts
    expected = {
        (True, True): one or two or three,
        (True, False): (one or two) and three,
        (False, True): one and (two or three),
        (False, False): one and two and three,
    }[first == "OR", second == "OR"]
    assert parse(query).matches(entry) is expected


@given(trees.conditions)
@settings(max_examples=examples(50))
def test_walking_meets_every_node_once(tree: Condition) -> None:
    """The first is the tree itself, and the leaves come in the order of the text."""
    nodes = list(walk(tree))
    assert nodes[0] is tree
    terms = [node.text for node in nodes if isinstance(node, Term)]
    assert terms == [node.text for node in walk(parse(written(tree)).tree) if isinstance(node, Term)]


# --- text ------------------------------------------------------------------------------------------------


@given(st.text())
@example("\u0345\u0390")
@example("\u1e9e")
def test_folding_twice_is_folding_once(text: str) -> None:
    """A folded text is its own folding, and letter case makes no difference to it."""
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_folds_to_its_small_letters(text: str) -> None:
    """The short way gives what the long way would."""
    assert fold(text) == text.lower()
    assert fold(f"{text}é") == f"{text.lower()}é"


@given(
    st.lists(st.text("abkS -:", min_size=1, max_size=4), min_size=1, max_size=5),
    st.booleans(),
    st.text("abkKsS -:\u017f\u212aé", max_size=20),
)
def test_literal_patterns_find_what_re2_finds(texts: list[str], ignore_case: bool, held: str) -> None:  # noqa: FBT001 - hypothesis fills it
    """A pattern that is only texts is answered without RE2, and never otherwise."""
    pattern = ("(?i)" if ignore_case else "") + "|".join(texts)
    assert finder(pattern)(held) is (re2.search(pattern, held) is not None)


# --- any text at all -------------------------------------------------------------------------------------

PIECES = [
    *(
        "(",
        ")",
        "AND",
        "OR",
        "NOT",
        "-",
        "=",
        "!=",
        ":",
        "=~",
        "<",
        ">=",
        ",",
        ".",
        "*",
        '"',
        "'",
        "\\",
        "--",
        "\n",
        " ",
    ),
    *(
        "a",
        "severity",
        "jsonPayload.x",
        "textPayload",
        '"x y"',
        "log_id(",
        "SEARCH(",
        "cast(",
        "STRING",
        "-5",
        ".5",
    ),
]
SHAPES = st.lists(st.sampled_from(PIECES), max_size=40)


def attempt(text: str) -> Query | QueryError:
    """The filter, or why it is none."""
    try:
        return parse(text)
    except QueryError as error:
        return error


def read(text: str) -> None:
    """Assert that the text is a filter that can be asked, or that its mistake has a place inside it."""
    found = attempt(text)
    if isinstance(found, Query):
        found.matches({"textPayload": text, "jsonPayload": {"x": text}})
        return
    lines = text.split("\n")
    assert 1 <= found.line <= len(lines)
    assert 1 <= found.column <= len(lines[found.line - 1]) + 1
    assert found.message


@given(st.text())
@settings(max_examples=examples(100))
def test_any_text_is_a_filter_or_a_query_error(text: str) -> None:
    """No other exception, and the place lies inside the text."""
    read(text)


@given(SHAPES)
@settings(max_examples=examples(250))
def test_whatever_looks_like_a_filter_is_one_or_a_query_error(pieces: list[str]) -> None:
    """The pieces of the language in any order, with and without spaces."""
    read("".join(pieces))
    read(" ".join(pieces))


@given(trees.conditions, st.data())
def test_a_filter_with_a_piece_cut_out_is_one_or_a_query_error(tree: Condition, data: st.DataObject) -> None:
    """Half-written filters are told what is missing."""
    text = written(tree)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    read(text[:start] + text[end:])


@given(SHAPES.filter(bool), st.integers(2, 400))
@settings(max_examples=examples(60))
def test_repetition_does_not_slow_reading_down(pieces: list[str], times: int) -> None:
    """Twenty thousand characters of anything are read, or refused, in bounded time."""
    text = (" ".join(pieces) * times)[:20_000]
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 10
