"""The five whys: each asked of the case, answered from its entries, or said to be unknown.

In: a `Case` and the casebook that numbers citations. Out: five `Why`s, from the symptom down. No sentence states
more than the entries show; where they show nothing, the answer says what was looked at, and which query would tell.
The words of log entries stand between the marks of `rca.quote`.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from rca.case import Case
from rca.casebook import Casebook
from rca.contract import Why
from rca.quote import quote
from rca.whys import course, manner, others, reach, symptom

_Answer = Callable[[Case, Casebook], Why]

_ASKED: tuple[tuple[str, re.Pattern[str], _Answer], ...] = (
    ("Why do the tests fail?", re.compile(r"(?i)\bfail"), symptom.answer),
    (
        "Why does the connection end after it was accepted?",
        re.compile(r"(?i)\bafter\b|authenticat|sign"),
        course.answer,
    ),
    ("Why in this way?", re.compile(r"(?i)\bcode\b|1011|specifically"), manner.answer),
    ("Why do other paths work?", re.compile(r"(?i)\bhttp\b|\bwork"), others.answer),
    (
        "Why does it hit these operations, and why now?",
        re.compile(r"(?i)\ball\b|\bevery\b|\bnow\b|affect"),
        reach.answer,
    ),
)
"""The question in our words, how the report's own question is known to ask the same, and who answers it."""


def ask(case: Case, book: Casebook) -> tuple[Why, ...]:
    """The five questions in order, in the report's own words where it asks the same, each with its answer."""
    own = _own_questions(case)
    return tuple(
        replace(answer(case, book), question=own.get(i, question))
        for i, (question, _, answer) in enumerate(_ASKED)
    )


def _own_questions(case: Case) -> dict[int, str]:
    """The report's own whys, quoted, where they come as five and each asks what ours asks."""
    own = [text for text in (case.cycle.questions if case.cycle else ()) if re.match(r"(?i)\W*why\b", text)]
    if len(own) != len(_ASKED):
        return {}
    return {
        i: quote(text)
        for i, (text, (_, asks, _)) in enumerate(zip(own, _ASKED, strict=True))
        if asks.search(text)
    }
