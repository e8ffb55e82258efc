"""What the plugin costs: nothing when it is not asked, little when it is."""

import subprocess
import sys
import time
from types import SimpleNamespace
from typing import cast

import pytest

from rca.pytest_plugin import tries
from rca.pytest_plugin.recorder import Recorder
from rca.pytest_plugin.witness import Witness
from tests.pytest_plugin.conftest import Runs


@pytest.mark.slow
def test_pytest_loads_one_small_module() -> None:
    """Beside what pytest has loaded, importing the plugin loads `rca` and itself: no stage, no library."""
    script = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport rca.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - the script above
    assert made.stdout.split() == ["rca", "rca.pytest_plugin"]


@pytest.mark.slow
def test_nothing_is_recorded_unless_asked(runs: Runs) -> None:
    """Without `--rca-cycle` no file is written, nothing is said, and no hook of ours sees a test."""
    made = runs(
        """
        import sys
        def test_a(request):
            manager = request.config.pluginmanager
            hooks = {hook.name for hook in manager.get_hookcallers(sys.modules["rca.pytest_plugin"])}
            assert hooks == {"pytest_addoption", "pytest_configure"}
            assert not manager.has_plugin("rca-witness") and not manager.has_plugin("rca-recorder")
            assert "rca.pytest_plugin.witness" not in sys.modules
            assert "rca.pytest_plugin.recorder" not in sys.modules
        """,
        record=False,
        own_process=True,
    )
    assert made.exit_code == pytest.ExitCode.OK
    assert made.cycle == {}
    assert "rca:" not in made.output


def test_collecting_alone_records_nothing(runs: Runs) -> None:
    """With `--collect-only` no test runs, and an earlier recording stays."""
    assert runs("def test_a(): pass", "--collect-only").cycle == {}


def test_a_test_costs_less_than_a_millisecond(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Three phases seen, kept and told, a failure with its chain among ten tests, take far less than a millisecond."""
    witness = Witness(None)
    recorder = Recorder(4, tmp_path_factory.mktemp("cycle"), {})
    many = 500
    before = time.process_time()
    for number in range(many):
        node_id = f"tests/test_it.py::test_{number}"
        recorder.pytest_runtest_logstart(node_id)
        for when in ("setup", "call", "teardown"):
            recorder.pytest_runtest_logreport(_report(witness, node_id, when, bad=number % 10 == 0))
        recorder.pytest_runtest_logfinish(node_id)
    told = tries.tests_of({node_id: those.values() for node_id, those in recorder.tries.items()})
    spent = time.process_time() - before
    assert len(told) == many
    assert spent / many < 0.001


def _report(witness: Witness, node_id: str, when: str, *, bad: bool) -> pytest.TestReport:
    """A report as pytest makes it, passed through the witness."""
    error = None
    if bad and when == "call":
        error = AssertionError("no answer")
        error.__context__ = ConnectionError("lost")
    item = SimpleNamespace(stash=pytest.Stash())
    excinfo = SimpleNamespace(value=error) if error else None
    call = SimpleNamespace(when=when, start=1.0, stop=2.0, excinfo=excinfo)
    made = pytest.TestReport(
        nodeid=node_id,
        location=("tests/test_it.py", 1, "test"),
        keywords={},
        outcome="failed" if error else "passed",
        longrepr=None,
        when=cast("object", when),  # type: ignore[arg-type]  # one of the three
    )
    hook = witness.pytest_runtest_makereport(cast("pytest.Item", item), cast("pytest.CallInfo[None]", call))
    next(hook)
    with pytest.raises(StopIteration) as stop:
        hook.send(made)
    returned: pytest.TestReport = stop.value.value
    return returned
