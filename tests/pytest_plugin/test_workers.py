"""Runs that do not go straight: several workers, a worker that dies, a run that is stopped, tests tried again."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from rca.cycles import read_file
from rca.model import Outcome
from tests.pytest_plugin.conftest import Json, Runs

pytestmark = pytest.mark.slow

XDIST = ("xdist.plugin", "xdist.looponfail")
RERUNS = ("pytest_rerunfailures",)


def test_workers_tell_the_controller(runs: Runs) -> None:
    """With two workers there is one file: each test's worker, its traces, its times, which overlap."""
    made = runs(
        """
        import time, pytest
        @pytest.mark.parametrize("n", range(4))
        def test_side_by_side(n, traceparent):
            time.sleep(0.3)
            assert n != 2, traceparent
        """,
        *("-n", "2"),
        plugins=XDIST,
    )
    tests = made.cycle["tests"]
    assert sorted(made.outcomes.values()) == ["failed", "passed", "passed", "passed"]
    assert {test["worker"] for test in tests} == {"gw0", "gw1"}
    assert len({one for test in tests for one in test["trace_ids"]}) == 4
    failed = made.tests["test_side_by_side[2]"]
    assert failed["trace_ids"][0] in failed["error"]
    assert tests == sorted(tests, key=lambda test: test["started_at"])
    spans = [[datetime.fromisoformat(test[key]) for key in ("started_at", "ended_at")] for test in tests]
    assert spans[1][0] < spans[0][1]


def test_a_file_that_no_worker_can_collect_is_recorded_once(runs: Runs) -> None:
    """Each worker meets the error, and the file has it once."""
    made = runs("def test_a(: pass", *("-n", "2"), plugins=XDIST)
    (error,) = made.cycle["collection_errors"]
    assert error == {"node_id": "test_it.py", "error": "SyntaxError: invalid syntax"}


def test_a_worker_that_dies_is_recorded(runs: Runs) -> None:
    """The test in which it died failed, with the trace it was given; it is marked, and the other tests are whole."""
    made = runs(
        """
        import os
        def test_a(): pass
        def test_deadly(traceparent): os._exit(3)
        def test_b(): pass
        """,
        *("-n", "1", "--max-worker-restart", "1"),
        plugins=XDIST,
    )
    assert made.outcomes == {"test_a": "passed", "test_deadly": "failed", "test_b": "passed"}
    dead = made.tests["test_deadly"]
    assert dead["error"] == "worker 'gw0' crashed while running 'test_it.py::test_deadly'"
    assert (dead["interrupted"], dead["worker"], len(dead["trace_ids"])) == (True, "gw0", 1)
    assert dead["started_at"] < dead["ended_at"] <= made.cycle["ended_at"]
    assert [name for name, test in made.tests.items() if test["interrupted"]] == ["test_deadly"]
    assert made.tests["test_b"]["worker"] == "gw1"


def test_the_last_try_counts_and_every_try_is_kept(runs: Runs) -> None:
    """A test that fails, then passes, passed and is flaky; each try has its own times, error and trace."""
    made = runs(
        """
        import pathlib
        def test_wobbly(traceparent):
            tries = pathlib.Path("tries")
            seen = tries.read_text().split() if tries.exists() else []
            tries.write_text(" ".join([*seen, traceparent]))
            assert len(seen) == 2, f"try {len(seen) + 1}"
        def test_hopeless(): assert 0
        def test_good(): pass
        """,
        *("--reruns", "2"),
        plugins=RERUNS,
    )
    assert made.outcomes == {"test_wobbly": "passed", "test_hopeless": "failed", "test_good": "passed"}
    assert {name: test["flaky"] for name, test in made.tests.items()} == {
        "test_wobbly": True,
        "test_hopeless": False,
        "test_good": False,
    }
    wobbly = made.tests["test_wobbly"]
    tries = [*wobbly["earlier_tries"], wobbly]
    assert [one["outcome"] for one in tries] == ["failed", "failed", "passed"]
    assert [one["error"] for one in tries] == ["AssertionError: try 1", "AssertionError: try 2", None]
    handed = [part.split("-")[1] for part in Path("tries").read_text(encoding="utf-8").split()]
    assert [one["trace_ids"] for one in tries] == [[one] for one in handed]
    assert len(set(handed)) == 3
    assert all(one["ended_at"] <= other["started_at"] for one, other in pairwise(tries))
    assert [len(test["earlier_tries"]) for test in made.cycle["tests"]] == [2, 2, 0]


