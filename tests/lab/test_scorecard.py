"""The lab's arithmetic and its card, on rows made by hand."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from tests.lab import measures
from tests.lab.picture import svg
from tests.lab.score import Row
from tests.lab.scorecard import blames_decoy, is_surely_wrong, scorecard

ROW = Row(
    case="s1/one",
    server="uvicorn",
    alteration="as recorded",
    category="application_error",
    right=True,
    in_three=True,
    frame=True,
    category_right=True,
    grounded=True,
    unknown_wanted=False,
    answered=True,
    herring=None,
    decoys=False,
    confidence=0.9,
    said="application_error: KeyError",
)
SILENT = replace(ROW, case="s1/two", right=False, answered=False, in_three=False, confidence=None)
WRONG = replace(ROW, case="s1/three", right=False, confidence=0.8, herring="x", decoys=True, grounded=False)
SOUND = replace(ROW, case="s1/four", category="unknown", unknown_wanted=True, answered=False, confidence=None)
TOLD = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


class TestMeasures:
    """Rates, intervals, calibration, risk."""

    def test_wilson_is_the_textbooks(self) -> None:
        """8 of 10 lie between 0.490 and 0.943."""
        assert measures.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)

    def test_a_rate_counts_what_applies(self) -> None:
        """A row to which the question does not apply is left out; the share lies within its interval."""
        found = measures.rate([ROW, SILENT, SOUND], lambda row: None if row.unknown_wanted else row.right)
        assert (found.hits, found.of, found.value) == (1, 2, 0.5)
        assert found.low <= 0.5 <= found.high

    def test_seeds_are_not_independent(self) -> None:
        """Three seeds of one scenario are no surer than one: the interval is that of a single case."""
        seeds = [replace(ROW, case=f"s{n}/one") for n in range(3)]
        assert measures.rate(seeds, lambda row: row.right).low == measures.wilson(1, 1)[0]

    @pytest.mark.slow
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=1, max_size=9))
    def test_intervals_are_the_same_each_time(self, groups: list[tuple[int, int]]) -> None:
        """Resampling is seeded: the same groups give the same interval, within the groups' own shares."""
        low, high = measures.interval(groups)
        assert measures.interval(groups) == (low, high)
        shares = [part / whole for part, whole in groups]
        assert min(shares) - 1e-9 <= low <= high <= max(shares) + 1e-9

    def test_brier_by_hand(self) -> None:
        """0.9 and right, 0.8 and wrong: (0.01 + 0.64) / 2; always saying one half: 0.25."""
        told = [(0.9, True), (0.8, False)]
        assert measures.brier(told) == pytest.approx(0.325)
        assert measures.brier_of_base_rate(told) == 0.25

    def test_risk_by_hand(self) -> None:
        """Answers of one confidence are taken together; the area is the mean risk over what is covered."""
        told = [(0.9, True), (0.9, True), (0.5, False), (0.5, True)]
        points = measures.risk_coverage(told, 8)
        assert points == [(0.25, 0.0), (0.5, 0.25)]
        assert measures.area(points) == pytest.approx(0.125)
        assert measures.coverage_at(points, 0.0) == 0.25
        assert measures.coverage_at(points, 0.25) == 0.5
        assert measures.coverage_at([], 0.0) == 0.0

    @given(TOLD)
    def test_every_answer_is_in_one_bin(self, told: list[tuple[float, bool]]) -> None:
        """Bins hold each answer once, and the share right lies within its interval."""
        bins = measures.reliability(told)
        assert sum(one.count for one in bins) == len(told)
        assert all(one.low - 1e-9 <= one.right <= one.high + 1e-9 for one in bins)


class TestCard:
    """Rows become a card."""

    def test_figures_stand_on_it(self) -> None:
        """One right, one silent, one wrong and sure, one rightly unknown."""
        card = scorecard([ROW, SILENT, WRONG, SOUND])
        assert "4 cases of 4 scenarios on 1 servers, 1 without a cause to be found." in card
        assert "| right cause first (AC@1) | 0.333 |" in card
        assert "| unknown where unknown is right | 1.000 |" in card
        assert "| unknown where there is a cause | 0.333 |" in card
        assert "| decoy blamed, of cases with decoys | 1.000 |" in card
        assert "| wrong with confidence >= 0.8, of answers given | 0.500 |" in card
        assert "- s1/three, 0.8: application_error: KeyError" in card

    def test_alterations_and_baselines_have_tables(self) -> None:
        """What an alteration loses is measured against as recorded; a rule stands beside our own answer."""
        lost = replace(SILENT, case="s1/one", alteration="no traceback")
        rule = replace(WRONG, alteration="last ERROR before the failure")
        card = scorecard([ROW, replace(WRONG, case="s1/other"), lost], [rule])
        assert "| no traceback | 0.000 | 0.000 to 0.793 | 1 | +1.000 | 0 | 0 | 0 of 0 |" in card
        assert "| rca | 0.500 |" in card
        assert "| last ERROR before the failure | 0.000 |" in card

    def test_no_rows_are_no_crash(self) -> None:
        """A card of nothing has no figures."""
        assert "0 cases of 0 scenarios" in scorecard([])

    def test_an_answer_where_nothing_failed_blames(self) -> None:
        """Any answer where unknown is right is a false blame, and wrong."""
        blamed = replace(SOUND, answered=True, right=False, confidence=0.85)
        assert blames_decoy(blamed)
        assert is_surely_wrong(blamed)
        assert not is_surely_wrong(replace(blamed, confidence=0.79))


class TestPicture:
    """Answers become a picture."""

    @given(TOLD)
    def test_it_is_well_formed_and_the_same_each_time(self, told: list[tuple[float, bool]]) -> None:
        """Whatever was answered, the picture is XML, and its bytes depend on nothing else."""
        drawn = svg(told, max(1, len(told)))
        assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - our own
        assert drawn == svg(told, max(1, len(told)))
