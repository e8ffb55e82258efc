"""Whatever is read, a clear error or a counted warning comes of it, never a traceback."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from rca.errors import Exit
from tests import build
from tests.render.hostile import assert_inert

Rca = Callable[..., Result]
Damage = Callable[[bytes], bytes]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "incident"
    folder.mkdir()
    return build.write_incident(folder)


def clear_error(result: Result) -> str:
    """What a failed command said: one line of what, one of what to try, nothing on standard output."""
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    assert result.stderr.count("rca: ") >= 1
    assert "\ntry: " in f"\n{result.stderr}"
    assert "Traceback" not in result.stderr
    assert "internal error" not in result.stderr
    return result.stderr


def reported(rca: Rca, folder: Path, *options: object) -> dict[str, Any]:
    """The report on the folder's cycle, whatever the exit code."""
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "json", *options)
    assert result.stdout, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    report["exit"] = result.exit_code
    return report


def warned(report: dict[str, Any]) -> str:
    """All that a report says of its input."""
    return " ".join([*report["pull"]["warnings"], *report["notes"]])


def deep(levels: int) -> bytes:
    """An entry whose payload nests so deep."""
    raw = json.dumps(build.logged({"message": "deep"}, 9.0)).encode()
    return raw.replace(b'"deep"', b'{"a":' * levels + b"1" + b"}" * levels) + b"\n"


# --- logs ------------------------------------------------------------------------------------------------

SPOILED: dict[str, Damage] = {
    "a line of another language": lambda logs: logs + b"not json at all\n",
    "a number alone": lambda logs: logs + b"1011\n",
    "an entry without a time": lambda logs: logs + b'{"insertId": "x", "textPayload": "late"}\n',
    "an entry with a wrong time": lambda logs: logs + b'{"insertId": "x", "timestamp": "yesterday"}\n',
    "10,000 levels of JSON": lambda logs: logs + deep(10_000),
    "one giant line": lambda logs: logs + b"x" * 20_000_000 + b"\n",
    "one giant entry": lambda logs: logs + json.dumps(build.logged("x" * 5_000_000, 9.0)).encode() + b"\n",
    "a merge's conflict marks": lambda logs: b"<<<<<<< HEAD\n" + logs + b">>>>>>> theirs\n",
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_bad_entry_is_counted_quoted_once_and_hides_no_other(rca: Rca, folder: Path, what: str) -> None:
    """The answer is the same, and the report says how many entries could not be read, and shows the first."""
    logs = folder / "logs.ndjson"
    logs.write_bytes(SPOILED[what](logs.read_bytes()))
    report = reported(rca, folder)
    assert report["verdict"] == "cause_found"
    assert report["pull"]["unreadable"] >= 1
    assert report["pull"]["entries"] == len(build.incident_logs())
    assert "could not be read" in warned(report)
    assert max(len(one) for one in report["pull"]["warnings"]) < 500


@pytest.mark.parametrize(
    "bad", [b"pan\xff\xfetry", b"pan\x00try", b"pan\\u0000try", b"pan\\ud83dtry", b"pan\xed\xa0\xbdtry"]
)
def test_bytes_that_are_no_text_do_not_lose_an_entry(rca: Rca, folder: Path, bad: bytes) -> None:
    """Invalid UTF-8, NUL and halves of characters are shown as such; the entry is read."""
    logs = folder / "logs.ndjson"
    logs.write_bytes(logs.read_bytes().replace(b"pantry", bad))
    report = reported(rca, folder)
    assert report["verdict"] == "cause_found"
    assert report["pull"]["entries"] == len(build.incident_logs())


CUT: dict[str, tuple[str, Damage]] = {
    "NDJSON in mid-line": ("logs.ndjson", lambda logs: logs[:-40]),
    "an array in mid-entry": (
        "logs.json",
        lambda logs: b"[" + b",".join(logs.splitlines())[:-40],
    ),
    "gzip before its end": ("logs.ndjson.gz", lambda logs: gzip.compress(logs)[:-30]),
}


@pytest.mark.parametrize("what", CUT)
def test_a_file_that_is_cut_short_is_read_to_the_cut_and_said_to_have_a_gap(
    rca: Rca, folder: Path, what: str
) -> None:
    """What came before counts, completeness is false, and the exit code says so."""
    name, cut = CUT[what]
    whole = (folder / "logs.ndjson").read_bytes()
    (folder / "logs.ndjson").unlink()
    (folder / name).write_bytes(cut(whole))
    report = reported(rca, folder)
    assert (report["exit"], report["pull"]["complete"]) == (Exit.INCOMPLETE, False)
    assert report["pull"]["entries"] == len(build.incident_logs()) - 1
    assert "gap" in warned(report)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b"{}\n"])
