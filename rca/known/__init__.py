"""The catalogue of known causes: what a fault is called, why it ends connections so, and what to do about it.

In: a suspect and the closes of its connections, or closes that nothing explains. Out: the `Known` entry that fits, or
None. Decides that all conditions of an entry must hold, and that the most specific entry wins: the one with the most
conditions, then the one that stands first. An entry never turns a verdict against evidence: it says what is blamed, or
what the pattern of the ends means where nothing is.

The entries stand in rca/catalogue/*.toml and in folders of the user's own; loading tries every sample.
"""

from collections.abc import Sequence

from rca import server as servers
from rca.known import seen as observed
from rca.known.entries import Finding, Kind, Known, Sample, Sort
from rca.known.loading import catalogue, check
from rca.known.recognizing import best
from rca.known.wording import as_findings, as_list, as_text
from rca.model import Close, Event, EventKind, Suspect
from rca.server import UNKNOWN, Fingerprint

__all__ = [
    "Finding",
    "Known",
    "Sample",
    "as_findings",
    "as_list",
    "as_text",
    "catalogue",
    "check",
    "ending",
    "look_alike",
    "of_close",
    "of_suspect",
    "speaks_against",
]


def of_suspect(
    suspect: Suspect,
    closes: Sequence[Close] = (),
    server: Fingerprint = UNKNOWN,
    among: Sequence[Known] | None = None,
) -> Known | None:
    """The known cause that a suspect is, by its own name, else by its chain; None where the catalogue has none.

    `closes`: how the connections ended that it is to explain.
    """
    named = observed.of_suspect(suspect, closes, server.names, whole=False)
    return _best(among, named, "cause") or _best(among, _whole(suspect, closes, server), "cause")


def ending(
    suspect: Suspect,
    closes: Sequence[Close] = (),
    server: Fingerprint = UNKNOWN,
    among: Sequence[Known] | None = None,
) -> Known | None:
    """How this fault becomes this close on this server; None where the catalogue does not say."""
    return _best(among, _whole(suspect, closes, server), "ending")


def look_alike(
    suspect: Suspect,
    closes: Sequence[Close] = (),
    server: Fingerprint = UNKNOWN,
    among: Sequence[Known] | None = None,
) -> Known | None:
    """What only looks like a cause, by the suspect's own name; its `spec.is_not` says why it is none."""
    return _best(among, observed.of_suspect(suspect, closes, server.names, whole=False), "look-alike")


def of_close(
    close: Close,
    lifetimes_s: Sequence[float] = (),
    server: Fingerprint = UNKNOWN,
    *,
    logged_nothing: bool = False,
    among: Sequence[Known] | None = None,
) -> Known | None:
    """What it means that connections end so, where no fault is blamed; a cause before a mere manner of ending.

    `logged_nothing`: no fault of the application is tied to them.
    """
    seen = observed.of_close(close, lifetimes_s, server.names, quiet=logged_nothing)
    return _best(among, seen, "cause") or _best(among, seen, "ending")


def speaks_against(known: Known, event: Event) -> str | None:
    """Why a fault of this sort is ruled out where this entry holds; None where it is not."""
    sorts: dict[Sort, bool] = {
        "uncaught": servers.uncaught_by(event) is not None,
        "exception": event.kind in (EventKind.EXCEPTION, EventKind.ERROR_LINE),
        "silence": event.kind is EventKind.SILENCE,
        "platform": event.kind is EventKind.PLATFORM,
        "client": event.kind is EventKind.CLIENT,
    }
    if not any(sorts[sort] for sort in known.spec.excludes):
        return None
    return known.spec.rules_out[0] if known.spec.rules_out else known.spec.why


def _whole(suspect: Suspect, closes: Sequence[Close], server: Fingerprint) -> observed.Seen:
    return observed.of_suspect(suspect, closes, server.names, whole=True)


def _best(among: Sequence[Known] | None, seen: observed.Seen, kind: Kind) -> Known | None:
    return best(catalogue() if among is None else among, seen, kind)
