"""The report as JSON: the contract's keys, and back to an equal report."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rca.contract import (
    Evidence,
    Report,
    ReportCause,
    ReportClose,
    ReportCycle,
    ReportFrame,
    ReportPull,
    ReportQuery,
    ReportTest,
    StatusCheck,
    Why,
)
from rca.errors import RcaError, UsageError
from rca.model import Signal, Window
from rca.render import FORMATS, plot, renderer
from rca.render.json import dumps, loads
from tests.examples import examples

from .reports import ALL, FOUND

_KEYS: dict[str, tuple[type, str]] = {
    "report": (
        Report,
        """schema verdict cycle tests failing_tests windows pull clock_offset_s closes root_cause causes alternatives
        unexplained whys status_checks evidence timeline next_actions impact redactions""",
    ),
    "cycle": (ReportCycle, "number date environment target revision sources"),
    "test": (ReportTest, "id name kind outcome flaky started_at duration_s error close_code"),
    "window": (Window, "start end why"),
    "pull": (ReportPull, "complete source entries unreadable queries warnings"),
    "query": (ReportQuery, "lql start end calls"),
    "close": (
        ReportClose,
        "code reason timestamp insert_id trace instance connection initiator lifetime_s tests cause",
    ),
    "cause": (
        ReportCause,
        "id category exception message summary confidence calibrated frame known_cause signals tests evidence why_not",
    ),
    "frame": (ReportFrame, "file line function"),
    "signal": (Signal, "name weight contributes hint"),
    "why": (Why, "question answer status confidence evidence next_query"),
    "check": (StatusCheck, "name status evidence"),
    "evidence": (
        Evidence,
        "id kind insert_id file line timestamp log severity service revision instance trace text url",
    ),
}

times = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
words = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.floats(-1e6, 1e6)
st.register_type_strategy(datetime, times)
st.register_type_strategy(str, words)
st.register_type_strategy(float, numbers)


@pytest.mark.parametrize("report", ALL.values(), ids=ALL)
def test_a_report_survives_the_way_there_and_back(report: Report) -> None:
    """Loading what was dumped gives an equal report."""
    assert loads(dumps(report)) == report


@pytest.mark.slow
@given(st.builds(Report, schema=st.just("rca.report/1")))
# A whole report is a large example: on a busy machine making one takes longer than hypothesis likes.
@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_report_survives_the_way_there_and_back(report: Report) -> None:
    """The same for reports nobody would write by hand."""
    assert loads(dumps(report)) == report


@pytest.mark.parametrize(("of", "keys"), _KEYS.values(), ids=_KEYS)
def test_the_keys_are_the_contract_s(of: type, keys: str) -> None:
    """Every key of the contract is there; keys may be added, never renamed."""
    assert dataclasses.is_dataclass(of)
    assert set(keys.split()) <= {field.name for field in dataclasses.fields(of)}


def test_the_schema_stands_first() -> None:
    """A reader learns at the first line what the file is."""
    assert dumps(FOUND).startswith('{\n  "schema": "rca.report/1",\n  "verdict": "cause_found",')


def test_times_are_rfc_3339_in_utc() -> None:
    """Times end in Z, days stand alone, durations are seconds."""
    plain = json.loads(dumps(FOUND))
    assert plain["evidence"][0]["timestamp"] == "2026-05-14T09:16:02.361207Z"
    assert plain["windows"][0]["start"] == "2026-05-14T09:15:00Z"
    assert plain["cycle"]["date"] == "2026-05-14"
    assert plain["closes"][0]["lifetime_s"] == 0.067
    assert plain["root_cause"]["frame"]["line"] == 31


def test_a_key_of_a_later_version_is_passed_over() -> None:
    """Additions do not break a reader."""
    plain = json.loads(dumps(FOUND)) | {"weather": "foggy"}
    assert loads(json.dumps(plain)) == FOUND


def test_what_cannot_be_seen_is_escaped() -> None:
    """A terminal that shows the JSON is not deceived, and whoever reads it as JSON reads the same."""
    report = dataclasses.replace(FOUND, headline="\u202eevil \x9b31m \U000e0041 \x7f caf\u00e9 \u2026")
    text = dumps(report)
    assert "caf\u00e9 \u2026" in text
    assert not {"\u202e", "\x9b", "\x7f", "\U000e0041"} & set(text)
    assert loads(text) == report


def test_a_broken_character_does_not_stop_the_report() -> None:
    """A lone surrogate, which a log can hold, becomes the replacement character."""
    broken = dataclasses.replace(FOUND, headline="half \ud83d a smile")
    assert loads(dumps(broken)).headline == "half \ufffd a smile"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a report"),
        ("# Why cycle 1 failed", "not a report"),
        ("[]", "not a report"),
        ('{"verdict": "unknown"}', "not a report"),
        ('{"schema": 7}', "not a report"),
        ("[" * 100_000, "not a report"),
        ("\ud800", "not a report"),
        ('{"schema": "rca.report/9"}', 'schema "rca.report/9"'),
        ('{"schema": "rca.report/1"}', "verdict"),
    ],
    ids=["empty", "markdown", "array", "no schema", "number", "deep", "surrogate", "later schema", "half"],
)
def test_what_is_no_report_is_refused_with_a_reason(text: str, message: str) -> None:
    """A file that is not a report gives an error that a user can act on."""
    with pytest.raises(RcaError, match=message) as refused:
        loads(text)
    assert refused.value.hint


def test_a_report_with_a_wrong_value_names_its_place() -> None:
    """The error says which key holds what it should not."""
    plain: dict[str, Any] = json.loads(dumps(FOUND))
    plain["tests"][1]["outcome"] = "exploded"
    with pytest.raises(RcaError, match=r"\$\.tests\[1\]\.outcome"):
        loads(json.dumps(plain))


def test_a_moment_without_its_zone_is_refused() -> None:
    """Nothing tells which zone was meant, and the others would not compare with it."""
    plain: dict[str, Any] = json.loads(dumps(FOUND))
    plain["windows"][0]["start"] = plain["windows"][0]["start"].removesuffix("Z")
    with pytest.raises(RcaError, match=r"\$\.windows\[0\]\.start"):
        loads(json.dumps(plain))


def test_each_format_has_a_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every format listed can be rendered; another is a usage error that lists them."""
    monkeypatch.setattr(
        plot, "installed", lambda: False
    )  # drawing takes seconds; tests/render/test_html_plot.py draws
    for fmt in FORMATS:
        assert renderer(fmt).render(FOUND).endswith("\n")
    with pytest.raises(UsageError) as refused:
        renderer("docx")
    assert "md, json" in refused.value.hint
