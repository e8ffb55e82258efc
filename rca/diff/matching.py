"""Which cause of one report is which of another, and which test is which.

In: two causes, or two lists of tests. Out: whether they are one. Decides by the fingerprint first; where that
changed, by the type and the wording, if the place does not speak against it. Likeness never counts: a cause of the
same kind is not the same cause.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from enum import IntEnum

from rca.contract import ReportCause, ReportFrame, ReportTest
from rca.cycles.names import key_of
from rca.naming import says_what, short_type, template

_MASK = re.compile("\u2039([^:\u2039\u203a]{1,40}):\\d{1,9}\u203a")
"""What masking put in a secret's place; the number is the report's own."""

_AT_IMPORT = frozenset({"<module>", "<anonymous>", "Object.<anonymous>"})
"""Where a file's own top level runs: once, and with the same values each time."""


class Match(IntEnum):
    """How surely two causes are one."""

    NO = 0
    ALIKE = 1
    """The same exception and wording, under another fingerprint."""
    SAME = 2


def unmasked(text: str) -> str:
    """The text without the numbers of its masks, which differ from report to report."""
    return _MASK.sub("\u2039\\1\u203a", text)


def match(one: ReportCause, other: ReportCause) -> Match:
    """How surely two causes, of two reports, are one."""
    if key(one) == key(other):
        return Match.NO if _apart_at_import(one, other) else Match.SAME
    return (
        Match.ALIKE
        if _one_type(one, other) and _one_wording(one, other) and _one_place(one, other)
        else Match.NO
    )


def key(cause: ReportCause) -> str:
    """The fingerprint; of a report that has none, the type and the wording."""
    return unmasked(cause.fingerprint) or f"{short_type(cause.exception or '-')}: {_wording(cause)}"


def counterpart(cause: ReportCause, others: Iterable[ReportCause]) -> ReportCause | None:
    """The one of the others that is this cause, the surest first; None where none is."""
    best = max(others, key=lambda other: match(cause, other), default=None)
    return best if best is not None and match(cause, best) else None


def _wording(cause: ReportCause) -> str:
    return template(unmasked(cause.message))


def _apart_at_import(one: ReportCause, other: ReportCause) -> bool:
    """Whether both lie in a file's top level and say different things: another module is missing, in the same place."""
    frames = (one.frame, other.frame)
    at_import = all(frame is not None and frame.function in _AT_IMPORT for frame in frames)
    return at_import and unmasked(one.message) != unmasked(other.message)


def _one_type(one: ReportCause, other: ReportCause) -> bool:
    types = {short_type(cause.exception) for cause in (one, other) if cause.exception}
    return len(types) <= 1


def _one_wording(one: ReportCause, other: ReportCause) -> bool:
    """Whether the wordings are one, or one ends with the other: a line that says what an exception says."""
    first, second = sorted((_wording(one), _wording(other)), key=len)
    return says_what(first) and (first == second or second.endswith(f" {first}"))


def _one_place(one: ReportCause, other: ReportCause) -> bool:
    """Whether the file or the function is the same, or one of the two is not known."""
    if one.frame is None or other.frame is None:
        return True
    return _file(one.frame) == _file(other.frame) or (
        one.frame.function == other.frame.function and one.frame.function not in {None, *_AT_IMPORT}
    )


def _file(frame: ReportFrame) -> str:
    return re.split(r"[/\\]", frame.file)[-1]


def paired(
    first: Sequence[ReportTest], second: Sequence[ReportTest]
) -> tuple[tuple[ReportTest | None, ReportTest | None], ...]:
    """Each test of the first with itself in the second, or None; then those that only the second has.

    Two spellings of one name are one test; tests of one name are paired in their order.
    """
    left: dict[str, deque[int]] = defaultdict(deque)
    for position, test in enumerate(second):
        for name in _keys(test):
            left[name].append(position)
    taken: set[int] = set()
    pairs: list[tuple[ReportTest | None, ReportTest | None]] = []
    for test in first:
        found = next((at for name in _keys(test) if (at := _next(left[name], taken)) is not None), None)
        if found is not None:
            taken.add(found)
        pairs.append((test, None if found is None else second[found]))
    pairs += [(None, test) for position, test in enumerate(second) if position not in taken]
    return tuple(pairs)


def _next(positions: deque[int], taken: set[int]) -> int | None:
    """The first of the positions that is not taken; those before it are dropped."""
    while positions and positions[0] in taken:
        positions.popleft()
    return positions[0] if positions else None


def _keys(test: ReportTest) -> tuple[str, ...]:
    """What its spellings come to: of its name, then of its title."""
    names = (test.name, test.title or "")
    return tuple(dict.fromkeys(key_of(name) or name for name in names if name))
