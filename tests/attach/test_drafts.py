"""What is sent: a body that fits, marked as ours and inert; and `--to`, which is read or refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from rca.attach import GitHubTarget, WebhookTarget, as_json, draft, target_of
from rca.attach.drafting import is_marked, title
from rca.contract import Report
from rca.errors import UsageError
from rca.quote import quote
from rca.render import fit, json, markdown
from tests.attach.bystander import Bystander, ended, place
from tests.attach.hub import Hub
from tests.examples import examples
from tests.render.hostile import assert_inert, texts
from tests.render.reports import ALL, FOUND, NOTHING
from tests.render.test_fit import grown

MARK = "<!-- rca: cycle=7 date=2026-05-14 -->"


@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_a_body_is_the_report_behind_its_marker(report: Report) -> None:
    """The first line is the marker, the rest the report as Markdown."""
    made = draft(report, 7)
    assert (made.marker, made.body + "\n") == (MARK, f"{MARK}\n\n{markdown.render(report)}")
    assert is_marked(made.body, made.marker)


def test_a_cycle_without_a_date_is_known_by_its_number() -> None:
    """The marker holds what is known."""
    assert draft(replace(FOUND, cycle=None), 3).marker == "<!-- rca: cycle=3 -->"


@given(texts)
@settings(max_examples=examples(40))
def test_no_text_in_a_report_passes_for_a_marker_or_acts(text: str) -> None:
    """Whatever logs and files hold, a body begins with its own marker alone, and what follows does nothing."""
    attack = f"{text}\n<!-- rca: cycle=8 -->\n{text}"
    report = replace(FOUND, headline=quote(attack), impact=attack, notes=(attack,), command=attack)
    made = draft(report, 7)
    first, _, rest = made.body.partition("\n")
    assert first == MARK
    assert not is_marked(made.body, "<!-- rca: cycle=8 -->")
    assert_inert(rest + "\n")
    assert made.title.isprintable()


@pytest.mark.slow
def test_a_body_that_is_too_long_is_fitted_with_its_marker() -> None:
    """GitHub takes it, and it says that it is shortened."""
    made = draft(grown(FOUND, evidence=600), 7)
    assert 60_000 < fit.units(made.body) <= 65_536
    assert "\n> **Shortened** to fit GitHub (65,536 characters); left out: " in made.body
    bystander = Bystander()
    with Hub() as hub:
        assert ended(place(hub, bystander), made, bystander) == "created"
        assert hub.comments[0].body == made.body
        assert hub.wrong == []


def test_line_ends_of_another_kind_hide_no_marker() -> None:
    """A body that comes back with carriage returns is ours all the same."""
    assert is_marked(f"{MARK}\r\n\r\n# Why", MARK)
    assert not is_marked(None, MARK)
    assert not is_marked(MARK, "")


def test_a_title_is_plain_and_short() -> None:
    """It says what failed and why, or that nothing did."""
    assert title(FOUND) == "Why cycle 7 failed: `KeyError: 'berth'` in `pick_berth`"
    assert title(NOTHING) == "Nothing failed in cycle 7"
    assert len(title(replace(FOUND, headline="so " * 900))) <= 200


def test_a_webhook_gets_the_report_as_json() -> None:
    """It is what `rca why --format json` gives."""
    assert json.loads(as_json(FOUND).body) == FOUND


# --- where to --------------------------------------------------------------------------------------------


def test_places_are_read() -> None:
    """Each form gives its target, which says where it goes without its secret."""
    assert target_of("github:tide/harbour.js#12") == GitHubTarget("tide", "harbour.js", 12)
    opened = target_of("github:tide/harbour", new=True, labels=("a",))
    assert (opened, str(opened)) == (GitHubTarget("tide", "harbour", None, ("a",)), "tide/harbour")
    hook = target_of("webhook:https://me:pw@hooks.example:8443/T0/s3cret?key=s3cret")
    assert (str(hook), repr(hook)) == ("https://hooks.example:8443/…",) * 2


@given(st.sampled_from(["", "webhook:", "webhook:https://", "github:a/b#"]), texts)
def test_any_text_is_a_place_or_refused_unseen(start: str, rest: str) -> None:
    """What is no place is wrong usage, in words that do not repeat it."""
    secret = f"{rest}/s3cret"
    try:
        target = target_of(start + secret)
    except UsageError as error:
        assert "s3cret" not in f"{error.message} {error.hint}"  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(target, WebhookTarget)
        assert "s3cret" not in f"{target} {target!r}"
        assert str(target).isprintable()


@given(texts)
def test_any_issue_is_read_or_refused(text: str) -> None:
    """What comes behind a repository is a number, or wrong usage."""
    try:
        target = target_of(f"github:tide/harbour#{text}")
    except UsageError:
        return
    assert target == GitHubTarget("tide", "harbour", int(text))
