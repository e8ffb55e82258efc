"""A world outside in which waiting takes no time: only sleeping, and the test itself, move its clock on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rca.sources.outside import Outside

NOW = datetime(2026, 3, 10, tzinfo=UTC)


@dataclass
class World:
    """The clock, what was waited, and what the user was told. Not frozen: time goes on in it."""

    at_s: float = 0.0
    chance: float = 0.5
    """The dice: 0.5 leaves a pause as it is."""

    waits: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    stopped_in_wait: int | None = None
    """The wait, from 0, in which the user presses Ctrl-C."""

    @property
    def outside(self) -> Outside:
        """The world as a source sees it."""
        return Outside(
            now=lambda: NOW + timedelta(seconds=self.at_s),
            monotonic=lambda: self.at_s,
            sleep=self._sleep,
            chance=lambda: self.chance,
            tell=self.told.append,
        )

    def _sleep(self, seconds: float) -> None:
        if len(self.waits) == self.stopped_in_wait:
            raise KeyboardInterrupt
        self.waits.append(seconds)
        self.at_s += seconds
