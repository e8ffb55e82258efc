"""What rows of answers come to: rates with their uncertainty, calibration, risk against coverage. Pure arithmetic.

The seeds of one scenario tell one story in other words, so they are not independent: intervals come from resampling
scenarios, not cases.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.lab.score import Row

_RESAMPLES = 1000
_Z = 1.959964
"""The standard normal distribution's 97.5th percentile: two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval; `low` and `high` are the share itself where there is nothing to count."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence."""

    count: int
    confidence: float
    right: float
    low: float
    high: float


def family_of(row: Row) -> str:
    """The scenario: a case's name without the seed's folder."""
    return row.case.rpartition("/")[2]


def wilson(hits: float, of: float) -> tuple[float, float]:
    """The 95 % score interval of a share of independent cases."""
    if of <= 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def rate(rows: Iterable[Row], hit: Callable[[Row], bool | None]) -> Rate:
    """The share of rows that hit, of those to which the question applies (not None).

    Where all hit, or none, no resample differs: then as many independent cases are counted as there are scenarios.
    """
    groups: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        if (found := hit(row)) is not None:
            groups[family_of(row)].append(found)
    of = sum(len(group) for group in groups.values())
    hits = sum(sum(group) for group in groups.values())
    if hits in (0, of):
        return Rate(hits, of, *wilson(len(groups) if hits else 0, len(groups)))
    low, high = interval([(sum(group), len(group)) for group in groups.values()])
    return Rate(hits, of, low, high)


def interval(groups: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The 95 % interval of a ratio of sums, by resampling the groups; the same groups always give the same."""
    if not groups:
        return 0.0, 1.0
    dice = random.Random(0)  # noqa: S311 - no secret: the figures must come out the same
    found = []
    for _ in range(_RESAMPLES):
        drawn = dice.choices(groups, k=len(groups))
        found.append(sum(part for part, _ in drawn) / (sum(whole for _, whole in drawn) or 1.0))
    found.sort()
    return found[int(0.025 * _RESAMPLES)], found[int(0.975 * _RESAMPLES) - 1]


def answers(rows: Iterable[Row]) -> list[tuple[float, bool]]:
    """Confidence of each answer given, and whether it is right."""
    return [(row.confidence, row.right) for row in rows if row.answered and row.confidence is not None]


def brier(told: Sequence[tuple[float, bool]]) -> float:
    """Mean squared distance of the confidences from what came true; 0 is best."""
    return sum((confidence - right) ** 2 for confidence, right in told) / len(told) if told else 0.0


def brier_of_base_rate(told: Sequence[tuple[float, bool]]) -> float:
    """The same for whoever always says the share that comes true."""
    share = sum(right for _, right in told) / len(told) if told else 0.0
    return share * (1 - share)


def risk_coverage(told: Sequence[tuple[float, bool]], cases: int) -> list[tuple[float, float]]:
    """(share of the cases answered, share of those answers wrong), the surest first.

    Answers of one confidence cannot be told apart: they are taken together.
    """
    points: list[tuple[float, float]] = []
    given = wrong = 0
    for level in sorted({confidence for confidence, _ in told}, reverse=True):
        same = [right for confidence, right in told if confidence == level]
        given += len(same)
        wrong += len(same) - sum(same)
        points.append((given / cases, wrong / given))
    return points


def area(points: Sequence[tuple[float, float]]) -> float:
    """Mean risk over the coverage reached (AURC); 0 is best."""
    total, before = 0.0, 0.0
    for coverage, risk in points:
        total += risk * (coverage - before)
        before = coverage
    return total / before if before else 0.0


def coverage_at(points: Sequence[tuple[float, float]], risk: float) -> float:
    """The largest share of cases answered at no more than this risk."""
    return max((coverage for coverage, found in points if found <= risk), default=0.0)


def reliability(told: Sequence[tuple[float, bool]], width: float = 0.1) -> list[Bin]:
    """Answers by confidence, in bins of one width; empty ones are left out."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in told:
        bins[min(int(confidence / width + 1e-9), int(1 / width) - 1)].append((confidence, right))
    return [_bin(held) for _, held in sorted(bins.items())]


def _bin(held: Sequence[tuple[float, bool]]) -> Bin:
    hits = sum(right for _, right in held)
    mean = sum(confidence for confidence, _ in held) / len(held)
    return Bin(len(held), mean, hits / len(held), *wilson(hits, len(held)))
