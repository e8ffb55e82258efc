"""What only the process that runs a test can see, put on the report of each of its phases.

In: pytest's reports as they are made. Out: the same, with a `Seen` on each. pytest-xdist carries whatever plain
values lie on a report to its controller, where `rca.pytest_plugin.recorder` finds them.
"""

from collections.abc import Generator
from typing import TypedDict

import pytest

from rca.pytest_plugin import TRACE_IDS
from rca.pytest_plugin.endings import Ending, endings_of, line_of


class Seen(TypedDict):
    """One phase of one try: set-up, call or teardown. Times are seconds since the epoch."""

    start: float
    stop: float
    try_: str
    """Unique in the run: the worker's name, and a count."""

    worker: str | None
    trace_ids: list[str]
    error: str | None
    endings: list[Ending]


ON_REPORT = "rca_seen"
"""The attribute of a report that holds what was seen."""


class Witness:
    """One process that runs tests."""

    def __init__(self, worker: str | None) -> None:
        self._worker = worker
        self._tries = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The report carries what was seen of its phase."""
        report = yield
        if call.when == "setup":
            self._tries += 1
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, pytest.skip.Exception):
            error = None
        seen = Seen(
            start=call.start,
            stop=call.stop,
            try_=f"{self._worker or ''}:{self._tries}",
            worker=self._worker,
            trace_ids=list(item.stash.get(TRACE_IDS, ())),
            error=line_of(error) if error is not None else None,
            endings=endings_of(error) if error is not None else [],
        )
        vars(report)[ON_REPORT] = seen
        if call.when == "teardown":
            # A plugin that tries the test again sets it up again: the next try has traces of its own.
            item.stash[TRACE_IDS] = []
        return report
