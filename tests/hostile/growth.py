"""Whether the time that an expression takes grows faster than the text it is asked of.

In: an expression. Out: the attacks that hurt it. Decides by the ratio of two times and not by a time: four times the
text takes a linear expression four times as long on any machine. What looks slow is measured again and again, small
and large by turns, and the least times count: a busy machine only ever makes a time longer.
"""

import time
from collections.abc import Iterator
from itertools import islice

from tests.hostile.attacks import Attack, attacks
from tests.hostile.expressions import SCANNING, Expression

SHORT = {12: 0.001, 20: 0.001, 200: 0.02}
"""Characters of texts, and seconds that they take of an expression that is exponential, or nearly, and of no other."""

TRIED, SMALL, LARGE = 2_000, 4_000, 16_000
"""Characters of a text that shows what may be quadratic, and of two that tell: longer than a bounded piece."""

SUSPECT_S = 0.001
"""For the text that is tried: a linear expression takes a tenth of it."""

STEADY = 2.6
"""Of the time, for twice the text: no more can only be linear."""

GROWTH = 10.0
"""Of the time, for four times the text: linear is 4, quadratic 16."""

WORST_S = 0.3
"""For either text: what takes longer is too slow, whatever it grows like."""

ROUNDS = 3
"""All of which have to say so."""


def slow(expression: Expression, most: int | None) -> Iterator[tuple[str, Attack]]:
    """The attacks, of the first so many, that an expression takes more than linear time for, and how it was asked."""
    scanning = sorted(expression.methods & SCANNING)
    anchored = sorted(expression.methods - SCANNING)
    # Those that scan go on after a match or stop at the first; one of each sort tells of the others.
    methods = [*(["search"] if "search" in scanning else scanning[:1]), *anchored[:1]]
    for attack in islice(attacks(expression.pattern), most):
        for method in methods:
            if _explodes(expression, method, attack) or _grows(expression, method, attack):
                yield method, attack


def _explodes(expression: Expression, method: str, attack: Attack) -> bool:
    """Whether a text of a few characters takes long each time."""
    return any(
        all(_took(expression, method, attack.text(length)) > most for _ in range(ROUNDS))
        for length, most in SHORT.items()
    )


def _grows(expression: Expression, method: str, attack: Attack) -> bool:
    """Whether a large text takes more than its share of a small one's time, in every round."""
    tried, small, large = attack.text(TRIED), attack.text(SMALL), attack.text(LARGE)
    first = _took(expression, method, tried)
    if first > SUSPECT_S:
        first = min(first, _took(expression, method, tried))
    if first <= SUSPECT_S or _took(expression, method, small) <= STEADY * first:
        return False
    least = most = float("inf")
    for _ in range(ROUNDS):
        least = min(least, _took(expression, method, small))
        if least <= WORST_S:  # else it is slow already, and would take minutes for more
            most = min(most, _took(expression, method, large))
        if least <= SUSPECT_S or (most <= GROWTH * least and most <= WORST_S):
            return False
    return True


def _took(expression: Expression, method: str, text: str) -> float:
    """Seconds of CPU."""
    pattern = expression.pattern
    told: str | bytes = text if isinstance(pattern.pattern, str) else text.encode()
    began = time.process_time()
    if method in {"sub", "subn"}:
        pattern.sub("" if isinstance(told, str) else b"", told)  # type: ignore[arg-type] # both are of one kind
    elif method == "finditer":
        for _found in pattern.finditer(told):  # type: ignore[arg-type] # as above
            pass
    else:
        getattr(pattern, method)(told)
    return time.process_time() - began
