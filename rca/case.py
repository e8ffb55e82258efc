"""A case: everything that is known about a failing cycle before it is put in words."""

from dataclasses import dataclass

from rca.model import Cycle, Event, Join, Link, Pulled, Socket, Window
from rca.rank import Ranking
from rca.scene import Scene


@dataclass(frozen=True, slots=True)
class Case:
    """What the stages found, in one value, for those that explain it."""

    cycle: Cycle | None
    pulled: Pulled
    windows: tuple[Window, ...]
    sockets: tuple[Socket, ...]
    join: Join | None
    scene: Scene
    events: tuple[Event, ...]
    links: tuple[Link, ...]
    ranking: Ranking
    history: tuple[Event, ...] = ()
    """Faults and deploys that a probe found in all of the span that was searched, in and out of the windows."""

    searched: Window | None = None
    """The span that `history` is of; None where only the windows were read."""

    notes: tuple[str, ...] = ()
    """What must be read before the answer."""
