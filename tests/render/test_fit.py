"""The report as long as a ticket takes it: it fits, what matters stays, and what is missing is said."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings, strategies as st

from rca.contract import Moment, Report, Ruled, Why
from rca.errors import Exit, UsageError
from rca.quote import quote
from rca.render import fit, json as stored, markdown, mrkdwn
from tests import build
from tests.examples import examples

from .hostile import assert_inert, parsed, texts
from .reports import ALL, CAUSE, FOUND, UNKNOWN, at, entry

MARKDOWN = ("github", "jira")
TITLES = ("Where it breaks", "Five whys", "Service status", "Next", "Impact", "How this was found")
SAID = re.compile(r"([\d,]+) of the ([a-z']+(?: [a-z]+)*)(?=[,.])")


def grown(report: Report, evidence: int = 0, moments: int = 0, ruled: int = 0, method: int = 0) -> Report:
    """Return a report with so much more of each, none of it cited by an answer."""
    more = tuple(
        entry(number, "09:16:02.361207", f"line {number} of a long day") for number in range(5, 5 + evidence)
    )
    return replace(
        report,
        evidence=report.evidence + more,
        timeline=report.timeline
        + tuple(Moment(at("09:16:05"), "exception", f"moment {i}", ()) for i in range(moments)),
        ruled_out=report.ruled_out
        + tuple(Ruled(f"suspect {i}", "it was elsewhere", ()) for i in range(ruled)),
        method=report.method + tuple(f"Step {i} was taken." for i in range(method)),
    )


def fitted_to(report: Report, size: int) -> str:
    """Return the report as GitHub gets it, were its limit `size`."""
    return fit.render(report, "github", fit.TARGETS["github"].limit - size)


def rows_under(text: str, *titles: str) -> list[str]:
    """Return the rows of the tables under these headings, as they are parsed."""
    lines, found, title = text.split("\n"), list[str](), ""
    tokens = parsed(text)
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[i + 1].content
        if token.type == "tbody_open" and token.map and title in titles:
            found += lines[slice(*token.map)]
    return found


def sections(text: str) -> dict[str, str]:
    """Return each section of a report by its heading; what stands above the first under the empty name."""
    lines, starts = text.split("\n"), [(0, "")]
    tokens = parsed(text)
    starts += [
        (token.map[0], tokens[i + 1].content)
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map
    ]
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    return {title: "\n".join(lines[start:end]) for (start, title), end in zip(starts, ends, strict=True)}


counts = st.integers(0, 120)
large = st.builds(grown, st.sampled_from(list(ALL.values())), counts, st.integers(0, 40), counts, counts)


# --- it fits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", MARKDOWN)
@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_a_report_that_fits_is_unchanged(report: Report, target: str) -> None:
    """Where the whole fits, the whole is given, to the last character."""
    assert fit.render(report, target) == markdown.render(report)


@given(large, st.integers(3_000, 70_000))
@settings(max_examples=examples(15))
def test_a_report_is_never_longer_than_its_target(report: Report, size: int) -> None:
    """However much evidence there is, what comes out fits, does nothing, and ends in one line feed."""
    text = fitted_to(report, size)
    assert fit.units(text) <= size
    assert text.endswith("\n")
    assert "\n\n\n" not in text
    assert_inert(text)


@pytest.mark.slow
@given(texts, st.sampled_from([1, 20, 300]), st.integers(1, 30), st.sampled_from(list(fit.TARGETS)))
@settings(max_examples=examples(15))
def test_any_text_fits(text: str, times: int, items: int, target: str) -> None:
    """Hostile texts of any length, in lists of any length, fit every target and stay inert."""
    long = (text or "x") * times
    report = replace(
        FOUND,
        headline=long,
        notes=(long,) * items,
        causes=tuple(replace(CAUSE, id=f"C{i}", summary=long, message="") for i in range(items)),
        root_cause=replace(CAUSE, summary=long, message=""),
        whys=tuple(Why(long, long, "unknown", 0.0, (), f"{long}{i}") for i in range(items)),
        settle=(long,) * items,
        next_actions=(long,) * items,
        status_checks=FOUND.status_checks * items,
        impact=f"{long}\n" * items,
        redactions={f"{long}{i}": i for i in range(items)},
        command=long,
    )
    made = fit.render(report, target)
    if target == "slack":
        assert_blocks(made)
    else:
        assert fit.units(made) <= fit.TARGETS[target].limit
        assert_inert(made)


def test_a_character_outside_the_first_plane_counts_as_two() -> None:
    """Jira counts UTF-16 code units, and GitHub's own count is never more."""
    assert (fit.units("a\u00e9\u4e2d"), fit.units("\U0001f980")) == (3, 2)


def test_what_the_caller_adds_has_room() -> None:
    """`spare` characters are left free."""
    report = grown(FOUND, evidence=400)
    assert fit.units(fit.render(report, "jira", 500)) <= 32_767 - 500


