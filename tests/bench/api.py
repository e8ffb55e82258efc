"""What a pull from the API costs its client, against a server of Logging's protocol on the loopback.

The server is in this process, the client in one of its own: its CPU alone is counted.
"""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tests.bench.measure import Bench, Cost, middle
from tests.cloud.faults import Plan
from tests.cloud.grpc_server import GrpcServer
from tests.cloud.logs import Logs, read_entries

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Pull:
    """One command against the server, over and over."""

    cost: Cost
    entries: int
    """How many went out in the last run."""

    calls: int
    questions: int
    """How many different ones were asked: slices and probes."""

    @property
    def most_calls(self) -> int:
        """How many calls may be needed for so many entries: a page of each question may be part full."""
        return ceil(self.entries / _PAGE) + self.questions + 1


class Api:
    """The day's entries behind the protocol."""

    def __init__(self, logs: Path, bench: Bench) -> None:
        entries = list(read_entries(logs))
        self._project = str(entries[0]["resource"]["labels"]["project_id"])
        self._logs = Logs(iter(entries), project=self._project)
        self._bench = bench

    def pull(self, rca: tuple[str, ...], times: int) -> Pull:
        """What `rca` with these arguments costs and asks; it reads anew each time."""
        costs = []
        for _ in range(times):
            with GrpcServer(self._logs, Plan()) as server:
                where = ("--endpoint", server.endpoint, "--project", self._project, "--refresh")
                costs.append(self._bench.run((*rca, *where)))
                calls = list(server.calls)
        asked = {call.request.filter for call in calls}
        return Pull(middle(costs), sum(call.entries for call in calls), len(calls), len(asked))


def each_ms(less: Pull, more: Pull) -> float:
    """CPU in ms for each entry more."""
    return (more.cost.cpu_s - less.cost.cpu_s) * 1000 / (more.entries - less.entries)
