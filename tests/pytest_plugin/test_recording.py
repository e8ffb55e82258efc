"""What a run leaves in cycle-4.json: outcomes, times, errors, facts of the run."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import Runs

EACH_OUTCOME = """
import pytest

@pytest.fixture
def broken():
    raise OSError("no flour")

@pytest.fixture
def untidy():
    yield
    raise OSError("still warm")

def test_good(): pass
def test_bad(): raise ValueError("too hot\\nby far")
def test_set_up(broken): pass
def test_tear_down(untidy): pass
def test_both(untidy): raise ValueError("too hot")
def test_left_out(): pytest.skip("no oven")
@pytest.mark.xfail
def test_known(): raise ValueError("known")
@pytest.mark.xfail
def test_mended(): pass
@pytest.mark.xfail(strict=True, reason="ought to fail")
def test_mended_unasked(): pass
"""


def test_outcomes_are_pytest_s(runs: Runs) -> None:
    """A failing call is a failure, a failing set-up or teardown an error, an expected failure is skipped."""
    made = runs(EACH_OUTCOME)
    assert made.outcomes == {
        "test_good": "passed",
        "test_bad": "failed",
        "test_set_up": "error",
        "test_tear_down": "error",
        "test_both": "failed",
        "test_left_out": "skipped",
        "test_known": "skipped",
        "test_mended": "passed",
        "test_mended_unasked": "failed",
    }
    said = {name: test["xfail"] for name, test in made.tests.items() if test["xfail"]}
    assert said == {"test_known": "xfailed", "test_mended": "xpassed"}
    assert made.exit_code == 1


def test_the_error_is_the_line_that_names_the_exception(runs: Runs) -> None:
    """Its type and the first line of its text; where no exception was raised, pytest's own words."""
    told = {name: test["error"] for name, test in runs(EACH_OUTCOME).tests.items() if test["error"]}
    assert told == {
        "test_bad": "ValueError: too hot",
        "test_set_up": "OSError: no flour",
        "test_tear_down": "OSError: still warm",
        "test_both": "ValueError: too hot",
        "test_mended_unasked": "[XPASS(strict)] ought to fail",
    }


def test_times_are_exact_and_in_utc(runs: Runs) -> None:
    """Set-up to teardown holds the call, which holds what the test saw of the clock; tests in turn lie apart."""
    before = datetime.now(UTC)
    made = runs(
        """
        import time, pathlib, pytest

        @pytest.fixture
        def warm():
            time.sleep(0.2)
            yield
            time.sleep(0.1)

        def test_one(warm):
            first = time.time()
            time.sleep(0.3)
            pathlib.Path("seen").write_text(f"{first} {time.time()}")
        def test_two(): pass
        """
    )
    one, two = made.tests["test_one"], made.tests["test_two"]
    seen = [datetime.fromtimestamp(float(at), UTC) for at in Path("seen").read_text(encoding="utf-8").split()]
    spelled = [one["started_at"], one["call"]["started_at"], one["call"]["ended_at"], one["ended_at"]]
    start, call, called, end = (datetime.fromisoformat(at) for at in spelled)
    assert all(at.endswith("Z") and len(at) == len("2026-03-04T05:00:00.000000Z") for at in spelled)
    assert before < start < call < seen[0] < seen[1] < called < end < datetime.now(UTC)
    assert call - start >= timedelta(seconds=0.2)
    assert seen[0] - call < timedelta(seconds=0.05)
    assert end - called >= timedelta(seconds=0.1)
    assert one["ended_at"] <= two["started_at"]


def test_parameters_and_classes_stay_apart(runs: Runs) -> None:
    """Each parameter set, and each of two functions of one name, is a test with its own node id."""
    made = runs(
        """
        import pytest
        @pytest.mark.parametrize("roll", ["rye", "a::b [c]"])
        def test_roll(roll): assert roll == "rye"
        class TestOther:
            def test_roll(self): pass
        """
    )
    assert [(test["node_id"], test["name"], test["outcome"]) for test in made.cycle["tests"]] == [
        ("test_it.py::test_roll[rye]", "test_roll[rye]", "passed"),
        ("test_it.py::test_roll[a::b [c]]", "test_roll[a::b [c]]", "failed"),
        ("test_it.py::TestOther::test_roll", "test_roll", "passed"),
    ]


def test_a_failing_subtest_fails_its_test(runs: Runs) -> None:
    """A subtest's error is the test's, and the call is as long as all of it."""
    made = runs(
        """
        import time
        def test_rolls(subtests):
            for roll in ("rye", "spelt"):
                with subtests.test(roll=roll):
                    time.sleep(0.05)
                    assert roll == "rye", f"no {roll}"
        """
    )
    (test,) = made.cycle["tests"]
    assert (test["outcome"], test["error"]) == ("failed", "AssertionError: no spelt")
    call = [datetime.fromisoformat(test["call"][key]) for key in ("started_at", "ended_at")]
    assert call[1] - call[0] >= timedelta(seconds=0.1)


def test_async_tests_are_recorded_like_others(runs: Runs) -> None:
    """pytest-asyncio's tests have their outcomes, errors and traces."""
    made = runs(
        """
        import asyncio, pytest
        @pytest.mark.asyncio
        async def test_good(traceparent): await asyncio.sleep(0)
        @pytest.mark.asyncio
        async def test_late(traceparent):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(1)
        """,
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        plugins=("pytest_asyncio.plugin",),
    )
    assert made.outcomes == {"test_good": "passed", "test_late": "failed"}
    assert made.tests["test_late"]["error"] == "TimeoutError"
    assert all(len(test["trace_ids"]) == 1 for test in made.cycle["tests"])


