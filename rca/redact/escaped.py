"""Secrets in what was escaped for an address, such as a line of log in a request's URL: `said=token%3Dq7Zk29xPwLm4`.

In: a text. Out: the same with those words masked that hold a secret once their escapes are undone. The rest of such a
word keeps its escapes.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from rca.redact.masks import MASK

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_HIDES = re.compile(r"%(?!2[Ff])[0-9A-Fa-f]{2}")
"""Any escape but that of a slash, as log names have: the shapes know a slash that is escaped."""

_WORD = re.compile(r"""[^\s"'<>]+""")
_MASKS = re.compile(f"({MASK.pattern})")


def masked(text: str, mask: Callable[[str], str]) -> str:
    """Return `text` with `mask` made to the escaped words in it, as they read without their escapes."""
    if not _HIDES.search(text):
        return text
    return _WORD.sub(lambda word: _masked(word[0], mask), text)


def _masked(word: str, mask: Callable[[str], str]) -> str:
    if not _HIDES.search(word):
        return word
    plain = unquote(word)
    told = mask(plain)
    if told == plain:
        return word
    kept = frozenset(_ESCAPE.sub("", word))
    return "".join(
        part if MASK.fullmatch(part) else "".join(_escaped(one, kept) for one in part)
        for part in _MASKS.split(told)
    )


def _escaped(character: str, kept: frozenset[str]) -> str:
    """A character as the word had it: as it is where the word holds it so."""
    if character in kept or character.isalnum():
        return character
    return quote(character, safe="", errors="surrogatepass")
