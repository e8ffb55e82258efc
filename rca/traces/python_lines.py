"""Which line may follow which in a Python traceback.

In: a line and the state before it. Out: the state after it, or None. Decides what the lines are in every dress they
come in: CPython's own (3.8 to 3.13), exception groups, loguru's, rich's boxes.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from rca.model import Relation
from rca.traces.grammar import MAX_NAME, STRICT_TYPE, Kind, Near, State, is_level

HEADER = "Traceback (most recent call last)"

LINKS = {
    "The above exception was the direct cause of the following exception:": Relation.CAUSE,
    "During handling of the above exception, another exception occurred:": Relation.CONTEXT,
}
"""Source: CPython, Lib/traceback.py, `_cause_message` and `_context_message`."""

FRAME = re.compile(
    r"""
      \s* (?:>\s)?                      # loguru marks the frame that caught it
      (?P<at>File\s)"(?P<file>[^"]{1,4096})",\s
      line\s(?P<line>\d{1,9})
      (?:,\sin\s(?P<function>\S.*))?    # absent below a SyntaxError
      $
    """,
    re.VERBOSE,
)
"""`  File "/app/tills/drawer.py", line 61, in count`"""

NAME = re.compile(r"(?P<type>[A-Za-z_]\w*(?:\.(?:\w+|<locals>))*)(?::(?:\s(?P<message>.*)|$)|$)", re.DOTALL)
"""`redis.exceptions.ConnectionError: Error 111 connecting to …`, or the bare `KeyError`."""

BOX_FRAME = re.compile(r"(?P<file>\S.{0,1000}?):(?P<line>\d{1,9}) in(?: (?P<function>\S.{0,300}))?$")
"""rich: `│ /app/tills/drawer.py:61 in count     │`, its border and padding taken away."""

_REPEAT = re.compile(r"\s*\[Previous line repeated \d+ more times?\]$")
_OPENS_GROUP = re.compile(r" *\+ Exception Group ")
_RULE = re.compile(r"\+(-\+)?-{4,}")
_VALUES = ("│", "└")
_WORD = re.compile(r"[A-Za-z_]\w*")

_IN_FRAMES = frozenset({Kind.FRAME, Kind.CODE, Kind.MARK, Kind.REPEAT})
_BEFORE_NAME = _IN_FRAMES | {Kind.HEADER, Kind.LINK, Kind.RULE, Kind.BOX}


@dataclass(frozen=True, slots=True)
class Continuation:
    """One shape of a message's second and further lines, from `continuations.toml`."""

    after: re.Pattern[str]
    line: re.Pattern[str]
    samples: tuple[str, ...]


@cache
def continuations() -> tuple[Continuation, ...]:
    """Return the shipped shapes of messages that go on over several lines."""
    table = tomllib.loads(files(__package__).joinpath("continuations.toml").read_text(encoding="utf-8"))
    return tuple(
        Continuation(re.compile(row["after"]), re.compile(row["line"]), tuple(row["samples"]))
        for row in table["continuation"]
    )


