"""From options to a question and a source of logs: rca/asking.py and rca/logs.py."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import pytest

from rca import asking
from rca.contract import Report, Verdict
from rca.errors import CycleError, SourceError, UsageError
from rca.logs import Places
from rca.settings import Settings
from tests import build
from tests.cloud.hurried import hurried


def ask(settings: Settings | None = None, stdin: bytes = b"", **options: Any) -> Report:  # noqa: ANN401 - the fields of Asked
    """The report on these options; all others are not given."""
    named = {field.name for field in dataclasses.fields(Places)}
    places = Places(**{name: value for name, value in options.items() if name in named})
    rest = {name: value for name, value in options.items() if name not in named}
    asked = asking.Asked(**rest, places=places)
    return asking.report_on(asked, settings or Settings(), io.BytesIO(stdin), hurried()).report


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return build.write_incident(tmp_path)


@pytest.fixture(name="export")
def _export(tmp_path: Path) -> str:
    return str(build.write_logs(tmp_path / "export.json", build.incident_logs()))


# --- what is asked ---------------------------------------------------------------------------------------


def test_a_cycle_is_explained_from_the_logs_beside_it(folder: Path) -> None:
    """The cause is found, for the failing tests, with the entries that show it."""
    report = ask(cycle=1, cycles_dir=str(folder))
    assert report.verdict is Verdict.CAUSE_FOUND
    assert report.failing_tests == ("Order Bread", "Bake Bread")
    assert report.root_cause is not None
    assert build.CAUSE in report.root_cause.message
    cited = {one.id: one.insert_id for one in report.evidence}
    assert {cited[one] for one in report.root_cause.evidence} == {"id0006", "id0008"}


def test_logs_alone_are_explained_by_what_they_show(export: str) -> None:
    """Without a cycle there are no tests; nothing but what failed in the file is looked at."""
    report = ask(logs=(export,))
    assert report.cycle is None
    assert report.tests == ()


def test_a_moment_is_looked_around(export: str) -> None:
    """--at reads five minutes either way; a time without a zone is UTC."""
    (window,) = ask(logs=(export,), at="2026-03-04T05:00:00").windows
    assert (window.start, window.end) == (build.after(-300), build.after(300))


def test_a_moment_in_another_zone_is_understood(export: str) -> None:
    """A stated offset counts."""
    (window,) = ask(logs=(export,), at="2026-03-04T06:00:00+01:00").windows
    assert window.start == build.after(-300)


def test_a_span_is_read_whole(export: str) -> None:
    """--since and --until bound what is read."""
    report = ask(logs=(export,), since="2026-03-04T05:00:02Z", until="2026-03-04T05:00:05Z")
    (window,) = report.windows
    assert (window.start, window.end) == (build.after(2), build.after(5))


@pytest.mark.parametrize("option", ["since", "until"])
def test_a_span_may_be_open_at_one_end(export: str, option: str) -> None:
    """One of the two is enough: the rest of the file lies on its side."""
    bound: dict[str, Any] = {option: "2026-03-04T05:00:03Z"}
    assert ask(logs=(export,), **bound).pull.entries > 0


def test_only_the_services_that_are_named_are_looked_at(export: str) -> None:
    """--service leaves the entries of others away."""
    assert ask(logs=(export,), service=("ovens",)).pull.entries == len(build.incident_logs())
    assert ask(logs=(export,), service=("mill",)).pull.entries == 0


def test_the_report_names_the_command_without_the_machine_s_paths(folder: Path) -> None:
    """What was asked can be asked again; where the files lay is nobody's business."""
    report = ask(cycle=1, cycles_dir=str(folder))
    assert report.command == "rca why --cycle 1"
    assert str(folder) not in repr(report)


