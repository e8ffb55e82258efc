"""The command line: options in, exit code out, the report alone on standard output (rca/cli.py)."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from rca import __version__, settings
from rca.cli import main, running
from rca.errors import Exit
from tests import build

Rca = Callable[..., Result]
COMMANDS = sorted(main.commands)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "incident"
    folder.mkdir()
    return build.write_incident(folder)


def failing_run_without_cause(folder: Path) -> Path:
    """The same cycle, beside logs that hold no line of why."""
    raws = [one for one in build.incident_logs() if build.CAUSE not in one.get("textPayload", "")]
    build.write_logs(folder / "logs.ndjson", raws)
    return folder


# --- exit codes and streams ------------------------------------------------------------------------------


def test_a_cause_that_is_found_gives_0_and_the_report_alone_on_standard_output(
    rca: Rca, folder: Path
) -> None:
    """What is piped into a ticket is the report and nothing else."""
    result = rca("why", "--cycle", 1, "--cycles-dir", folder)
    assert result.exit_code == Exit.OK
    assert result.stdout.startswith("# Why cycle 1 failed")
    assert build.CAUSE in result.stdout
    assert "# Why" not in result.stderr


def test_a_cycle_without_failures_gives_0(rca: Rca, folder: Path) -> None:
    """Nothing failed, and that is an answer."""
    build.write_report(folder, build.REPORT_ROWS[:2])
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (Exit.OK, "nothing_failed")


def test_an_unknown_cause_gives_3(rca: Rca, folder: Path) -> None:
    """The logs do not say why: the report does, and the exit code too."""
    result = rca("why", "--cycle", 1, "--cycles-dir", failing_run_without_cause(folder), "--format", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["verdict"], report["root_cause"]) == (Exit.UNKNOWN, "unknown", None)


def test_incomplete_logs_give_4_unless_that_is_accepted(rca: Rca, folder: Path) -> None:
    """A file that is cut short is a known gap; --allow-incomplete accepts it."""
    logs = folder / "logs.ndjson"
    logs.write_bytes(logs.read_bytes()[:-30])
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    assert rca(*asked).exit_code == Exit.INCOMPLETE
    assert rca(*asked, "--allow-incomplete").exit_code == Exit.OK


def test_a_gap_outweighs_an_unknown(rca: Rca, folder: Path) -> None:
    """Of 4 and 3 the earlier in the table of `rca.errors` wins."""
    logs = failing_run_without_cause(folder) / "logs.ndjson"
    logs.write_bytes(logs.read_bytes()[:-30])
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    assert rca(*asked).exit_code == Exit.INCOMPLETE
    assert rca(*asked, "--allow-incomplete").exit_code == Exit.UNKNOWN


@pytest.mark.parametrize(
    "arguments",
    [
        ("why",),
        ("why", "--cycle", "one"),
        ("why", "--nope"),
        ("nope",),
        ("why", "--at", "noonish", "--logs", "x.json"),
        ("why", "--cycle", "1", "--format", "pdf"),
        ("completion", "cmd"),
    ],
)
def test_wrong_usage_gives_2(rca: Rca, arguments: tuple[str, ...]) -> None:
    """What makes no sense is said on standard error, and nothing is printed as a report."""
    result = rca(*arguments)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("why", "--cycle", "9", "--cycles-dir", "incident"),
        ("why", "--cycle", "1", "--cycles-dir", "nowhere"),
        ("why", "--cycle", "1", "--cycles-dir", "incident", "--logs", "nowhere.json"),
        ("why", "--cycle", "1", "--cycles-dir", "incident", "-o", "nowhere/report.md"),
        ("cycles", "nowhere.md"),
        ("render", "incident/report.md"),
    ],
)
def test_what_could_not_be_done_gives_1_and_a_hint(
    rca: Rca, folder: Path, arguments: tuple[str, ...]
) -> None:
    """One line says what failed, the next what to try; never a traceback."""
    result = rca(*arguments)
    assert folder.is_dir()
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    said = [line for line in result.stderr.splitlines() if not line.endswith("…")]
    assert said[0].startswith("rca: ")
    assert said[1].startswith("try: ")
    assert "internal error" not in result.stderr


def test_the_exit_codes_in_the_help_are_those_of_the_table(rca: Rca) -> None:
    """`rca --help` names every exit code."""
    text = " ".join(rca("--help").stdout.split())
    for code in Exit:
        assert f"{int(code)} " in text


# --- help ------------------------------------------------------------------------------------------------


def test_every_command_is_listed_with_what_it_does(rca: Rca) -> None:
    """`rca --help` shows each command and its first line."""
    text = rca("--help").stdout
    for name, command in main.commands.items():
        assert name in text
        assert (command.help or "").strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(rca: Rca, name: str) -> None:
    """--help and -h give the same text and 0."""
    result = rca(name, "--help")
    assert result.exit_code == 0
    assert result.stdout == rca(name, "-h").stdout
    assert result.stdout.startswith(f"Usage: rca {name}")


@pytest.mark.parametrize("name", ["why", "timeline", "cycles", "render", "completion"])
def test_the_help_shows_an_example(rca: Rca, name: str) -> None:
    """Someone in the middle of an incident copies a line and changes a number."""
    assert f"  rca {name} " in rca(name, "--help").stdout or f"(rca {name}" in rca(name, "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """No option is without a word of help, save --format, whose choices speak."""
    for option in main.commands[name].params:
        if isinstance(option, click.Option) and option.name != "fmt":
            assert option.help, option.name


def test_the_version_is_the_package_s(rca: Rca) -> None:
    """`rca --version`, for a bug report."""
    assert rca("--version").stdout == f"rca {__version__}\n"


def test_the_module_runs_as_the_command(tmp_path: Path) -> None:
    """`python -m rca` is `rca`, from any folder."""
    made = subprocess.run(
        [sys.executable, "-m", "rca", "--version"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (made.returncode, made.stdout) == (0, f"rca {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("why", "--cycle", 1, "--logs", ""),
        ("why", "--cycle", 1, "--service", "oven", "--service", ""),
        ("why", "--at", "", "--logs", "incident/logs.ndjson"),
        ("why", "--cycle", 1, "-o", ""),
        ("diff", "", 2),
        ("attach", "--cycle", 1, "--to", ""),
    ],
)
def test_an_empty_value_is_wrong_usage(rca: Rca, folder: Path, arguments: tuple[object, ...]) -> None:
    """What a script's unset variable leaves is refused, and neither ignored nor taken for the working folder."""
    result = rca(*arguments)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, ""), folder
    assert "is empty" in result.stderr


