"""The five whys: each asked of the case, answered from its entries, or said to be unknown.

In: a `Case` and the casebook that numbers citations. Out: five `Why`s, from the symptom down. No sentence states
more than the entries show; where they show nothing, the answer says what was looked at, and which query would tell.
The words of log entries stand between the marks of `rca.quote`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from rca import closes
from rca.answers import Seen, close_of, count, lead_of, listed, seconds, seen_by_tests, service_of, ties_of
from rca.case import Case
from rca.casebook import Casebook, cited, telling
from rca.contract import Why
from rca.model import Close, Entry, Event, EventKind, Initiator, Link, Socket, Suspect, Tie
from rca.naming import named, short_type
from rca.quote import quote
from rca.resources import filled
from rca.scene import NORMAL_CODES

_QUESTIONS = (
    ("Why do the tests fail?", re.compile(r"(?i)\bfail")),
    ("Why does the connection end after it was accepted?", re.compile(r"(?i)\bafter\b|authenticat|sign")),
    ("Why in this way?", re.compile(r"(?i)\bcode\b|1011|specifically")),
    ("Why do other paths work?", re.compile(r"(?i)\bhttp\b|\bwork")),
    ("Why does it hit these operations, and why now?", re.compile(r"(?i)\ball\b|\bevery\b|\bnow\b|affect")),
)
_TAIL = timedelta(seconds=2)
_OK = 400


def ask(case: Case, book: Casebook) -> tuple[Why, ...]:
    """The five questions in order, in the report's own words where it asks the same, each with its answer."""
    answers: tuple[Callable[[Case, Casebook], Why], ...] = (_fail, _end, _manner, _others, _reach)
    asked = _own_questions(case)
    return tuple(
        _asked(answer(case, book), asked.get(i, question))
        for i, (answer, (question, _)) in enumerate(zip(answers, _QUESTIONS, strict=True))
    )


def _own_questions(case: Case) -> dict[int, str]:
    """The report's own whys, where they come as five and ask what ours ask."""
    own = [text for text in (case.cycle.questions if case.cycle else ()) if re.match(r"(?i)\W*why\b", text)]
    if len(own) != len(_QUESTIONS):
        return {}
    return {
        i: text for i, (text, (_, asks)) in enumerate(zip(own, _QUESTIONS, strict=True)) if asks.search(text)
    }


def _asked(why: Why, question: str) -> Why:
    own = question not in {default for default, _ in _QUESTIONS}
    text = quote(question) if own else question
    return Why(text, why.answer, why.status, why.confidence, why.evidence, why.next_query)


def _why(answer: str, status: str, sure: float, evidence: Sequence[str], query: str | None = None) -> Why:
    return Why("", answer, status, round(sure, 2), tuple(dict.fromkeys(evidence)), query)


# --- 1: the symptom --------------------------------------------------------------------------------------


def _fail(case: Case, book: Casebook) -> Why:
    """What the clients saw of the end of their connections."""
    if case.cycle is None:
        return _fail_by_logs(case, book)
    sentences, evidence = [], []
    for seen in seen_by_tests(case.cycle.tests)[:3]:
        ids = [book.test(test) for test in seen.tests]
        sockets = [s for s in case.scene.bad if set(case.scene.tests_of[s.id]) & {t.name for t in seen.tests}]
        entries = [book.entry(socket.entry) for socket in sockets]
        sentences.append(_symptom(seen, sockets) + cited(ids) + cited(entries))
        evidence += [*ids, *entries]
    answer = " ".join(sentences)
    told = any(seen.code or seen.status for seen in seen_by_tests(case.cycle.tests))
    return _why(answer, "answered" if told else "partly", 0.95 if told else 0.5, evidence)


