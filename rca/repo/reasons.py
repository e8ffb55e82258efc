"""Whether a text of source code can have given the reason that a connection ended with.

In: patterns of text, and reasons as clients and logs tell them. Out: how far they agree. Decides what a cut is: a close
frame holds 123 bytes of reason (RFC 6455, section 5.5: 125 bytes of payload, two of which are the code).
"""

from collections.abc import Iterable, Sequence

from rca.repo.findings import Match
from rca.repo.values import Pattern

_FRAME = 123
_CHARACTER = 3
"""Bytes that a cut in mid-character costs at most."""

_SHORTEST_BEGINNING = 12
"""Letters by which the beginning of a text is known, where it is cut nobody says where."""

_FEWEST_LETTERS = 3
"""Letters and digits that fixed parts must hold; `: ` stands in every other reason."""

_BEGINNING = 16
_ORDER = (Match.EXACT, Match.PARTS, Match.COMPUTED, Match.UNASKED, Match.OTHER)


def rank(match: Match) -> int:
    """Where a match stands among the others, the best first."""
    return _ORDER.index(match)


def agreement(
    patterns: Iterable[Pattern], reasons: Sequence[str]
) -> tuple[Match, tuple[str, ...], Pattern | None]:
    """The best match of any pattern with any reason, the reasons matched that well, and the pattern that does.

    A site without a reason is asked for by the empty pattern; where no reasons are known nothing is compared.
    """
    if not reasons:
        return Match.UNASKED, (), None
    best, matched, by = Match.OTHER, [], None
    for pattern in patterns:
        for reason in reasons:
            match = _match(pattern, reason.strip())
            if rank(match) < rank(best):
                best, matched, by = match, [reason], pattern
            elif match is best and match is not Match.OTHER and reason not in matched:
                matched.append(reason)
    return best, tuple(matched), by


def hints(text: str, reasons: Sequence[str]) -> bool:
    """Whether a fixed piece of text is worth a comparison: it stands in a reason, or begins like one."""
    piece = text.strip()
    return len(piece) >= _FEWEST_LETTERS and any(
        piece in reason or piece[:_BEGINNING] == reason.lstrip()[:_BEGINNING] for reason in reasons
    )


def _match(pattern: Pattern, reason: str) -> Match:
    cut = _may_be_cut(pattern, reason)
    if None not in pattern.parts:
        text = pattern.shown.strip()
        return Match.EXACT if text == reason or (cut and text.startswith(reason)) else Match.OTHER
    letters = sum(letter.isalnum() for part in pattern.parts if part for letter in part)
    if letters < _FEWEST_LETTERS:
        return Match.COMPUTED if reason else Match.OTHER
    return Match.PARTS if _holds(pattern.parts, reason, cut=cut) else Match.OTHER


def _may_be_cut(pattern: Pattern, reason: str) -> bool:
    if len(reason.encode("utf-8", "replace")) >= _FRAME - _CHARACTER:
        return True
    if pattern.shortened is None:
        return False
    return len(reason) >= (pattern.shortened - _CHARACTER if pattern.shortened else _SHORTEST_BEGINNING)


def _holds(parts: Sequence[str | None], reason: str, *, cut: bool) -> bool:
    """Whether the fixed parts stand in the reason, in order, with any text for what is not fixed."""
    first = parts[0]
    if isinstance(first, str):
        first = first.lstrip()
        if not reason.startswith(first):
            return cut and first.startswith(reason)
    at = len(first) if isinstance(first, str) else 0
    for place, part in enumerate(parts[1:], 1):
        if part is None:
            continue
        if place == len(parts) - 1:
            end = part.rstrip()
            return (reason.endswith(end) and len(reason) - len(end) >= at) or (cut and at > 0)
        found = reason.find(part, at)
        if found < 0:
            return cut and at > 0
        at = found + len(part)
    return True
