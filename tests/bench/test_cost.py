"""A benchmark small enough for every change: it fails only where the cost is far out of line."""

import sys
from pathlib import Path

import pytest

from tests.bench.answers import RIGHT, held
from tests.bench.cases import Row, Target, row_of
from tests.bench.ground import RCA, YARDSTICK, label_of
from tests.bench.making import Size, made
from tests.bench.measure import STOPPED, Bench, Cost, middle, ratio

pytestmark = pytest.mark.slow

SIZE = Size(60_000, 30_000, 1)
FAR_OUT = 44.0
"""Four times the ratio of 11 that was measured at first: most of it is start-up, which so small a day shows."""

MOST_MIB = 250
LIMIT_S = 120


def row(target: Target, cost: Cost, found: float | None, answer: str) -> Row:
    """A row of the table."""
    return row_of("a case", target, cost, found, answer)


def test_a_small_day_costs_no_multiple_of_what_it_did(tmp_path: Path) -> None:
    """Thrice right, within the memory that a full day may take, and not four times as dear as it was."""
    folder = made(SIZE, tmp_path)
    logs, report, bench = str(folder / "logs.ndjson"), tmp_path / "report.json", Bench(tmp_path, LIMIT_S)
    cycle = ("--cycles-dir", str(folder / "exact"), "--cycle", "1")
    command = (*RCA, "why", *cycle, "--logs", logs, "--format", "json", "-o", str(report))
    bench.run((*RCA, "demo"))  # compiled and cached
    costs, yardsticks = [], []
    for _ in range(3):
        yardsticks.append(bench.run((*YARDSTICK, logs)))
        costs.append(bench.run(command))
        assert held(report, label_of(folder)) == RIGHT
    assert ratio(costs, yardsticks) < FAR_OUT
    assert middle(costs).peak_mib < MOST_MIB


def test_a_process_is_measured_alone(tmp_path: Path) -> None:
    """CPU and peak are the child's: a child that does nothing has little of either, one that works has what it took."""
    hold = bytearray(200 << 20)
    bench = Bench(tmp_path, LIMIT_S)
    idle = bench.run((sys.executable, "-I", "-S", "-c", "pass"))
    busy = bench.run((sys.executable, "-I", "-S", "-c", "x = bytearray(100 << 20); sum(range(10_000_000))"))
    assert len(hold) == 200 << 20
    assert idle.peak_mib < 30
    assert 100 < busy.peak_mib < 140
    assert busy.cpu_s > 2 * idle.cpu_s
    assert (idle.code, busy.code) == (0, 0)


def test_what_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """A command that outlives its limit is killed, and its exit code says so."""
    cost = Bench(tmp_path, 1).run((sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"))
    assert cost.code == STOPPED
    assert cost.wall_s < 30


@pytest.mark.parametrize(
    ("cost", "found", "answer", "met"),
    [
        (Cost(1, 100, 1, 0), 0.5, RIGHT, True),
        (Cost(1, 100, 1, 0), 0.8, RIGHT, False),
        (Cost(1, 300, 1, 0), 0.5, RIGHT, False),
        (Cost(1, 100, 1, 0), 0.5, "WRONG: unknown", False),
        (Cost(1, 100, 1, STOPPED), 0.5, RIGHT, False),
    ],
)
def test_a_target_is_met_only_with_the_right_answer(
    cost: Cost,
    found: float,
    answer: str,
    met: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Over its ratio, over its memory, stopped or with another answer, a case has not met its target."""
    assert row(Target(0.75, peak_mib=250), cost, found, answer).met is met


def test_nothing_is_met_where_nothing_is_promised() -> None:
    """A row without a target is neither met nor missed."""
    assert row(Target(), Cost(1, 1, 1, 0), 9.0, "").met is None


def test_ratios_are_paired() -> None:
    """The ratio is the median of the pairs' ratios, so that a slow moment hits both."""
    costs = [Cost(cpu, 1, 1, 0) for cpu in (1.0, 2.0, 9.0)]
    yardsticks = [Cost(cpu, 1, 1, 0) for cpu in (2.0, 4.0, 3.0)]
    assert ratio(costs, yardsticks) == 0.5
