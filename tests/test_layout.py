"""The direction of imports, read from the source: data flows one way, an arrow never points back."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import rca

PACKAGE = Path(rca.__file__).parent
FOLDERS = {
    "attach",
    "cycles",
    "diff",
    "lql",
    "normalize",
    "redact",
    "render",
    "repo",
    "sources",
    "traces",
    "known",
}
"""Packages of several modules: from outside, one stage each."""

NOUNS = {"model", "errors", "contract", "comparison", "weights"}
CONCEPTS = {
    "align",
    "blocks",
    "categories",
    "closes",
    "expressions",
    "gate",
    "hosts",
    "identifiers",
    "keeping",
    "known",
    "links",
    "lql",
    "naming",
    "platform",
    "questions",
    "quote",
    "resources",
    "server",
}
"""What several stages know of: wordings, names, alignment, links, what the logs are asked and in which language."""

READING = {
    "cycles",
    "sources",
    "normalize",
    "traces",
    "windows",
    "cloudrun",
    "sockets",
    "instances",
    "faults",
    "repo",
}
ANALYSIS = {
    "client_side",
    "confidence",
    "contrast",
    "join",
    "link",
    "mechanisms",
    "rank",
    "scene",
    "signals",
    "suspects",
}
WORDS = {
    "answers",
    "case",
    "casebook",
    "checks",
    "diff",
    "history",
    "knowledge",
    "next_steps",
    "report",
    "timeline",
    "whys",
}
OUTPUT = {"redact", "render"}
ASSEMBLY = {
    "asking",
    "attach",
    "cli",
    "doctor",
    "logs",
    "pipeline",
    "query_list",
    "settings",
    "__init__",
    "__main__",
}
ALONE = {"pytest_plugin"}
"""Runs in other people's test suites: it writes a cycle, and takes nothing from the rest but its version."""

MODULES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if not {"fixtures", "queries", "templates"} & set(path.relative_to(PACKAGE).parts)
)


def part(module: Path) -> str:
    """The stage or concept that a module belongs to: its folder, else its own name."""
    return module.parts[0].removesuffix(".py")