def _symptom(seen: Seen, sockets: Sequence[Socket]) -> str:
    who = "one test fails" if len(seen.tests) == 1 else f"{len(seen.tests)} tests fail"
    lived = seconds(s.lifetime_s for s in sockets if s.lifetime_s is not None)
    after = f", {lived} after the handshake" if lived and any(s.accepted for s in sockets) else ""
    reason = f" and the reason {quote(seen.reason)}" if seen.reason else ""
    if seen.status is not None:
        return f"{_cap(who)}: the service answered HTTP {seen.status}."
    if seen.code is None:
        return f"{_cap(who)} with {quote(seen.error or 'no error text')}; no close of a connection is told."
    if seen.initiator is Initiator.NOBODY:
        return f"{_cap(who)}: the connection was lost without a close frame (1006){after}."
    if seen.initiator is Initiator.CLIENT:
        return f"{_cap(who)}: the client itself closed with {seen.code}{reason}{after}; the service sent no close frame."
    if seen.initiator is Initiator.SERVER:
        author = closes.author_of(seen.reason)
        return (
            f"{_cap(who)}: the service closed the connection with {seen.code}{reason}{after}. "
            f"\u201creceived\u201d before \u201csent\u201d in the client's error means that the service closed; {author.says}."
        )
    return (
        f"{_cap(who)} with close code {seen.code}{after}; the report's words do not tell which side closed."
    )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fail_by_logs(case: Case, book: Casebook) -> Why:
    bad = case.scene.bad
    if not bad:
        answer = "The entries show no refused handshake, no server error, no abnormal close and no instance that died."
        return _why(answer, "unknown", 0.5, ())
    died = [s for s in bad if s.path is None]
    refused = [s for s in bad if s.path is not None and not s.accepted]
    closed = [s for s in bad if s.accepted]
    parts = []
    for group, noun in ((died, "instance death"), (refused, "refused request"), (closed, "abnormal close")):
        if group:
            parts.append(count(len(group), noun) + cited([book.entry(s.entry) for s in group[:2]], 2))
    evidence = [book.entry(s.entry) for group in (died, refused, closed) for s in group[:2]]
    return _why(f"The logs show {', '.join(parts)}; no cycle was given.", "answered", 0.9, evidence)


# --- 2: what happened on the connection --------------------------------------------------------------------


def _end(case: Case, book: Casebook) -> Why:
    lead = lead_of(case)
    if lead is None:
        return _end_unknown(case, book)
    ties = ties_of(lead)
    evidence = [book.entry(entry) for link in ties for entry in telling(link.event)]
    first = ties[0]
    what = _happened(lead, first.event)
    bad = len(case.scene.bad)
    if first.tie is Tie.STATE:
        answer = f"No instance of the revision was able to serve: {what}, and the instance exited.{cited(evidence)}"
        return _why(answer, "answered", lead.confidence, evidence)
    gaps = seconds(abs(link.gap_s) for link in ties)
    by = "the same trace id" if first.tie is Tie.TRACE else first.tie.value
    answer = (
        f"In {len(ties)} of {count(bad, 'failing socket')} {what}, {gaps} from the connection's end. "
        f"Tied by {by}.{cited(evidence)}"
    )
    before = _just_before(first)
    if before is not None:
        number = book.entry(before)
        evidence.append(number)
        answer += f" Just before it the same connection logged {quote(before.message)}. [{number}]"
    return _why(answer, "answered", lead.confidence, evidence)


def _happened(lead: Suspect, event: Event) -> str:
    if event.kind is EventKind.EXCEPTION:
        where = f", raised in {quote(lead.frame.function or '?')}" if lead.frame else ""
        text = f"{short_type(lead.exception or '')}: {lead.message}" if lead.message else lead.exception or ""
        return f"the service logged {quote(text)}{where}"
    if event.kind is EventKind.SILENCE:
        return (
            f"the instance logged nothing for {((event.until or event.at) - event.at).total_seconds():.1f} s"
        )
    if event.kind is EventKind.PLATFORM:
        return f"the platform logged {quote(event.title)}"
    return (
        f"the service logged {quote(event.title)}: one line, no traceback. The error was caught and logged without "
        "it, so the logs do not say where it was raised"
    )


def _just_before(link: Link) -> Entry | None:
    """The connection's own last line before the event."""
    taken = {id(entry) for entry in link.event.entries}
    lines = [
        e for e in link.socket.lines if e.at < link.event.at and id(e) not in taken and e.message.strip()
    ]
    return lines[-1] if lines else None


