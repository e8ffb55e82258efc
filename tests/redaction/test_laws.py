"""What holds of masking whatever is masked: laws on drawn texts and reports."""

import dataclasses
import html
import json
import urllib.parse
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from rca.contract import Report
from rca.quote import quote
from rca.redact import Masks, mask, redact, redact_raws
from rca.redact.masks import MASK
from rca.render import renderer
from tests import build
from tests.examples import examples
from tests.redaction import innocents, planted, secret_makers as makers, ways
from tests.redaction.planted import Planted, survives
from tests.render.reports import FOUND

CASES = planted.corpus()
LINES = innocents.corpus()
WITH_OWN_FORM = {**makers.ALONE, **makers.SPACED, "private key": makers.pem}

cases = st.sampled_from(CASES)
lines = st.sampled_from(LINES)
dice = st.integers(0, 2**32).map(Random)


def holding(told: list[Planted]) -> Report:
    """A report in which every kind of text holds a secret."""
    texts = [case.text for case in told]
    return dataclasses.replace(
        FOUND,
        headline=quote(texts[0]),
        notes=tuple(texts),
        impact=texts[-1],
        tests=tuple(
            dataclasses.replace(test, error=text) for test, text in zip(FOUND.tests, texts, strict=False)
        ),
        evidence=tuple(
            dataclasses.replace(
                FOUND.evidence[i % len(FOUND.evidence)], id=f"E{i + 1}", text=f"{text}\nand on"
            )
            for i, text in enumerate(texts)
        ),
        timeline=tuple(dataclasses.replace(FOUND.timeline[0], text=quote(text)) for text in texts),
        whys=tuple(dataclasses.replace(FOUND.whys[0], answer=f"It said {quote(text)}.") for text in texts),
        redactions={},
    )


@pytest.mark.slow
@given(told=st.lists(cases, min_size=1, max_size=8))
@settings(max_examples=examples(8))
def test_no_secret_survives_in_a_rendered_report(told: list[Planted]) -> None:
    """Neither whole nor in part, neither as it is nor escaped, in no format."""
    report = redact(holding(told))
    rendered = {form: renderer(form).render(report) for form in ("md", "json", "html")}
    rendered["HTML, read"] = html.unescape(rendered["html"])
    rendered["JSON, read"] = str(json.loads(rendered["json"]))
    left = [
        (form, case.kind, case.way)
        for form, text in rendered.items()
        for case in told
        if case.survives_in(text)
    ]
    assert left == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, len(CASES), 200))
def test_every_planted_secret_is_gone_from_a_report(start: int) -> None:
    """The whole corpus, some hundred secrets a report."""
    told = list(CASES[start : start + 200])
    rendered = renderer("json").render(redact(holding(told)))
    assert [(case.kind, case.way) for case in told if case.survives_in(rendered)] == []


@given(
    told=st.lists(cases.map(lambda case: case.text) | lines, max_size=6),
    glue=st.sampled_from([" ", "\n", "", ", ", "\\n"]),
)
def test_masking_twice_changes_nothing(told: list[str], glue: str) -> None:
    """What is masked stays as it is, also where secrets and look-alikes touch."""
    once = mask(glue.join(told))
    assert mask(once) == once


@given(case=cases)
def test_no_mask_stands_within_another(case: Planted) -> None:
    """What is left beside the masks holds no part of one."""
    assert not {"\u2039", "\u203a"} & set(MASK.sub("", mask(case.text)))


@given(told=st.lists(cases, min_size=1, max_size=6))
def test_redacting_a_report_twice_changes_nothing(told: list[Planted]) -> None:
    """A masked report that is read back and masked again stays as it is, its counts included."""
    once = redact(holding(told))
    assert redact(once) == once


@pytest.mark.parametrize("limit", range(140, 180, 4))
def test_a_quoted_drawing_is_masked_once(limit: int) -> None:
    """Whatever of its branches the quotation lost; what a mask says it stands for is no name in a line of code."""
    below = "              \u2502            "
    values = f"{below}\u2502     \u2514 'dDK0mV~8W7tl'\n{below}\u2514 'berths'\n"
    drawing = f"    session = open_session(host, userPassword)\n{values}"
    said = quote(json.dumps({"text": f"  File '/app/relay.py', line 31, in send\n{drawing}"}), limit)
    report = dataclasses.replace(FOUND, headline=said, notes=(drawing,), redactions={})
    once = redact(report)
    assert "dDK0" not in str(once)
    assert redact(once) == once


@pytest.mark.parametrize("way", [way for way in ways.NAMED if way.startswith("diagnosed in JSON")])
def test_what_stands_beside_a_secret_in_a_quoted_drawing_stays(way: str) -> None:
    """A quotation keeps the columns of a drawing within one line: the value next to the secret is shown everywhere."""
    said = ways.NAMED[way]("userPassword", "dDK0mV~8W7tl").replace("berths", "db-7.harbor")
    report = dataclasses.replace(
        FOUND, headline=quote(said, 400), notes=("db-7.harbor is down",), redactions={}
    )
    once = redact(report)
    assert "dDK0" not in once.headline
    assert "db-7.harbor" in once.headline
    assert (once.notes, once.redactions) == (("db-7.harbor is down",), {"password": 1})


