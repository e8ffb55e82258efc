"""A command -> what its whole process cost: CPU (user and system) and peak memory, of it alone."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
STOPPED = 124


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    cpu_s: float
    peak_mib: float
    wall_s: float
    code: int


@dataclass(frozen=True, slots=True)
class Bench:
    """Where commands are run, and for how long at most."""

    place: Path
    """The working folder: without settings, without recordings."""

    limit_s: int

    @property
    def out(self) -> Path:
        """What the last command wrote."""
        return self.place / "out"

    def run(self, command: Sequence[str], more: Mapping[str, str] | None = None) -> Cost:
        """The cost of one run; `more` is added to its environment."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("RCA_")}
        environment |= {"PYTHONPATH": str(ROOT), "HOME": str(self.place), **(more or {})}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        launch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
        told = subprocess.run(  # noqa: S603 - commands of this package's own
            [*launch, str(self.out), str(self.limit_s), *command],
            stdout=subprocess.PIPE,
            check=True,
            cwd=self.place,
            env=environment,
        )
        return Cost(**json.loads(told.stdout))


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians; the exit code is that of the worst."""
    return Cost(
        median(cost.cpu_s for cost in costs),
        median(cost.peak_mib for cost in costs),
        median(cost.wall_s for cost in costs),
        max(cost.code for cost in costs),
    )


def ratio(costs: Sequence[Cost], yardsticks: Sequence[Cost]) -> float:
    """The median of the ratios of CPU, each pair measured one after the other."""
    return median(cost.cpu_s / one.cpu_s for cost, one in zip(costs, yardsticks, strict=True))
