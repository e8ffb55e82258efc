"""What fuzzing a reader has come to, over all runs."""

from dataclasses import dataclass

WORST = "worst.txt"
"""Beside the corpus: the seconds that the slowest input of the last run took."""

_FLAT = 0.5
_LEAST_S = 60


@dataclass(slots=True)  # not frozen: it adds up while rounds go on
class Reached:
    """What fuzzing a reader has come to, over all runs."""

    reader: str
    executions: int = 0
    edges: int = 0
    features: int = 0
    inputs: int = 0
    seconds: float = 0.0
    peak_mib: int = 0
    last_new: int = 0
    """The execution that reached the last new edge."""

    worst_s: float = 0.0
    """Of CPU, for one input, instrumented."""

    found: int = 0
    """Inputs that broke it, also without instrumentation, in all runs."""

    @property
    def flat(self) -> bool:
        """Whether its coverage has stopped growing: the later half of all inputs reached no new edge."""
        return self.seconds >= _LEAST_S and self.last_new < _FLAT * self.executions