def test_facts_of_the_run_are_written(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Number, date, versions; target, environment and revision by option, else by variable, else not."""
    monkeypatch.setenv("RCA_TARGET", "https://ignored.example")
    monkeypatch.setenv("RCA_REVISION", "ovens-00007-abc")
    made = runs("def test_a(): pass", "--rca-target", "https://ovens.example").cycle
    assert (made["schema"], made["number"], made["collected"]) == ("rca.cycle/1", 4, 1)
    assert made["date"] == made["started_at"][:10]
    assert (made["target"], made["environment"], made["revision"]) == (
        "https://ovens.example",
        None,
        "ovens-00007-abc",
    )
    assert made["tools"].keys() >= {"rca", "python", "pytest"}
    assert made["interrupted"] is None


def test_the_file_is_its_owner_s_alone(runs: Runs, pytester: pytest.Pytester) -> None:
    """Errors stand in it as they are, so nobody else may read it; no other file is left beside it."""
    runs("def test_a(): assert 0", "--rca-dir", "deep/er")
    (made,) = Path(pytester.path, "deep", "er").iterdir()
    assert made.name == "cycle-4.json"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_the_run_says_where_it_was_recorded_and_what_comes_next(runs: Runs) -> None:
    """A good run names the file; one with a failure also the command that explains it."""
    assert "rca: recorded cycle 4 in cycle-4.json\n" in runs("def test_a(): pass").output
    said = runs("def test_a(): assert 0", "--rca-dir", "deep").output
    assert "recorded cycle 4 in deep/cycle-4.json; next: rca why --cycle 4 --cycles-dir deep\n" in said


def test_an_earlier_recording_is_replaced(runs: Runs, pytester: pytest.Pytester) -> None:
    """The same number recorded again is the later run."""
    Path(pytester.path, "cycle-4.json").write_text("{}", encoding="utf-8")
    assert runs("def test_a(): pass").outcomes == {"test_a": "passed"}


def test_a_file_that_cannot_be_collected_is_recorded(runs: Runs) -> None:
    """Its error stands beside the tests, and the run says why no test ran."""
    made = runs("import there_is_no_such_module\ndef test_a(): pass")
    assert made.cycle["collection_errors"] == [
        {"node_id": "test_it.py", "error": "ModuleNotFoundError: No module named 'there_is_no_such_module'"}
    ]
    assert made.cycle["tests"] == []
    assert made.cycle["interrupted"] == "1 error during collection"


def test_stopping_at_the_first_failure_is_said(runs: Runs) -> None:
    """With -x, what ran is there, and that not all ran."""
    made = runs("def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pass", "-x")
    assert made.outcomes == {"test_a": "passed", "test_b": "failed"}
    assert (made.cycle["interrupted"], made.cycle["collected"]) == ("stopping after 1 failures", 3)


@pytest.mark.parametrize(
    "options", [("--rca-cycle", "-1"), ("--rca-cycle", "x"), ("--rca-dir", "test_it.py/x")]
)
def test_what_cannot_be_recorded_is_refused_before_the_tests_run(
    runs: Runs, options: tuple[str, ...]
) -> None:
    """A wrong number, or a folder that cannot be made, is a wrong usage."""
    made = runs("def test_a(): print('ran')", *options)
    assert made.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "rca-" in made.output
    assert made.cycle == {}


def test_where_the_file_cannot_be_written_the_tests_still_count(
    runs: Runs, pytester: pytest.Pytester
) -> None:
    """A disk that says no turns no good test bad; the run says that nothing was recorded, and leaves nothing half."""
    Path(pytester.path, "out", "cycle-4.json").mkdir(parents=True)
    made = runs("def test_a(): pass", "--rca-dir", "out")
    assert made.exit_code == pytest.ExitCode.OK
    assert "cycle 4 was not recorded" in made.output
    assert [path.name for path in Path(pytester.path, "out").iterdir()] == ["cycle-4.json"]


def test_a_run_without_tests_leaves_what_was_recorded(runs: Runs) -> None:
    """Where nothing ran, an earlier recording is not overwritten with nothing."""
    runs("def test_a(): pass")
    made = runs("", "--deselect", "x")
    assert "no test ran" in made.output
    assert made.outcomes == {"test_a": "passed"}


def test_error_text_of_any_kind_is_written(runs: Runs, pytester: pytest.Pytester) -> None:
    """Surrogates, NULs, escapes, line separators and giant lines give a file that any JSON reader takes."""
    runs(
        r"""
        import pytest
        @pytest.mark.parametrize("text", ["\ud800", "\0\x1b[31m", "\u2028x", "y" * 10**6, "  \n", "é🥖"])
        def test_a(text): raise ValueError(text)

        class Mute(Exception):
            def __str__(self): raise RuntimeError
        def test_mute(): raise Mute

        class Loop(Exception): pass
        def test_loop():
            one, two = Loop("a"), Loop("b")
            one.__cause__, two.__cause__ = two, one
            raise ExceptionGroup("all", [one, ExceptionGroup("in", [two])])
        """
    )
    cycle = json.loads(Path(pytester.path, "cycle-4.json").read_text(encoding="utf-8"))
    told = [test["error"] for test in cycle["tests"]]
    assert len(told) == 8
    assert told[0] == r"ValueError: \ud800"
    assert told[4] == "ValueError"
    assert told[5] == "ValueError: é🥖"
    assert told[6].endswith("Mute: <its text cannot be had>")
    assert told[7] == "ExceptionGroup: all (2 sub-exceptions): test_it.Loop: a"
    assert max(len(one) for one in told) == 2000
