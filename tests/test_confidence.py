"""How sure an answer is: rca/confidence.py."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from rca.confidence import Grounds, confidence, features, grounds_of
from rca.model import Signal
from rca.weights import ConfidenceWeights, weights

NOTHING = Grounds(
    named=False,
    told=False,
    last=False,
    typed=False,
    traced=False,
    symptom=False,
    compared=False,
    tied=3,
    share=0.0,
    surprise=0.0,
    margin=0.0,
)
CURVE = ConfidenceWeights(
    base=-1.0,
    named=1.0,
    told=0.5,
    last=0.25,
    typed=0.75,
    traced=0.5,
    symptom=2.0,
    compared=0.25,
    share=1.0,
    surprise=0.25,
    surprise_most=6.0,
    margin=0.5,
    margin_most=4.0,
    most=0.97,
    untyped_most=0.75,
    contrast_least=1.0,
)
"""Round numbers, so that sums can be checked by hand."""

GROUNDS = st.builds(
    Grounds,
    named=st.booleans(),
    told=st.booleans(),
    last=st.booleans(),
    typed=st.booleans(),
    traced=st.booleans(),
    symptom=st.booleans(),
    compared=st.booleans(),
    tied=st.integers(0, 100),
    share=st.floats(0, 1),
    surprise=st.floats(0, 400),
    margin=st.floats(-50, 50),
)


class TestCurve:
    """From grounds to a probability."""

    @pytest.mark.parametrize(
        ("grounds", "log_odds"),
        [
            (replace(NOTHING, named=True), 0.0),
            (replace(NOTHING, named=True, typed=True), 0.75),
            (replace(NOTHING, named=True, typed=True, share=0.5, margin=1.0), 1.75),
            (replace(NOTHING, named=True, symptom=True), -2.0),
            (replace(NOTHING, compared=True, surprise=4.0, last=True), 0.5),
            (replace(NOTHING, named=True, typed=True, margin=40.0), 2.75),
            (replace(NOTHING, compared=True, surprise=40.0), 0.75),
        ],
    )
    def test_the_log_odds_are_the_sum(self, grounds: Grounds, log_odds: float) -> None:
        """Each ground adds its coefficient times its value, cut at its largest."""
        assert confidence(grounds, CURVE) == round(1 / (1 + math.exp(-log_odds)), 2)

    @given(GROUNDS)
    def test_it_is_a_probability_and_never_certain(self, grounds: Grounds) -> None:
        """Whatever the grounds, it lies between 0 and the highest that is allowed."""
        assert 0 <= confidence(grounds) <= weights().confidence.most <= 0.97

    @given(GROUNDS, st.sampled_from(["named", "told", "last", "typed", "traced", "compared"]))
    def test_what_speaks_for_it_never_lowers_it(self, grounds: Grounds, name: str) -> None:
        """With one ground more, it is at least as high."""
        without = replace(grounds, **{name: False})
        assert confidence(replace(grounds, **{name: True})) >= confidence(without)

    @given(GROUNDS)
    def test_a_symptom_never_raises_it(self, grounds: Grounds) -> None:
        """A platform's word or a warning is no surer than what says more."""
        assert confidence(replace(grounds, symptom=True)) <= confidence(replace(grounds, symptom=False))

    @given(GROUNDS, st.sampled_from(["share", "surprise", "margin", "tied"]), st.integers(0, 10))
    def test_more_of_it_never_lowers_it(self, grounds: Grounds, name: str, more: int) -> None:
        """A larger share, surprise, margin or number of tied sockets is at least as sure."""
        larger = replace(grounds, **{name: getattr(grounds, name) + more})
        assert confidence(larger) >= confidence(grounds)

    def test_the_shipped_coefficients_speak_for(self) -> None:
        """None is below 0: a fit that would turn a ground round is no fit."""
        assert all(getattr(weights().confidence, name) >= 0 for name in features(NOTHING))


class TestCeilings:
    """What holds whatever the curve says."""

    SURE = replace(CURVE, base=50.0)

    def test_one_socket_by_time(self) -> None:
        """A single failing socket tied by time alone is no more than even."""
        assert confidence(replace(NOTHING, tied=1, compared=True), self.SURE) == weights().rank.single_cap

    def test_by_time_without_contrast(self) -> None:
        """Tied by time, with no socket that ended well: nothing says that it lies in bad ones only."""
        assert confidence(NOTHING, self.SURE) == weights().rank.good_cap

    def test_with_contrast_or_by_name(self) -> None:
        """Compared with good sockets, or tied by more than time, only the highest of all is left."""
        assert confidence(replace(NOTHING, compared=True, typed=True), self.SURE) == 0.97
        assert confidence(replace(NOTHING, named=True, tied=1, typed=True), self.SURE) == 0.97

    def test_a_line_that_names_no_exception(self) -> None:
        """However well it is tied, a mere line is never quite sure: it may head what it does not say."""
        most = weights().confidence.untyped_most
        assert confidence(replace(NOTHING, named=True), self.SURE) == most
        assert confidence(replace(NOTHING, compared=True), self.SURE) == most


class TestGrounds:
    """From signals to grounds."""

    def test_signals_that_count_are_read(self) -> None:
        """The margin is the score's lead over the best rival; the surprise counts powers of ten."""
        signals = (
            Signal("tie", weights().rank.tie_bonus, contributes=True, hint=""),
            Signal("time", 0.0, contributes=True, hint=""),
            Signal("last", 0.75, contributes=True, hint=""),
            Signal("coverage", 2.0, contributes=True, hint=""),
            Signal("contrast", 0.0, contributes=False, hint=""),
            Signal("form", -2.0, contributes=True, hint=""),
        )
        found = grounds_of(signals, [1.0, -3.0], typed=True, tied=(3, 4), chance=1e-4)
        assert found == Grounds(
            named=True,
            told=False,
            last=True,
            typed=True,
            traced=False,
            symptom=True,
            compared=False,
            tied=3,
            share=0.75,
            surprise=pytest.approx(4.0),  # type: ignore[arg-type] # stands for a float in comparisons
            margin=pytest.approx(weights().rank.tie_bonus - 0.25),  # type: ignore[arg-type] # as above
        )

    def test_none_of_them_is_a_rival(self) -> None:
        """Without rivals, or with ones below 0, the lead is over naming nothing."""
        signals = (Signal("coverage", 2.0, contributes=True, hint=""),)
        for rivals in ([], [-5.0]):
            assert grounds_of(signals, rivals, typed=False, tied=(1, 1), chance=1.0).margin == 2.0

    @pytest.mark.parametrize("chance", [0.0, 1e-300, 1.0, 2.0])
    def test_no_chance_breaks_it(self, chance: float) -> None:
        """Certainty and impossibility both have a finite surprise, at 0 or above."""
        signals = (Signal("time", 0.0, contributes=True, hint=""),)
        surprise = grounds_of(signals, [], typed=False, tied=(0, 0), chance=chance).surprise
        assert 0 <= surprise < math.inf


def test_what_good_sockets_met_as_well_is_not_sure_by_time_alone() -> None:
    """A fault in a quarter of the sockets that ended well is held to the cap of those without contrast."""
    apart = replace(
        NOTHING,
        last=True,
        typed=True,
        traced=True,
        compared=True,
        tied=5,
        share=1.0,
        surprise=4.0,
        margin=4.0,
        contrast=3.0,
    )
    assert confidence(apart) > weights().rank.good_cap
    assert confidence(replace(apart, contrast=0.9)) == weights().rank.good_cap
    assert confidence(replace(apart, contrast=0.9, named=True)) == confidence(replace(apart, named=True))