def test_too_little_memory_is_said(rca: Rca, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no error inside rca, and there is something to do about it."""

    def short(**_typed: object) -> None:
        raise MemoryError

    monkeypatch.setattr(running, "investigated", short)
    result = rca("why", "--cycle", 1, "--cycles-dir", folder)
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    assert result.stderr.startswith("rca: there is not enough memory\ntry: ")


def test_a_dash_is_standard_output(rca: Rca, folder: Path) -> None:
    """`-o -` writes no file of that name."""
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    assert rca(*asked, "-o", "-").stdout == rca(*asked).stdout
    assert not Path("-").exists()


# --- reports, saved and rendered -------------------------------------------------------------------------


def test_a_saved_report_renders_to_the_same_text(rca: Rca, folder: Path) -> None:
    """`why --format json`, rendered later without logs, gives what `why` gives."""
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    rca(*asked, "--format", "json", "-o", "saved.json")
    (folder / "logs.ndjson").unlink()
    again = rca("render", "saved.json", "--format", "md")
    build.write_incident(folder)
    assert again.stdout == rca(*asked, "--format", "md").stdout
    assert again.exit_code == 0


def test_a_saved_report_saved_again_is_the_same(rca: Rca, folder: Path) -> None:
    """JSON to report and back loses nothing."""
    first = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "json").stdout
    Path("saved.json").write_text(first, encoding="utf-8")
    assert rca("render", "saved.json", "--format", "json").stdout == first


def test_a_file_s_name_that_is_no_text_costs_no_answer(rca: Rca, folder: Path) -> None:
    """A byte that is no UTF-8 in a folder's name is shown as one that is not known, in every JSON there is."""
    odd = folder.rename(folder.with_name(os.fsdecode(b"odd\xff")))
    saved = odd / os.fsdecode(b"saved\xfe.json")
    assert rca("why", "--cycle", 1, "--cycles-dir", odd, "--format", "json", "-o", saved).exit_code == 0
    for asked in (
        ("cycles", "--cycles-dir", "."),
        ("history", "--cycles-dir", "."),
        ("diff", saved, saved),
        ("render", saved),
    ):
        told = rca(*asked, "--format", "json")
        assert told.exit_code in {Exit.OK, Exit.STILL_THERE}, told.stderr
        assert json.loads(told.stdout)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_report_that_a_shell_wrote_anew_is_read(rca: Rca, folder: Path, encoding: str) -> None:
    """A shell's `>` may have written it as UTF-16, or with a mark before it."""
    first = rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "json").stdout
    Path("saved.json").write_text(first, encoding=encoding)
    assert rca("render", "saved.json", "--format", "json").stdout == first


def test_a_report_goes_to_a_file_instead(rca: Rca, folder: Path) -> None:
    """-o leaves standard output empty and keeps the exit code."""
    asked = ("why", "--cycle", 1, "--cycles-dir", folder)
    written = rca(*asked, "-o", "report.md")
    assert (written.exit_code, written.stdout) == (0, "")
    assert Path("report.md").read_text(encoding="utf-8") == rca(*asked).stdout


def test_the_timeline_names_cause_and_closes(rca: Rca, folder: Path) -> None:
    """`rca timeline` shows what happened when."""
    result = rca("timeline", "--cycle", 1, "--cycles-dir", folder)
    assert result.exit_code == 0
    assert build.CAUSE in result.stdout
    assert "1011" in result.stdout


# --- cycles ----------------------------------------------------------------------------------------------


