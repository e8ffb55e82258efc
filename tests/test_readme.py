"""The papers say what the program does: commands, options, exit codes, settings, targets, pins, links."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt
from markdown_it.token import Token
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rca import __version__, errors, settings, signals
from rca.cli import main
from rca.errors import Exit
from rca.weights import weights

ROOT = Path(__file__).parent.parent
PAPERS = ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "fixtures/README.md")
PINS = ("requirements/run.txt", "requirements/dev.txt")

_PLACE = re.compile(r"(?<![\w.])/(?:root|home|work|Users|opt|tmp|var)/")
"""A path of some machine."""


def text_of(name: str) -> str:
    """A file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tokens(name: str) -> tuple[Token, ...]:
    """The paper's Markdown, flat: blocks and what stands inside them."""
    found = MarkdownIt("commonmark").enable("table").parse(text_of(name))
    return tuple(inner for token in found for inner in (token, *(token.children or ())))


def code_of(name: str) -> Iterator[str]:
    """Each line of the paper's code blocks, continued lines joined, and each piece of code in its sentences."""
    for token in tokens(name):
        if token.type in {"fence", "code_block"}:
            yield from re.sub(r"\\\n\s*", " ", token.content).splitlines()
        elif token.type == "code_inline":
            yield token.content


def tables_of(name: str) -> list[list[list[str]]]:
    """The paper's tables: rows of cells, each cell its Markdown."""
    found: list[list[list[str]]] = []
    for token in tokens(name):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.map and token.level > 1:
            found[-1][-1].append(token.content)
    return found


def table_of(name: str, head: str) -> list[list[str]]:
    """The rows of the paper's table whose first column is headed so."""
    return next(table[1:] for table in tables_of(name) if table[0][0] == head)


def rca_commands(name: str) -> list[list[str]]:
    """The `rca` command lines that a paper shows, as words, without comments and what they are piped into."""
    found = []
    for line in code_of(name):
        for piece in re.split(r"\||\$\(|\)", line):
            words = piece.partition("  #")[0].strip()
            if re.match(r"rca(?= -| [a-z]|$)", words):
                found.append(shlex.split(words.rstrip('"')))
    return found


def subcommand(words: list[str]) -> click.Command:
    """The command that the words name; `rca` itself where they name none."""
    if len(words) == 1 or words[1].startswith("-"):
        return main
    assert words[1] in main.commands, f"there is no `rca {words[1]}`"
    return main.commands[words[1]]


