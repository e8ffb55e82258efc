"""What the cycles met, one after the other: rca history, and that it reads no more than it says."""

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, strategies as st

from rca.comparison import HISTORY_SCHEMA, Recurrence
from rca.contract import Report, Verdict
from rca.history import Account, of
from rca.render import history as drawn, json as stored
from rca.render.history_table import as_csv
from tests.render.hostile import texts
from tests.render.reports import FOUND, UNKNOWN
from tests.test_diff import GREEN, OTHER, START, failing, later, refusals

FIXTURES = Path(__file__).parent.parent / "fixtures"
Rca = Callable[..., Result]


def goldens(folder: Path, *numbers: int) -> Path:
    """The folder, with the stored reports on some bundled cycles."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        text = (FIXTURES / f"cycle-{number}" / "expected" / "report.json").read_text(encoding="utf-8")
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    return folder


def told(reports: dict[int, Report | None]) -> tuple[Recurrence, ...]:
    """The causes of these cycles."""
    return of([Account(number, None, report, "test") for number, report in reports.items()]).causes


BACK = replace(later(FOUND), cycle=None)


# --- what came back --------------------------------------------------------------------------------------


def test_a_cause_that_came_back_is_named() -> None:
    """Seen, gone, and seen again: each with its cycles."""
    (cause,) = told({1: FOUND, 2: BACK, 3: GREEN, 9: BACK})
    assert (cause.seen, cause.gone, cause.again) == (("1", "2", "9"), ("3",), True)


def test_a_cause_that_stayed_away_did_not_come_back() -> None:
    """Nor did one that was only masked, or not to be told, in between."""
    (gone,) = told({1: FOUND, 2: BACK, 3: GREEN})
    assert not gone.again
    causes = told({1: FOUND, 2: failing(START, refused=refusals(503)), 3: UNKNOWN, 4: BACK})
    (own,) = (one for one in causes if one.seen[0] == "1")
    assert (own.seen, own.masked, own.cannot_tell, own.again) == (("1", "4"), ("2",), ("3",), False)


def test_a_cycle_without_a_report_says_nothing_of_a_cause() -> None:
    """It is listed, and no cause is seen or gone in it."""
    (cause,) = told({1: FOUND, 2: None, 3: GREEN})
    assert cause.seen + cause.gone + cause.masked + cause.cannot_tell == ("1", "3")


def test_what_comes_back_is_named_first() -> None:
    """Below the cycles, before causes that were met once."""
    made = of(
        [Account(n, None, one, "t") for n, one in ((1, failing(OTHER)), (2, FOUND), (3, GREEN), (4, BACK))]
    )
    lines = drawn.as_text(made).split("\n\n")[1].splitlines()
    assert lines[0].startswith(
        "came back: `KeyError@harbor/plans/berths.py:pick_berth` (application_error): seen in 2, 4;"
    )
    assert len(lines) == 2


def test_cycles_are_ordered_and_told_apart() -> None:
    """By number, then date; those of one number by their dates, one without a number comes last."""
    days = [date(2026, 5, day) for day in (14, 15)]
    accounts = [
        Account(None, days[0], None, "t"),
        Account(2, days[1], GREEN, "t"),
        Account(1, days[1], FOUND, "t"),
        Account(2, days[0], FOUND, "t"),
    ]
    labels = [one.label for one in of(accounts).cycles]
    assert labels == ["1", "2 (2026-05-14)", "2 (2026-05-15)", "2026-05-14"]


@given(order=st.permutations(range(5)))
def test_the_order_in_which_reports_are_found_does_not_matter(order: list[int]) -> None:
    """Cycles are gone through by their numbers."""
    reports = [FOUND, BACK, GREEN, UNKNOWN, failing(OTHER)]
    accounts = [Account(number, None, report, "t") for number, report in enumerate(reports)]
    assert of([accounts[i] for i in order]) == of(accounts)


@given(attack=texts)
def test_what_a_report_holds_cannot_move_a_terminal(attack: str) -> None:
    """Every character of a fingerprint and a headline shows, on its own line."""
    cause = replace(FOUND.causes[0], fingerprint=f"x{attack}")
    report = replace(FOUND, causes=(cause,), root_cause=cause, headline=attack)
    text = drawn.as_text(of([Account(1, None, report, attack), Account(2, None, None, attack)]))
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert len(text.splitlines()) == 5


# --- the command -----------------------------------------------------------------------------------------


def test_stored_reports_are_used_and_nothing_is_analyzed(rca: Rca, tmp_path: Path) -> None:
    """With a report on each cycle, no logs are read; the bundled causes are seen, gone, masked as they were."""
    folder = goldens(tmp_path / "kept", 1, 2, 3, 4, 5, 6)
    made = rca("history", "--cycles-dir", FIXTURES, "--reports", folder, "--format", "json")
    found = json.loads(made.stdout)
    assert made.stderr == ""
    assert found["schema"] == HISTORY_SCHEMA
    assert [one["number"] for one in found["cycles"]] == [1, 2, 3, 4, 5, 6]
    own = found["causes"][0]
    assert (own["seen"], own["masked"], own["cannot_tell"], own["gone"]) == (
        ["1", "2"],
        ["3", "4"],
        ["5"],
        ["6"],
    )


def test_a_cycle_without_a_stored_report_is_analyzed_and_that_is_told(rca: Rca, tmp_path: Path) -> None:
    """A line on standard error names it; the others are taken from their reports."""
    folder = goldens(tmp_path / "kept", 1, 2, 3, 4, 5)
    made = rca("history", "--cycles-dir", FIXTURES, "--reports", folder, "--format", "json")
    last = json.loads(made.stdout)["cycles"][-1]
    assert [line for line in made.stderr.splitlines() if "analyzing" in line] == [
        "rca: analyzing cycle 6: no stored report"
    ]
    assert (last["told_by"], last["verdict"]) == ("analyzed now", Verdict.NOTHING_FAILED)


def test_no_logs_are_read_where_none_may_be(rca: Rca, tmp_path: Path) -> None:
    """`--analyze none` lists the cycle, how much there would be to read, and reads nothing."""
    made = rca(
        "history", "--cycles-dir", FIXTURES, "--reports", goldens(tmp_path / "kept", 1), "--analyze", "none"
    )
    assert made.stderr == ""
    assert made.stdout.count("not analyzed: ") == 5


REPORT = "# Cycle {}\n\nDate: 2026-05-1{}\n\n| Test | Status |\n| --- | --- |\n| Order Flow | {} |\n"


def cycle(folder: Path, number: int, day: int = 4, status: str = "FAIL") -> Path:
    """The folder of a cycle, with its results."""
    own = folder / f"cycle-{number}"
    own.mkdir()
    (own / "results.md").write_text(REPORT.format(number, day, status), encoding="utf-8")
    return own


def test_logs_of_gigabytes_are_not_read_by_surprise(rca: Rca, tmp_path: Path) -> None:
    """What is larger than the limit is left, and the option that would read it is named."""
    with (cycle(tmp_path, 1) / "logs.ndjson").open("wb") as stream:
        stream.truncate(5 << 30)  # sparse: it takes no room
    made = rca("history")
    assert "not analyzed: 5,120 MB of logs are at hand, see --analyze" in made.stdout
    assert "analyzing" not in made.stderr


def test_a_report_beside_the_cycle_s_files_is_its_report(rca: Rca, tmp_path: Path) -> None:
    """Whatever its name; the newer of two counts, and one of another date does not."""
    own = cycle(tmp_path, 7)
    for name, report, seconds in (("old", FOUND, 100), ("new", GREEN, 200), ("other", FOUND, 300)):
        assert FOUND.cycle is not None
        day = date(2026, 5, 20) if name == "other" else FOUND.cycle.date
        numbered = replace(report, cycle=replace(FOUND.cycle, number=7, date=day))
        (own / f"{name}.json").write_text(stored.dumps(numbered), encoding="utf-8")
        os_times(own / f"{name}.json", seconds)
    found = json.loads(rca("history", "--format", "json").stdout)["cycles"]
    assert [(one["number"], one["verdict"]) for one in found] == [(7, "nothing_failed")]
    assert found[0]["told_by"].endswith("new.json")


def os_times(path: Path, seconds: int) -> None:
    """The file was changed so many seconds after the epoch."""
    os.utime(path, (seconds, seconds))


def test_a_stored_report_without_its_cycle_is_told_of_where_it_was_named(rca: Rca, tmp_path: Path) -> None:
    """A folder of reports alone is a history, too."""
    folder = goldens(tmp_path / "kept", 1, 6)
    (tmp_path / "empty").mkdir()
    made = rca("history", "--cycles-dir", tmp_path / "empty", "--reports", folder)
    assert "seen in 1; gone in 6" in made.stdout


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "rca.report/1"}', '{"schema": "rca.report/9", "x": 1}', "\xff"]
)
def test_what_is_no_report_is_passed_over(rca: Rca, tmp_path: Path, text: str) -> None:
    """A broken one is told of; the history goes on without it."""
    own = cycle(tmp_path, 1)
    (own / "broken.json").write_bytes(text.encode("latin-1"))
    made = rca("history")
    assert made.exit_code == 0
    assert "not analyzed: no logs at hand" in made.stdout
    assert bool(made.stderr) == ("rca.report" in text)


def test_nothing_is_read_live(rca: Rca, tmp_path: Path) -> None:
    """A project in the settings does not make the history call Cloud Logging: that costs what others share."""
    cycle(tmp_path, 1)
    (tmp_path / "rca.toml").write_text('projects = ["shop-stg"]\n', encoding="utf-8")
    made = rca("history")
    assert "not analyzed: no logs at hand" in made.stdout
    assert made.stderr == ""


def test_without_cycles_there_is_nothing_to_list(rca: Rca, tmp_path: Path) -> None:
    """An empty folder says so; one that is not there is an error."""
    assert rca("history").stdout == "no cycles found\n"
    assert rca("history", "--cycles-dir", tmp_path / "nowhere").exit_code == 1


def test_a_cycle_without_a_number_is_listed(rca: Rca, tmp_path: Path) -> None:
    """By its date: it cannot be asked for by number, and the table says so."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = REPORT.replace("# Cycle {}", "# Results").format(4, "FAIL")
        (tmp_path / name / "results.md").write_text(text, encoding="utf-8")
    assert rca("history").stdout.count("not analyzed: it states no number") == 2