def test_a_file_without_entries_is_unknown_and_never_nothing_failed(
    rca: Rca, folder: Path, content: bytes
) -> None:
    """Nobody looked, so nothing can be said; the report says that first."""
    (folder / "logs.ndjson").write_bytes(content)
    report = reported(rca, folder)
    assert (report["exit"], report["verdict"]) == (Exit.UNKNOWN, "unknown")
    assert "No log entry was read" in warned(report)


def test_no_entries_without_a_cycle_are_unknown_too(rca: Rca, folder: Path) -> None:
    """An empty export alone does not say that nothing failed."""
    (folder / "logs.ndjson").write_bytes(b"[]")
    result = rca("why", "--logs", folder / "logs.ndjson", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (Exit.UNKNOWN, "unknown")


@pytest.mark.parametrize("content", [bytes(range(256)) * 50, b"[" * 10_000 + b"]" * 10_000, b"hello"])
def test_a_file_that_is_no_export_is_an_error(rca: Rca, folder: Path, content: bytes) -> None:
    """Binary data, nothing but brackets, or prose: the message names the file and how to make one."""
    (folder / "export.json").write_bytes(content)
    said = clear_error(rca("why", "--cycle", 1, "--cycles-dir", folder, "--logs", folder / "export.json"))
    assert "export.json" in said


def test_a_folder_without_logs_is_an_error(rca: Rca, folder: Path) -> None:
    """The message names the folder and the kinds of files that are looked for."""
    (folder / "empty").mkdir()
    said = clear_error(rca("why", "--cycle", 1, "--cycles-dir", folder, "--logs", folder / "empty"))
    assert "empty" in said
    assert ".ndjson" in said


def test_a_cycle_without_logs_beside_it_is_an_error(rca: Rca, folder: Path) -> None:
    """The message says how to give some."""
    (folder / "logs.ndjson").unlink()
    assert "--logs" in clear_error(rca("why", "--cycle", 1, "--cycles-dir", folder))


def test_logs_of_another_service_establish_nothing(rca: Rca, folder: Path) -> None:
    """A service that the suite never spoke to is not blamed, whatever it logs."""
    raws = [
        build.requested(at, 0.2, path="/flour", status=200, client="198.51.100.4") for at in range(0, 60, 7)
    ]
    raws += [build.logged("mill wheel is broken", at) for at in range(0, 60, 5)]
    for raw in raws:
        raw["resource"]["labels"]["service_name"] = "mill"
    build.write_logs(folder / "logs.ndjson", raws)
    report = reported(rca, folder)
    assert (report["exit"], report["root_cause"]) == (Exit.UNKNOWN, None)
    assert report["unexplained"] == ["Order Bread", "Bake Bread"]


def test_a_service_that_no_entry_names_leaves_nothing_to_look_at(rca: Rca, folder: Path) -> None:
    """`--service` with a misspelled name gives an unknown, not a blank cheque."""
    report = reported(rca, folder, "--service", "ovvens")
    assert (report["exit"], report["verdict"]) == (Exit.UNKNOWN, "unknown")
    assert report["notes"]


# --- cycles ----------------------------------------------------------------------------------------------


def test_a_cycle_that_does_not_exist_is_told_with_those_that_do(rca: Rca, folder: Path) -> None:
    """The message lists the cycles of the folder, with their dates and files."""
    said = clear_error(rca("why", "--cycle", 12, "--cycles-dir", folder))
    assert "12" in said
    assert "cycle 1 of 2026-03-04" in said
    assert "report.md" in said


def test_a_report_without_tests_joins_nothing_and_says_so(rca: Rca, folder: Path) -> None:
    """A document that gives no rows leaves the question unknown, whatever the logs hold."""
    build.write_report(folder, [])
    report = folder / "report.md"
    result = rca(
        "why", "--cycle", 1, "--cycles-dir", report, "--logs", folder / "logs.ndjson", "--format", "json"
    )
    told = json.loads(result.stdout)
    assert (result.exit_code, told["verdict"], told["tests"]) == (Exit.UNKNOWN, "unknown", [])
    assert "gives no tests" in " ".join(told["notes"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.md", b"\x00\x01\xff\xfe" * 100),
        ("junit.xml", b"<testsuites>" + b"<testsuite>" * 10_000),
        ("junit.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>'),
        ("results.json", b"[" * 10_000 + b"]" * 10_000),
        ("results.json", b'{"tests": [{"name": '),
        ("report.md", b""),
    ],
)
def test_a_broken_report_is_an_error_and_no_cycle(rca: Rca, folder: Path, name: str, content: bytes) -> None:
    """Binary, bottomless, self-multiplying or cut: nothing is made up from it."""
    (folder / "report.md").unlink()
    (folder / name).write_bytes(content)
    clear_error(rca("why", "--cycle", 1, "--cycles-dir", folder))


# --- text that tries to do something ---------------------------------------------------------------------

ATTACKS = (
    "{{ 7*7 }} {% for x in range(9) %}x{% endfor %} ${7*7}",
    "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "@everyone @ops/team fixes #12 closes octo/repo#4",
    "[click](http://evil.example) ![p](http://evil.example/p.png) http://evil.example",
    "`x` ``` ``y`` | a | b |\n| --- | --- |\n# owned\n> quote",
    "\x1b[31mred\x1b[0m \u202eevil \u200b",
    "E1] [E2] [E1]: http://evil.example",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_in_a_log_message_is_inert_in_the_report(rca: Rca, folder: Path, attack: str) -> None:
    """Template syntax, HTML, Markdown, mentions and escapes are words between code marks, and nothing more."""
    raws = build.incident_logs()
    for raw in raws:
        if build.CAUSE in raw.get("textPayload", ""):
            raw["textPayload"] = f"{build.CAUSE}: {attack}"
    build.write_logs(folder / "logs.ndjson", raws)
    result = rca("why", "--cycle", 1, "--cycles-dir", folder)
    assert result.exit_code == Exit.OK
    assert build.CAUSE in result.stdout
    assert_inert(result.stdout)


@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_hostile_text_in_a_cycle_s_report_is_inert_too(rca: Rca, folder: Path, attack: str) -> None:
    """A test's error is as little to be trusted as a log line."""
    cell = attack.replace("|", "/").replace("\n", " ")
    rows = [*build.REPORT_ROWS[:3], f"| Bake Bread | ❌ FAIL | 2.00s | {cell} {build.SERVER_CLOSED} |"]
    build.write_report(folder, rows)
    assert_inert(rca("why", "--cycle", 1, "--cycles-dir", folder).stdout)


def test_a_template_in_a_message_is_not_evaluated(rca: Rca, folder: Path) -> None:
    """What stands between double braces is shown as it was logged."""
    raws = build.incident_logs()
    raws[5]["textPayload"] = raws[7]["textPayload"] = "oven says {{ 7*7 }}{{ report.command }}"
    build.write_logs(folder / "logs.ndjson", raws)
    text = rca("why", "--cycle", 1, "--cycles-dir", folder).stdout
    assert "{{ 7*7 }}{{ report.command }}" in text


def test_a_terminal_sees_no_escape_sequence(rca: Rca, folder: Path) -> None:
    """The timeline in a terminal shows no control character of a log line."""
    raws = build.incident_logs()
    raws[5]["textPayload"] = raws[7]["textPayload"] = f"{build.CAUSE} \x1b[2J\x1b]0;owned\x07 \x9b31m"
    build.write_logs(folder / "logs.ndjson", raws)
    text = rca("timeline", "--cycle", 1, "--cycles-dir", folder).stdout
    assert build.CAUSE in text
    assert not set(text) & {"\x1b", "\x07", "\x9b"}
