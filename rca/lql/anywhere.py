"""Global restrictions: whether any field of an entry has a text.

In: terms and an entry. Out: whether the entry has them. Decides that only what an entry explicitly holds counts,
values and not names, and each by its type: a text may contain the term, a number or a time must be it.
The entry is gathered once for all terms that stand together, so that many terms and a large entry do not multiply.
Source: "Logging query language", Global restrictions: "each field … is compared to the value by implicitly using the
has operator".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rca.lql.folding import fold
from rca.lql.reading import Entry, values
from rca.lql.schema import Kind
from rca.lql.values import OF_JSON, OF_TEXT

_BETWEEN = "\0"
"""Stands between gathered texts."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A term, ready to be looked for."""

    needle: str
    others: frozenset[tuple[Kind, Any]]
    """What it is as a number, a time and so on; most terms are none of these."""

    def among(self, texts: list[str], gathered: str, others: frozenset[tuple[Kind, Any]]) -> bool:
        """Whether one of the texts holds it, or one of the other values is it."""
        if not self.others.isdisjoint(others):
            return True
        if _BETWEEN in self.needle:
            return any(self.needle in text for text in texts)
        return self.needle in gathered


def _term(text: str) -> _Term:
    converted = [(kind, of(text)) for kind, of in OF_TEXT.items() if kind is not Kind.STRING]
    return _Term(fold(text), frozenset((kind, value) for kind, value in converted if value is not None))


def among(texts: Sequence[str], *, every: bool) -> Callable[[Iterable[tuple[Kind, Any]]], bool]:
    """Whether values have every one of the texts among them, or else any."""
    terms = [_term(text) for text in texts]
    kinds = frozenset(kind for term in terms for kind, _ in term.others)

    def holds(found: Iterable[tuple[Kind, Any]]) -> bool:
        folded, others = [], []
        for kind, raw in found:
            if kind is Kind.STRING:
                if type(raw) is str:
                    folded.append(raw.lower() if raw.isascii() else fold(raw))
            elif kind in kinds:
                others.append((kind, OF_JSON[kind](raw)))
        gathered, same = _BETWEEN.join(folded), frozenset(others)
        for term in terms:
            if term.among(folded, gathered, same) is not every:
                return not every
        return every

    return holds


def everywhere(texts: Sequence[str], *, every: bool) -> Callable[[Entry], bool]:
    """Whether an entry has every one of the texts, or else any."""
    holds = among(texts, every=every)
    return lambda entry: holds(values(entry))
