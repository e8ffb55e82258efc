"""What stands before and after the answer: what must be read first, and how the answer was reached."""

from rca.answers import capital, count, lead_of
from rca.case import Case
from rca.hosts import host_of, target_host
from rca.model import Severity
from rca.quote import quote

_A_FILTER = 8
"""Entries; fewer may be all bad by chance."""


def notes(case: Case) -> tuple[str, ...]:
    """What a reader must know before believing the answer, gravest first."""
    notes = list(case.notes)
    pulled = case.pulled
    notes += [
        f"The logs have a known gap: {quote(gap, 400)}. What is missing can change the answer."
        for gap in pulled.gaps
    ]
    if not pulled.entries:
        notes.append(f"No log entry was read from {pulled.source}: nothing can be said about the cause.")
    if pulled.unreadable:
        notes.append(
            f"{count(pulled.unreadable, 'log entry').replace('entrys', 'entries')} could not be read."
        )
    if case.cycle is not None and not case.cycle.tests:
        notes.append("The cycle's report gives no tests: nothing can be joined to the logs.")
    notes += _elsewhere(case)
    notes += _filtered(case)
    if case.cycle and case.join and pulled.entries:
        lost = [t.name for t, s in zip(case.cycle.tests, case.join.served, strict=True) if t.failed and not s]
        if lost:
            notes.append(
                f"No connection in the logs could be joined to {', '.join(quote(name) for name in lost[:5])}."
            )
    return tuple(notes)


def _elsewhere(case: Case) -> list[str]:
    """Where the logs are of another service than the cycle's target."""
    if case.cycle is None or not case.cycle.target:
        return []
    wanted = target_host(case.cycle.target)
    urls = {entry.request.url for entry in case.pulled.entries if entry.request}
    hosts = {host for url in urls if (host := host_of(url))}
    if not wanted or not hosts or wanted in hosts:
        return []
    shown = ", ".join(quote(host) for host in sorted(hosts)[:3])
    return [
        f"The cycle's target is {quote(wanted)}, but the requests in these logs are for {shown}: another service's?"
    ]


def _filtered(case: Case) -> list[str]:
    """Where an unknown may come of logs that were asked for by severity: plain lines have none, requests are INFO."""
    entries = case.pulled.entries
    least = min((entry.severity for entry in entries), default=Severity.DEFAULT)
    if lead_of(case) is not None or len(entries) < _A_FILTER or least < Severity.WARNING:
        return []
    what = (
        f"Each of the {len(entries)} entries read says WARNING or worse: the logs look filtered by severity. "
    )
    missing = "Connections and plain lines of the application, tracebacks among them, are missing then."
    return [what + missing]


def method(case: Case) -> tuple[str, ...]:
    """How the answer was reached, in the order of the stages."""
    pulled = case.pulled
    sentences = [
        f"{len(pulled.entries)} entries from {quote(pulled.source)} were examined"
        + (
            f", {pulled.entries[0].at:%Y-%m-%d %H:%M:%S} to {pulled.entries[-1].at:%H:%M:%S} UTC"
            if pulled.entries
            else ""
        )
        + "."
    ]
    if pulled.complete is None and pulled.entries:
        sentences.append("Whether they are complete is not known: the file has no manifest.")
    sentences += [f"They were chosen by {why}." for why in dict.fromkeys(one.why for one in case.windows)]
    if case.searched is not None:
        sentences.append(
            f"Before that, {case.searched.start:%Y-%m-%d %H:%M} to {case.searched.end:%Y-%m-%d %H:%M} UTC was searched "
            "for WebSocket requests, failed requests, errors and platform messages."
        )
    if case.join is not None:
        sentences.append(f"{capital(case.join.basis)}.")
        if case.join.clock_offset_s is not None:
            sentences.append(
                f"The tests' clock is {case.join.clock_offset_s:+.1f} s against the logs'; a pause before connecting "
                "and a wrong clock look alike here."
            )
    scene = case.scene
    if scene.server.text:
        sentences.append(f"By the dialect of its logs the service runs on {scene.server.text}.")
    sentences.append(
        f"Compared: {count(len(scene.bad), 'failing socket')} with {count(len(scene.good), 'socket')} that ended well, "
        f"over {scene.watched_s:.0f} instance-seconds."
    )
    if lead_of(case) is not None:
        sentences.append(
            "The confidence is the share of labelled incidents with grounds like these in which such an answer was "
            "right, on scenarios that the fit had not seen; it is a guess of the same kind here, not a certainty."
        )
    return tuple(sentences)
