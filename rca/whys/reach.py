"""The fifth why: why it hits all of these operations, or only them, and why now."""

from rca.answers import answered, count, lead_of, listed, nothing_failed, service_of, share, ties_of
from rca.case import Case
from rca.casebook import Casebook
from rca.contract import Why
from rca.model import Entry, EventKind, Suspect
from rca.naming import lasting_words
from rca.questions import scope
from rca.quote import quote
from rca.resources import filled


def answer(case: Case, book: Casebook) -> Why:
    """How far the cause reaches, when it was first seen, and which deploy came before."""
    lead = lead_of(case)
    if lead is None:
        if nothing_failed(case):
            return answered("It hits none: nothing failed.", "answered", 0.95, ())
        return answered("Not known without a cause.", "unknown", 0.0, (), _deploys(case))
    parts = [_share(case, lead)]
    seen = [event.entry for event in lead.events] + ([case.first] if case.first else [])
    first = min(seen, key=lambda entry: entry.at)
    number = book.entry(first)
    parts.append(f"First seen at {first.at:%Y-%m-%d %H:%M:%S} UTC, in {_searched(case)}. [{number}]")
    now, cites, told = _why_now(case, book, first)
    parts.append(now)
    query = None if told else _first_query(case, lead) or _deploys(case)
    sure = lead.confidence * (1.0 if told else 0.6)
    return answered(" ".join(parts), "answered" if told else "partly", sure, [number, *cites], query)


def _share(case: Case, lead: Suspect) -> str:
    ties = ties_of(lead)
    instances = {link.socket.instance for link in ties if link.socket.instance}
    revisions = sorted({link.socket.revision for link in ties if link.socket.revision})
    where = f" on {count(len(instances), 'instance')}" if instances else ""
    says = f"It is tied to {share(len(ties), len(case.scene.bad))}{where}"
    says += f", revision {listed(revisions)}." if revisions else "."
    if len(instances) > 1 and len(ties) == len(case.scene.bad):
        says += " So it is not one bad instance."
    return says


def _searched(case: Case) -> str:
    if case.searched is None:
        return "the entries read"
    hours = (case.searched.end - case.searched.start).total_seconds() / 3600
    return f"the {hours:.0f} hours searched" if hours > 1 else "the entries searched"


def _why_now(case: Case, book: Casebook, first: Entry) -> tuple[str, list[str], bool]:
    """The last deploy before the first occurrence, if the logs hold one; whether that answers "why now"."""
    deploys = [event for event in (*case.deploys, *case.events) if event.kind is EventKind.DEPLOY]
    before = sorted((event for event in deploys if event.at <= first.at), key=lambda event: event.at)
    revisions = {entry.revision for entry in case.pulled.entries if entry.revision}
    if not before:
        seen = "only one revision appears" if len(revisions) == 1 else f"{len(revisions)} revisions appear"
        return f"Why now: not established; {seen}, and no deploy lies in {_searched(case)}.", [], False
    last = before[-1]
    number = book.entry(last.entry)
    after = (first.at - last.at).total_seconds()
    span = f"{after:.0f} s" if after < 120 else f"{after / 60:.0f} min"  # noqa: PLR2004 - two minutes read better as such
    says = f"Why now: {quote(last.title)} {span} before it was first seen. [{number}]"
    # A revision that brought it: the fault's first entry is of the very revision that had just become ready.
    brought = first.revision is not None and first.revision == last.tag
    return says, [number], brought


def _first_query(case: Case, lead: Suspect) -> str | None:
    """The query for the first occurrence, by the longest piece of the wording that never changes."""
    service = service_of(case)
    if service is None or lead.events[0].kind not in (EventKind.EXCEPTION, EventKind.ERROR_LINE):
        return None
    words = lasting_words(lead.message, None if lead.inferred else lead.exception)
    return scope((service,)) + filled("first_occurrence.lql", text=words) if words else None


def _deploys(case: Case) -> str | None:
    service = service_of(case)
    return scope((service,)) + filled("deploys.lql") if service else None
