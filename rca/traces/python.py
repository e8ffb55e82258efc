"""Python's stack traces.

In: one whole text. Out: its exceptions, root first, as CPython, loguru or rich print them. Decides how segments of a
text make a chain: links by their sentences, groups by their bars and rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rca.model import ExceptionInfo, Frame, Relation
from rca.traces import python_lines as lines
from rca.traces.frames import frame
from rca.traces.grammar import Kind, Near, Reading, State, lines_of

_REMEMBERED = 400
"""Characters; longer lines are not printed again and again."""

_remembered = lru_cache(maxsize=1 << 13)(lines.step)
"""The frames of a service are few, and it prints them over and over."""


@dataclass(slots=True)
class _Segment:
    """One exception as printed; filled line by line, hence not frozen."""

    depth: int
    relation: Relation
    begun: bool = True
    """False where what stood before it is missing."""
    type: str | None = None
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def told(self) -> bool:
        return self.type is not None or bool(self.frames)

    def value(self, relation: Relation) -> ExceptionInfo:
        return ExceptionInfo(
            type=self.type or "",
            message="\n".join(self.message).strip().removesuffix('"""').rstrip(),
            frames=tuple(self.frames),
            relation=relation,
        )


class Python:
    """Python's grammar; see `Grammar`."""

    name = "python"

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`."""
        if len(line) > _REMEMBERED:
            return lines.step(state, line, near)
        return _remembered(state, line, near)

    def affinity(self, before: Sequence[str], line: str) -> int:
        """See `Grammar.affinity`."""
        return lines.affinity(before, line)

    def lead(self, line: str) -> str:
        """See `Grammar.lead`."""
        return lines.lead(line)

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first traceback in a text; None when there is none.

        Source: CPython, Lib/traceback.py, `TracebackException.format`; real line of a group:
        `  +-+---------------- 1 ----------------`.
        """
        chain = _Chain()
        for kind, state, line in _kinds(lines_of(text)):
            chain.add(kind, state, line)
        return chain.reading()


def _kinds(text: Sequence[str]) -> Iterator[tuple[Kind, State, str]]:
    """Yield the lines of the first traceback of a text; what cannot stand where it does is left out."""
    state: State | None = None
    for line in text:
        after = lines.step(state, line, Near.SAME)
        if after is not None:
            if lines.unbarred(line)[1].strip() or after.kind is Kind.TAIL:
                yield after.kind, after, line
            state = after
        elif state is not None and lines.step(None, line, Near.SAME) is not None and lines.HEADER in line:
            return


class _Chain:
    """The segments read so far, and the groups that still wait for their members."""

    def __init__(self) -> None:
        self.done: list[ExceptionInfo] = []
        self.groups: list[_Segment] = []
        self.open: _Segment | None = None
        self.relation = Relation.ROOT
        self.begun = True
        self.complete = True
        self.proved = False

    def add(self, kind: Kind, state: State, line: str) -> None:
        """Take in one line."""
        _, body = lines.unbarred(line)
        if kind is Kind.HEADER:
            self._begin(state.depth)
            self.proved = True
        elif kind is Kind.LINK:
            self._link(body, state.depth)
        elif kind is Kind.RULE:
            self._rule(state.depth)
        elif kind is Kind.NAME:
            self._name(body, state.depth)
        elif kind is Kind.TAIL and self.open is not None:
            self.open.message.append(body.rstrip())
        else:
            self._frame(kind, state, body)

    def reading(self) -> Reading | None:
        """Return what was read; None where too little was to be a traceback."""
        self._close()
        self._leave(0)
        framed = sum(len(exception.frames) for exception in self.done)
        named = any(exception.type for exception in self.done)
        # One `File "x", line 3` alone is a sentence about a file, not a traceback.
        if not self.done or not (named if self.proved and not framed else framed > 1 or self.proved or named):
            return None
        return Reading(tuple(self.done), complete=self.complete and self.begun)

    def _begin(self, depth: int) -> _Segment:
        self._close()
        self._leave(depth)
        self.open = _Segment(depth, self.relation)
        self.relation = Relation.ROOT
        return self.open

    def _link(self, body: str, depth: int) -> None:
        if not self.done and self.open is None and not self.groups:
            self.begun = False
        self._close()
        self._leave(depth)
        self.relation = lines.LINKS[body.strip()] if self.done else Relation.ROOT

    def _rule(self, depth: int) -> None:
        opened = self.open
        if opened is not None and opened.depth < depth:
            self.groups.append(opened)
            self.open = None
        self._close()
        self._leave(depth)
        self.relation = Relation.ROOT

    def _name(self, body: str, depth: int) -> None:
        found = lines.NAME.match(body.strip())
        if found is None:
            return
        if self.open is None or self.open.type is not None:
            self._begin(depth)
        if self.open is not None:
            self.open.type = found["type"]
            self.open.message = [found["message"] or ""]

    def _frame(self, kind: Kind, state: State, body: str) -> None:
        at = self.open if self.open is not None else self._begin(state.depth)
        if kind is Kind.BOX:
            _boxed(at, body)
        elif kind is Kind.FRAME:
            found = lines.FRAME.match(body.rstrip())
            if found is not None:
                at.frames.append(frame(found["file"], int(found["line"]), found["function"]))
        elif kind is Kind.CODE and at.frames and at.frames[-1].code is None:
            at.frames[-1] = _with_code(at.frames[-1], body.strip())

    def _close(self) -> None:
        """Put the open segment among the done ones."""
        if self.open is not None and self.open.told():
            self.complete = self.complete and self.open.type is not None
            self.done.append(self.open.value(self.open.relation if self.done else Relation.ROOT))
        self.open = None

    def _leave(self, depth: int) -> None:
        """Put the groups that end here after their members: a group comes from them."""
        while self.groups and self.groups[-1].depth >= depth:
            group = self.groups.pop()
            self.complete = self.complete and group.type is not None
            self.done.append(group.value(Relation.GROUP if self.done else Relation.ROOT))


def _boxed(at: _Segment, body: str) -> None:
    """Read one line of rich's box: a place, or the line of source that its arrow points at."""
    inner = body.strip().strip("│┃|").strip()
    if inner.startswith(("❱", ">")) and at.frames and at.frames[-1].code is None:
        code = inner.partition("│")[2] if "│" in inner else inner.lstrip("❱> ").lstrip("0123456789")
        at.frames[-1] = _with_code(at.frames[-1], code.replace("│", " ").strip())
        return
    found = lines.BOX_FRAME.match(inner)
    # A local's value can look like a place; a place stands right at the left border.
    if found is not None and body.lstrip().startswith(("│ ", "┃ ", "| ")) and body.lstrip()[2:3].strip(" │"):
        at.frames.append(frame(found["file"], int(found["line"]), found["function"]))


def _with_code(at: Frame, code: str) -> Frame:
    return Frame(file=at.file, line=at.line, function=at.function, code=code, in_app=at.in_app)