@cache
def tree_of(module: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


@cache
def imports(module: Path) -> frozenset[tuple[str, bool]]:
    """Dotted names that a module imports, and whether it does so as it is loaded (not in a function or for types)."""
    return frozenset(_imported(tree_of(module), at_once=True))


def _imported(node: ast.AST, *, at_once: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((name.name, at_once) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{ast.unparse(child)} is relative"
            yield from ((f"{child.module}.{name.name}", at_once) for name in child.names)
        elif not isinstance(child, ast.expr):
            typing_only = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            late = typing_only or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _imported(child, at_once=at_once and not late)


def ours(module: Path) -> set[str]:
    """The parts of `rca` that a module imports, its own left away."""
    names = {name.split(".")[1] for name, _ in imports(module) if name.startswith("rca.")}
    return names - {part(module), "__version__"}


def foreign(module: Path) -> set[str]:
    """The top names of other packages that a module imports, at whatever time."""
    return {name.split(".")[0] for name, _ in imports(module)} - {"rca"}


def of(parts: set[str]) -> list[Path]:
    """The modules of some parts."""
    return [module for module in MODULES if part(module) in parts]


def beyond(parts: set[str], allowed: set[str]) -> dict[str, set[str]]:
    """Modules of some parts -> what they import besides what is allowed."""
    return {str(module): more for module in of(parts) if (more := ours(module) - allowed)}


def meeting(parts: set[str], banned: set[str]) -> dict[str, set[str]]:
    """Modules of some parts -> what they import of what is banned."""
    return {str(module): met for module in of(parts) if (met := ours(module) & banned)}


# --- direction -------------------------------------------------------------------------------------------


def test_every_module_has_its_place() -> None:
    """A new module is put into a layer here, so that somebody decides what it may import."""
    known = NOUNS | CONCEPTS | READING | ANALYSIS | WORDS | OUTPUT | ASSEMBLY | ALONE
    assert {part(module) for module in MODULES} == known


def test_nouns_import_nothing_but_nouns() -> None:
    """model, errors, contract and weights know of no stage."""
    assert beyond(NOUNS, NOUNS) == {}


def test_concepts_import_nouns_and_concepts_only() -> None:
    """What several stages share knows of none of them."""
    assert beyond(CONCEPTS, NOUNS | CONCEPTS) == {}


def test_stages_know_nothing_of_those_who_call_them() -> None:
    """No stage imports the pipeline, the command line, the question or the settings."""
    assert meeting(READING | ANALYSIS | WORDS | OUTPUT, ASSEMBLY) == {}


def test_reading_knows_nothing_of_ranking_words_or_output() -> None:
    """Entries, sockets and events come before links, suspects and sentences."""
    assert meeting(READING, ANALYSIS | WORDS | OUTPUT) == {}


def test_ranking_knows_nothing_of_words_or_output() -> None:
    """What is blamed does not depend on how it is said."""
    assert meeting(ANALYSIS, WORDS | OUTPUT) == {}


def test_words_know_nothing_of_output() -> None:
    """A report is written without knowing its format or its masks."""
    assert meeting(WORDS, OUTPUT) == {}


def test_a_renderer_needs_the_report_and_nothing_else() -> None:
    """Render imports the contract, the nouns, quotes, links and shipped files: a saved report renders anywhere."""
    assert beyond({"render"}, NOUNS | {"links", "quote", "resources"}) == {}


def test_readers_of_files_do_not_know_each_other() -> None:
    """How a cycle is told and how logs are read are two matters; only sources normalize what they read."""
    readers = {"cycles", "normalize", "traces"}
    assert meeting(readers, FOLDERS) == {}
    assert meeting({"sources"}, FOLDERS - {"lql", "normalize"}) == {}


def test_the_pytest_plugin_stands_alone() -> None:
    """It is loaded into every test run of whoever installed the package."""
    assert beyond(ALONE, set()) == {}


# --- who may use what ------------------------------------------------------------------------------------


def test_only_a_history_s_table_uses_pandas() -> None:
    """A table never crosses a module border; a large file's line breaks are counted by what counts fastest."""
    assert {str(module) for module in MODULES if "pandas" in foreign(module)} == {"render/history_table.py"}
    assert {str(module) for module in MODULES if "numpy" in foreign(module)} <= {"sources/framing.py"}


def test_only_render_uses_the_template_engine() -> None:
    """Templates hold words and layout; nobody else fills them."""
    assert {part(module) for module in MODULES if "jinja2" in foreign(module)} <= {"render"}


@pytest.mark.slow
def test_only_the_picture_uses_the_plotting_library() -> None:
    """It is an extra: the page, without it, has the timeline as a table. Nothing loads it before it draws."""
    users = {str(module) for module in MODULES if {"altair", "vl_convert"} & foreign(module)}
    assert users == {"render/plot.py", "render/plot_chart.py"}
    early = {
        (str(m), name) for m in MODULES for name, at_once in imports(m) if at_once and "plot_chart" in name
    }
    assert early == set()


def test_only_cycles_and_render_read_markdown() -> None:
    """A report is parsed where cycles are read, a paste of log lines where logs are."""
    assert {part(module) for module in MODULES if "markdown_it" in foreign(module)} <= {
        "cycles",
        "render",
        "sources",
    }


def test_only_the_command_line_knows_click() -> None:
    """A stage can be called from Python without a terminal."""
    assert {part(module) for module in MODULES if "click" in foreign(module)} <= {"cli"}


def test_only_the_cloud_source_uses_the_network() -> None:
    """Besides it, only the doctor and what attaches a report import what could call out."""
    calls = {
        "socket",
        "http",
        "github",
        "urllib3",
        "requests",
        "httpx",
        "aiohttp",
        "websockets",
        "ftplib",
        "smtplib",
    }
    users = {module.parent.as_posix() for module in MODULES if (calls | {"grpc"}) & foreign(module)}
    assert users <= {"sources/cloud", "doctor", "attach"}
    assert {part(module) for module in MODULES if "google" in foreign(module)} <= {
        "sources",
        "doctor",
        "logs",
    }


@cache
def _called(module: Path) -> tuple[ast.expr, ...]:
    """Whatever a module calls."""
    return tuple(node.func for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call))


def _calls(module: Path, names: set[str]) -> list[str]:
    """Calls of these functions or methods in a module, as they are written."""
    return [
        ast.unparse(func)
        for func in _called(module)
        if (func.id if isinstance(func, ast.Name) else getattr(func, "attr", None)) in names
    ]


def test_files_are_opened_where_files_are_read_and_nowhere_else() -> None:
    """Logs by sources, reports by cycles, settings and output by the command line; data files by who owns them."""
    opening = {"open", "read_bytes", "read_text", "write_text", "write_bytes", "iterdir", "rglob", "scandir"}
    shipped = ("resources.files(", "files(", "Path(__file__)")
    users = {
        part(module)
        for module in MODULES
        if any(not call.lstrip("(").startswith(shipped) for call in _calls(module, opening))
    }
    assert users <= {"sources", "cycles", "settings", "resources", "repo", "keeping", "known", "cli", *ALONE}


def test_only_the_command_line_reads_the_clock() -> None:
    """The same logs always give the same report; who waits for an API is handed a clock."""
    reading = {"now", "utcnow", "today", "monotonic", "sleep", "time_ns", "perf_counter"}
    users = {
        part(module)
        for module in MODULES
        if any("outside." not in call.lower() for call in _calls(module, reading))
    }
    assert users <= {"cli", *ALONE}


def test_only_the_command_line_holds_dice() -> None:
    """No stage draws random numbers; who waits for an API is handed them. A test's trace id is one of its own."""
    users = {part(module) for module in MODULES if {"random", "secrets"} & foreign(module)}
    assert users <= {"cli", *ALONE}


def test_no_module_is_a_drawer_for_everything() -> None:
    """A helper lives beside its caller, or has a name of its own."""
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools", "base"}
    assert not {module.stem for module in MODULES} & drawers
    assert not {folder for module in MODULES for folder in module.parts[:-1]} & drawers


def test_every_module_says_what_it_is_for() -> None:
    """Each opens with a docstring."""
    assert [str(module) for module in MODULES if not ast.get_docstring(tree_of(module))] == []


def test_every_module_fits_the_eye() -> None:
    """None is longer than 400 lines, save the nouns, which are read one at a time."""
    lengths = {str(m): len((PACKAGE / m).read_text(encoding="utf-8").splitlines()) for m in MODULES}
    assert {name: length for name, length in lengths.items() if length > 400} | {"model.py": 0} == {
        "model.py": 0
    }


# --- what is loaded when ---------------------------------------------------------------------------------

HEAVY = (
    *("pandas", "numpy", "jinja2", "markdown_it", "msgspec", "orjson", "dateutil"),
    *("google", "grpc", "requests", "lark", "re2"),
    *("github", "altair", "vl_convert"),
)


def fresh(script: str) -> subprocess.CompletedProcess[str]:
    """A Python that has loaded nothing yet, after this script."""
    arguments = [sys.executable, "-c", script]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - the scripts above


@pytest.mark.parametrize(
    "code",
    [
        "import rca",
        "import rca.cli",
        "from rca.cli import main; main(['--help'], standalone_mode=False)",
        "from rca.cli import main; main(['why', '--help'], standalone_mode=False)",
    ],
)
def test_help_is_quick(code: str) -> None:
    """Neither the package, nor the command line, nor its help loads what only an analysis needs."""
    script = f"import sys\n{code}\nprint('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    made = fresh(script)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[-1] == "LOADED"


@pytest.mark.slow
def test_an_analysis_loads_neither_pandas_nor_the_client() -> None:
    """Pandas takes longer to load than a bundled cycle to analyze, and files need no API."""
    script = """if True:
        import sys
        from rca.cli import main
        try:
            main(["why", "--cycle", "1", "--cycles-dir", "fixtures"])
        except SystemExit as ended:
            assert not ended.code
        print("LOADED", *[name for name in ("pandas", "google", "grpc", "requests") if name in sys.modules])"""
    made = fresh(script)
    assert made.stdout.splitlines()[-1] == "LOADED", made.stderr
