"""What the catalogue of known causes adds to a case: which entry a cause is, how it became this close, what ends mean.

In: a case. Out: entries of the catalogue, or None. Where nothing is blamed, an entry says what ends of this kind mean;
it blames nobody.
"""

from rca import known
from rca.case import Case
from rca.known import Known
from rca.model import Suspect


def entry_of(case: Case, one: Suspect) -> Known | None:
    """The known cause that a suspect was recognized as."""
    entries = known.catalogue(case.catalogue)
    return next((entry for entry in entries if entry.id == one.known), None)


def ending_of(case: Case, one: Suspect) -> Known | None:
    """How this cause becomes this close on this server."""
    ends = case.scene.ends_of(link.socket for link in one.links)
    return known.ending(one, ends, case.scene.server, known.catalogue(case.catalogue))


def meaning_of(case: Case) -> Known | None:
    """What it means that the failing connections end so, where no fault is blamed for it."""
    bad = [socket for socket in case.scene.bad if socket.accepted]
    ends = case.scene.ends_of(bad)
    if not ends or len({(one.code, one.reason, one.initiator) for one in ends}) > 1:
        return None
    lived = [one.lifetime_s for one in bad if one.lifetime_s is not None]
    quiet = not any(one.links for one in case.ranking.alternatives)
    return known.of_close(
        ends[0],
        lived,
        case.scene.server,
        logged_nothing=quiet,
        among=known.catalogue(case.catalogue),
    )
