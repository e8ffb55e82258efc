"""Recorded cases -> what the ranking weighed in each, and which of it the label calls right: what a fit is made from.

Examining hundreds of cases takes minutes; fitting takes seconds. So what was weighed is kept as JSON, and is read back
for as long as neither the recording nor the package has changed.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import rca
from rca.contract import ReportCause
from rca.signals import REFUSALS
from tests.lab.alter import ALTERATIONS, Alteration
from tests.lab.score import Recorded, Row, explained, herring_in, names, row_of

_SAID = 110
_TIES = ("tie", "time", "reason")
_COVERED = re.compile(r"tied to (\d+) of (\d+) failing sockets")
_CHANCE = re.compile(r"the chance is (?:below )?([\d.e-]+)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One suspect as it was weighed."""

    said: str
    right: bool
    possible: bool
    """Whether something ties it to a failing socket and nothing refuses it: it may be the answer."""

    established: bool
    typed: bool
    """Whether it names an exception."""

    weighed: dict[str, float]
    """Name of each signal that counted -> its weight."""

    tied: int
    bad: int
    """Failing sockets it is tied to, of those that were to be explained."""

    chance: float
    """Probability of its ties by time through background alone; 1 where it is not tied by time."""

    @property
    def score(self) -> float:
        """What decides its place: the sum of what was weighed."""
        return sum(self.weighed.values())


@dataclass(frozen=True, slots=True)
class Weighed:
    """One case under one alteration: its suspects, and the answer that came of them."""

    case: str
    scenario: str
    server: str
    row: Row
    candidates: tuple[Candidate, ...]
    """The answer first, where there is one; then as ranked."""


def weighed(
    cases: Sequence[Recorded], alterations: Sequence[Alteration], cache: Path, processes: int = 2
) -> list[Weighed]:
    """What was weighed in each case under each alteration; `cache` holds it from then on."""
    tasks = [(case, one.name) for case in cases for one in alterations]
    stamp = _version()
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(_kept, tasks, [cache] * len(tasks), [stamp] * len(tasks), chunksize=4)
        return [one for one in found if one is not None]


def _version() -> str:
    """A digest of the package: another ranking weighs otherwise."""
    digest = hashlib.sha256()
    root = Path(rca.__file__).parent
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml", ".lark")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(task: tuple[Recorded, str], cache: Path, stamp: str) -> Weighed | None:
    case, name = task
    alteration = next(one for one in ALTERATIONS if one.name == name)
    logs = (case.folder / "logs.ndjson").read_bytes() + (case.folder / "label.json").read_bytes()
    key = hashlib.sha256(b"\0".join((stamp.encode(), name.encode(), case.name.encode(), logs))).hexdigest()
    path = cache / f"{key[:32]}.json"
    if path.exists():
        return _read(path.read_text(encoding="utf-8"))
    made = _weigh(case, alteration)
    if made is not None:
        cache.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    return made


def _read(text: str) -> Weighed:
    held = json.loads(text)
    candidates = tuple(Candidate(**one) for one in held.pop("candidates"))
    return Weighed(**{**held, "row": Row(**held["row"]), "candidates": candidates})


def _weigh(case: Recorded, alteration: Alteration) -> Weighed | None:
    """The case examined; None where no report could be made of it."""
    made = explained(case, case.entries(), alteration)
    if made is None:
        return None
    told = [(one, True) for one in made.causes] + [(one, False) for one in made.alternatives]
    candidates = tuple(_candidate(one, case, established=yes) for one, yes in told if one.signals)
    return Weighed(case.name, case.folder.name, case.server, row_of(case, alteration.name, made), candidates)


def _candidate(one: ReportCause, case: Recorded, *, established: bool) -> Candidate:
    """The suspect, its counts read back from the hints: a report carries them in words only."""
    counted = {signal.name: signal.weight for signal in one.signals if signal.contributes}
    hints = {signal.name: signal.hint for signal in one.signals}
    covered, chance = _COVERED.search(hints["coverage"]), _CHANCE.search(hints["time"])
    return Candidate(
        said=one.summary[:_SAID],
        right=names(one, case.label) and not herring_in(one, case.label),
        possible=any(name in counted for name in _TIES) and not any(name in counted for name in REFUSALS),
        established=established,
        typed=one.exception is not None,
        weighed=counted,
        tied=int(covered[1]) if covered else 0,
        bad=int(covered[2]) if covered else 0,
        chance=float(chance[1]) if chance else 1.0,
    )
