"""What decides, fitted on labelled recordings: the ranking's weights, and the curve that says how sure an answer is.

Both are fitted by penalized likelihood, and judged on scenarios, and on servers, that the fit has not seen. Nothing is
written: what comes out is a report for a person, who puts into rca/weights.toml what is convincing.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from rca.confidence import Grounds, confidence, features, grounds_of
from rca.model import Signal
from rca.weights import ConfidenceWeights, weights
from tests.lab import measures
from tests.lab.alter import ALTERATIONS
from tests.lab.candidates import Candidate, Weighed, weighed
from tests.lab.score import Row, cases_in
from tests.lab.scorecard import AS_RECORDED, is_surely_wrong

Floats = npt.NDArray[np.float64]

_FOLDS = 10
_ALTERED = 4
"""Every so many-th case is altered in each way: as many cases again and some more, in minutes rather than hours."""

_CONSTANT = 4
"""A signal with no more different weights has constants of weights.toml for them, fitted one by one."""

_RANK_PENALTIES = (1.0, 3.0, 10.0, 30.0)
_CURVE_PENALTIES = (0.1, 0.3, 1.0, 3.0)


def report(folders: Sequence[Path], cache: Path, *, altered: bool) -> str:
    """Today's weights and the fitted ones, and how each does on what it was not fitted on."""
    cases, processes = cases_in(*folders), os.cpu_count() or 1
    found = weighed(cases, ALTERATIONS[:1], cache, processes)
    if altered:
        found += weighed(cases[::_ALTERED], ALTERATIONS[1:], cache, processes)
    if not found:
        return "no labelled case that a report could be made of\n"
    plain = [one for one in found if one.row.alteration == AS_RECORDED]
    return f"{_ranking_told(plain)}\n{_curve_told(found)}"


# --- folds -----------------------------------------------------------------------------------------------


def by_scenario(cases: Sequence[Weighed]) -> list[int]:
    """Each case's fold of ten; all seeds and alterations of a scenario are in one."""
    place = {name: i for i, name in enumerate(sorted({one.scenario for one in cases}))}
    return [place[one.scenario] % _FOLDS for one in cases]


def by_server(cases: Sequence[Weighed]) -> list[int]:
    """Each case's fold: one a server."""
    place = {name: i for i, name in enumerate(sorted({one.server for one in cases}))}
    return [place[one.server] for one in cases]


# --- the ranking -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choices:
    """The suspects of each case that could be its cause; the choice of none of them has score 0."""

    keys: tuple[str, ...]
    weighed: Floats
    """Case, suspect, key -> today's weight; 0 where the signal did not count."""

    there: npt.NDArray[np.bool_]
    """Case, suspect -> whether there is one: cases are filled up to equal length."""

    right: npt.NDArray[np.bool_]

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Choices":
        """Those of some cases."""
        return replace(self, weighed=self.weighed[chosen], there=self.there[chosen], right=self.right[chosen])

    def scores(self, factors: Floats) -> Floats:
        """Case, choice -> score; the last choice is none."""
        scores = np.where(self.there, self.weighed @ factors, -np.inf)
        return np.concatenate([scores, np.zeros((len(scores), 1))], axis=1)

    def wanted(self) -> npt.NDArray[np.bool_]:
        """Case, choice -> whether it is right; none is, where no suspect is."""
        return np.concatenate([self.right, ~self.right.any(axis=1, keepdims=True)], axis=1)


def choices(cases: Sequence[Weighed]) -> Choices:
    """What the ranking had to choose from."""
    possible = [[one for one in case.candidates if one.possible] for case in cases]
    several = {
        name for name, values in _values(possible).items() if len({round(v, 3) for v in values}) > _CONSTANT
    }

    def key(name: str, weight: float) -> str:
        return name if name in several else f"{name} {weight:g}"

    rows = [[{key(*held): held[1] for held in one.weighed.items()} for one in case] for case in possible]
    keys = tuple(sorted({name for case in rows for one in case for name, value in one.items() if value}))
    most = max((len(case) for case in rows), default=0)
    table = np.zeros((len(cases), most, len(keys)))
    there = np.zeros((len(cases), most), dtype=bool)
    right = np.zeros_like(there)
    for i, case in enumerate(rows):
        for j, one in enumerate(case):
            there[i, j], right[i, j] = True, possible[i][j].right
            table[i, j] = [one.get(name, 0.0) for name in keys]
    return Choices(keys, table, there, right)