def test_tries_in_workers_are_kept_too(runs: Runs) -> None:
    """Tests tried again by a worker are tried again, not tests of their own; a broken set-up is tried again as well."""
    made = runs(
        """
        import pathlib, pytest
        @pytest.fixture
        def cold(request, traceparent):
            seen = pathlib.Path(request.node.name)
            if not seen.exists():
                seen.write_text("")
                raise OSError("cold")
        @pytest.mark.parametrize("n", range(3))
        def test_oven(cold, n): assert n
        """,
        *("-n", "2", "--reruns", "1"),
        plugins=(*XDIST, *RERUNS),
    )
    assert made.outcomes == {"test_oven[0]": "failed", "test_oven[1]": "passed", "test_oven[2]": "passed"}
    assert [[one["outcome"] for one in test["earlier_tries"]] for test in made.cycle["tests"]] == [
        ["error"]
    ] * 3
    assert made.tests["test_oven[1]"]["flaky"]


def interrupted(pytester: pytest.Pytester, source: str, *options: str) -> Json:
    """What is recorded where Ctrl-C stops the run while the test writes the file `now`."""
    pytester.makepyfile(test_it=source)
    command = (sys.executable, "-m", "pytest", "-p", "rca.pytest_plugin", "--rca-cycle", "4", *options)
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - pytest itself
    deadline = time.monotonic() + 30
    while not Path("now").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(timeout=30) == pytest.ExitCode.INTERRUPTED
    recorded: Json = json.loads(Path("cycle-4.json").read_text(encoding="utf-8"))
    return recorded


HANGS = """
import pathlib, time
def test_before(): pass
def test_hangs(traceparent):
    pathlib.Path("now").write_text("")
    time.sleep(60)
def test_after(): pass
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "options", [(), ("-p", "xdist.plugin", "-n", "1"), ("-p", "pytest_rerunfailures", "--reruns", "1")]
)
def test_what_ran_before_ctrl_c_is_recorded(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    """The test that was running is marked as cut off, by its own start; one that had not begun is not there."""
    cycle = interrupted(pytester, HANGS, *options)
    before, hangs = cycle["tests"]
    assert cycle["interrupted"] == "KeyboardInterrupt"
    assert (before["name"], before["outcome"], before["interrupted"]) == ("test_before", "passed", False)
    assert (hangs["name"], hangs["outcome"], hangs["interrupted"]) == ("test_hangs", "error", True)
    assert hangs["error"] == "KeyboardInterrupt: the run broke off while this test ran"
    lasted = datetime.fromisoformat(hangs["ended_at"]) - datetime.fromisoformat(hangs["started_at"])
    assert 0.2 <= lasted.total_seconds() < 30
    told = read_file(Path("cycle-4.json"))
    assert [test.outcome for test in told.tests] == [Outcome.PASSED, Outcome.ERROR]
    assert "cycle-4.json: the run broke off (KeyboardInterrupt): 2 of 3 tests have a result" in told.warnings


def test_tests_that_other_workers_run_are_waited_for_with_x(runs: Runs) -> None:
    """Where the run stops itself, nothing is cut off: what was running elsewhere has its own outcome."""
    made = runs(
        """
        import time
        def test_bad():
            time.sleep(0.2)
            assert 0
        def test_long(): time.sleep(1)
        """,
        *("-n", "2", "-x"),
        plugins=XDIST,
    )
    assert made.outcomes == {"test_bad": "failed", "test_long": "passed"}
    assert not any(test["interrupted"] for test in made.cycle["tests"])
    assert made.cycle["interrupted"] == "stopping after 1 failures"
