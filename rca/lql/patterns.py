"""Regular expressions of the language: RE2, the engine that Cloud Logging itself uses.

In: a pattern. Out: a function that says whether a text holds a match. Decides that a pattern which is nothing but
literal texts, `(?i)error|timeout`, is looked for as such where both are plain ASCII: half the time, same answer.
Source: "Logging query language", Using regular expressions: "RE2 syntax", "case sensitive and not anchored",
"string normalization isn't performed"; https://github.com/google/re2/wiki/Syntax.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

_LITERALS = re.compile(r"(?P<fold>\(\?i\))?(?P<texts>[A-Za-z0-9 _\-:;,/@#%&=<>\"'~!|]+)")
"""A pattern without operators but `|`."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")

_MOST_LITERALS = 24
"""Above this one automaton is quicker than a search for each text."""


class PatternError(ValueError):
    """RE2 refuses the pattern; the message is RE2's."""


@lru_cache(maxsize=256)
def compiled(pattern: str | bytes, *, groups: bool = False) -> Any:  # noqa: ANN401 - the module has no types
    """RE2's own object, which searches bytes; raises `PatternError`. A pattern of bytes takes them as they are.

    Without groups RE2 answers from its automaton alone; with thousands of them it would copy them at every step.
    """
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - no stubs exist; loaded only where a pattern is

    options = re2.Options()
    options.log_errors = False  # it would write to standard error
    options.never_capture = not groups
    if isinstance(pattern, bytes):
        options.encoding = re2.Options.Encoding.LATIN1  # what it searches may be no UTF-8
    try:
        return re2.compile(pattern if isinstance(pattern, bytes) else _bytes(pattern), options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        ) from None


def finder(pattern: str) -> Callable[[str], bool]:
    """Whether a text holds a match; raises `PatternError`."""
    search = compiled(pattern).search

    def found(text: str) -> bool:
        return search(_bytes(text)) is not None

    literal = _LITERALS.fullmatch(pattern)
    texts = literal["texts"].split("|") if literal else []
    if not literal or "" in texts or len(texts) > _MOST_LITERALS:
        return found
    return _literal(tuple(texts), found, folded=literal["fold"] is not None)


def _literal(texts: tuple[str, ...], found: Callable[[str], bool], *, folded: bool) -> Callable[[str], bool]:
    """A search for texts. Letters outside ASCII can fold into it (U+017F is an s): such texts are left to RE2."""
    wanted = tuple(text.lower() for text in texts) if folded else texts

    def holds(text: str) -> bool:
        if folded:
            if not text.isascii():
                return found(text)
            text = text.lower()
        for one in wanted:  # noqa: SIM110 - any() with a generator takes twice as long here
            if one in text:
                return True
        return False

    return holds


def any_of_texts(texts: Iterable[str]) -> str:
    """A pattern that matches where one of the texts stands; texts are taken as they are."""
    return "|".join(re.escape(text) for text in texts)


def groups(pattern: str) -> int:
    """How many capture groups a pattern has; raises `PatternError`."""
    return int(compiled(pattern, groups=True).groups)


def first_group(pattern: str, text: str) -> str | None:
    """What the first group of the first match holds; None without a match or where the group took no part."""
    match = compiled(pattern, groups=True).search(_bytes(text))
    taken = match.group(1) if match else None
    return None if taken is None else taken.decode("utf-8", "replace")


def _bytes(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which JSON can carry and UTF-8 cannot, becomes a replacement character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _HALF_PAIR.sub("�", text).encode()