def _values(possible: Iterable[Sequence[Candidate]]) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for case in possible:
        for one in case:
            for name, weight in one.weighed.items():
                found[name].append(weight)
    return found


def fit_ranking(given: Choices, penalty: float) -> Floats:
    """The factor of each weight: a conditional logit, held to 1 (today's) by the penalty, and never below 0."""
    wanted = given.wanted()

    def loss(factors: Floats) -> tuple[float, Floats]:
        scores = given.scores(factors)
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        of_all = likely / likely.sum(axis=1, keepdims=True)
        meant = np.where(wanted, likely, 0.0)
        of_right = meant / np.maximum(meant.sum(axis=1, keepdims=True), 1e-300)
        missed = -np.log(np.maximum((of_all * wanted).sum(axis=1), 1e-300)).sum()
        slope = np.einsum("cs,csk->k", (of_all - of_right)[:, :-1], given.weighed)
        return missed + penalty * ((factors - 1) ** 2).sum(), slope + 2 * penalty * (factors - 1)

    start = np.ones(len(given.keys))
    bounds = [(0.0, None)] * len(start)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def hits(given: Choices, factors: Floats) -> int:
    """Cases in which the best choice is right."""
    best = given.scores(factors).argmax(axis=1)
    return int(given.wanted()[np.arange(len(best)), best].sum())


def _held_out_hits(given: Choices, folds: Sequence[int], penalty: float) -> int:
    total, of = 0, np.asarray(folds)
    for fold in sorted(set(folds)):
        total += hits(given.some(of == fold), fit_ranking(given.some(of != fold), penalty))
    return total


def _ranking_told(cases: Sequence[Weighed]) -> str:
    given = choices(cases)
    times = (given.weighed != 0).sum(axis=(0, 1))
    tried = {penalty: _held_out_hits(given, by_scenario(cases), penalty) for penalty in _RANK_PENALTIES}
    best = max(tried, key=lambda penalty: (tried[penalty], penalty))
    factors = fit_ranking(given, best)
    today = np.ones(len(given.keys))
    elsewhere = _held_out_hits(given, by_server(cases), best)
    lines = [
        "# Ranking",
        "",
        f"Right choice among the suspects and none, of {len(cases)} cases, by",
        "",
        f"- today's weights: {hits(given, today)}",
        f"- weights fitted on other scenarios: {tried[best]} (penalty {best:g})",
        f"- weights fitted on other servers: {elsewhere}",
        "",
        "| signal and today's weight | suspects | factor |",
        "| --- | ---: | ---: |",
    ]
    lines += [
        f"| {key} | {n} | {factor:.2f} |" for key, n, factor in zip(given.keys, times, factors, strict=True)
    ]
    return "\n".join(lines) + "\n"


# --- the confidence --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lead:
    """A case's answer; where that is unknown, the suspect that would have been named first."""

    grounds: Grounds
    right: bool
    row: Row


def lead(case: Weighed) -> Lead | None:
    """The case's lead, if anything could have been named.

    Answers alone teach little: nearly all are right. What was rightly held back shows what thin grounds look like.
    """
    possible = sorted((one for one in case.candidates if one.possible), key=lambda one: -one.score)
    best = case.candidates[0] if case.row.answered and case.candidates else next(iter(possible), None)
    if best is None:
        return None
    rivals = [one.score for one in possible if one is not best and not one.established]
    signals = [Signal(name, weight, contributes=True, hint="") for name, weight in best.weighed.items()]
    rests_on = grounds_of(signals, rivals, typed=best.typed, tied=(best.tied, best.bad), chance=best.chance)
    return Lead(rests_on, case.row.right if case.row.answered else best.right, case.row)


