"""Facts of files -> the sites that can have ended a connection with a code and a reason.

In: facts, the code, the reasons. Out: sites, those first whose reason agrees and that say nothing to the log. Decides
which argument of a call is the code and which the reason, and follows a reason one call up: from the function that
closes with what it is given to those that give it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rca.repo.facts import Argument, Call, Function, Wanted
from rca.repo.findings import Caller, Kind, Match, Reached, Says, Site, silence
from rca.repo.project import Project
from rca.repo.reasons import agreement, rank
from rca.repo.values import ARGUMENT, Computed, Meaning, Pattern, Text, Value, takes_parameter
from rca.repo.words import is_a

_CODES = range(1000, 5000)
"""RFC 6455, section 7.4.2."""

_MOST_CALLERS = 20
_NOT_CALLED = frozenset({"__call__", "__aexit__", "__exit__", "__del__"})
"""Functions that nobody calls by their name."""

_UNTOLD = (Says.NOTHING, Says.QUIETLY, Says.ELSEWHERE, Says.HANDED_ON)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a call closes with."""

    call: Call
    code: Value | None
    reason: Value | None


def sites_of(project: Project, wanted: Wanted) -> tuple[Site, ...]:
    """All sites, best first."""
    found: dict[tuple[object, ...], Site] = {}
    for path in sorted(project.facts):
        for call in project.facts[path].calls:
            for site in _sites(project, wanted, call) if call.kind else ():
                key = (site.kind, site.path, site.line, site.call, site.called_from)
                found.setdefault(key, site)
    given = {(one.called_from.path, one.called_from.line) for one in found.values() if one.called_from}
    found = {key: one for key, one in found.items() if one.called_from or (one.path, one.line) not in given}
    closing = {
        reason for one in found.values() if one.kind is Kind.CLOSE and _agrees(one) for reason in one.reasons
    }
    kept = [one for one in found.values() if one.kind is Kind.CLOSE or not set(one.reasons) <= closing]
    return tuple(sorted(kept, key=_order))


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that closes with what it is given, or where nothing is caught: its callers matter."""

    path: str
    function: Function
    takes_code: bool


def wrappers(project: Project, wanted: Wanted) -> tuple[Wrapper, ...]:
    """The functions whose callers matter, in the order of their files."""
    found: dict[Wrapper, None] = {}
    for path in sorted(project.facts):
        for call in project.facts[path].calls:
            if call.kind is not Kind.CLOSE or call.function is None or call.function.name in _NOT_CALLED:
                continue
            meaning = project.meaning(call)
            given = _given(call, meaning)
            code = _code(given, meaning, wanted)
            takes_code = given.code is not None and takes_parameter(given.code)
            takes_reason = given.reason is not None and takes_parameter(given.reason)
            closes = code == wanted.code and (takes_reason or call.handler is None)
            if closes or (code is None and takes_code):
                found[Wrapper(path, call.function, takes_code)] = None
    return tuple(found)


def _sites(project: Project, wanted: Wanted, call: Call) -> Iterator[Site]:
    meaning = project.meaning(call)
    given = _given(call, meaning)
    callers = _callers(project, call) if call.kind is Kind.CLOSE and call.function else ()
    passed = any(value is not None and takes_parameter(value) for value in (given.code, given.reason))
    through = []
    for caller in callers:
        if not passed and (call.handler is not None or caller.handler is None):
            continue
        bound = _bound(project, caller, call.function)
        site = _site(project, wanted, given, project.meaning(call, bound), caller)
        if site:
            through.append(site)
    yield from through
    if not through:
        site = _site(project, wanted, given, meaning, None)
        if site:
            yield site


def _site(
    project: Project, wanted: Wanted, given: _Given, meaning: Meaning, caller: Call | None
) -> Site | None:
    """The site that a call is; None where it closes with another code, or nobody can say with which."""
    call, code = given.call, None
    patterns = meaning.patterns(given.reason) if given.reason is not None else (Pattern(("",), None, None),)
    match, reasons, by = agreement(patterns, wanted.reasons)
    if call.kind is Kind.CLOSE:
        code = _code(given, meaning, wanted)
        text_agrees = match in (Match.EXACT, Match.PARTS) and any(reasons)
        if code not in (wanted.code, None) or (code is None and not text_agrees):
            return None
    shown = by or patterns[0]
    site = Site(
        kind=call.kind or Kind.CLOSE,
        path=call.path,
        line=call.line,
        function=call.function.qualified if call.function else None,
        code=code,
        call=call.text,
        reason=shown.shown if given.reason is not None else None,
        match=match,
        reasons=reasons,
        computed_from=shown.computed_from,
        handler=call.handler,
        condition=call.condition,
        says=call.saying.says,
        log=call.saying.log,
        change=call.change,
        called_from=None,
        snippet=call.snippet,
    )
    return _told(project, site, call, caller)


def _told(project: Project, site: Site, call: Call, caller: Call | None) -> Site:
    """The site with the handler of its caller, and with what the functions called there log."""
    by = call
    if caller is not None:
        where = Caller(
            caller.path, caller.line, caller.function.qualified if caller.function else None, caller.text
        )
        site = replace(site, called_from=where)
        if call.handler is None:
            by = caller
            handler = replace(caller.handler, reached=Reached.CALL) if caller.handler else None
            site = replace(
                site,
                handler=handler,
                condition=caller.condition or call.condition,
                says=caller.saying.says,
                log=caller.saying.log,
                change=caller.change,
                snippet=caller.snippet,
            )
            if call.saying.log is not None and silence(call.saying.says) > silence(site.says):
                site = replace(site, says=call.saying.says, log=replace(call.saying.log, path=call.path))
    if site.says not in _UNTOLD:
        return _settled(site)
    for name in (f"{by.receiver}.{by.name}".lstrip("."), *by.saying.calls):
        meant = project.function(by, name)
        if meant and meant[1].saying.log and silence(meant[1].saying.says) > silence(site.says):
            facts, function = meant
            log = function.saying.log
            site = replace(
                site, says=function.saying.says, log=replace(log, path=facts.path) if log else None
            )
    return _settled(site)


def _settled(site: Site) -> Site:
    """The site without a change where what is called logs already."""
    done = site.says in (Says.TRACEBACK, Says.RAISED, Says.HANDED_ON)
    return replace(site, change=None) if done else site


def _given(call: Call, meaning: Meaning) -> _Given:
    """Which of a call's arguments are its code and its reason."""
    if call.kind is Kind.TEXT:
        return _Given(call, None, call.arguments[0].value)
    named = {one.at: one for one in call.arguments if isinstance(one.at, str)}
    placed = [one for one in call.arguments if isinstance(one.at, int)]
    code = next(
        (
            one
            for key, one in named.items()
            if is_a("code_keys", str(key)) and _may_be_code(one, str(key), meaning)
        ),
        None,
    )
    if code is None:
        code = next((one for one in placed if meaning.numbers(one.value) & frozenset(_CODES)), None)
        if code is None and placed and not isinstance(placed[0].value, Text):
            code = placed[0]
    texts = [one for key, one in named.items() if is_a("text_keys", str(key)) and one is not code]
    after = [
        one
        for one in placed
        if one is not code and (code is None or isinstance(code.at, str) or int(one.at) > int(code.at))
    ]
    reason = next(iter([*texts, *after]), None)
    return _Given(call, code.value if code else None, reason.value if reason else None)


