"""A run of pytest that records a cycle, as a function."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of pytest left."""

    folder: Path
    exit_code: int
    output: str
    cycle: Json
    """The recorded cycle 4; empty where none was recorded."""

    @property
    def tests(self) -> dict[str, Json]:
        """Name -> what was recorded of the test."""
        return {test["name"]: test for test in self.cycle["tests"]}

    @property
    def outcomes(self) -> dict[str, str]:
        """Name -> outcome."""
        return {name: test["outcome"] for name, test in self.tests.items()}


Runs = Callable[..., Run]


@pytest.fixture
def runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """`runs(source, *options)`: the tests of the source were run and recorded as cycle 4.

    No plugin is loaded by itself, so that it does not matter which are installed; `plugins` names those that are.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(
        source: str,
        *options: str,
        plugins: tuple[str, ...] = (),
        record: bool = True,
        own_process: bool = False,
    ) -> Run:
        pytester.makepyfile(test_it=source)
        loaded = [part for name in ("rca.pytest_plugin", *plugins) for part in ("-p", name)]
        asked = ("--rca-cycle", "4") if record else ()
        # Asserts as they are: pytest warns of a plugin that this process has loaded without rewriting them.
        every = ("--assert=plain", *loaded, *asked, *options)
        result = (
            pytester.runpytest_subprocess(*every, timeout=60)
            if own_process
            else pytester.runpytest_inprocess(*every)
        )
        path = Path(pytester.path, "cycle-4.json")
        cycle = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return Run(pytester.path, int(result.ret), "\n".join((*result.outlines, *result.errlines)), cycle)

    return run