def unbarred(line: str) -> tuple[int, str]:
    """Return an exception group's level and the line without its bar; level 0 where there is none."""
    bare = line.lstrip(" ")
    column = len(line) - len(bare)
    if bare.startswith("+ Exception Group " + HEADER):
        return max(1, column // 2), bare[2:]
    if bare.startswith("|"):
        return max(1, column // 2), bare[2:] if bare.startswith("| ") else bare[1:]
    return 0, line


def rule_depth(line: str) -> int | None:
    """Return the level that a group's ruled line opens or closes; None when it is no such line."""
    bare = line.lstrip(" ")
    found = _RULE.match(bare)
    if found is None:
        return None
    return max(1, (len(line) - len(bare)) // 2) + (1 if found[1] else 0)


def step(state: State | None, line: str, near: Near) -> State | None:
    """Return the state after a line, or None where it cannot stand there; see `Grammar.step`."""
    depth = rule_depth(line)
    if depth is not None and state is not None and state.depth:
        fits = near is Near.SAME or state.kind in (Kind.NAME, Kind.TAIL, Kind.RULE)
        return State(Kind.RULE, depth=depth) if fits else None
    depth, body = unbarred(line)
    if not body.strip():
        return _blank(state, depth, near)
    if HEADER in body:
        # Only the outermost group begins with a plus: after a rule it is the next group's, not a member.
        anew = _OPENS_GROUP.match(line) is not None and state is not None and state.kind is not Kind.LINK
        return None if anew else _header(state, body, depth)
    if body.strip() in LINKS:
        return _link(state, depth)
    if state is not None and state.kind in (Kind.NAME, Kind.TAIL):
        return _tail(state, body, depth, near)
    return _frame(state, body, depth) or (None if state is None else _within(state, body, depth, near))


def affinity(before: Sequence[str], line: str) -> int:
    """Return how well a line follows the last few: marks fit their code, a function is called by the line above."""
    last = unbarred(before[-1])[1] if before else ""
    body = unbarred(line)[1].rstrip()
    if body and not body.strip(" ^~"):
        return _marks(last, body)
    if body.startswith("    ") and body.lstrip()[:1] in _VALUES:
        return _drawn(last, body)
    found = FRAME.match(body)
    above = FRAME.match(last.rstrip())
    sourceless = above is not None and (above["file"].startswith("<") or above["file"].endswith(".pyx"))
    if found is None:
        code = body.startswith("    ")
        if above is None:
            # Python 3.13 prints several lines of source below one frame; any other order is likelier.
            return -5 if code and last.startswith("    ") else 0
        # `<frozen …>` and Cython frames print no source; the others do, before anything else.
        return (-4 if sourceless else 1) if code else (0 if sourceless else -3)
    if above is not None:
        return 0 if sourceless else -2
    code_above = (unbarred(text)[1].rstrip() for text in reversed(before))
    called = next((text for text in code_above if text.strip(" ^~") and text.lstrip()[0] not in _VALUES), "")
    called = "" if FRAME.match(called) else called
    return _calls(called[: 4 * MAX_NAME], found["function"] or "", found["file"][-MAX_NAME:])


def _calls(code: str, function: str, file: str) -> int:
    """A source line names the function of the next frame, or imports its module."""
    words = set(_WORD.findall(code))
    if function == "<module>":
        return 3 if words & {"import", "from"} and words & (set(_WORD.findall(file)) - {"py"}) else 0
    name = function.rpartition(".")[2]
    return 4 if name in words else 0


def lead(line: str) -> str:
    """Return what stands before `Traceback` on its own line, without drawing and without `+ Exception Group`."""
    before = line.partition(HEADER)[0] if HEADER in line else ""
    return before.removesuffix("+ Exception Group ").strip(" ─━-╭┌┏+|:\t")


def is_name(text: str, *, loose: bool) -> bool:
    """Return whether a whole line can be the one that names the exception.

    Loose within the entry that the frames stand in; elsewhere the name must be dotted or look like an exception's,
    since other loggers' lines (`INFO: …`, `Reason: …`) stand between.
    """
    found = NAME.match(text)
    if found is None:
        return False
    name = found["type"]
    last = name.rpartition(".")[2]
    if len(name) > MAX_NAME:
        return False
    if is_level(last):
        return "." in name and last in ("Error", "error")
    if STRICT_TYPE.fullmatch(name):
        return True
    camel = last[0].isupper() and any(letter.islower() for letter in last)
    if "." in name:
        return loose or camel
    return camel and (loose or any(a.islower() and b.isupper() for a, b in pairwise(last)))


def _blank(state: State | None, depth: int, near: Near) -> State | None:
    """A blank line says nothing, except that a message that went on may hold it."""
    if state is None or not (near is Near.SAME or depth):
        return None
    return state._replace(kind=Kind.TAIL) if state.kind is Kind.NAME else state


def _header(state: State | None, body: str, depth: int) -> State | None:
    if state is not None and state.kind not in (Kind.LINK, Kind.RULE):
        return None
    after = body.partition(HEADER)[2]
    boxed = after.strip(" :") != "" and set(after.strip()) <= set("─━-╮┐┓+ ")
    if not boxed and after.strip() != ":":
        return None
    column = len(body) - len(body.lstrip(" "))
    return State(
        Kind.HEADER, indent=column + 2 if body.lstrip().startswith(HEADER) else 2, depth=depth, boxed=boxed
    )


def _link(state: State | None, depth: int) -> State | None:
    if state is not None and state.kind in (Kind.HEADER, Kind.LINK):
        return None
    return State(Kind.LINK, depth=depth)


def _frame(state: State | None, body: str, depth: int) -> State | None:
    """Frames stand below a header or one another; where the header is missing, one opens a trace."""
    if state is not None and state.boxed and state.kind in (Kind.HEADER, Kind.BOX):
        return State(Kind.BOX, boxed=True) if body.strip()[0] in "│╭╰├┌└┃┏┗|+" else None
    found = FRAME.match(body.rstrip())
    fits = state is None or (state.kind in _IN_FRAMES | {Kind.HEADER} and depth == state.depth)
    return State(Kind.FRAME, found.start("at"), depth) if found is not None and fits else None


def _within(state: State, body: str, depth: int, near: Near) -> State | None:
    indent = len(body) - len(body.lstrip(" \t"))
    if depth != state.depth and state.kind is not Kind.LINK:
        return None
    if state.kind in _IN_FRAMES:
        if _REPEAT.match(body.rstrip()):
            return state._replace(kind=Kind.REPEAT)
        inner = _code(state, body, indent, near)
        if inner is not None:
            return inner
        if indent >= state.indent > 0:
            return None
    if state.kind in _BEFORE_NAME and is_name(body.strip(), loose=near is Near.SAME or state.boxed):
        return State(Kind.NAME, depth=depth, boxed=state.boxed, hint=body.strip()[:MAX_NAME])
    return None


def _code(state: State, body: str, indent: int, near: Near) -> State | None:
    """Lines below a frame: its source, then marks; a collector that trims lines leaves both at column 0."""
    if set(body.strip()) <= set("^~"):
        fits = (
            state.kind in (Kind.CODE, Kind.MARK) if near is not Near.SAME else state.kind is not Kind.REPEAT
        )
        return state._replace(kind=Kind.MARK) if fits and (indent or not state.indent) else None
    trimmed = state.indent == 0 and state.kind is Kind.FRAME and not is_name(body.strip(), loose=False)
    if not trimmed and (indent < state.indent + 2 or not state.indent):
        return None
    # Several source lines below one frame are Python 3.13's, or loguru's values: never after another's line.
    if state.kind is Kind.FRAME or near is not Near.LATER:
        return state._replace(kind=Kind.CODE)
    return None


def _tail(state: State, body: str, depth: int, near: Near) -> State | None:
    if depth != state.depth:
        return None
    if near is Near.SAME:
        return state._replace(kind=Kind.TAIL)
    if near is Near.LATER:
        return None
    # The line that named the exception stays at hand: it says what kind of lines to expect.
    fits = any(shape.line.match(body) and shape.after.search(state.hint) for shape in continuations())
    return state._replace(kind=Kind.TAIL) if fits else None


def _drawn(last: str, body: str) -> int:
    """Loguru draws the values of a source line's names below it, the rightmost first."""
    if last.lstrip()[:1] in _VALUES:
        return 3 if body.find("└") < last.find("└") else -4
    return -5 if FRAME.match(last.rstrip()) or not last.startswith("    ") else 2


def _marks(code: str, marks: str) -> int:
    """Marks lie below the source line, from the start of one of its words to the end of another."""
    start = len(marks) - len(marks.lstrip(" "))
    end = len(marks.rstrip())
    code = code.rstrip()
    if FRAME.match(code) or end > len(code) or not code[: start + 1].strip():
        return -6
    cuts_word = start > 0 and code[start - 1].isidentifier() and code[start].isidentifier()
    splits_end = end < len(code) and code[end - 1].isidentifier() and code[end].isidentifier()
    return -2 if cuts_word or splits_end else 4