def _may_be_code(argument: Argument, key: str, meaning: Meaning) -> bool:
    """Whether an argument by name is the code; `reason` is one only where it is a number (simple-websocket)."""
    return key != "reason" or bool(meaning.numbers(argument.value))


def _code(given: _Given, meaning: Meaning, wanted: Wanted) -> int | None:
    """The code a call closes with: the one wanted, where it is among those possible; None where nobody can say."""
    numbers = meaning.numbers(given.code) if given.code is not None else frozenset[int]()
    if wanted.code in numbers:
        return wanted.code
    return min(numbers) if numbers else None


def _callers(project: Project, call: Call) -> tuple[Call, ...]:
    """The calls of the function that a call stands in."""
    function = call.function
    found: list[Call] = []
    for path in sorted(project.facts):
        for one in project.facts[path].calls:
            if function is None or one.name != function.called or one is call or one.kind is Kind.TEXT:
                continue
            meant = project.function(one, f"{one.receiver}.{one.name}".lstrip("."))
            if meant and meant[0].path == call.path and meant[1] == function and one.function != function:
                found.append(one)
    return tuple(found[:_MOST_CALLERS])


def _bound(project: Project, caller: Call, function: Function | None) -> Mapping[str, Value]:
    """What a caller gives for the parameters of a function."""
    bound: dict[str, Value] = {}
    for place, takes in enumerate(function.takes if function else ()):
        given = next((one.value for one in caller.arguments if one.at in (place, takes.name)), takes.default)
        if given is not None:
            grounded = project.ground(caller, given)
            bound[takes.name] = Computed(ARGUMENT) if takes_parameter(given) else grounded
    return bound


def _agrees(site: Site) -> bool:
    return site.match in (Match.EXACT, Match.PARTS)


def _order(site: Site) -> tuple[object, ...]:
    """Matching before computed, closes before texts, silent before telling; then by place."""
    says = site.says
    if site.log is not None and site.log.conditional and silence(says) > silence(Says.HANDED_ON):
        says = Says.HANDED_ON  # it may not have been told
    called = (site.called_from.path, site.called_from.line) if site.called_from else ("", 0)
    caught = site.handler is not None
    return (
        rank(site.match),
        site.kind is not Kind.CLOSE,
        site.code is None,
        silence(says),
        not caught,
        site.path,
        site.line,
        called,
    )
