"""Every threshold stands in weights.toml, with its reason: rca/weights.py."""

import dataclasses
import re
import tomllib
from importlib import resources

import msgspec
import pytest

from rca import weights
from rca.weights import Weights

TEXT = resources.files("rca").joinpath("weights.toml").read_text(encoding="utf-8")


def test_every_key_of_the_file_is_known_and_every_known_key_is_in_the_file() -> None:
    """weights.toml and the dataclasses of rca.weights name the same values."""
    known = {
        section.name: {one.name for one in dataclasses.fields(getattr(weights.weights(), section.name))}
        for section in dataclasses.fields(Weights)
    }
    assert {name: set(keys) for name, keys in tomllib.loads(TEXT).items()} == known


def test_every_value_gives_its_reason() -> None:
    """Each line of weights.toml that sets a value says in a comment what it means."""
    lines = [line for line in TEXT.splitlines() if re.match(r"\w+ *=", line)]
    assert lines
    assert [line for line in lines if not re.search(r"# \S.{10,}", line)] == []


def test_the_values_are_what_the_file_says() -> None:
    """Loading changes nothing."""
    assert msgspec.to_builtins(weights.weights()) == tomllib.loads(TEXT)


def test_a_missing_or_mistyped_value_is_an_error() -> None:
    """A value that is not there, or is a word, does not become a default."""
    for broken in (TEXT.replace("chance = 0.01", ""), TEXT.replace("chance = 0.01", 'chance = "low"')):
        assert broken != TEXT
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(tomllib.loads(broken), Weights, strict=True)


def test_lengths_of_time_are_positive_and_probabilities_are_probabilities() -> None:
    """No span is negative; chance and caps lie between 0 and 1."""
    loaded = weights.weights()
    for section in dataclasses.asdict(loaded).values():
        assert all(value > 0 for key, value in section.items() if key.endswith(("_s", "_h")))
    assert 0 < loaded.rank.chance < 0.5
    assert 0 < loaded.rank.good_cap <= 1
    assert 0 < loaded.rank.single_cap <= 1
    assert loaded.tie.flush_s <= loaded.tie.near_s <= loaded.tie.tail_s <= loaded.tie.late_s
