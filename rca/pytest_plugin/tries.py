"""Phases of tries become tests: how each ended, its exact times, its earlier tries.

In: the tries of a run, each with its phases as they were reported. Out: a JSON object for each test, by start.
Decides how a test ended, in pytest's own sense: a call that fails is a failure, a set-up or teardown that fails an
error; what was expected to fail, and did, is skipped; the last try counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rca.pytest_plugin.endings import Ending
    from rca.pytest_plugin.witness import Seen

Json = dict[str, Any]

CRASHED = "???"
"""What pytest-xdist calls the phase in which a worker died."""

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Phase:
    """One report: of a set-up, a call (or a subtest), a teardown, or a worker's death."""

    when: str
    outcome: str
    """passed, failed, skipped; or another plugin's word for a failure that is tried again ("rerun")."""

    expected_to_fail: bool
    says: str | None
    """pytest's own words where no exception was raised: a strict xfail that passed, a worker that crashed."""

    seen: "Seen"

    @property
    def bad(self) -> bool:
        """Whether it failed."""
        return self.outcome not in {"passed", "skipped"}


@dataclass(frozen=True, slots=True)
class CutOff:
    """The run broke off while a test ran."""

    at: float
    why: str


@dataclass(slots=True)
class Try:  # not frozen: phases are added as they are reported
    """One go at a test."""

    begun: float
    phases: list[Phase] = field(default_factory=list)
    cut_off: CutOff | None = None

    @property
    def over(self) -> bool:
        """Whether its last phase was reported."""
        return any(phase.when in {"teardown", CRASHED} for phase in self.phases)


def stamp(at: float) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def tests_of(tries: Mapping[str, Iterable[Try]]) -> list[Json]:
    """One object for each test, by the start of its last try; its earlier tries within it, in order."""
    told = []
    for node_id, all_of in tries.items():
        *earlier, last = (_told(one) for one in all_of)
        told.append(
            {
                "node_id": node_id,
                "name": name_of(node_id),
                **last,
                "flaky": any(_bad(one) != _bad(last) for one in earlier),
                "earlier_tries": earlier,
            }
        )
    return sorted(told, key=lambda test: (test["started_at"], test["node_id"]))


def name_of(node_id: str) -> str:
    """The function with its parameters: `test_a[x]` of `tests/test_m.py::TestK::test_a[x]`."""
    bare, bracket, parameters = node_id.partition("[")
    return bare.rsplit("::", 1)[-1] + bracket + parameters


def _bad(told: Json) -> bool:
    return told["outcome"] in {"failed", "error"}


def _told(one: Try) -> Json:
    """A try as the file tells it: `started_at` to `ended_at` is set-up to teardown, `call` the test's own code."""
    seen = [phase.seen for phase in one.phases]
    bad = [phase for phase in one.phases if phase.bad]
    endings = [ending for phase in bad for ending in phase.seen["endings"]]
    first: Ending = endings[0] if endings else {}
    starts = [phase["start"] for phase in seen] or [one.begun]
    stops = [phase["stop"] for phase in seen] + ([one.cut_off.at] if one.cut_off else [])
    return {
        "outcome": _outcome(one, bad),
        "xfail": _xfail(one.phases),
        "started_at": stamp(min(starts)),
        "ended_at": stamp(max(stops)),
        "call": _call(one.phases),
        "error": _error(one, bad),
        "close_code": first.get("code"),
        "close_reason": first.get("reason"),
        "closed_by": first.get("by"),
        "endings": endings,
        "trace_ids": list(dict.fromkeys(name for phase in seen for name in phase["trace_ids"])),
        "worker": next((phase["worker"] for phase in seen if phase["worker"]), None),
        "interrupted": one.cut_off is not None or any(phase.when == CRASHED for phase in one.phases),
    }


def _call(phases: Iterable[Phase]) -> Json | None:
    """When the test's own code ran; its subtests are reported before it, as parts of it."""
    calls = [phase.seen for phase in phases if phase.when == "call"]
    if not calls:
        return None
    return {
        "started_at": stamp(min(seen["start"] for seen in calls)),
        "ended_at": stamp(max(seen["stop"] for seen in calls)),
    }


def _error(one: Try, bad: Iterable[Phase]) -> str | None:
    """The last line of the first phase that failed; else why the run broke off."""
    for phase in bad:
        said = phase.seen["error"] or (phase.says or "").strip()
        if said:
            return said.splitlines()[-1][:_LONGEST]
    return f"{one.cut_off.why}: the run broke off while this test ran"[:_LONGEST] if one.cut_off else None


def _outcome(one: Try, bad: Iterable[Phase]) -> str:
    when = {phase.when for phase in bad}
    if when & {"call", CRASHED}:
        return "failed"
    if when or one.cut_off is not None:
        return "error"
    return "skipped" if any(phase.outcome == "skipped" for phase in one.phases) else "passed"


def _xfail(phases: Iterable[Phase]) -> str | None:
    """In the words of pytest, what became of a test that was expected to fail."""
    expected = {phase.outcome for phase in phases if phase.expected_to_fail}
    if not expected:
        return None
    return "xfailed" if "skipped" in expected else "xpassed"
