"""Daily life: jobs that log beside the requests, now and then something of no consequence failing."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

log = logging.getLogger("parley.jobs.upkeep")

_QUIET: tuple[tuple[int, str], ...] = (
    (logging.INFO, "swept {n} idle drafts in {ms} ms"),
    (logging.INFO, "search index holds {n} rows"),
    (logging.INFO, "digest mailed to gardener u_{n}"),
    (logging.INFO, "snapshot written, {n} bytes"),
    (logging.WARNING, "seed catalogue answered slowly: {ms} ms"),
    (logging.WARNING, "thumbnail of photo {n} skipped: too large"),
    (logging.WARNING, "retrying webhook {n} (2 of 4)"),
)
_STATIONS: Mapping[str, str] = {"harbour": "11.5", "hill": "n/a"}


def _frost_warning(station: str) -> bool:
    return float(_STATIONS[station]) < 0


def _postage(parcel: Mapping[str, int], zones: Mapping[str, int]) -> int:
    try:
        return zones[f"zone-{parcel['zone']}"] * parcel["grams"]
    except KeyError as missing:
        raise RuntimeError(f"no postage for parcel {parcel['id']}") from missing


class Upkeep:
    """The jobs of one instance, chosen by a seeded die."""

    def __init__(self, seed: int, pace_s: float, *, chained: bool) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a die for log noise, not a secret
        self._pace_s = pace_s
        self._jobs: list[tuple[float, Callable[[], None]]] = [(0.84, self._quiet), (0.16, self._frost)]
        if chained:
            self._jobs = [(0.8, self._quiet), (0.1, self._frost), (0.1, self._seed_parcel)]

    def _quiet(self) -> None:
        level, text = self._dice.choice(_QUIET)
        number = self._dice.choice((1011, self._dice.randrange(20, 9000), self._dice.randrange(20, 9000)))
        millis = self._dice.choice((1011, self._dice.randrange(3, 1900)))
        log.log(level, text.format(n=number, ms=millis))

    def _frost(self) -> None:
        try:
            _frost_warning("hill")
        except ValueError:
            log.exception("frost warning not worked out for station hill")

    def _seed_parcel(self) -> None:
        try:
            _postage({"id": 1011, "zone": 9, "grams": 40}, {"zone-1": 2, "zone-2": 3})
        except RuntimeError:
            log.exception("seed parcel left out of the morning's post")

    async def run(self) -> None:
        """Jobs ran until the instance was stopped."""
        weights = [weight for weight, _ in self._jobs]
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / self._pace_s))
            self._dice.choices([job for _, job in self._jobs], weights)[0]()
