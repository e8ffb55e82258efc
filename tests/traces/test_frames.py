"""Whose file a frame lies in is told by rules that prove themselves."""

import pytest

from rca.traces import in_app
from rca.traces.frames import Rule, built, rules


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_each_rule_matches_its_samples(rule: Rule) -> None:
    """Each rule speaks of its samples, decides them, and does not speak of what it must not."""
    assert [sample for sample in rule.samples if not rule.applies(sample)] == []
    assert [sample for sample in rule.others if rule.applies(sample)] == []
    assert {in_app(sample) for sample in rule.samples} == {rule.ours}


@pytest.mark.parametrize("rule", built(), ids=lambda rule: rule.name)
def test_each_built_file_is_told_as_one(rule: Rule) -> None:
    """A rule on what a build made speaks of its samples, and not of sources."""
    assert [sample for sample in rule.samples if not rule.applies(sample)] == []
    assert [sample for sample in rule.others if rule.applies(sample)] == []


@pytest.mark.parametrize(
    "file",
    [
        "app/tills/drawer.py",
        "shop/x.py",
        "/app/app/main.py",
        "/srv/shop/a.js",
        "file:///app/src/a.mjs",
        "main.py",
    ],
)
def test_everything_else_is_ours(file: str) -> None:
    """A file that no rule speaks of is the application's, relative paths too."""
    assert in_app(file)


def test_long_paths() -> None:
    """A path of a megabyte is looked at by its end."""
    assert not in_app("a/" * 500_000 + "site-packages/x.py")