def _end_unknown(case: Case, book: Casebook) -> Why:
    bad = [socket for socket in case.scene.bad if socket.path is not None]
    if not bad:
        answer = "No connection or request of a failing test was found in the logs, so there is nothing to look into."
        return _why(answer, "unknown", 0.0, (), _around(case))
    evidence = [book.entry(socket.entry) for socket in bad]
    vague = next((one for one in case.ranking.alternatives if one.links and _only_says_that(one)), None)
    if vague is not None:
        ties = ties_of(vague)
        lines = [book.entry(link.event.entry) for link in ties]
        answer = (
            f"In {len(ties)} of {count(len(bad), 'failing socket')} the service logged only "
            f"{quote(ties[0].event.title)}: that something failed, not what.{cited(lines)}"
        )
        return _why(answer, "partly", 0.3, [*lines, *evidence], _lines_of(case, bad[0]))
    own = sum(bool(socket.lines) for socket in bad)
    said = "logged no error of its own" if own else "logged no line that can be told to be theirs"
    answer = f"In the {count(len(bad), 'failing socket')} the service {said} between opening and end.{cited(evidence)}"
    return _why(answer, "unknown", 0.0, evidence, _lines_of(case, bad[0]))


def _only_says_that(suspect: Suspect) -> bool:
    return any(signal.name == "wording" and signal.contributes for signal in suspect.signals)


def _lines_of(case: Case, socket: Socket) -> str | None:
    service = service_of(case)
    if service is None or socket.instance is None:
        return _around(case)
    end = (socket.end or socket.start) + _TAIL
    return filled("socket.lql", service=service, instance=socket.instance, start=socket.start, end=end)


def _around(case: Case) -> str | None:
    service = service_of(case)
    if service is None or not case.windows:
        return None
    window = case.windows[0]
    return filled("around.lql", service=service, start=window.start, end=window.end)


# --- 3: why in this way ------------------------------------------------------------------------------------


def _manner(case: Case, book: Casebook) -> Why:
    lead = lead_of(case)
    close = next((c for s in case.scene.bad if (c := close_of(case, s))), None)
    if lead is None:
        return _manner_unknown(close)
    event = ties_of(lead)[0].event
    evidence = [book.entry(entry) for entry in telling(event)]
    if event.trace is None:
        how = _code_says(close)
        return _why(f"{how}{cited(evidence)}", "partly", lead.confidence * 0.8, evidence)
    exceptions = event.trace.exceptions
    outer = next((f for f in exceptions[-1].frames if f.in_app), None)
    parts = []
    if outer is not None and event.trace.header:
        place = f"{quote(outer.function or '?')} ({quote(outer.file)}, line {outer.line})"
        parts.append(f"The exception reached {place}, where it was logged under {quote(event.trace.header)}.")
    parts.append(_chain(lead, event))
    parts.append(_code_says(close))
    return _why(" ".join(p for p in parts if p) + cited(evidence), "answered", lead.confidence, evidence)


def _chain(lead: Suspect, event: Event) -> str:
    if event.trace is None:
        return ""
    exceptions = event.trace.exceptions
    if len(exceptions) == 1:
        return "Nothing lies deeper in the traceback."
    steps = " \u2192 ".join(quote(f"{short_type(e.type)}: {e.message}", 100) for e in exceptions)
    name = quote(short_type(named(event.trace).exception.type))
    del lead
    return f"It is a chain, root first: {steps}; {name} is the one that says what failed."


def _code_says(close: Close | None) -> str:
    if close is None or close.code is None:
        return ""
    if close.code == 1011 and close.initiator is Initiator.SERVER:  # noqa: PLR2004 - RFC 6455, 7.4.1
        if closes.author_of(close.reason).author == "application":
            return (
                f"The code {close.code} with the reason {quote(close.reason or '')} is sent by application code that "
                "catches the error and closes the connection."
            )
        return f"1011 means an unexpected condition on the side that sent it; {closes.author_of(close.reason).says}."
    if close.initiator is Initiator.NOBODY:
        return "No close frame was sent: the handler, the process or the path to it ended without one."
    return f"The close code was {close.code}."


def _manner_unknown(close: Close | None) -> Why:
    says = _code_says(close)
    if not says:
        return _why("Not known: neither side tells how the connections ended.", "unknown", 0.0, ())
    return _why(f"{says} What was caught there is not in the logs that were read.", "partly", 0.5, ())


# --- 4: what works -----------------------------------------------------------------------------------------


