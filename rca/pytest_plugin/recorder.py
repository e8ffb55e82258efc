"""The run, written down: reports in, cycle-N.json out.

In: pytest's reports, in the one process that gets them all. Out: a file, written whole or not at all when the run
ends, also where it breaks off. Decides what is a try of its own, and which tests were running when the run broke off.
"""

import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from rca import __version__
from rca.pytest_plugin.tries import CRASHED, CutOff, Json, Phase, Try, stamp, tests_of
from rca.pytest_plugin.witness import ON_REPORT, Seen

SCHEMA = "rca.cycle/1"
_LONGEST = 2_000


class Recorder:
    """Keeps what is reported, and writes it when the session ends."""

    def __init__(self, number: int, folder: Path, facts: Mapping[str, str | None]) -> None:
        self._number = number
        self._folder = folder
        self._facts = facts
        self._begun = time.time()
        self.tries: dict[str, dict[str, Try]] = {}
        """Node id -> its tries, in order, by the name that the witness gave them."""

        self._running: dict[str, float] = {}
        self._collection: list[Json] = []
        self._broke_off: str | None = None
        self._said = ""

    # --- while the tests run -----------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected is known, with its error."""
        if report.failed:
            lines = str(report.longrepr).splitlines()
            named = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
            said = (named or lines or [""])[-1][:_LONGEST]
            self._collection.append({"node_id": report.nodeid, "error": said})

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test is running."""
        self._running[nodeid] = time.time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """It is not any more."""
        self._running.pop(nodeid, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The phase is kept with its try."""
        tries = self.tries.setdefault(report.nodeid, {})
        seen: Seen = getattr(report, ON_REPORT, None) or self._unseen(report, tries)
        phase = Phase(
            when=str(report.when),
            outcome=report.outcome,
            expected_to_fail=hasattr(report, "wasxfail"),
            says=report.longrepr if isinstance(report.longrepr, str) else None,
            seen=seen,
        )
        tries.setdefault(seen["try_"], Try(seen["start"])).phases.append(phase)

    def _unseen(self, report: pytest.TestReport, tries: Mapping[str, Try]) -> Seen:
        """What is known of a phase that nobody saw to its end: a worker died in it, or a plugin made the report up."""
        now = time.time()
        going_on = [name for name, one in tries.items() if not one.over]
        begun = self._running.get(report.nodeid, now)
        if report.when == CRASHED:
            self._running.pop(report.nodeid, None)
        node = getattr(report, "node", None)
        return Seen(
            start=getattr(report, "start", 0) or (now if going_on else begun),
            stop=getattr(report, "stop", 0) or now,
            try_=going_on[-1] if going_on else f"unseen:{len(tries)}",
            worker=node.gateway.id if node is not None else None,
            trace_ids=[],
            error=None,
            endings=[],
        )

    # --- when the run ends -------------------------------------------------------------------------------

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Why the run broke off is known: Ctrl-C, `pytest.exit`, too many failures, errors in collection."""
        self._broke_off = (str(excinfo.value) or excinfo.typename)[:_LONGEST]

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """An error inside pytest, or inside a plugin of it, is known."""
        self._broke_off = f"internal error: {excinfo.exconly()}"[:_LONGEST]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The file is there; where it is not, the reason will be said."""
        why = self._broke_off or str(session.shouldfail or session.shouldstop or "") or None
        self._cut_off(why or "the session ended")
        tests = tests_of({node_id: tries.values() for node_id, tries in self.tries.items()})
        if not tests and not self._collection:
            self._said = f"rca: no test ran; cycle {self._number} was not recorded"
            return
        path = self._folder / f"cycle-{self._number}.json"
        try:
            _write(path, self._cycle(session, tests, why))
        except OSError as error:
            self._said = f"rca: cannot write {path}: {error.strerror}; cycle {self._number} was not recorded"
            return
        here = session.config.invocation_params.dir
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        self._said = f"rca: recorded cycle {self._number} in {shown}"
        if any(test["outcome"] in {"failed", "error"} for test in tests):
            self._said += f"; next: rca why --cycle {self._number} --cycles-dir {shown.parent}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What became of the recording is said."""
        terminalreporter.write_line(self._said)

    def _cut_off(self, why: str) -> None:
        """What was still running is marked: a test that never ended has no outcome of its own."""
        cut_off = CutOff(time.time(), why)
        for node_id, begun in self._running.items():
            tries = self.tries.setdefault(node_id, {})
            going_on = [one for one in tries.values() if not one.over]
            last = going_on[-1] if going_on else tries.setdefault("cut off", Try(begun))
            last.cut_off = cut_off

    def _cycle(self, session: pytest.Session, tests: list[Json], why: str | None) -> Json:
        plugins = session.config.pluginmanager.list_plugin_distinfo()
        return {
            "schema": SCHEMA,
            "number": self._number,
            "date": stamp(self._begun)[:10],
            **self._facts,
            "started_at": stamp(self._begun),
            "ended_at": stamp(time.time()),
            "interrupted": why,
            "collected": session.testscollected,
            "tools": {
                "rca": __version__,
                "python": platform.python_version(),
                "pytest": pytest.__version__,
                **{found.project_name: found.version for _, found in plugins},
            },
            "collection_errors": self._collection,
            "tests": tests,
        }


def _write(path: Path, cycle: Json) -> None:
    """The file holds the cycle, readable by its owner alone; whoever reads meanwhile finds the old one or the new."""
    text = json.dumps(cycle, ensure_ascii=False, indent=1)
    # mkstemp makes files of mode 0600; no reader of cycles looks at one that ends in .tmp.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text + "\n")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
