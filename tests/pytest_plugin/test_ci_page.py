"""docs/ci.md does what it says: its workflow parses, its commands and options exist, its script keeps exit codes."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rca.cli import main
from rca.errors import Exit
from tests.pytest_plugin.conftest import Runs

yaml = pytest.importorskip("yaml", reason="comes with the lab extra's uvicorn")

PAGE = Path(__file__).parents[2].joinpath("docs", "ci.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def workflow() -> dict[str, Any]:
    """The workflow, parsed."""
    (text,) = blocks("yaml")
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def steps() -> dict[str, dict[str, Any]]:
    """Name -> step; a step without a name by the action it uses."""
    return {step.get("name", step.get("uses")): step for step in workflow()["jobs"]["cycle"]["steps"]}


def commands(name: str) -> list[list[str]]:
    """The words of each command of that name, on the page's shell lines and in the workflow's scripts."""
    scripts = [*blocks("sh"), *(step["run"] for step in steps().values() if "run" in step)]
    lines = [line.strip().removesuffix("|| code=$?") for script in scripts for line in script.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(f"{name} ")]


def test_the_workflow_is_one() -> None:
    """It parses, and has what GitHub asks of a workflow; YAML reads the key `on` as a truth."""
    parsed = workflow()
    assert {"name", True, "permissions", "jobs"} == parsed.keys()
    assert parsed["permissions"]["id-token"] == "write"
    assert all(("run" in step) != ("uses" in step) for step in steps().values())


def test_the_report_is_made_only_where_the_tests_failed() -> None:
    """A failing install, or a good run, asks nothing of the logs; the tests' own exit code is kept."""
    assert steps()["Run the tests"]["id"] == "tests"
    assert "continue-on-error" not in steps()["Run the tests"]
    for name in ("Sign in to read the logs", "Why did they fail?"):
        assert steps()[name]["if"] == "failure() && steps.tests.outcome == 'failure'"


def test_every_option_of_rca_exists() -> None:
    """The command line knows each command and option that the page shows."""
    shown = commands("rca")
    assert len(shown) >= 2
    for _, name, *rest in shown:
        known = {spelled for one in main.commands[name].params for spelled in one.opts}
        assert {word for word in rest if word.startswith("-")} <= known


def test_every_option_of_pytest_exists(runs: Runs) -> None:
    """The plugin has each option that the page shows, in its commands and its table."""
    asked = {word for command in commands("pytest") for word in command if word.startswith("--")}
    asked |= {word.split()[0] for word in re.findall(r"^\| `(--rca-[^`]+)`", PAGE, re.MULTILINE)}
    help_text = runs("", "--help", record=False).output
    assert len(asked) == 5
    assert {option for option in asked if f"{option}=" not in help_text} == set()


def test_every_variable_is_read(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of the table, and of the workflow, are written down."""
    table = re.findall(r"`RCA_([A-Z]+)`", PAGE)
    job = [
        name.removeprefix("RCA_") for name in workflow()["jobs"]["cycle"]["env"] if name.startswith("RCA_")
    ]
    for name in {*table, *job}:
        monkeypatch.setenv(f"RCA_{name}", f"the {name}")
    cycle = runs("def test_a(): pass").cycle
    assert sorted(set(table)) == ["ENVIRONMENT", "REVISION", "TARGET"]
    assert {name: cycle[name.lower()] for name in (*table, *job)} == {
        name: f"the {name}" for name in (*table, *job)
    }


def test_the_tests_on_the_page_are_python() -> None:
    """They compile, and ask for the fixture that the plugin has."""
    (text,) = blocks("python")
    compile(text, "ci.md", "exec")
    assert set(re.findall(r"^async def test_\w+\((.*)\)", text, re.MULTILINE)) == {"rca_headers"}


@pytest.mark.parametrize(
    ("code", "report", "step", "annotation"),
    [
        (Exit.OK, "# Why cycle 7 failed", 0, ""),
        (Exit.UNKNOWN, "# Why cycle 7 failed", 0, "::warning"),
        (Exit.INCOMPLETE, "# Why cycle 7 failed", 0, "::warning"),
        (Exit.FAILED, "", 1, "::error"),
        (Exit.USAGE, "", 2, "::error"),
    ],
)
def test_the_step_keeps_what_exit_codes_mean(
    tmp_path: Path, code: Exit, report: str, step: int, annotation: str
) -> None:
    """The report, where there is one, is in the summary; unknown is a warning; only a failing `rca` fails the step."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in (
        ("rca", f'[ -z "{report}" ] || echo "{report}" > why.md; echo "$*" > asked; exit {int(code)}'),
        ("sleep", "exit 0"),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CYCLE": "7",
        "PROJECT": "ovens-stg",
        "SERVICE": "ovens",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    run = ["bash", "-e", "-c", steps()["Why did they fail?"]["run"]]
    made = subprocess.run(  # noqa: S603 - the page's own script, with a stand-in for `rca`
        run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == step
    assert made.stdout.startswith(annotation)
    assert bool(made.stdout) == bool(annotation)
    summary = tmp_path / "summary"
    assert (summary.read_text(encoding="utf-8") if summary.exists() else "") == (
        f"{report}\n" if report else ""
    )
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert "why --cycle 7 --cycles-dir cycles --project ovens-stg --service ovens" in asked