def _others(case: Case, book: Casebook) -> Why:
    lead, good = lead_of(case), case.scene.good
    met = {link.socket.id for link in lead.links} if lead else set()
    parts, evidence = [], []
    if good:
        clean = [socket for socket in good if socket.id not in met]
        ended = [s for s in clean if (c := close_of(case, s)) and c.code in NORMAL_CODES]
        lived = seconds(s.lifetime_s for s in clean if s.lifetime_s is not None)
        number = book.entry((ended or clean or list(good))[0].entry)
        evidence.append(number)
        fate = (
            "none of them met this fault"
            if lead and len(clean) == len(good)
            else (f"{len(good) - len(clean)} of them met it as well" if lead else "they ended in order")
        )
        parts.append(f"{_cap(count(len(good), 'other socket'))} ended well after {lived}: {fate}. [{number}]")
    plain = [s for s in case.sockets if not s.websocket and s.status is not None]
    fine = [s for s in plain if (s.status or 0) < _OK]
    if plain:
        numbers = [book.entry(s.entry) for s in fine[:1]]
        evidence += numbers
        paths = listed(sorted({s.path or "/" for s in fine}), 3)
        parts.append(
            f"{len(fine)} of {count(len(plain), 'plain HTTP request')} were answered below 400 ({paths}).{cited(numbers)}"
            if fine
            else f"None of {count(len(plain), 'plain HTTP request')} was answered below 400."
        )
    if not parts:
        return _why(
            "The logs hold nothing that worked: no good socket and no HTTP request.",
            "unknown",
            0.0,
            (),
            _around(case),
        )
    return _why(" ".join(parts), "answered" if good or fine else "partly", 0.8 if good else 0.5, evidence)


# --- 5: reach, and why now ---------------------------------------------------------------------------------


def _reach(case: Case, book: Casebook) -> Why:
    lead = lead_of(case)
    if lead is None:
        return _why("Not known without a cause.", "unknown", 0.0, (), _deploys(case))
    ties = ties_of(lead)
    instances = {link.socket.instance for link in ties if link.socket.instance}
    revisions = sorted({link.socket.revision for link in ties if link.socket.revision})
    share = f"{len(ties)} of {count(len(case.scene.bad), 'failing socket')}"
    where = f" on {count(len(instances), 'instance')}" if instances else ""
    parts = [f"It is tied to {share}{where}."]
    if len(instances) > 1 and len(ties) == len(case.scene.bad):
        parts.append("So it is neither one instance nor chance.")
    if revisions:
        parts.append(f"Revision: {listed(revisions)}.")
    first = min(lead.events, key=lambda event: event.at)
    number = book.entry(first.entry)
    parts.append(f"First seen in the entries read: {first.at:%Y-%m-%d %H:%M:%S} UTC. [{number}]")
    evidence = [number]
    now, numbers, told = _why_now(case, book, first)
    parts.append(now)
    query = None if told else _first_query(case, lead) or _deploys(case)
    return _why(
        " ".join(parts),
        "answered" if told else "partly",
        lead.confidence * (1 if told else 0.6),
        [*evidence, *numbers],
        query,
    )


def _why_now(case: Case, book: Casebook, first: Event) -> tuple[str, list[str], bool]:
    deploys = [event for event in case.events if event.kind is EventKind.DEPLOY and event.at <= first.at]
    if deploys:
        number = book.entry(deploys[-1].entry)
        return (
            f"Why now: the last deploy before it was {deploys[-1].at:%H:%M:%S} UTC, {quote(deploys[-1].title)}. [{number}]",
            [number],
            True,
        )
    revisions = {entry.revision for entry in case.pulled.entries if entry.revision}
    seen = "only one revision appears" if len(revisions) == 1 else f"{len(revisions)} revisions appear"
    return f"Why now: not established; {seen} and no deploy lies in the entries read.", [], False


def _first_query(case: Case, lead: Suspect) -> str | None:
    """The query for the first occurrence, by the longest piece of the wording that never changes."""
    if lead.events[0].kind not in (EventKind.EXCEPTION, EventKind.ERROR_LINE):
        return None
    service = service_of(case)
    pieces = re.split(r"[\d\"'`<>{}()\[\]=@:/\\]+|\b[A-Za-z]+_\w*\d\w*", lead.message.split("\n", 1)[0])
    piece = max((p.strip() for p in pieces), key=len, default="")
    if service is None or len(piece) < 8:  # noqa: PLR2004 - shorter matches everything
        return None
    return filled("first_occurrence.lql", service=service, text=piece)


def _deploys(case: Case) -> str | None:
    service = service_of(case)
    return filled("deploys.lql", service=service) if service else None