# --- what cannot be asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "nothing is asked"),
        ({"at": "noonish"}, "is no time"),
        ({"at": "2026-03-04T05:00Z", "since": "2026-03-04T05:00Z"}, "exclude each other"),
        ({"since": "2026-03-04T06:00Z", "until": "2026-03-04T05:00Z"}, "not after"),
        ({"since": "2026-03-04T05:00Z", "until": "2026-03-04T05:00Z"}, "not after"),
        ({"at": "2026-03-04T05:00Z", "tz": "Europe/Zurch"}, "no time zone"),
        ({"at": "2026-03-04T05:00Z", "tz": "../../etc/passwd"}, "no time zone"),
        ({"at": "05:00"}, "names no date"),
        ({"since": "5 pm"}, "names no date"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "is no time"),
        ({"at": "1969-07-20T20:17Z"}, "out of range"),
        ({"until": "2999-01-01"}, "out of range"),
        ({"at": "9" * 400}, "is no time"),
        ({"at": "2026-03-04 05:00 XYZT"}, "is no time"),
        ({"at": "2026-03-04 05:00 CST"}, "is no time"),
        ({"cycle": 1, "on": "4 March"}, "is no date"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    options: dict[str, Any], message: str, folder: Path
) -> None:
    """Each says what is wrong and how to write it."""
    options = {"cycles_dir": str(folder), **options}
    with pytest.raises(UsageError, match=message) as caught:
        ask(**options)
    assert caught.value.hint


def test_a_cycle_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    """The message lists which cycles were found."""
    with pytest.raises(CycleError) as caught:
        ask(cycle=7, cycles_dir=str(folder))
    said = f"{caught.value.message} {caught.value.hint}"
    assert "7" in said
    assert "1" in said


# --- where logs come from --------------------------------------------------------------------------------


def test_named_logs_win_over_the_settings_and_those_over_the_logs_beside_the_cycle(folder: Path) -> None:
    """Options, then settings, then what lies beside the report."""
    one = build.write_logs(folder / "one.json", build.incident_logs()[:3])
    two = build.write_logs(folder / "two.json", build.incident_logs()[:2])
    set_ = Settings(cycles_dir=str(folder), logs=(str(two),))
    assert "one.json" in ask(set_, cycle=1, logs=(str(one),)).pull.source
    assert "two.json" in ask(set_, cycle=1).pull.source
    assert "logs.ndjson" in ask(Settings(cycles_dir=str(folder)), cycle=1).pull.source


@pytest.mark.parametrize("name", ["logs.json", "logs.jsonl"])
def test_logs_beside_the_report_may_bear_several_names(folder: Path, name: str) -> None:
    """`logs.ndjson`, `.json` and `.jsonl` are looked for, packed or not."""
    (folder / "logs.ndjson").rename(folder / name)
    assert name in ask(cycle=1, cycles_dir=str(folder)).pull.source


def test_logs_may_come_from_standard_input(folder: Path) -> None:
    """`--logs -` reads what is piped in."""
    piped = (folder / "logs.ndjson").read_bytes()
    report = ask(cycle=1, cycles_dir=str(folder), logs=("-",), stdin=piped)
    assert report.verdict is Verdict.CAUSE_FOUND


def test_without_any_logs_the_error_names_every_way_to_give_them(tmp_path: Path) -> None:
    """--project, --logs, rca.toml, RCA_*, a recording, a file beside the report, and the command that makes one."""
    build.write_report(tmp_path, build.REPORT_ROWS)
    with pytest.raises(SourceError) as caught:
        ask(cycle=1, cycles_dir=str(tmp_path))
    ways = ("--project", "--logs", "rca.toml", "RCA_LOGS", "RCA_PROJECTS", "rca pull", "logs.ndjson")
    for way in (*ways, "gcloud logging read"):
        assert way in caught.value.hint


# --- laws ------------------------------------------------------------------------------------------------


def test_the_same_logs_give_the_same_report(folder: Path) -> None:
    """There is no clock and no chance in it."""
    assert ask(cycle=1, cycles_dir=str(folder)) == ask(cycle=1, cycles_dir=str(folder))


def test_shuffled_and_doubled_entries_give_the_same_answer(folder: Path) -> None:
    """The order of a file's lines, and lines that come twice, change no word of the answer."""
    plain = ask(cycle=1, cycles_dir=str(folder))
    raws = build.incident_logs()
    build.write_logs(folder / "logs.ndjson", [*raws[::-1], *raws[::2]])
    mixed = ask(cycle=1, cycles_dir=str(folder))
    assert mixed.root_cause == plain.root_cause
    assert mixed.whys == plain.whys
    assert mixed.closes == plain.closes


def test_a_time_without_a_zone_is_of_the_zone_that_is_named(export: str) -> None:
    """--tz serves for --at, too."""
    (window,) = ask(logs=(export,), at="2026-03-04T06:00:00", tz="Europe/Zurich").windows
    assert window.start == build.after(-300)