@pytest.mark.parametrize("paper", PAPERS)
def test_commands_exist(paper: str) -> None:
    """Every `rca` command that a paper shows exists, and knows the options shown."""
    for words in rca_commands(paper):
        command = subcommand(words)
        known = {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        shown = {word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
        assert shown <= known | {"--help", "-h"}, words


def test_commands_are_shown() -> None:
    """The README shows every command, and `--help` has a sentence for each."""
    assert {subcommand(words).name for words in rca_commands("README.md")} >= set(main.commands)
    assert {row[0].strip("`").removeprefix("rca ") for row in table_of("README.md", "command")} == set(
        main.commands
    )
    for name, command in main.commands.items():
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert command.help
        assert command.help.strip().endswith(".")


def test_options_in_sentences_exist() -> None:
    """Every option that the README names by itself is one of some command."""
    known = {name for command in main.commands.values() for one in command.params for name in one.opts}
    alone = {code for code in code_of("README.md") if re.fullmatch(r"--?[a-z-]+", code)}
    assert alone
    assert alone <= known | {"--help"}


def test_exit_codes_are_those_of_the_program() -> None:
    """The README's table is that of `rca.errors`: codes, order and words; the help names the same codes."""
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Exit")
    words = [node.value.value for node in body if isinstance(node, ast.Expr)][1:]  # type: ignore[attr-defined] # docstrings are constants
    expected = [[str(int(code)), said] for code, said in zip(Exit, words, strict=True)]
    assert table_of("README.md", "code") == expected
    help_text = CliRunner().invoke(main, ["--help"]).stdout
    told = re.findall(r"\b(\d) [a-z]", help_text.partition("Exit codes:")[2].partition("Options:")[0])
    assert sorted(told) == sorted(str(int(code)) for code in Exit)


def test_settings_are_those_of_the_program() -> None:
    """The README's table names every setting with its variable, in a form that `rca.toml` takes."""
    rows = table_of("README.md", "`rca.toml`")
    told = {}
    for row in rows:
        (key, value), *more = tomllib.loads(row[0].strip("`")).items()
        assert not more
        told[key] = value
        assert row[1] == f"`RCA_{key.upper()}`"
    assert told.keys() == {one.name for one in fields(settings.Settings)} - {"home", "origin"}


def test_variables_exist() -> None:
    """Every RCA_* variable of the README is a setting's, or one that the command line reads."""
    named = set(re.findall(r"RCA_[A-Z_]+[A-Z]", text_of("README.md")))
    keys = {f"RCA_{one.name.upper()}" for one in fields(settings.Settings)}
    assert named <= keys | {"RCA_DEBUG"}
    assert "RCA_DEBUG" in text_of("rca/cli/group.py")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the bundled cycle 1, saved as the README shows."""
    saved = tmp_path_factory.mktemp("demo") / "report.json"
    ran = CliRunner().invoke(main, ["demo", "--format", "json", "-o", str(saved)])
    assert ran.exit_code == 0, ran.stderr
    return saved


def test_signals_are_explained(demo: Path) -> None:
    """Every signal of the bundled cycle's report has its row in the README, and the report is of the schema named."""
    report = json.loads(demo.read_text(encoding="utf-8"))
    suspects = [*report["causes"], *report["alternatives"]]
    explained = {row[0] for row in table_of("README.md", "signal")}
    assert {signal["name"] for one in suspects for signal in one["signals"]} <= explained
    assert f"`{report['schema']}`" in text_of("README.md")
    assert all(one["calibrated"] for one in suspects)
    assert max(one["confidence"] for one in suspects) <= weights().confidence.most


def test_refusals_and_caps_are_those_of_the_program() -> None:
    """The README marks the signals that refuse, and no others, and names the caps of the confidence."""
    marked = {row[0] for row in table_of("README.md", "signal") if row[1].startswith("**refuses**")}
    assert marked == set(signals.REFUSALS)
    limits = weights()
    for cap in (
        limits.confidence.most,
        limits.confidence.untyped_most,
        limits.rank.good_cap,
        limits.rank.single_cap,
    ):
        assert f"{cap:.2f}" in text_of("README.md")
        assert f"{cap:.2f}" in text_of("CHANGELOG.md")


def test_measured_shares_are_those_of_the_counts() -> None:
    """Every share that the README tells of its measurements is that of the counts beside it."""
    told = re.findall(r"(\d+) of (\d+) \((0\.\d\d)\)", text_of("README.md"))
    assert told
    assert [f"{int(right) / int(of):.2f}" for right, of, _ in told] == [share for _, _, share in told]


def test_saved_report_renders_again(demo: Path) -> None:
    """The two commands of "For scripts" work one after the other."""
    again = CliRunner().invoke(main, ["render", str(demo), "--format", "md"])
    assert again.exit_code == 0, again.stderr
    assert "Root cause" in again.stdout


@pytest.mark.parametrize("paper", PAPERS)
def test_targets_exist(paper: str) -> None:
    """Every `make` target that a paper names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):(?!=)", text_of("Makefile"), re.MULTILINE))
    named = {found[1] for line in code_of(paper) if (found := re.match(r"make ([a-z-]+)\b", line.strip()))}
    assert named <= targets


def test_two_commands() -> None:
    """The README gives `make why` and `make test` as lines of their own, as `.ci/run` looks for them."""
    lines = [line for line in text_of("README.md").splitlines() if re.fullmatch(r"make (why|test)", line)]
    assert lines == ["make why", "make test"]


@pytest.mark.parametrize("paper", PAPERS)
def test_links_lead_somewhere(paper: str) -> None:
    """Every link into the project, and every picture, is there."""
    for token in tokens(paper):
        target = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if target and "://" not in target and not target.startswith("#"):
            assert (ROOT / paper).parent.joinpath(target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("name", [*PAPERS, *PINS, "Makefile", ".ci/run", "pyproject.toml", "docs/rca.svg"])
def test_names_no_machine(name: str) -> None:
    """No paper, pin or script holds a path of some machine."""
    assert _PLACE.search(text_of(name)) is None


@pytest.mark.parametrize("name", PINS)
def test_pins_name_no_index(name: str) -> None:
    """The pins hold packages, versions and hashes: no address, and no option of pip but hashes."""
    text = text_of(name)
    assert "://" not in text
    assert set(re.findall(r"(?<!\S)--[a-z-]+", text)) == {"--hash"}


_UNPINNED = "fuzz"
"""`make fuzz` installs it by itself: no test needs it, and it has no wheel for every Python."""


def test_pins_are_those_of_the_project() -> None:
    """Every dependency of `pyproject.toml`, save for fuzzing, is pinned to a version it accepts; both files agree."""
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    run, develop = (
        dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text_of(name), re.MULTILINE)) for name in PINS
    )
    assert run.items() <= develop.items()
    extras = project["optional-dependencies"]
    for pins, wanted in (
        (run, project["dependencies"]),
        (develop, [one for name, extra in extras.items() if name != _UNPINNED for one in extra]),
    ):
        for line in wanted:
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            assert name in pins, f"{line} is not pinned: make lock"
            assert requirement.specifier.contains(pins[name]), f"{line} is pinned to {pins[name]}: make lock"


def test_changelog_knows_the_version() -> None:
    """The changelog has a heading for what is not released, or for this very version."""
    headings = re.findall(r"^## \[([^\]]+)\]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] in {"Unreleased", __version__}