@given(random=dice, kind=st.sampled_from(sorted(WITH_OWN_FORM)), data=st.data())
def test_the_same_secret_has_the_same_mask_however_it_is_written(
    random: Random, kind: str, data: st.DataObject
) -> None:
    """Two texts that hold one secret in two ways show one mask, so that they can be seen to belong together."""
    secret = WITH_OWN_FORM[kind](random)
    known = (
        ways.ALONE
        if kind != "private key"
        else {name: ways.KEPT_IN_LINES[name] for name in ("plain", "JSON", "dict")}
    )
    first, second = (known[data.draw(st.sampled_from(sorted(known)))](secret) for _ in range(2))
    masks = Masks()
    shown = [mask(first, masks), mask(second, masks)]
    assert len(masks.counts) == 1
    ((of, count),) = masks.counts.items()
    assert count == 1
    assert all(f"\u2039{of}:1\u203a" in text for text in shown)


@given(case=cases, deep=st.integers(1, 4))
def test_a_secret_is_masked_however_often_it_was_escaped(case: Planted, deep: int) -> None:
    """An address goes into an address that goes into another, and each escapes what it takes in."""
    text = case.text
    for _ in range(deep):
        text = urllib.parse.quote(text, safe="")
    assert not case.survives_in(mask(text))


@given(random=dice, name=st.sampled_from(ways.NAMES), data=st.data())
def test_the_same_named_secret_has_the_same_mask(random: Random, name: str, data: st.DataObject) -> None:
    """Whether in JSON, in an address or in code: one password, one mask."""
    secret = makers.password(random)
    drawn = [data.draw(st.sampled_from(sorted(ways.NAMED))) for _ in range(2)]
    first, second = (ways.NAMED[way](name, secret) for way in drawn)
    masks = Masks()
    shown = [mask(first, masks), mask(second, masks)]
    # Where a drawing's spaces were folded nothing tells which value is whose: its neighbor is masked as well.
    assert sum(masks.counts.values()) == (2 if "diagnosed in a cell" in drawn else 1)
    assert any(all(f"\u2039{kind}:1\u203a" in text for text in shown) for kind in masks.counts)


@given(random=dice, kinds=st.lists(st.sampled_from(sorted(WITH_OWN_FORM)), min_size=2, max_size=6))
def test_different_secrets_have_different_masks(random: Random, kinds: list[str]) -> None:
    """No two secrets are shown as one."""
    secrets = {WITH_OWN_FORM[kind](random) for kind in kinds}
    masks = Masks()
    shown = {mask(f"got {secret} then", masks) for secret in secrets}
    assert len(shown) == len(secrets) == sum(masks.counts.values())


@given(random=dice, spelled=st.sampled_from(["plain", "JSON", "query"]))
def test_a_secret_named_in_one_text_is_masked_in_every_other(random: Random, spelled: str) -> None:
    """Alone and in other spellings it has no form of its own, but one text gave it away."""
    secret = makers.password(random)
    way = {**ways.ALONE, **ways.IN_AN_ADDRESS}[spelled]
    report = dataclasses.replace(
        FOUND,
        notes=(way(secret),),
        evidence=(dataclasses.replace(FOUND.evidence[0], text=f"DB_PASSWORD='{secret}'"),),
        redactions={},
    )
    assert not survives(secret, str(redact(report)))


@given(random=dice, at=st.integers(1, 30))
def test_a_secret_across_two_parts_of_one_entry_is_masked(random: Random, at: int) -> None:
    """Cloud Logging cuts a long entry where it likes; neither part shows what it holds of a secret."""
    secret = random.choice([makers.jwt, makers.password, makers.KEYS["github"], makers.card])(random)
    text = f"login with password='{secret}' failed"
    place = text.index(secret) + 1 + at % (len(secret) - 1)
    split = {"uid": "a", "totalSplits": 2}
    raws = [
        build.logged(text[:place]) | {"split": split | {"index": 0}},
        build.logged("in between"),
        build.logged(text[place:]) | {"split": split | {"index": 1}},
    ]
    told = [str(raw["textPayload"]) for raw in redact_raws(raws)]
    assert told[0].startswith("login with password='\u2039")
    assert told[1] == "in between"
    assert told[2].endswith("\u203a' failed")
    assert not survives(secret, "".join(told))


@given(random=dice, between=st.integers(0, 8))
def test_a_key_that_is_printed_line_by_line_is_masked(random: Random, between: int) -> None:
    """On standard error each line is an entry: those of the key are masked by one mask, one in between stays."""
    key = makers.pem(random).split("\n")
    printed = [*key[: between % len(key)], "GET /healthz 200", *key[between % len(key) :]]
    raws = [build.logged(line) for line in ("cannot sign:", *printed, "worker left")]
    told = [str(raw["textPayload"]) for raw in redact_raws(raws)]
    kept = [text for text in told if "\u2039" not in text]
    assert kept == ["cannot sign:", "GET /healthz 200", "worker left"]
    assert set(told) - set(kept) == {"\u2039private_key:1\u203a"}


@given(
    ids=st.lists(st.sampled_from(["user_id", "customerNo", "tenant"]), min_size=1, unique=True),
    number=st.integers(1, 10**9),
)
def test_ids_that_the_settings_name_are_masked(ids: list[str], number: int) -> None:
    """Values beside those names are masked, words and numbers alike; others stay."""
    raws = [build.logged({ids[0]: number, "message": f"{ids[-1]}=u{number}x left", "berth": number})]
    (told,) = redact_raws(raws, Masks(ids=ids))
    payload = told["jsonPayload"]
    assert payload[ids[0]] == "\u2039id:1\u203a"
    assert f"u{number}x" not in payload["message"]
    assert payload["berth"] == number
    assert redact_raws(raws)[0]["jsonPayload"] == raws[0]["jsonPayload"]
