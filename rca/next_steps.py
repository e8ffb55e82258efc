"""What to do next: actions that follow from the cause, or that would settle an unknown."""

import tomllib
from functools import cache
from importlib import resources

from rca import closes
from rca.answers import lead_of
from rca.case import Case
from rca.knowledge import entry_of
from rca.known import Known
from rca.model import EventKind, Initiator, Suspect
from rca.naming import short_type
from rca.quote import quote

_LOUD = 5


@cache
def _remedies() -> dict[str, dict[str, str]]:
    text = resources.files("rca").joinpath("remedies.toml").read_text(encoding="utf-8")
    return {name: dict(words) for name, words in tomllib.loads(text).items()}


def actions(case: Case) -> tuple[str, ...]:
    """One action for each established cause, then one for what was loud but innocent, then how to check the fix."""
    line = "line" if _is_python(case) else "elsewhere"
    found = [_mend(cause, entry_of(case, cause), line) for cause in case.ranking.established]
    if not found and case.scene.bad:
        found += settle(case)
    found += _rollback(case)
    loud = [
        one
        for one in case.ranking.alternatives
        if len(one.events) >= _LOUD and one.exception and not one.links
    ]
    if loud and lead_of(case) is not None:
        named = quote(f"{short_type(loud[0].exception or '')}: {loud[0].message}", 100)
        found.append(
            f"Tell the owner of {named}: it was logged {len(loud[0].events)} times, and is another fault."
        )
    if case.cycle is not None and case.cycle.number is not None and case.ranking.established:
        number = case.cycle.number
        found.append(
            f"After the next deploy, run the cycle again, as cycle {number + 1}, and ask whether the fix held: "
            f"`rca diff {number} {number + 1}`."
        )
    return tuple(found)


def _rollback(case: Case) -> list[str]:
    """Back to the revision before, where a deploy brought the fault and the revision before still served well."""
    lead = lead_of(case)
    if lead is None:
        return []
    failing = {link.socket.revision for link in lead.links}
    brought = {
        event.tag for event in (*case.deploys, *case.events) if event.kind is EventKind.DEPLOY
    } & failing
    good = sorted({s.revision for s in case.scene.good if s.revision and s.revision not in failing})
    if not brought or not good:
        return []
    return [f"Until then, send the traffic back to revision {quote(good[-1])}, whose connections ended well."]


def _is_python(case: Case) -> bool:
    """Whether the server or a traceback tells that the service is written in Python."""
    names = case.scene.server.names
    return (bool(names) and "node" not in names) or any(
        event.trace is not None and event.trace.language == "python" for event in case.events
    )


def _mend(cause: Suspect, known: Known | None, line: str) -> str:
    """What to mend, what the known cause says of how, and where that is documented.

    `line`: which words serve where the place is not known.
    """
    words = _remedies().get(cause.category, _remedies()["unknown"])
    first = cause.message.strip().split("\n", 1)[0]
    named = f"{short_type(cause.exception)}: {first}" if cause.exception and cause.frame else first
    what = quote(named or cause.exception or "", 140)
    hint = f" {known.spec.remedy}" if known else ""
    if known and known.spec.docs:
        hint += f" See {known.spec.docs[0]} (known cause `{known.id}`)."
    if cause.frame is None:
        return words.get(line, words["line"]).replace("{what}", what) + hint
    at = f"{cause.frame.file}:{cause.frame.line}"
    place = quote(f"{cause.frame.function} ({at})" if cause.frame.function else at, 140)
    return words["trace"].replace("{what}", what).replace("{where}", place) + hint


def settle(case: Case) -> tuple[str, ...]:
    """For an unknown: what is missing of the logs, what the ends' pattern means, and what would tell the cause."""
    if case.pulled.gaps:  # of what was not read, nothing can be said
        return ("Get the part of the logs that is missing, see above, and ask again.",)
    if not case.pulled.entries:
        return ("Pull the logs of the cycle's time: nothing was read, so nothing can be said.",)
    closed = case.scene.ends_of(case.scene.bad)
    by_application = [
        close
        for close in closed
        if close.initiator is Initiator.SERVER and closes.author_of(close.reason).author == "application"
    ]
    logged = any(
        signal.contributes
        for one in case.ranking.alternatives
        for signal in one.signals
        if signal.name in ("tie", "time")
    )
    if by_application and not logged:
        reason = quote(by_application[0].reason or "")
        advice = (
            f"The application itself closed with the reason {reason}: some except block closes without logging what "
            "it caught. Log the exception there (logger.exception) and run the cycle again."
        )
        return (advice,)
    if not case.scene.bad:
        return (_to_join(case),)
    return (
        "Read the lines of the failing connections' instances around their ends; the query below selects them.",
    )


def _to_join(case: Case) -> str:
    """For logs in which no connection could be said to be a failing test's."""
    there = sum(one.websocket for one in case.sockets)
    if case.cycle is None or not there:
        return "Check that the logs are of the service and the time of the cycle: none of its connections is in them."
    connections = "one connection" if there == 1 else f"{there} connections"
    return (
        "Record a trace id for each test, or exact times where tests run one by one (`pytest --rca-cycle`): "
        f"{connections} lie in these logs, and nothing tells whether they served the failing tests. Else check that "
        "the logs are of the service and the time of the cycle."
    )