def test_an_unknown_target_is_wrong_usage() -> None:
    """The error names those that there are."""
    with pytest.raises(UsageError, match="fax") as raised:
        fit.render(FOUND, "fax")
    assert "github" in raised.value.hint


# --- what matters stays ----------------------------------------------------------------------------------


@pytest.mark.slow
@given(large, st.integers(7_000, 40_000))
@settings(max_examples=examples(15))
def test_the_answer_the_whys_and_their_links_stay(report: Report, size: int) -> None:
    """Above the first heading and under "Five whys" not a word is missing, and each citation there is a link."""
    whole, text = markdown.render(report), fitted_to(report, size)
    before, after = sections(whole), sections(text)
    note = text.split("\n")[2] + "\n\n" if text != whole else ""
    assert after[""].replace(note, "", 1) == before[""]
    assert after.get("Five whys") == before.get("Five whys")
    told = after[""] + after.get("Five whys", "")
    links = {one.id for one in report.evidence if one.url}
    for cited in set(re.findall(r"\[(E\d+)\]", told)) & links:
        assert f"\n[{cited}]: https://" in text


@pytest.mark.slow
@given(large, st.integers(5_000, 40_000))
@settings(max_examples=examples(15))
def test_the_least_valuable_goes_first(report: Report, size: int) -> None:
    """While anything goes that is worth more, nothing is left of what is worth less."""
    whole, text = markdown.render(report), fitted_to(report, size)
    ruled = ("Ruled out", "Seen, and no failure")
    if len(rows_under(text, *ruled)) < len(rows_under(whole, *ruled)):
        assert rows_under(text, "Timeline") == []
    if len(rows_under(text, "Evidence")) < len(rows_under(whole, "Evidence")):
        assert len(rows_under(text, *ruled)) == 1
    if any(title in sections(whole) and title not in sections(text) for title in TITLES):
        assert rows_under(text, "Evidence") == []


def test_no_more_is_left_out_than_must_be() -> None:
    """What stays free is less than the next row would take."""
    report = grown(FOUND, evidence=300)
    widest = max(map(len, rows_under(markdown.render(report), "Evidence", "Timeline")))
    link = max(map(len, re.findall(r"^\[E\d+\]: .*$", markdown.render(report), re.MULTILINE)))
    for size in (20_011, 44_444):
        assert size - (widest + link + 20) <= fit.units(fitted_to(report, size)) <= size


# --- what is missing is said -----------------------------------------------------------------------------


@pytest.mark.slow
@given(large, st.integers(6_000, 60_000))
@settings(max_examples=examples(15))
def test_nothing_is_left_out_without_being_said(report: Report, size: int) -> None:
    """The rows that are missing are counted under the title, as many as there are, and the sections named."""
    whole, text = markdown.render(report), fitted_to(report, size)
    note = text.split("\n")[2] if text != whole else ""
    said = {what: int(count.replace(",", "")) for count, what in SAID.findall(note)}
    for what, titles in {
        "timeline's rows": ("Timeline",),
        "rows ruled out": ("Ruled out", "Seen, and no failure"),
        "evidence's rows": ("Evidence",),
    }.items():
        assert len(rows_under(whole, *titles)) - len(rows_under(text, *titles)) == said.get(what, 0)
    before, after = sections(whole), sections(text)
    lines = "How this was found"
    bullets = [line for line in before[lines].split("\n") if line and not line.endswith(":")]
    left = [line for line in after[lines].split("\n") if line and not line.endswith(":")]
    definitions = ("[E", "#")
    count = len([line for line in bullets if not line.startswith(definitions)])
    assert count - len([line for line in left if not line.startswith(definitions)]) == said.get(
        "lines on how this was found", 0
    )
    for title in set(before) - set(after) - {"Timeline", "Evidence"}:
        assert f'the section "{title}"' in note


def test_cut_texts_are_said_to_be_cut() -> None:
    """Where leaving rows out is not enough, the note says how far texts and lists were cut."""
    report = replace(
        FOUND, whys=tuple(Why(f"Why {i}?", "so " * 1_300, "answered", 0.9, ()) for i in range(40))
    )
    note = fit.render(report, "github").split("\n")[2]
    assert "texts are cut to 1,000 characters; of 40 whys" not in note
    assert "texts are cut to 1,000 characters; of 40 questions the first 25 stand here" in note


def test_the_five_whys_are_five_whatever_is_cut() -> None:
    """Even cut to the bone, each of the five questions has its answer."""
    report = replace(UNKNOWN, whys=tuple(replace(why, answer="no " * 60_000) for why in UNKNOWN.whys))
    text = fit.render(replace(report, notes=("note " * 9_000,) * 30), "jira")
    assert [f"**{i}. " in text for i in range(1, 7)] == [True] * 5 + [False]


# --- log text is not mistaken for the report's own -------------------------------------------------------


