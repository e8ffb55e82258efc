"""What a document says about a test, and how several such sayings become one `Test`.

In: `Claim`s in reading order. Out: one `Test` for each test, with unique names, and warnings where claims
contradict each other. Decides when two claims are about one test, and which of two outcomes counts.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.names import key_of, kind_of
from rca.model import Outcome, Test


class Weight(IntEnum):
    """How directly an outcome was stated."""

    EARLIER = 0
    """Of a run that the document itself calls an earlier one."""
    INHERITED = 1
    """The heading of the list states it."""
    STATED = 2
    """The line states it."""
    PRINTED = 3
    """A table's cell or a test runner's own line states it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One saying about one test."""

    name: str
    outcome: Outcome
    line: int
    weight: Weight
    file: str | None = None
    classes: tuple[str, ...] = ()
    duration_s: float | None = None
    error: str | None = None
    codes: tuple[int, ...] = ()
    """Close codes seen beside the claim, error included."""

    retried: bool = False
    """An earlier try is told of in the same line or by the runner."""

    run: str | None = None
    """Which of a document's several runs it is of; None where nothing tells them apart."""


@dataclass(frozen=True, slots=True)
class Told:
    """The tests of a document."""

    tests: tuple[Test, ...]
    """Each by the last run that tells of it, in the order of first mention, with unique names."""

    earlier: tuple[Test, ...]
    """The same tests as earlier runs of the document tell of them."""

    warnings: tuple[str, ...]


_MOST_ERROR = 2000
_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
}
_SECONDS |= {"mins": 60.0, "minute": 60.0, "minutes": 60.0}
_DURATION = re.compile(
    r"[~≈]?\s*(?P<number>\d{1,7}(?:\.\d{1,9})?)\s*(?P<unit>ms|s|secs?|seconds?|m|mins?|minutes?)\b",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"(?P<minutes>\d{1,4})\s*m(?:in)?\s*(?P<seconds>\d{1,2}(?:\.\d{1,6})?)\s*s\b", re.IGNORECASE
)
_BARE = re.compile(r"\d{1,7}(?:\.\d{1,9})?")


def duration_of(text: str, *, bare_unit: str | None = None) -> float | None:
    """Seconds of a text that opens with a duration: "0.75s", "23 ms", "1m 3s"; None where it opens otherwise.

    A number without a unit is read only where the column names its unit.
    """
    text = text.strip(" *`(")
    if (both := _MINUTES.match(text)) is not None:
        return round(int(both["minutes"]) * 60 + float(both["seconds"]), 9)
    if (one := _DURATION.match(text)) is not None:
        return round(float(one["number"]) * _SECONDS[one["unit"].lower()], 9)
    if bare_unit is not None and _BARE.fullmatch(text):
        return round(float(text) * _SECONDS[bare_unit], 9)
    return None


def tests_of(claims: Iterable[Claim], document: Document) -> Told:
    """One `Test` for each test claimed; what an earlier run said of it is kept apart."""
    warnings: list[str] = []
    folded: list[Claim] = []
    earlier: list[Claim] = []
    places: dict[str, list[int]] = {}
    for claim in claims:
        same = places.setdefault(key_of(claim.name), [])
        at = _place(folded, same, claim)
        if at is None:
            same.append(len(folded))
            folded.append(claim)
        elif _is_of_another_run(folded[at], claim):
            last, before = _last_first(folded[at], claim)
            folded[at] = replace(last, file=last.file or before.file, classes=last.classes or before.classes)
            earlier.append(before)
        else:
            folded[at] = _both(folded[at], claim, document, warnings)
    names = unique_names(tuple((claim.name, claim.file, claim.classes) for claim in folded))
    return Told(
        tuple(test_of(claim, name, document) for claim, name in zip(folded, names, strict=True)),
        tuple(test_of(claim, claim.name, document) for claim in earlier),
        tuple(warnings),
    )


def _is_of_another_run(old: Claim, new: Claim) -> bool:
    """Whether two claims on one test are of two runs, not two sayings on one."""
    if old.retried or new.retried:
        return False  # a second try within one run
    if (old.weight is Weight.EARLIER) is not (new.weight is Weight.EARLIER):
        return True
    return old.run is not None and new.run is not None and old.run != new.run


