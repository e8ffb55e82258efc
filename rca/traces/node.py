"""Node's stack traces, as V8 writes them and Node's `util.inspect` draws them.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides where an error ends
and the ones it holds (`[cause]`, `[errors]`, `caused by:`) begin: by their keys and their indentation.
Source: https://v8.dev/docs/stack-trace-api; Node, lib/internal/util/inspect.js, `formatError`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rca.model import ExceptionInfo, Frame, Relation
from rca.traces.frames import built_frame, frame
from rca.traces.grammar import Kind, Near, Reading, State, is_level, lines_of

_NAME = re.compile(
    r"""
      (?<![\w$.])                                            # once a word: a long run of letters is read once
      (?P<type> [A-Za-z_$][\w$.]{0,100}? (?: Error | Exception ) [\w$]{0,40} | Error )
      (?: \s \[ [A-Z][A-Z0-9_]{1,80} \] )?                   # TypeError [ERR_INVALID_ARG_TYPE]: …
      (?: : (?: \s (?P<message> .* ) | $ ) | $ )
    """,
    re.VERBOSE | re.DOTALL,
)
_OWN_NAME = re.compile(r"\s*(?P<type>[A-Z][\w$]{1,100})(?:: (?P<message>.*)|:?$)", re.DOTALL)
"""An error class that is not called so: `QuotaExceeded: 5 of 5 used`; believed only right above frames."""

_CAUSE = re.compile(r"\s*(?:\[cause\]: |[Cc]aused by: ?)")
"""`  [cause]: Error: …` is Node's, `caused by: Error: …` pino's and VError's."""

_LIST = re.compile(r"\s*\[?(?:errors|aggregateErrors)\]?: \[$")
_PROPERTY = re.compile(r"""\s+(?:\[?[A-Za-z_$][\w$]{0,100}\]?|'[^']{1,100}'):\s""")
_CLOSING = re.compile(r"\s*[}\]]+,?$")
_MATCHING = re.compile(r"\s+\.\.\. \d+ (?:lines matching cause stack trace|more items?)")

_NO_ERROR = frozenset({"Trace", "Warning"})
"""`console.trace` and warnings print frames too, and nothing was raised."""

_LONGEST_MESSAGE = 50
"""Lines above the first frame in which the error's name is looked for."""


class _Name(NamedTuple):
    """The line that names an error: where the name begins, and what it says."""

    start: int
    type: str
    message: str


@dataclass(slots=True)
class _Error:
    """One error as printed; filled line by line, hence not frozen."""

    type: str
    message: list[str]
    indent: int
    listed: bool = False
    frames: list[Frame] = field(default_factory=list)
    held: list["_Error"] = field(default_factory=list)

    def value(self) -> ExceptionInfo:
        relation = Relation.ROOT
        if self.held:
            relation = Relation.GROUP if any(error.listed for error in self.held) else Relation.CAUSE
        # V8 prints the innermost call first.
        return ExceptionInfo(
            self.type, "\n".join(self.message).strip(), tuple(reversed(self.frames)), relation
        )