def test_a_heading_within_a_log_is_no_section() -> None:
    """What stands in a code block is neither a section nor a row that could be left out."""
    frames = tuple(
        replace(CAUSE.frames[0], file=text)
        for text in ("## Timeline", "| row | of | a | table |", "[E1]: https://x")
    )
    cause = replace(CAUSE, frames=frames, chain=("## Evidence", "| --- |"))
    report = grown(replace(FOUND, root_cause=cause, causes=(cause,)), evidence=300)
    text = fitted_to(report, 30_000)
    assert sections(text)["Where it breaks"] == sections(markdown.render(report))["Where it breaks"]


# --- on the command line ---------------------------------------------------------------------------------


def test_a_saved_report_is_fitted_by_render(rca: Callable[..., Result]) -> None:
    """`rca render --fit` gives what the target takes; it is for Markdown, and says so."""
    Path("saved.json").write_text(stored.render(grown(FOUND, evidence=400)), encoding="utf-8")
    assert fit.units(rca("render", "saved.json", "--fit", "jira").stdout) <= 32_767
    assert_blocks(rca("render", "saved.json", "--fit", "slack").stdout)
    refused = rca("render", "saved.json", "--fit", "github", "--format", "json")
    assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")


def test_a_cycle_is_explained_to_fit(rca: Callable[..., Result], tmp_path: Path) -> None:
    """`rca why --fit` gives the report that fits, with the exit code that it has anyway."""
    asked = ("why", "--cycle", 1, "--cycles-dir", build.write_incident(tmp_path))
    fitted = rca(*asked, "--fit", "github")
    assert (fitted.exit_code, fitted.stdout) == (Exit.OK, rca(*asked).stdout)


# --- Slack -----------------------------------------------------------------------------------------------


def assert_blocks(made: str) -> list[str]:
    """Assert that this is a message that Slack takes, in which nobody is mentioned; return the texts of its blocks."""
    message = json.loads(made)
    assert set(message) == {"text", "blocks"}
    assert all(
        block["type"] == "section" and block["text"]["type"] == "mrkdwn" for block in message["blocks"]
    )
    assert all(block["text"]["verbatim"] is True for block in message["blocks"])
    told = [block["text"]["text"] for block in message["blocks"]]
    assert 1 <= len(told) <= 50
    assert all(1 <= fit.units(one) <= 3_000 for one in told)
    assert sum(map(fit.units, told)) <= 12_000
    for tag in re.findall(r"<[^>]*>", "\n".join([message["text"], *told])):
        assert re.fullmatch(r"<https://console\.cloud\.google\.com/[^|<>]+\|[ETS]\d+>", tag)
    return told


@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_slack_gets_blocks_that_it_takes(report: Report) -> None:
    """A message is JSON with sections of at most 3,000 characters, 12,000 in all, its title as the notification."""
    made = fit.render(report, "slack")
    told = assert_blocks(made)
    assert told[0].startswith(json.loads(made)["text"])


def test_slack_gets_every_word_of_the_whys() -> None:
    """Question and answer stand in the message, with a link for the first citation of an entry and none after it."""
    told = "\n".join(assert_blocks(fit.render(FOUND, "slack")))
    assert (
        "*2. Why does the connection close after it was accepted and signed in?* Each session sends" in told
    )
    assert len(re.findall(r"<https://[^|]+\|E1>", told)) == 1
    assert "[E1]" in told


def test_slack_gets_a_table_as_lines_and_code_as_code() -> None:
    """A row is one line, its cells apart; a block of code is fenced in each message block that holds some of it."""
    text = (
        "# T\n\n| A | B |\n| --- | --- |\n| `x` | \u2013 |\n| 1 | 2 |\n\n```\n"
        + "a `b` <c>\n" * 400
        + "```\n"
    )
    told = [block["text"]["text"] for block in json.loads(mrkdwn.message(text))["blocks"]]
    assert told[0].startswith(
        "*T*\n\n_A \u00b7 B_\n\u2022 `x`\n\u2022 1 \u00b7 2\n\n```\na \u02cbb\u02cb &lt;c&gt;\n"
    )
    assert all(one.startswith("```\n") for one in told[1:])
    assert all(one.endswith("\n```") and one.count("```") == 2 for one in told)
    assert sum(one.count("&lt;c&gt;") for one in told) == 400


def test_slack_formats_no_foreign_word() -> None:
    """A word with a sign that Slack would format by is shown as code."""
    report = replace(FOUND, impact=None, headline="a *b* _c_ and ~d~")
    assert json.loads(fit.render(report, "slack"))["text"] == "*Why cycle 7 failed: a `*b*` `_c_` and `~d~`*"


@pytest.mark.parametrize(
    "attack", ["<!channel>", "<@U123>", "@here", "<https://evil.example|x>", "&lt;!here&gt;"]
)
def test_a_quoted_word_is_code_in_slack(attack: str) -> None:
    """Mentions, channels and tags in log text are code, and their signs are escaped."""
    title = json.loads(fit.render(replace(FOUND, headline=quote(attack)), "slack"))["text"]
    assert title.endswith(f": `{html.escape(attack, quote=False)}`*")
