"""The SEARCH function: whole words, in any order, in one field or anywhere in an entry.

In: a query and a field, or none. Out: a function of the entry. Decides what a word is: what the LOG_ANALYZER leaves
between its delimiters. A phrase in backticks must stand as it is, in any letter case, between delimiters or ends.
Only texts are searched: "you can't use the SEARCH function to match nontext fields". AND, OR and quotation marks
inside the query, which BigQuery's function has by now, are not in the Logging pages: they are words and delimiters.
Source: "Logging query language", SEARCH function; BigQuery, Text analysis (LOG_ANALYZER, delimiters) and Search
functions (rules for backticks).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from rca.lql.errors import MistakeError
from rca.lql.folding import fold
from rca.lql.functions import place_of
from rca.lql.matching import leaves
from rca.lql.reading import Entry, inside, known, repeated, values, values_below
from rca.lql.schema import Kind
from rca.lql.tree import Field, Search

Texts = Callable[[Entry], Iterable[str]]

_ENCODED = "2526|2520|21|26|3b|7c|20|2b|3d|5d|5b|3a|0a|2c|28|29"
"""URL-encoded delimiters, longest first."""

_EDGE = rf"""(?:%(?:{_ENCODED})|[\[\]<>(){{}}|!;,'"*&?+/:=@.$%\\_\s-])"""
_FEW = 8
"""Words that are looked for before a text is cut, which costs more."""

_DELIMITER = re.compile(_EDGE)
_MARK, _NO_MARK = "\0", "\1"
_MARKED = rf"{_MARK}\g<0>{_MARK}"
_BACKTICKS = re.compile(r"`(?P<phrase>(?:[^`\\]|\\.|\\\Z)*+)(?P<end>`|\Z)", re.DOTALL)
"""One that is never closed goes on to the end."""


def search(node: Search) -> Callable[[Entry], bool]:
    """Whether the entry, or the field, holds all words and phrases of the query."""
    words, phrases = _asked(node)
    texts = _anywhere if node.field is None else _within(node.field)

    def holds(entry: Entry) -> bool:
        return _holds(texts(entry), words, phrases)

    return holds


def _asked(node: Search) -> tuple[frozenset[str], frozenset[str]]:
    """The words and the phrases of a query, folded."""
    quoted = [found for found in _BACKTICKS.finditer(node.query) if found["end"]]
    phrases = [fold(found["phrase"].replace("\\`", "`")) for found in quoted]
    rest = _BACKTICKS.sub(lambda found: " " if found["end"] else found[0], node.query)
    if "`" in rest.replace("\\`", ""):
        raise MistakeError(
            "a backtick is never closed", "a phrase stands between two: `hello world`", at=node.at
        )
    words = frozenset(_words(fold(rest)))
    if not words and not any(phrases):
        raise MistakeError(
            "SEARCH looks for words, and here are none", 'write SEARCH("hello world")', at=node.at
        )
    return words, frozenset(phrase for phrase in phrases if phrase)


def _words(folded: str) -> Iterator[str]:
    return (word for word in _DELIMITER.split(folded) if word)


def _edged(folded: str) -> str:
    """The text with a mark on both sides of each delimiter and at its ends: an edge is then a character."""
    return f"{_MARK}{_DELIMITER.sub(_MARKED, folded.replace(_MARK, _NO_MARK))}{_MARK}"


def _holds(texts: Iterable[str], words: frozenset[str], phrases: frozenset[str]) -> bool:
    """Whether each word and each phrase lies in one of the texts."""
    missing, unseen = set(words), set(phrases)
    for text in texts:
        folded = fold(text)
        if len(missing) > _FEW or any(word in folded for word in missing):
            missing.difference_update(_words(folded))
        if near := [phrase for phrase in unseen if phrase in folded]:
            edged = _edged(folded)
            unseen.difference_update(phrase for phrase in near if _edged(phrase) in edged)
        if not missing and not unseen:
            return True
    return False


def _anywhere(entry: Entry) -> Iterator[str]:
    """Every text of an entry."""
    return _texts(values(entry))


def _texts(found: Iterable[tuple[Kind, object]]) -> Iterator[str]:
    return (value for kind, value in found if kind is Kind.STRING and isinstance(value, str))


def _within(field: Field) -> Texts:
    """The texts of a field, of all that lies below it where it holds more than one value."""
    place = place_of(field)
    if place.kind is Kind.MESSAGE:
        fetch, message = known(place.keys), place.message
        return lambda entry: _texts(values_below(fetch(entry), message))
    if place.repeated:
        several = repeated(place)
        return lambda entry: _strings(several(entry))
    if place.kind in {Kind.MAP, Kind.STRUCT, Kind.PROTO}:
        fetch = inside(place)
    elif place.kind is Kind.STRING:
        fetch = known(place.keys)
    else:
        return lambda _: ()
    return lambda entry: _strings(fetch(entry))


def _strings(value: object) -> Iterator[str]:
    """The texts at or below a value."""
    return (leaf for leaf in leaves(value) if isinstance(leaf, str))
