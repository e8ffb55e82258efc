"""What a filter allows and nobody means: comparisons that never hold, operators in small letters.

In: a filter and its tree. Out: sentences with line and column, in the order of the text. Nothing here is a mistake:
Cloud Logging takes such filters, and they find less than was wanted.
Source: "Logging query language", Boolean operators (capitals), Values and conversions ("the comparison fails"), Using
regular expressions ("only fields of the string type").
"""

import difflib
from collections.abc import Iterator
from urllib.parse import unquote

from rca.lql.errors import position, shown
from rca.lql.schema import SCALARS, Kind, Place, Undefined, resolve
from rca.lql.tree import Comparison, Condition, Field, LogId, Operator, Special, Term, walk
from rca.lql.values import OF_TEXT, SEVERITIES

_SMALL = frozenset({"and", "or", "not"})
_EXAMPLES = {
    Kind.TIMESTAMP: '"2026-03-01T12:00:00Z" or "2026-03-01"',
    Kind.DURATION: '"1.5s" or "200ms"',
    Kind.BOOL: "true or false",
}


def remarks(text: str, tree: Condition) -> Iterator[str]:
    """One sentence for each odd thing."""
    for node in walk(tree):
        if not isinstance(node, Comparison | Term | LogId):
            continue
        said = _said(node)
        if said is not None:
            line, column = position(text, node.value_at if isinstance(node, Comparison) else node.at)
            yield f"line {line}, column {column}: {said}"


def _said(node: Comparison | Term | LogId) -> str | None:
    match node:
        case Term(quoted=False) if node.text.lower() in _SMALL:
            return f'"{node.text}" in small letters is searched for; the operator is {node.text.upper()}'
        case LogId() if "%2f" in node.log_id.lower():
            return f'log_id takes the name as it is: "{shown(unquote(node.log_id))}"'
        case Comparison(operand=Field() as field):
            place = resolve(field.path)
            if isinstance(place, Undefined):
                return None
            return _of_known(node, place) if place.kind in SCALARS else _of_open(node)
        case _:
            return None


def _of_open(node: Comparison) -> str | None:
    """What is odd about a comparison with a label or a payload's field."""
    if isinstance(node.value, str) and node.value.lower() == "null":
        return "null is compared as text; the null of JSON is NULL_VALUE"
    return None


def _of_known(node: Comparison, place: Place) -> str | None:
    """Why a comparison with a field of LogEntry cannot hold."""
    name, value = ".".join(place.keys), node.value
    if value is Special.NULL:
        return f"never holds: {name} is never null; whether it is there is asked by {name}:*"
    if place.kind is Kind.STRING or not isinstance(value, str):
        return None
    if node.operator in {Operator.MATCHES, Operator.MATCHES_NOT}:
        return f"never holds: regular expressions match text, and {name} is {place.kind.words}"
    if OF_TEXT[place.kind](value) is not None:
        return None
    return f'never holds: "{shown(value)}" is not {place.kind.words}{_instead(place.kind, value)}'


def _instead(kind: Kind, value: str) -> str:
    if kind is Kind.SEVERITY:
        near = difflib.get_close_matches(value.upper()[:20], SEVERITIES, n=1, cutoff=0.5)
        return f"; perhaps {near[0]}" if near else f"; there are {', '.join(SEVERITIES)}"
    return f"; write {_EXAMPLES[kind]}" if kind in _EXAMPLES else ""
