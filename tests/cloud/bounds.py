"""Which stretch of time a filter asks for at the most, read from its text.

In: a filter. Out: bounds of `timestamp` that every match lies in. Decides which comparisons bind the whole filter;
one that may not (below OR or NOT, in another spelling) is left out, so the bounds are never too narrow.
"""

import re
from collections.abc import Sequence

from rca.normalize.times import nanoseconds

Bounds = tuple[int | None, int | None]
"""Nanoseconds since the epoch, both ends included; None where an end is open."""

_TOKEN = re.compile(
    r"""
      --[^\n]*                      # a comment
    | "(?:[^"\\]|\\.)*"?            # a string, perhaps without its end
    | [()]
    | [<>!=]=? | =~ | !~ | :
    | -(?![0-9])                    # NOT
    | [^\s()"<>!=:-][^\s()"<>!=:]*
    """,
    re.VERBOSE | re.DOTALL,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPERATORS = {"<", "<=", ">", ">=", "=", "!=", "=~", "!~", ":"}
_ALTERING = _OPERATORS | {"OR", "NOT", "-"}


def time_bounds_of(filter_text: str) -> Bounds:
    """The earliest and latest timestamp that the filter can match."""
    tokens = [token for token in _TOKEN.findall(filter_text) if not token.startswith("--")]
    groups: list[tuple[bool, list[Bounds]]] = [(True, [])]
    """Of each open parenthesis: whether nothing before it alters it, and the bounds found in it."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        if token == "(":  # noqa: S105 - of a filter, not a secret
            groups.append((before not in _ALTERING, []))
        elif token == ")" and len(groups) > 1:  # noqa: S105 - as above
            binds, found = groups.pop()
            if binds and tokens[at + 1 : at + 2] != ["OR"]:
                groups[-1][1].extend(found)
        elif token == "timestamp" and before not in _ALTERING and tokens[at + 3 : at + 4] != ["OR"]:  # noqa: S105
            groups[-1][1].append(_bound(tokens[at + 1 : at + 3]))
    return _narrowest(groups[0][1])


def _bound(comparison: Sequence[str]) -> Bounds:
    operator, text = (*comparison, "", "")[:2]
    text = text.strip('"')
    at = nanoseconds(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    if at is None:
        return None, None
    return {
        ">": (at + 1, None),
        ">=": (at, None),
        "=": (at, at),
        "<=": (None, at),
        "<": (None, at - 1),
    }.get(operator, (None, None))


def _narrowest(found: Sequence[Bounds]) -> Bounds:
    starts = [lo for lo, _ in found if lo is not None]
    ends = [hi for _, hi in found if hi is not None]
    return max(starts, default=None), min(ends, default=None)
