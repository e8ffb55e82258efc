"""The fits, on cases made by hand whose answer is known: tests/lab/fit.py."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rca.confidence import confidence, features
from rca.weights import weights
from tests.lab import candidates, fit
from tests.lab.alter import ALTERATIONS
from tests.lab.candidates import Candidate, Weighed
from tests.lab.score import Recorded
from tests.lab.test_baselines import LABEL, LINES, recorded
from tests.lab.test_scorecard import ROW

SUSPECT = Candidate(
    said="",
    right=False,
    possible=True,
    established=False,
    typed=True,
    weighed={"time": 0.0, "last": 0.8, "coverage": 1.0},
    tied=1,
    bad=2,
    chance=1e-3,
)


def weighed(number: int, *suspects: Candidate, server: str = "uvicorn") -> Weighed:
    """A case whose first suspect is the answer where it is established."""
    answered = any(one.established for one in suspects)
    right = answered and suspects[0].right
    name = f"scenario-{number}"
    row = replace(
        ROW, case=f"s1/{name}", right=right, answered=answered, confidence=0.5 if answered else None
    )
    return Weighed(row.case, name, server, row, suspects)


def tied(*, right: bool, told: bool) -> Candidate:
    """A suspect that tells the close's reason, or does not."""
    more = {"reason": 1.5} if told else {}
    return replace(SUSPECT, right=right, established=True, weighed={**SUSPECT.weighed, "tie": 1.5, **more})


class TestRanking:
    """The conditional logit."""

    CASES = tuple(
        weighed(
            n,
            replace(SUSPECT, weighed={"last": 0.8, "coverage": 2.0 + n / 10}),
            replace(SUSPECT, right=True, weighed={"reason": 1.5, "coverage": 1.0 + n / 10}),
        )
        for n in range(20)
    )

    def test_choices_are_the_possible_suspects_and_none(self) -> None:
        """A refused suspect is no choice; where no choice is right, none is; constants are keys of their own."""
        refused = replace(SUSPECT, right=True, possible=False)
        given = fit.choices([*self.CASES, weighed(99, refused)])
        assert given.keys == ("coverage", "last 0.8", "reason 1.5")
        assert given.there.sum() == 40
        assert given.wanted()[-1].tolist() == [False, False, True]

    def test_what_decides_rightly_gains(self) -> None:
        """Today's weights choose wrongly throughout; fitted on the same kind of cases they choose rightly."""
        given = fit.choices(self.CASES)
        fitted = dict(zip(given.keys, fit.fit_ranking(given, 0.1), strict=True))
        assert fit.hits(given, np.ones(3)) == 0
        assert fit.hits(given, np.asarray(list(fitted.values()))) == 20
        assert fitted["reason 1.5"] > 1 > fitted["last 0.8"] >= 0

    def test_the_penalty_holds_to_todays(self) -> None:
        """Under a heavy penalty nothing moves."""
        given = fit.choices(self.CASES)
        assert fit.fit_ranking(given, 1e6) == pytest.approx(np.ones(3), abs=1e-3)


class TestCurve:
    """The confidence."""

    CASES = tuple(
        weighed(n, tied(right=n % 3 > 0 if n % 2 else n % 20 > 0, told=n % 2 == 0), server=f"v{n % 3}")
        for n in range(60)
    )

    @pytest.mark.slow
    def test_it_learns_who_is_right(self) -> None:
        """Answers that tell the reason are right more often: it says so, at their very shares."""
        leads = [found for one in self.CASES if (found := fit.lead(one)) is not None]
        curve = fit.fit_curve(leads, 0.01)
        sure, unsure = (confidence(leads[n].grounds, curve) for n in (0, 1))
        share = [sum(one.right for one in leads[n::2]) / 30 for n in (0, 1)]
        assert share == pytest.approx([0.9, 2 / 3])
        assert (sure, unsure) == pytest.approx((0.9, 2 / 3), abs=0.03)
        assert all(getattr(curve, name) >= 0 for name in features(leads[0].grounds))

    @pytest.mark.slow
    def test_held_out_answers_are_those_given(self) -> None:
        """Each answer has a confidence by a curve without its fold; what was unknown has none."""
        silent = weighed(70, SUSPECT)
        rows = fit.held_out([*self.CASES, silent], fit.by_server, 0.1)
        assert sorted(row.case for row in rows) == sorted(one.case for one in self.CASES)
        assert all(0 < (row.confidence or 0) <= weights().confidence.most for row in rows)

    def test_an_unknown_leads_with_its_best(self) -> None:
        """What was held back is learnt from: the best possible suspect, right or not; a refused one never."""
        best = replace(SUSPECT, weighed={"coverage": 3.0})
        found = fit.lead(weighed(1, SUSPECT, best))
        assert found is not None
        assert found.grounds.margin == pytest.approx(3.0 - 1.8)
        assert fit.lead(weighed(1, replace(SUSPECT, possible=False))) is None


def test_seeds_of_a_scenario_share_a_fold() -> None:
    """What one seed tells is never judged by a fit on another."""
    first = weighed(1, SUSPECT)
    cases = [first, replace(first, case="s2/scenario-1"), weighed(2, SUSPECT)]
    folds = fit.by_scenario(cases)
    assert folds[0] == folds[1] != folds[2]


def test_what_was_weighed_is_kept(tmp_path: Path) -> None:
    """A case is examined once: the second time it is read back, and is the same."""
    (tmp_path / "cases").mkdir()
    case = _with_cycle(recorded(tmp_path / "cases", LINES, {**LABEL, "failing_tests": ["test_stow"]}))
    (case.folder / "label.json").write_text("{}", encoding="utf-8")
    first = candidates.weighed([case], ALTERATIONS[:1], tmp_path / "kept", 1)
    kept = list((tmp_path / "kept").iterdir())
    again = candidates.weighed([case], ALTERATIONS[:1], tmp_path / "kept", 1)
    assert len(kept) == len(first) == 1
    assert first == again
    assert kept == list((tmp_path / "kept").iterdir())


@pytest.mark.slow
def test_the_report_can_be_put_into_the_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its lines of coefficients are the TOML of the table that they are for."""
    monkeypatch.setattr(fit, "weighed", lambda *_: list(TestCurve.CASES))
    told = fit.report([], tmp_path, altered=False)
    lines = [line.strip() for line in told.splitlines() if line.startswith("    ")]
    table = tomllib.loads("\n".join(lines))
    assert {"base", "named", "margin"} <= table.keys()
    assert all(hasattr(weights().confidence, name) for name in table)


def _with_cycle(case: Recorded) -> Recorded:
    """The case with the file of its cycle."""
    (case.folder / "junit.xml").write_text(
        '<testsuites><testsuite name="e2e" tests="1" failures="1" timestamp="2026-03-04T05:06:10+00:00" time="5">'
        '<testcase classname="t" name="test_stow" time="5"><failure message="m">x</failure></testcase>'
        "</testsuite></testsuites>",
        encoding="utf-8",
    )
    return Recorded(case.folder, {**case.label, "also_categories": [], "frame": None, "evidence": []})
