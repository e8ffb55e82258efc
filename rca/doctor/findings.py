"""What a check found, and how it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOT_OK = "not ok"
    UNKNOWN = "?"
    """It cannot be told without a further permission or call, or was not asked because of what was found before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check."""

    check: str
    mark: Mark
    what: str
    """A sentence: what was found."""

    remedies: tuple[str, ...] = ()
    """Commands to be copied into a shell, the first one first; where no command mends it, what to do."""


def ok(check: str, what: str) -> Finding:
    """The check was passed."""
    return Finding(check, Mark.OK, what)


def not_ok(check: str, what: str, *remedies: str) -> Finding:
    """Something is wrong, and this mends it."""
    return Finding(check, Mark.NOT_OK, what, remedies)


def unknown(check: str, what: str, *remedies: str) -> Finding:
    """It cannot be told; this would tell."""
    return Finding(check, Mark.UNKNOWN, what, remedies)


_LONGEST = 200
_MARK_WIDTH = max(len(mark) for mark in Mark)


def well(findings: Sequence[Finding]) -> bool:
    """Whether nothing was found that is not ok."""
    return all(one.mark is not Mark.NOT_OK for one in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """One line for each check, below it the commands that mend it."""
    width = max((len(one.check) for one in findings), default=0)
    return "".join(f"{_clean(line)}\n" for one in findings for line in _lines(one, width))


def _lines(finding: Finding, width: int) -> Iterator[str]:
    yield f"{finding.mark:<{_MARK_WIDTH}}  {finding.check:<{width}}  {finding.what}"
    for remedy in finding.remedies:
        yield f"{'':<{_MARK_WIDTH}}  {'':<{width}}  try: {remedy}"


def plain(text: object) -> str:
    """Text from outside on one line, short, with nothing in it that a terminal would act on."""
    line = " ".join(_clean(str(text)).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
