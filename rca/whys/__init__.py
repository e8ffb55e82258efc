"""The five whys: each asked of the case, answered from its entries, or said to be unknown.

In: a `Case` and the casebook that numbers citations. Out: five `Why`s, from the symptom down. No sentence states
more than the entries show; where they show nothing, the answer says what was looked at, and which query would tell.
The words of log entries stand between the marks of `rca.quote`.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from rca.answers import close_of
from rca.case import Case
from rca.casebook import Casebook
from rca.contract import Why
from rca.quote import quote
from rca.whys import course, manner, others, reach, symptom

_Answer = Callable[[Case, Casebook], Why]

_ASKED: tuple[tuple[re.Pattern[str], _Answer], ...] = (
    (re.compile(r"(?i)\bfail"), symptom.answer),
    (re.compile(r"(?i)\bafter\b|authenticat|sign"), course.answer),
    (re.compile(r"(?i)\bcode\b|1011|specifically"), manner.answer),
    (re.compile(r"(?i)\bhttp\b|\bwork"), others.answer),
    (re.compile(r"(?i)\ball\b|\bevery\b|\bnow\b|affect"), reach.answer),
)
"""How the report's own question is known to ask what ours asks, and who answers it."""


def ask(case: Case, book: Casebook) -> tuple[Why, ...]:
    """The five questions in order, in the report's own words where it asks the same, each with its answer."""
    own, ours = _own_questions(case), _our_questions(case)
    return tuple(
        replace(answer(case, book), question=own.get(i, ours[i])) for i, (_, answer) in enumerate(_ASKED)
    )


def _our_questions(case: Case) -> tuple[str, ...]:
    """The five in our words, as this case makes one ask them."""
    refused = [socket for socket in case.scene.bad if not socket.accepted and socket.status]
    codes = {close.code for socket in case.scene.bad if (close := close_of(case, socket)) and close.code}
    if codes:
        manner_of = f"Why with close code {' and '.join(str(code) for code in sorted(codes))}?"
    elif refused:
        manner_of = f"Why with HTTP {refused[0].status}?"
    else:
        manner_of = "Why in this way?"
    let_in = any(socket.accepted for socket in case.scene.bad) or not refused
    return (
        "Why do the tests fail?" if case.cycle else "What failed?",
        "Why does the connection end after it was accepted?" if let_in else "Why is nobody let in?",
        manner_of,
        "Why do other paths work?" if case.scene.good else "What works beside it?",
        "Why does it hit these operations, and why now?",
    )


def _own_questions(case: Case) -> dict[int, str]:
    """The report's own whys, quoted, where they come as five and each asks what ours asks."""
    own = [text for text in (case.cycle.questions if case.cycle else ()) if re.match(r"(?i)\W*why\b", text)]
    if len(own) != len(_ASKED):
        return {}
    return {
        i: quote(text)
        for i, (text, (asks, _)) in enumerate(zip(own, _ASKED, strict=True))
        if asks.search(text)
    }
