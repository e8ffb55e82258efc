"""Go's panics, and the stacks that its loggers print.

In: lines, or one whole text. Out: which line may follow which; the panics, the first one first. Decides that only the
goroutine that panicked is told: the others stand there because they ran as well.
Source: Go, runtime/panic.go (`printpanics`) and runtime/traceback.go; zap's and github.com/pkg/errors' `%+v`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rca.model import ExceptionInfo, Frame, Relation
from rca.traces.frames import frame
from rca.traces.grammar import Kind, Near, Reading, State, lines_of

_PANIC = re.compile(r"(?:^|(?<=\s))(?P<type>panic|fatal error): (?P<message>.*)$", re.DOTALL)
_SERVING = re.compile(r"\bhttp: panic serving [^ ]{1,100}: (?P<message>.*)$", re.DOTALL)
"""net/http's own word for a handler that panicked."""
_GOROUTINE = re.compile(
    r"goroutine \d{1,12}(?: gp=\S{1,40})?(?: m=\S{1,40})?(?: mp=\S{1,40})? \[[^\]\n]{1,200}\]:$"
)
_CALL = re.compile(
    r"""
    (?: created\ by\ )?
    (?: (?: [\w.~@%\-]{1,200} / ){0,20} [\w~@%\-]{1,200} \. [\w.()*\[\]…·\-/]{1,300}? | panic | runtime\.\w{1,60} )
    (?P<arguments> \( [^\n]{0,2000} \) )?
    (?: \ in\ goroutine\ \d{1,12} )? $
    """,
    re.VERBOSE,
)
_PLACE = re.compile(
    r"""
    \s* (?P<file> [^\s:][^:\n]{0,500} \. (?: go | s | c | cpp | cc ) ) : (?P<line> \d{1,9} )
    (?: \ \+0x[0-9a-f]{1,16} )? (?: \ fp=[^\n]{0,100} )? \s* $
    """,
    re.VERBOSE,
)
"""`	/app/cart.go:41 +0x1d`"""
_RECOVERED = " [recovered]"
_WITHIN = ("[signal ", "[recovered", "runtime.", "\tpanic: ", "exit status ", "...additional frames elided")


class Go:
    """Go's grammar; see `Grammar`."""

    name = "go"

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`: a call is a line that names it, and one that says where."""
        if not line.strip():
            return state if near is Near.SAME else None
        if _GOROUTINE.match(line.strip()):
            return State(Kind.HEADER)
        if state is None:
            return State(Kind.NAME) if _panicked(line) else None
        return self._within(state, line, near)

    def _within(self, state: State, line: str, near: Near) -> State | None:
        if state.kind in (Kind.HEADER, Kind.CODE, Kind.FRAME) and _is_call(line):
            return State(Kind.FRAME)
        if state.kind in (Kind.FRAME, Kind.CODE) and _PLACE.match(line):
            return State(Kind.CODE)
        if line.startswith(_WITHIN) and state.kind in (Kind.NAME, Kind.LINK):
            return State(Kind.LINK)
        return state if near is Near.SAME and state.kind in (Kind.NAME, Kind.LINK) else None

    def affinity(self, before: Sequence[str], line: str) -> int:
        """Return how well a line follows: a place stands below the call that it is of."""
        last = before[-1] if before else ""
        if _PLACE.match(line):
            return 3 if _is_call(last) else -4
        return 2 if _is_call(line) and (_PLACE.match(last) or _GOROUTINE.match(last)) else 0

    def lead(self, line: str) -> str:
        """See `Grammar.lead`: what stands before `panic:` on its line."""
        found = _PANIC.search(line)
        return "" if found is None else line[: found.start()].strip(" :-\t")

    def read(self, text: str) -> Reading | None:
        """Return the panics of the first stack in a text, or the one error that a logger printed with its stack."""
        if ".go:" not in text and ".s:" not in text:
            return None
        lines = lines_of(text)
        begins = next((at for at, line in enumerate(lines) if _GOROUTINE.match(line.strip())), None)
        if begins is None:
            return _logged(lines)
        panics = _panics(lines[:begins])
        calls = _calls(lines[begins + 1 :])
        if not calls:
            return None
        dumped = any(call.function == "panic" for call in calls)
        if not panics and dumped:
            said = next((line.strip() for line in reversed(lines[:begins]) if line.strip()), "")
            panics = [("panic", said)]
        if not panics:
            return None  # a dump of what ran, and nothing failed
        told = [
            ExceptionInfo(kind, message, calls, Relation.CONTEXT if at else Relation.ROOT)
            for at, (kind, message) in enumerate(panics)
        ]
        return Reading(tuple(told), complete=True)


def _panicked(line: str) -> bool:
    return (
        line.startswith(("panic: ", "fatal error: ")) or " panic: " in line or "http: panic serving" in line
    ) and (_PANIC.search(line) is not None or _SERVING.search(line) is not None)


def _is_call(line: str) -> bool:
    """A line that names a call: with its arguments, as no sentence has them, or `created by`."""
    if line[:1] in (" ", "\t") or (not line.rstrip().endswith((")", "…")) and "created by " not in line[:12]):
        return False
    return _CALL.match(line.rstrip()) is not None


def _panics(lines: Sequence[str]) -> list[tuple[str, str]]:
    """What was panicked with, the first panic first; a value may go on over lines."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        serving = _SERVING.search(line)
        panic = None if serving else _PANIC.search(line)
        if serving is not None:
            found.append(("panic", [serving["message"]]))
        elif panic is not None and (_panicked(line) or line.lstrip().startswith("panic: ")):
            found.append((panic["type"], [panic["message"]]))
        elif found and line.strip() and not line.startswith("[signal "):
            found[-1][1].append(line)
    return [(kind, "\n".join(said).strip().removesuffix(_RECOVERED)) for kind, said in found]


def _calls(lines: Sequence[str]) -> tuple[Frame, ...]:
    """The calls of the goroutine that comes first, outermost first."""
    found: list[Frame] = []
    for above, line in pairwise(["", *lines]):
        if _GOROUTINE.match(line.strip()):
            break
        place = _PLACE.match(line)
        if place is not None and above.strip() and not _PLACE.match(above):
            found.append(frame(place["file"].strip(), int(place["line"]), _function(above)))
    # What ran while it unwound, and what wrote the stack, stands above the panic and is not its place.
    raised = max((at for at, call in enumerate(found) if call.function == "panic"), default=0)
    return tuple(reversed(found[raised:]))


def _function(line: str) -> str:
    """`cart.(*Cart).Add` of `github.com/shop/cart.(*Cart).Add(0xc0000b2000, 0x1)`."""
    name = line.strip().removeprefix("created by ").partition(" in goroutine ")[0]
    if name.endswith(")"):
        name = name[: name.rfind("(")] or name
    return name.rpartition("/")[2]


def _logged(lines: Sequence[str]) -> Reading | None:
    """The error of a logger's stack, without goroutine: what was said stands above its first call."""
    calls = _calls(lines)
    if len(calls) < 2:  # noqa: PLR2004 - one place alone is no stack
        return None
    first = next(at for at, line in enumerate(lines) if _PLACE.match(line))
    said = "\n".join(lines[: max(0, first - 1)]).strip()
    panic = _panics(lines[: max(0, first - 1)])
    kind, message = panic[-1] if panic else ("error", said)
    return Reading((ExceptionInfo(kind, message, calls),), complete=True)