class Node:
    """Node's grammar; see `Grammar`."""

    name = "node"

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`; the state's depth counts open braces."""
        bare = line.strip()
        if not bare:
            return state if near is Near.SAME else None
        if _frame(line) is not None:
            closed = state is not None and state.kind is Kind.PROPERTY and not state.depth
            depth = (state.depth if state else 0) + (1 if bare.endswith("{") else 0)
            return None if closed else State(Kind.FRAME, _indent(line), depth)
        if state is None:
            named = _named(line, loose=near is Near.SAME)
            return None if named is None else State(Kind.NAME, _indent(line))
        if state.kind is Kind.NAME and not state.depth:
            # In one entry all lines up to the frames are the message; across entries the frames must come first.
            return state if near is Near.SAME else None
        return _held(state, line, near)

    def affinity(self, before: Sequence[str], line: str) -> int:
        """Return how well a line follows: own frames come before Node's, asynchronous ones after the others."""
        last = before[-1] if before else ""
        if _frame(line) is None or _frame(last) is None:
            return 0
        score = -6 if last.rstrip().endswith("{") else 0
        score -= 2 if "node:" in last and "node:" not in line else 0
        return score - (3 if " at async " in last and " at async " not in line else 0)

    def lead(self, line: str) -> str:
        """See `Grammar.lead`: `weighing failed` of `weighing failed TypeError: x is not a function`."""
        named = _named(line, loose=False)
        return line[: named.start].strip(" :-\t([") if named is not None else ""

    def read(self, text: str) -> Reading | None:
        """Return the errors of the first stack in a text; None when there is none.

        Reads `TypeError: scale.tare is not a function` + newline + `    at weigh (/app/src/scales.js:41:9)`.
        """
        lines = lines_of(text)
        first = next((at for at, line in enumerate(lines) if _frame(line) is not None), None)
        if first is None:
            return None
        root = _root(lines[max(0, first - _LONGEST_MESSAGE) : first])
        if root.type in _NO_ERROR or root.type.endswith("Warning"):
            return None
        _fill(root, lines[first:])
        errors = _causal_order(root)
        framed = sum(len(error.frames) for error in errors)
        if not root.type and framed < 2:  # noqa: PLR2004 - one "at x:1:2" alone is no stack
            return None
        return Reading(errors, complete=all(error.type for error in errors))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _frame(line: str) -> Frame | None:
    """Read `    at async f [as g] (/app/a.js:5:23) {`; None for a sentence that happens to begin with "at"."""
    bare = line.strip()
    if not bare.startswith("at ") or line[:1] not in (" ", "\t"):
        return None
    body = bare[3:].removesuffix(" {").removesuffix(",")
    function, _, place = body[:-1].partition(" (") if body.endswith(")") else ("", "", body)
    if place.startswith("eval at "):
        place = place.rpartition(", ")[2]
    file, _, tail = place.removeprefix("async ").rpartition(":")
    if tail.isascii() and tail.isdigit() and len(tail) < 10:  # noqa: PLR2004 - no file has a billion lines
        above, _, line_no = file.rpartition(":")
        if above and line_no.isascii() and line_no.isdigit() and len(line_no) < 10:  # noqa: PLR2004 - as above
            return built_frame(above.removeprefix("file://"), int(line_no), int(tail), _function(function))
        return frame(file.removeprefix("file://"), int(tail), _function(function))
    if function and (place in ("native", "<anonymous>") or place.startswith("index ")):
        return frame(place, None, _function(function))
    return None


def _function(text: str) -> str | None:
    return text.removeprefix("async ").removeprefix("new ").partition(" [as ")[0].strip() or None


def _named(line: str, *, loose: bool) -> _Name | None:
    """Find an error's name in a line: at its start, or behind the words it was logged with."""
    found = _NAME.search(line) if "Error" in line or "Exception" in line else None
    if found is None and loose:
        above = _CAUSE.match(line)
        own = _OWN_NAME.match(line, above.end() if above else 0)
        found = own if own is not None and not is_level(own["type"]) else None
    if found is None:
        return None
    return _Name(found.start("type"), found["type"], found["message"] or "")


def _held(state: State, line: str, near: Near) -> State | None:
    """What an error holds is printed between braces: fields, and whole errors; pino writes its cause without."""
    if _CAUSE.match(line) and (state.depth or line.strip()[:6].lower() == "caused"):
        return state._replace(kind=Kind.LINK)
    if _MATCHING.match(line):
        return state._replace(kind=Kind.FRAME)
    if state.depth and _CLOSING.match(line):
        return State(Kind.PROPERTY, state.indent, state.depth - line.count("}"))
    if not state.depth or near is Near.LATER:
        return None
    if _LIST.match(line) or _PROPERTY.match(line):
        return state._replace(kind=Kind.PROPERTY)
    return state._replace(kind=Kind.NAME) if _indent(line) and _named(line, loose=False) is not None else None


def _root(above: Sequence[str]) -> _Error:
    """Name the error from the lines above its first frame: the nearest that names one, else the line just above."""
    for back, line in enumerate(reversed(above)):
        named = _named(line, loose=False)
        if named is not None:
            tail = above[len(above) - back :]
            if (
                tail and "^" in tail[-1] and not tail[-1].strip(" ^~")
            ):  # Deno shows the line of source, with a mark below
                tail = tail[:-2]
            return _Error(named.type, [named.message, *tail], _indent(line))
    named = _named(above[-1], loose=True) if above else None
    return _Error(
        named.type if named else "", [named.message if named else ""], _indent(above[-1]) if above else 0
    )


def _fill(root: _Error, lines: Sequence[str]) -> None:
    """Give each frame to its error, and each held error to the one that holds it."""
    path = [root]
    listing = False
    for line in lines:
        at = _frame(line)
        if at is not None:
            path[-1].frames.append(at)
            continue
        cause = _CAUSE.match(line)
        named = _named(line, loose=cause is not None)
        if _LIST.match(line):
            listing = True
        elif named is not None and (cause or (listing and _indent(line) > root.indent)):
            held = _Error(named.type, [named.message], _indent(line), listed=cause is None)
            while len(path) > 1 and path[-1].indent >= held.indent and line.lstrip().startswith("["):
                path.pop()
            while held.listed and len(path) > 1 and path[-1].indent >= held.indent:
                path.pop()
            path[-1].held.append(held)
            path.append(held)
        elif named is not None and _indent(line) <= root.indent and line.strip():
            return
        elif not path[-1].frames and not _PROPERTY.match(line):
            path[-1].message.append(line.strip())


def _causal_order(root: _Error) -> tuple[ExceptionInfo, ...]:
    """Put what an error holds before it; without recursion, since a hostile text can nest without end."""
    todo, out = [root], []
    while todo:
        error = todo.pop()
        out.append(error.value())
        todo.extend(error.held)
    return tuple(reversed(out))