# --- for a spreadsheet -----------------------------------------------------------------------------------


def table(reports: dict[int, Report | None]) -> list[dict[str, str]]:
    """The rows of the CSV of these cycles."""
    made = of([Account(number, None, report, "test") for number, report in reports.items()])
    return list(csv.DictReader(io.StringIO(as_csv(made))))


def test_a_row_each_cycle_and_a_column_each_cause() -> None:
    """What each cycle says of each cause that any met, and nothing where it says nothing."""
    first, second, third, _ = table({1: FOUND, 2: GREEN, 3: failing(START, refused=refusals(503)), 4: None})
    own, other = list(first)[-2:]
    assert [row[own] for row in (first, second, third)] == ["seen", "gone", "masked"]
    assert [row[other] for row in (first, second, third)] == ["", "", "seen"]
    assert (first["cycle"], first["verdict"], float(first["confidence"])) == (
        "1",
        "cause_found",
        FOUND.causes[0].confidence,
    )


def test_without_a_report_a_row_says_why() -> None:
    """Nothing is counted of a cycle that nobody analyzed; without cycles there is a head alone."""
    assert table({}) == []
    (row,) = table({1: None})
    assert (row["told_by"], row["failing"], row["tests"]) == ("test", "", "")


def test_a_cause_may_have_a_column_s_name() -> None:
    """A log can say anything: both columns are there."""
    cause = replace(FOUND.causes[0], fingerprint="verdict")
    (row,) = table({1: replace(FOUND, causes=(cause,), root_cause=cause)})
    assert (row["verdict"], row["verdict (cause)"]) == ("cause_found", "seen")


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)"])
def test_no_cell_is_a_formula(formula: str) -> None:
    """What a log says is shown by a spreadsheet, never evaluated: not in a cell, nor as a column's name."""
    cause = replace(FOUND.causes[0], fingerprint=formula)
    report = replace(FOUND, causes=(cause,), root_cause=cause)
    made = of([Account(1, None, report, formula)])
    cells = [cell for row in csv.reader(io.StringIO(as_csv(made))) for cell in row]
    assert f"'{formula}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@given(attack=texts)
def test_a_table_cannot_move_a_terminal(attack: str) -> None:
    """Whatever a report says: rows and cells keep their number, and nothing is invisible."""
    cause = replace(FOUND.causes[0], fingerprint=f"x{attack}")
    report = replace(FOUND, causes=(cause,), root_cause=cause)
    text = as_csv(of([Account(1, None, report, attack), Account(2, None, None, attack)]))
    assert [len(row) for row in csv.reader(io.StringIO(text))] == [10, 10, 10]
    assert all(letter.isprintable() or letter == "\n" for letter in text)


@pytest.mark.slow
def test_the_table_is_written_where_asked(rca: Rca, tmp_path: Path) -> None:
    """`--format csv` goes to a file as the other formats do."""
    folder = goldens(tmp_path / "kept", 1, 4)
    made = rca(
        "history", "--cycles-dir", FIXTURES, "--reports", folder, "--analyze", "none", "--format", "csv",
        "-o", tmp_path / "history.csv",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "history.csv").read_text(encoding="utf-8"))))
    assert [row["verdict"] for row in rows if row["cycle"] in "14"] == ["cause_found"] * 2