def test_cycles_are_listed_with_their_tests(rca: Rca, folder: Path) -> None:
    """Number, date and failing tests of each cycle of a folder."""
    result = rca("cycles", "--cycles-dir", folder)
    assert result.exit_code == 0
    assert "Order Bread" in result.stdout
    assert "2026-03-04" in result.stdout


def test_cycles_as_json_hold_what_was_read(rca: Rca, folder: Path) -> None:
    """One object a file, with counts and tests."""
    (one,) = json.loads(rca("cycles", folder / "report.md", "--format", "json").stdout)
    assert (one["number"], one["date"], len(one["tests"])) == (1, "2026-03-04", 4)


# --- the demo --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_is_the_bundled_cycle_1(rca: Rca) -> None:
    """`rca demo` gives what `rca why` gives for the cycle that ships, but for the command line."""
    bundled = Path(__file__).parent.parent / "fixtures" / "cycle-1"
    demo = json.loads(rca("demo", "--format", "json").stdout)
    asked = json.loads(rca("why", "--cycle", 1, "--cycles-dir", bundled, "--format", "json").stdout)
    assert demo.pop("command")
    assert asked.pop("command")
    assert demo == asked


# --- settings --------------------------------------------------------------------------------------------


def test_options_win_over_variables_those_over_the_file_and_that_over_defaults(
    rca: Rca, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question, answered by four ways to say where the cycles lie."""
    for name in ("by_default", "by_file", "by_variable", "by_option"):
        Path(name).mkdir()
        build.write_report(Path(name), [f"| {name} | ✅ PASS | 0.1s | - |"])
    assert folder.is_dir()

    def seen(*options: str) -> str:
        (one,) = json.loads(rca("cycles", "--format", "json", *options).stdout)
        return str(one["tests"][0]["name"])

    monkeypatch.chdir("by_default")
    assert seen() == "by_default"
    Path(settings.FILE).write_text('cycles_dir = "../by_file"\n', encoding="utf-8")
    assert seen() == "by_file"
    monkeypatch.setenv("RCA_CYCLES_DIR", "../by_variable")
    assert seen() == "by_variable"
    assert seen("--cycles-dir", "../by_option") == "by_option"


def test_a_broken_settings_file_is_told_before_anything_else(rca: Rca, folder: Path) -> None:
    """Exit 1, the file's name and what to do."""
    Path(settings.FILE).write_text("colour = 'red'\n", encoding="utf-8")
    result = rca("why", "--cycle", 1, "--cycles-dir", folder)
    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    assert "colour" in result.stderr


def test_init_writes_settings_to_start_from_and_never_over_others(rca: Rca) -> None:
    """A file that is there is kept, unless --force."""
    assert rca("init").exit_code == 0
    path = Path(settings.FILE)
    assert path.read_text(encoding="utf-8") == settings.TEMPLATE
    path.write_text("# mine\n", encoding="utf-8")
    refused = rca("init")
    assert (refused.exit_code, path.read_text(encoding="utf-8")) == (Exit.FAILED, "# mine\n")
    assert "--force" in refused.stderr
    assert rca("init", "--force").exit_code == 0
    assert path.read_text(encoding="utf-8") == settings.TEMPLATE


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(rca: Rca, shell: str) -> None:
    """The script names our program and the variable that click listens to."""
    text = rca("completion", shell).stdout
    assert "_RCA_COMPLETE" in text
    assert "rca" in text


# --- without a cycle -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--at", "2026-03-04T05:00:03Z"),
        ("--since", "2026-03-04T05:00:00Z", "--until", "2026-03-04T05:01:00Z"),
    ],
)
def test_logs_alone_can_be_asked_about(rca: Rca, folder: Path, options: tuple[str, ...]) -> None:
    """Whole, around a moment, or over a span: the closes that the logs themselves tell are explained."""
    raws = [
        *build.incident_logs(),
        build.logged("disconnected code=1011", 2.549, trace_id="0a2", insertId="id1001"),
        build.logged("disconnected code=1011", 4.749, trace_id="0a3", insertId="id1002"),
    ]
    logs = build.write_logs(folder / "export.json", raws)
    result = rca("why", "--logs", logs, "--format", "json", *options)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["verdict"], report["cycle"]) == (Exit.OK, "cause_found", None)
    assert build.CAUSE in report["root_cause"]["message"]
    assert [close["code"] for close in report["closes"]] == [1011, 1011]


def test_logs_may_be_piped_in(rca: Rca, folder: Path) -> None:
    """`gcloud … | rca why --cycle 1 --logs -`."""
    piped = (folder / "logs.ndjson").read_bytes()
    result = rca("why", "--cycle", 1, "--cycles-dir", folder, "--logs", "-", stdin=piped)
    assert result.exit_code == Exit.OK
    assert build.CAUSE in result.stdout


_PRESSED = """
import os, signal, sys

class Loading:
    def find_spec(self, name, path, target=None):
        if name == "rca.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Loading())
from rca.__main__ import main
main()
"""


def test_a_run_that_is_stopped_while_it_loads_ends_without_a_word() -> None:
    """As any program that has not begun: by the signal, and not with a traceback."""
    command = [sys.executable, "-c", _PRESSED]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")
