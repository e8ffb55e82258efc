"""What is measured, what it may cost, and a row of the table."""

from dataclasses import dataclass

from tests.bench.answers import RIGHT
from tests.bench.measure import STOPPED, Cost


@dataclass(frozen=True, slots=True)
class Target:
    """At most so much; None: nothing is promised."""

    ratio: float | None = None
    """CPU, as a multiple of the yardstick's."""

    cpu_s: float | None = None
    peak_mib: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """`rca why` on the day in one of its formats."""

    name: str
    form: str
    cycle: str = "exact"
    options: tuple[str, ...] = ()
    target: Target = Target()


DAY = (
    Case("NDJSON, oldest first", "ndjson", target=Target(0.75, peak_mib=250)),
    Case("NDJSON, newest first", "newest-first", target=Target(0.75, peak_mib=250)),
    Case("NDJSON, a date-only cycle", "ndjson", "dated", target=Target(1.5, peak_mib=300)),
    Case("NDJSON, `--exhaustive`", "ndjson", options=("--exhaustive",), target=Target(1.0, peak_mib=250)),
    Case("NDJSON, unsorted", "shuffled", target=Target(1.0, peak_mib=250)),
    Case("`gcloud` array, newest first", "gcloud", target=Target(0.75, peak_mib=250)),
    Case("array, compact", "compact", target=Target(3.5, peak_mib=250)),
    Case("array, indented by 4", "indent-4", target=Target(3.5, peak_mib=250)),
    Case("NDJSON in `.gz`", "gz", target=Target(2.5, peak_mib=250)),
    Case("folder of hourly sink files", "sink"),
)
ONCE = (("ndjson", "exact"), ("ndjson", "dated"), ("gcloud", "exact"))
"""The cases whose answers are also held on days of other seeds."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    name: str
    target: str
    cost: Cost
    ratio: float | None = None
    met: bool | None = None
    """None where nothing is promised."""

    answer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table with what is to be known about it."""

    title: str
    text: str
    rows: tuple[Row, ...]


def row_of(name: str, target: Target, cost: Cost, ratio: float | None, answer: str) -> Row:
    """The row: a target is met only with the right answer."""
    asked = [
        ("≤ {:g}", target.ratio, ratio),
        ("≤ {:g} s", target.cpu_s, cost.cpu_s),
        ("≤ {:g} MiB", target.peak_mib, cost.peak_mib),
    ]
    told = ", ".join(form.format(most) for form, most, _ in asked if most is not None)
    kept = [most >= (cost.cpu_s if found is None else found) for _, most, found in asked if most is not None]
    met = all(kept) and answer in {"", RIGHT} and cost.code != STOPPED if kept else None
    note = "stopped" if cost.code == STOPPED else ""
    return Row(name, told, cost, ratio, met, answer, note)
