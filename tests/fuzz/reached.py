"""What fuzzing a reader has come to, over all runs."""

from dataclasses import dataclass, field

WORST = "worst.txt"
"""Beside the corpus: the seconds that the slowest input of the last run took."""

_FLAT = 1 / 200
_LEAST_S = 300


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
    growth: list[tuple[int, int]] = field(default_factory=list)
    """The executions that reached new edges, in order, each with all edges reached by then."""

    worst_s: float = 0.0
    """Of CPU, for one input, instrumented."""

    found: int = 0
    """Inputs that broke it, also without instrumentation, in all runs."""

    @property
    def last_new(self) -> int:
        """The execution that reached the last new edge."""
        return self.growth[-1][0] if self.growth else 0

    @property
    def later(self) -> int:
        """The edges that only the later half of all executions reached."""
        half = self.executions / 2
        return self.edges - max((edges for at, edges in self.growth if at <= half), default=0)

    @property
    def flat(self) -> bool:
        """Whether its coverage has stopped growing: the later half of all inputs added no 200th of its edges."""
        return self.seconds >= _LEAST_S and self.later < _FLAT * self.edges
