"""A case: everything that is known about a failing cycle before it is put in words."""

from dataclasses import dataclass

from rca.model import Cycle, Entry, Event, Join, Link, Pulled, Socket, Window
from rca.rank import Ranking
from rca.repo import RepoFindings
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
    deploys: tuple[Event, ...] = ()
    """Deploys that a probe found in all of the span that was searched, in and out of the windows."""

    first: Entry | None = None
    """The first entry in that span that shows the leading cause; None where only the windows were read."""

    searched: Window | None = None
    """The span that was searched; None where only the windows were read."""

    catalogue: tuple[str, ...] = ()
    """Folders of the user's own known causes."""

    repo: RepoFindings | None = None
    """What the service's own source says of the closes and frames; None where no checkout was given."""

    notes: tuple[str, ...] = ()
    """What must be read before the answer."""
