"""What the service's own checkout says: the lines of the frames, who closes with this reason, who logs nothing of it.

In: a case that knows a checkout, and the casebook. Out: `ReportCode`s, each sentence citing its line of source.
"""

from rca.answers import count
from rca.case import Case
from rca.casebook import Casebook, cited
from rca.contract import ReportCode
from rca.quote import quote
from rca.repo import Handler, Kind, Located, Match, Reached, Says, Site, Snippet, Swallowed

_SITES, _SWALLOWED, _FRAMES = 3, 3, 4
"""How many of each a report shows; the rest is counted."""


def of(case: Case, book: Casebook) -> tuple[ReportCode, ...]:
    """Frames of the cause first, then the closes that match, then handlers that swallow; empty without a checkout."""
    found = case.repo
    if found is None:
        return ()
    parts = [_frame(one, book) for one in found.frames[-_FRAMES:] if one.path or one.note]
    sites = [site for site in found.sites if site.match is not Match.OTHER]
    parts += [_site(one, book) for one in sites[:_SITES]]
    silent = not case.ranking.established
    if silent and sites:
        parts += [_swallowed(one, book) for one in found.swallowed[:_SWALLOWED]]
    left = len(sites) - _SITES + found.left_out
    if left > 0:
        parts.append(ReportCode(f"{count(left, 'more place')} could have closed so.", ()))
    if not sites and not found.frames:
        says = (
            f"{count(found.files, 'source file')} were looked through: none closes with this code and reason."
        )
        parts.append(ReportCode(says, ()))
    for skipped in found.skipped:
        says = f"Not looked through: {count(skipped.count, 'file')} ({skipped.why}), such as {quote(skipped.example)}."
        parts.append(ReportCode(says, ()))
    return tuple(parts)


def _text(snippet: Snippet | None) -> str:
    if snippet is None:
        return ""
    return "\n".join(f"{number:>5}  {line}" for number, line in enumerate(snippet.lines, snippet.first))


def _place(path: str, line: int | None) -> str:
    return quote(f"{path}:{line}" if line is not None else path)


def _frame(one: Located, book: Casebook) -> ReportCode:
    name = quote(one.frame.function or "?")
    if one.path is None:
        return ReportCode(f"The frame {name}: {one.note}.", ())
    number = book.source(one.path, one.line, _text(one.snippet))
    note = f"; {one.note}" if one.note else ""
    return ReportCode(f"The frame {name} stands at {_place(one.path, one.line)}{note}. [{number}]", (number,))


def _site(site: Site, book: Casebook) -> ReportCode:
    number = book.source(site.path, site.line, _text(site.snippet))
    name = quote(site.function or "module level")
    if site.kind is Kind.TEXT:
        says = (
            f"No close holds these words; they stand in {name} at {_place(site.path, site.line)}. [{number}]"
        )
        return ReportCode(says, (number,))
    reason = f" and the reason {quote(site.reason)}" if site.reason else ""
    says = f"{name} closes with {site.code}{reason} ({_place(site.path, site.line)})."
    evidence = [number]
    caller = site.called_from
    if caller is not None:
        evidence.append(book.source(caller.path, caller.line, caller.call))
        says += f" It is called by {quote(caller.call)} ({_place(caller.path, caller.line)})."
    if site.computed_from:
        says += f" The reason is {site.computed_from}."
    says += _logged(site)
    diff = site.change.diff if site.change else None
    needs = site.change.needs if site.change and site.change.needs else None
    return ReportCode(says + cited(evidence), tuple(evidence), diff, needs)


def _handler(handler: Handler) -> str:
    what = (
        f"except {', '.join(handler.catches)}" if handler.catches else "the handler that catches everything"
    )
    where = {
        Reached.INSIDE: "around it",
        Reached.AFTER: "before it",
        Reached.CALL: "that calls it",
    }[handler.reached]
    return f"{quote(what)} {where} (line {handler.line})"


def _logged(site: Site) -> str:
    """What is logged on the way to the close."""
    if site.handler is None:
        condition = f": it closes where {quote(site.condition)}" if site.condition else ""
        return f" No exception leads here{condition}."
    who = _handler(site.handler)
    call = f" ({quote(site.log.text)}, line {site.log.line})" if site.log else ""
    says = {
        Says.NOTHING: f" The {who} logs nothing of what it caught.",
        Says.QUIETLY: f" The {who} logs at DEBUG only{call}.",
        Says.ELSEWHERE: f" The {who} tells an error tracker, not the log{call}.",
        Says.FIXED_TEXT: f" The {who} logs only a fixed text{call}, not the exception.",
        Says.HANDED_ON: f" The {who} gives the exception to code that was not read{call}.",
        Says.EXCEPTION: f" The {who} logs the exception's text without its traceback{call}.",
        Says.RAISED: f" The {who} raises it again.",
        Says.TRACEBACK: f" The {who} logs the exception with its traceback{call}.",
    }[site.says]
    return says + (" The log call stands under a condition." if site.log and site.log.conditional else "")


def _swallowed(one: Swallowed, book: Casebook) -> ReportCode:
    number = book.source(one.path, one.line, _text(one.snippet))
    what = ", ".join(one.catches) or "everything"
    says = f"{quote(one.function or 'module level')} also swallows {quote(what)}: {quote(one.does)}"
    says += f" ({_place(one.path, one.line)}). [{number}]"
    diff = one.change.diff if one.change else None
    return ReportCode(says, (number,), diff, one.change.needs or None if one.change else None)