def fit_curve(told: Sequence[Lead], penalty: float) -> ConfidenceWeights:
    """The curve's coefficients by logistic regression: each but the base at 0 or above, and held down by the penalty.

    A coefficient is penalized by what it does at its ground's largest value, so that units do not matter. Each
    alteration counts as much as all cases as recorded: the world's logs lack more than the lab's.
    """
    w = weights().confidence
    names = list(features(told[0].grounds))
    largest = np.asarray(
        [{"surprise": w.surprise_most, "margin": w.margin_most}.get(name, 1.0) for name in names]
    )
    x = np.asarray([list(features(one.grounds).values()) for one in told]) / largest
    x = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    y = np.asarray([one.right for one in told], dtype=float)
    sizes = Counter(one.row.alteration for one in told)
    counts = np.asarray([len(told) / len(sizes) / sizes[one.row.alteration] for one in told])

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        z = x @ coefficients
        held = np.concatenate([[0.0], coefficients[1:]])
        missed = (counts * (np.logaddexp(0.0, z) - y * z)).sum() + penalty * (held**2).sum()
        return missed, x.T @ (counts * (1 / (1 + np.exp(-z)) - y)) + 2 * penalty * held

    bounds = [(None, None)] + [(0.0, None)] * len(names)
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    fitted = dict(zip(names, found[1:] / largest, strict=True))
    return replace(w, base=round(float(found[0]), 3), **{k: round(float(v), 3) for k, v in fitted.items()})


def held_out(
    cases: Sequence[Weighed], split: Callable[[Sequence[Weighed]], list[int]], penalty: float
) -> list[Row]:
    """The answers' rows, each with the confidence of a curve that was fitted without its fold."""
    based = [(one, found) for one in cases if (found := lead(one)) is not None]
    folds = split([one for one, _ in based])
    placed = [(found, of) for (_, found), of in zip(based, folds, strict=True)]
    rows: list[Row] = []
    for fold in sorted(set(folds)):
        curve = fit_curve([found for found, of in placed if of != fold], penalty)
        rows += [
            replace(found.row, confidence=confidence(found.grounds, curve))
            for found, of in placed
            if of == fold and found.row.answered
        ]
    return rows


def _curve_told(cases: Sequence[Weighed]) -> str:
    tried = {penalty: _brier(held_out(cases, by_scenario, penalty)) for penalty in _CURVE_PENALTIES}
    best = min(tried, key=lambda penalty: (round(tried[penalty], 4), -penalty))
    leads = [found for one in cases if (found := lead(one)) is not None]
    curve = fit_curve(leads, best)
    lines = [
        "# Confidence",
        "",
        f"Fitted on {len(leads)} leads, {sum(one.right for one in leads)} of them right (penalty {best:g}).",
        "For rca/weights.toml:",
        "",
        *(f"    {name} = {getattr(curve, name):.3f}" for name in ("base", *features(leads[0].grounds))),
        "",
        "| held out | answers | wrong | wrong at 0.8 or above | Brier | base rate's | AURC |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, split in (("scenarios", by_scenario), ("servers", by_server)):
        rows = held_out(cases, split, best)
        for held in dict.fromkeys(row.alteration for row in rows):
            some = [row for row in rows if row.alteration == held]
            of = sum(one.row.alteration == held for one in cases)
            lines.append(f"| {name}, {held} | {_figures(some, of)} |")
    return "\n".join(lines) + "\n"


def _brier(rows: Sequence[Row]) -> float:
    """The mean of the alterations' Brier scores."""
    told: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        told[row.alteration].append(row)
    return sum(measures.brier(measures.answers(held)) for held in told.values()) / max(1, len(told))


def _figures(rows: Sequence[Row], cases: int) -> str:
    told = measures.answers(rows)
    wrong = sum(not right for _, right in told)
    points = measures.risk_coverage(told, cases)
    return (
        f"{len(told)} | {wrong} | {sum(map(is_surely_wrong, rows))} | {measures.brier(told):.4f}"
        f" | {measures.brier_of_base_rate(told):.4f} | {measures.area(points):.4f}"
    )
