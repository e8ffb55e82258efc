"""How sure an answer is: one curve over the grounds it rests on, fitted on labelled incidents.

In: the grounds of an accepted suspect. Out: the probability that it is the cause. A ground can but raise it (a mere
symptom: but lower it), by as much as weights.toml says; nothing makes it certain. Where no exception is named, or
nothing but time ties the suspect and there is little to compare with, a ceiling holds, whatever the curve says.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rca.model import Signal
from rca.weights import ConfidenceWeights, weights

_LEAST_CHANCE = 1e-12
"""A smaller probability is taken for this one: the logarithm stays finite."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for an accepted suspect."""

    named: bool
    """Tied by a trace, an id, its instance's end or the state of the revision; else by time only."""

    told: bool
    """It tells the very reason that the connections were closed with."""

    last: bool
    """No other fault came between it and the end."""

    typed: bool
    """An exception is named; a line that names none may only head what it does not say."""

    traced: bool
    """Logged with a stack trace."""

    symptom: bool
    """Only the platform's word that an instance ended or was missing, or a mere warning."""

    compared: bool
    """There were sockets that ended well to compare with."""

    tied: int
    """Failing sockets it is tied to."""

    share: float
    """Of the failing sockets that were to be explained, those it is tied to."""

    surprise: float
    """-log10 of the probability that its ties by time are background; 0 where it is not tied by time."""

    margin: float
    """By which its score leads that of the next suspect that could be the cause, or of none at all (log-odds)."""

    contrast: float = math.inf
    """How clearly it is absent from sockets that ended well (log-odds); without any, nothing speaks against it here."""


def grounds_of(
    signals: Sequence[Signal], rivals: Iterable[float], *, typed: bool, tied: tuple[int, int], chance: float
) -> Grounds:
    """The grounds of a suspect with these signals, against the scores of the others that could be the cause.

    `tied`: to how many failing sockets, of how many that were to be explained; `chance`: the probability that its ties
    by time are background; `typed`: whether it names an exception.
    """
    k, n = tied
    counted = {signal.name: signal.weight for signal in signals if signal.contributes}
    form = counted.get("form", 0.0)
    return Grounds(
        named=counted.get("tie", 0.0) > weights().rank.broken_bonus,
        told="reason" in counted,
        last="last" in counted,
        typed=typed,
        traced=form > 0,
        symptom=form < 0,
        compared="contrast" in counted,
        tied=k,
        share=k / n if n else 0.0,
        surprise=-math.log10(max(_LEAST_CHANCE, min(1.0, chance))) if "time" in counted else 0.0,
        margin=sum(counted.values()) - max([0.0, *rivals]),
        contrast=counted.get("contrast", math.inf),
    )


def features(grounds: Grounds) -> dict[str, float]:
    """What each coefficient of the curve is multiplied by; more always speaks for the suspect."""
    w = weights().confidence
    return {
        "named": float(grounds.named),
        "told": float(grounds.told),
        "last": float(grounds.last),
        "typed": float(grounds.typed),
        "traced": float(grounds.traced),
        "symptom": -float(grounds.symptom),
        "compared": float(grounds.compared),
        "share": _within(grounds.share, 1.0),
        "surprise": _within(grounds.surprise, w.surprise_most),
        "margin": _within(grounds.margin, w.margin_most),
    }


def confidence(grounds: Grounds, curve: ConfidenceWeights | None = None) -> float:
    """The probability, to two digits, that a suspect with these grounds is the cause; by the shipped curve."""
    w = curve or weights().confidence
    log_odds = w.base + sum(getattr(w, name) * value for name, value in features(grounds).items())
    return round(min(1 / (1 + math.exp(-log_odds)), _ceiling(grounds)), 2)


def _within(value: float, most: float) -> float:
    return max(0.0, min(value, most))


def _ceiling(grounds: Grounds) -> float:
    w = weights()
    by_what = w.confidence.most if grounds.typed else w.confidence.untyped_most
    if grounds.named:
        return by_what
    if grounds.tied <= 1:
        return min(by_what, w.rank.single_cap)
    apart = grounds.compared and grounds.contrast >= w.confidence.contrast_least
    return by_what if apart else min(by_what, w.rank.good_cap)