def _last_first(old: Claim, new: Claim) -> tuple[Claim, Claim]:
    """The claim of the later run, then that of the earlier one."""
    return (old, new) if new.weight is Weight.EARLIER and old.weight is not Weight.EARLIER else (new, old)


def _place(folded: list[Claim], same: list[int], claim: Claim) -> int | None:
    """Where the claim's test stands; of several it could be, the one with its outcome."""
    fits = [
        at
        for at in same
        if (not claim.file or not folded[at].file or claim.file == folded[at].file)
        and (not claim.classes or not folded[at].classes or claim.classes == folded[at].classes)
    ]
    agreeing = [at for at in fits if folded[at].outcome is claim.outcome]
    return next(iter(agreeing or fits), None)


def _both(old: Claim, new: Claim, document: Document, warnings: list[str]) -> Claim:
    """One claim that says what both say; a stronger or, of equals, the later outcome counts."""
    wins, loses = (new, old) if new.weight >= old.weight else (old, new)
    if old.outcome is not new.outcome:
        if Weight.EARLIER not in {old.weight, new.weight} and not new.retried:
            words = f"{new.name} is {old.outcome.value} in line {old.line} and {new.outcome.value} here"
            warnings.append(document.warning(new.line, f"{words}; {wins.outcome.value} counts"))
        # What was said of the losing outcome explains another ending.
        loses = replace(loses, duration_s=None, error=None, codes=())
    return Claim(
        name=wins.name if "test_" in wins.name or "test_" not in loses.name else loses.name,
        outcome=wins.outcome,
        line=wins.line if old.outcome is not new.outcome else old.line,
        weight=wins.weight,
        file=old.file or new.file,
        classes=old.classes or new.classes,
        duration_s=wins.duration_s if wins.duration_s is not None else loses.duration_s,
        error=wins.error or loses.error,
        codes=wins.codes or loses.codes,
        retried=old.retried or new.retried,
        run=old.run or new.run,
    )


def unique_names(tests: tuple[tuple[str, str | None, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """A name for each (function, file, classes): the function's alone where that tells it apart."""
    functions = Counter(name for name, _, _ in tests)
    with_file = Counter((file, name) for name, file, _ in tests)
    taken: Counter[str] = Counter()
    names = []
    for name, file, classes in tests:
        parts = [name]
        if functions[name] > 1:
            if classes and (with_file[file, name] > 1 or file is None):
                parts = [*classes, name]
            if file:
                parts = [file, *parts]
        spelled = "::".join(parts)
        taken[spelled] += 1
        names.append(spelled if taken[spelled] == 1 else f"{spelled} ({taken[spelled]})")
    return tuple(names)


def test_of(claim: Claim, name: str, document: Document) -> Test:
    """The claim as a test of the cycle."""
    error = (claim.error or "").strip()[:_MOST_ERROR] or None
    if claim.outcome not in {Outcome.FAILED, Outcome.ERROR}:
        error = None
    codes = tuple(dict.fromkeys((*claim.codes, *codes_in(error)))) if error or claim.codes else ()
    if claim.outcome in {Outcome.PASSED, Outcome.SKIPPED}:
        codes = ()
    return Test(
        name=name,
        outcome=claim.outcome,
        ref=document.ref(claim.line),
        kind=kind_of(claim.name, error, closed=bool(codes)),
        flaky=claim.retried,
        duration_s=claim.duration_s,
        error=error,
        close_code=codes[0] if codes else None,
        close_codes=codes,
    )


def last_line(text: str | None) -> str | None:
    """The last line of an error that says what went wrong: an exception's line before an assertion's values."""
    lines = [re.sub(r"^E\s+", "", line).strip() for line in (text or "").split("\n")]
    lines = [line for line in lines if line and not line.startswith(("assert ", "+ ", "- ", "? "))] or [
        line for line in lines if line
    ]
    named = [line for line in lines if _EXCEPTION.match(line)]
    return (named or lines)[-1][:_MOST_ERROR] if lines else None


_EXCEPTION = re.compile(r"(?:[A-Za-z_]\w{0,80}\.){0,8}[A-Z]\w{0,120}(?:: |$)")
