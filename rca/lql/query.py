"""A filter, read once and asked of many entries.

In: the text of a filter. Out: its tree, what is odd about it, and whether an entry matches.
Source: "Logging query language": "The length of a query can't exceed 20,000 characters", comments included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.lql.errors import MistakeError, as_query_error
from rca.lql.tree import Condition

LONGEST = 20_000
"""Characters of a filter."""


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that can be asked; `parse` makes it."""

    text: str
    tree: Condition
    warnings: tuple[str, ...]
    """What is allowed and hardly meant: a comparison that never holds, `and` in small letters. One line each."""

    _holds: Callable[[Mapping[str, Any]], bool] = field(repr=False, compare=False)

    def matches(self, entry: Mapping[str, Any]) -> bool:
        """Whether a LogEntry in its REST JSON form is what the filter asks for; no JSON makes it raise."""
        return self._holds(entry)


def parse(text: str) -> Query:
    """The filter, ready to be asked. Raises `QueryError` where Cloud Logging would refuse it."""
    from rca.lql import evaluate, remarks  # noqa: PLC0415 - only where a filter is read

    try:
        tree = _tree(text)
        return Query(text, tree, tuple(remarks.remarks(text, tree)), evaluate.predicate(tree))
    except MistakeError as mistake:
        raise as_query_error(text, mistake) from None


def _tree(text: str) -> Condition:
    """The filter as a tree; raises `MistakeError`."""
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - heavy: only where a filter is read

    from rca.lql import grammar, mistakes  # noqa: PLC0415 - as above

    if len(text) > LONGEST:
        raise MistakeError(
            f"a filter has at most {LONGEST:,} characters, comments included; this one has {len(text):,}",
            "ask in several filters, or use one regular expression for many values",
            at=LONGEST,
        )
    try:
        return grammar.tree_of(text)
    except UnexpectedInput as error:
        raise mistakes.explained(text, error) from None
