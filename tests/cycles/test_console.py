"""pytest's console output."""

from rca.cycles.console import ConsoleReader
from rca.cycles.document import from_bytes
from rca.model import Cycle
from tests.cycles.telling import outcomes

HEAD = "============================= test session starts ==============================\n"


def console(text: str) -> Cycle:
    """The cycle of output below pytest's header."""
    cycle = ConsoleReader().read(from_bytes((HEAD + text).encode(), "out.txt"))
    assert cycle is not None
    return cycle


def test_verbose_lines() -> None:
    """Result lines give their tests, with xdist's worker or output in between as well."""
    cycle = console(
        "tests/a.py::TestA::test_one PASSED [ 25%]\n"
        "[gw1] [ 50%] FAILED tests/a.py::test_two\n"
        "tests/a.py::test_three some output\nmore of it\nPASSED [ 75%]\n"
        "tests/a.py::test_four[a b] SKIPPED (why) [100%]\n"
    )
    assert outcomes(cycle) == [
        ("test_one", "passed"),
        ("test_two", "failed"),
        ("test_three", "passed"),
        ("test_four[a b]", "skipped"),
    ]


def test_errors_and_totals() -> None:
    """A failure's section gives the error, the last line the totals."""
    cycle = console(
        "a.py::test_one FAILED [ 50%]\na.py::test_two ERROR [100%]\n"
        "==================================== ERRORS ====================================\n"
        "_________________________ ERROR at setup of test_two __________________________\n"
        "E       fixture 'server' not found\n"
        "=================================== FAILURES ===================================\n"
        "______________________________ TestA.test_one ______________________________\n"
        "E       httpcore.ReadTimeout\n\nThe above exception was the direct cause\n"
        "E       httpx.ReadTimeout: slow\nE       assert False\n"
        "FAILED a.py::test_one - httpx.Read...\n"
        "=================== 1 failed, 3 passed, 1 error in 4.00s ===================\n"
    )
    assert [test.error for test in cycle.tests] == ["httpx.ReadTimeout: slow", "fixture 'server' not found"]
    assert (cycle.passed, cycle.failed, cycle.skipped) == (3, 1, 0)


def test_rerun_is_flaky() -> None:
    """A test that was rerun counts by its last try and is flaky."""
    cycle = console("a.py::test_one RERUN [ 50%]\na.py::test_one PASSED [100%]\n")
    assert [(test.name, test.outcome.value, test.flaky) for test in cycle.tests] == [
        ("test_one", "passed", True)
    ]


def test_durations_and_colour() -> None:
    """Durations of the call phase and coloured output are read."""
    cycle = console(
        "a.py::test_one \x1b[32mPASSED\x1b[0m [100%]\n1.50s setup    a.py::test_one\n0.25s call     a.py::test_one\n"
    )
    assert [test.duration_s for test in cycle.tests] == [0.25]


def test_collection_error() -> None:
    """A file that could not be collected is a row of its own: it is why tests are missing."""
    cycle = console("ERROR tests/b.py - ImportError: no module named x\n")
    assert [(test.name, test.outcome.value, test.error) for test in cycle.tests] == [
        ("tests/b.py", "error", "ImportError: no module named x")
    ]


def test_other_text() -> None:
    """Text that no pytest printed is left to other readers."""
    assert ConsoleReader().read(from_bytes(b"all good\n", "out.txt")) is None
