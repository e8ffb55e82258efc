"""Stack traces of .NET.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides which calls belong
to an inner exception: those up to `--- End of inner exception stack trace ---`.
Source: .NET runtime, Exception.ToString and AggregateException.ToString.
"""

import re
from dataclasses import dataclass, field, replace

from rca.model import ExceptionInfo, Frame, Relation
from rca.traces.frames import in_app
from rca.traces.grammar import Reading, lines_of
from rca.traces.name_first import LONGEST_MESSAGE, Name, NameFirst, exceptions, name_above

_CALL = re.compile(
    r"""
    \s* at \s (?P<call> [A-Za-z_<][^\s(]{1,500} )
    \( (?P<arguments> [^\n)]{0,600} ) \)
    (?: \s in \s (?P<file> [^\n]{1,1000} ) :line \s (?P<line> \d{1,9} ) )? \s* $
    """,
    re.VERBOSE,
)
"""`   at Shop.Cart.Add(String item) in /src/Shop/Cart.cs:line 41`"""

_PLACE = re.compile(
    r"[\w$.\-]+\.\w+(?::\d+)*|Native Method|Unknown Source|<generated>|native|<anonymous>|\S+:\d+:\d+"
)
"""What stands there in other languages' traces."""

_NAME = re.compile(
    r"""
    (?<![\w.`]) (?P<type> (?: [A-Z]\w{0,80} \. ){1,10} [A-Z]\w{0,120} (?: `\d )? )
    (?: \s \( (?: 0x[0-9A-Fa-f]{1,8} | -?\d{1,10} ) (?: ,\s[^)\n]{1,100} )? \) )?         # SocketException (111)
    (?: : (?: \s (?P<message> .* ) )? $ | \s* $ )
    """,
    re.VERBOSE | re.DOTALL,
)
_INNER = re.compile(r"\s*---> (?:\(Inner Exception #(?P<number>\d{1,5})\) )?")
_IN_LINE = " ---> "
_END = "--- End of inner exception stack trace ---"
_MEMBER_ENDS = "<---"
_RETHROWN = "--- End of stack trace from previous location"
_MACHINE = re.compile(r"<(?P<method>\w{1,200})>[bdg]__[\w|]{1,100}(?:\.MoveNext)?$")
"""What the compiler makes of async methods, lambdas and local functions: `<AddAsync>d__5.MoveNext`."""
_CLOSURE = re.compile(r"\.<>c(?:__DisplayClass\w{1,20})?(?=\.|$)")


@dataclass(slots=True)
class _Thrown:
    """One exception as printed; filled line by line, hence not frozen."""

    name: Name
    more: list[str] = field(default_factory=list)
    calls: list[Frame] = field(default_factory=list)


class DotNet(NameFirst):
    """.NET's grammar; see `Grammar`."""

    name = "dotnet"

    def call(self, line: str) -> Frame | None:
        """See `NameFirst.call`."""
        if "at " not in line[:60]:
            return None
        found = _CALL.match(line.rstrip().removesuffix(_MEMBER_ENDS))
        if found is None or _PLACE.fullmatch(found["arguments"]):
            return None
        call = _CLOSURE.sub("", found["call"].replace("+", "."))
        machine = _MACHINE.search(call)
        call = call if machine is None else call[: machine.start()] + machine["method"]
        owner, _, method = call.rpartition(".")
        if not owner:
            return (
                None
                if found["file"] is None and "_" not in method
                else Frame("<generated>", None, method, None, in_app=False)
            )
        file = found["file"] or owner
        ours = in_app(file) and in_app(owner)
        line_no = int(found["line"]) if found["line"] else None
        return Frame(file, line_no, f"{owner.rpartition('.')[2]}.{method}", None, in_app=ours)

    def named(self, line: str, *, loose: bool) -> Name | None:
        """See `NameFirst.named`."""
        if "." not in line or not (loose or "Exception" in line):
            return None
        found = _NAME.search(line)
        if found is None or not (loose or found["type"].partition("`")[0].endswith("Exception")):
            return None
        return Name(found.start("type"), found["type"], found["message"] or "")

    def goes_on(self, line: str) -> bool:
        """See `NameFirst.goes_on`."""
        return _INNER.match(line) is not None or _END in line or _RETHROWN in line

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first trace in a text; None when there is none."""
        if "at " not in text:
            return None
        lines = lines_of(text)
        told = (at for at, line in enumerate(lines) if self.call(line) is not None or _INNER.match(line))
        first = next(told, None)
        if first is None or not any(self.call(line) is not None for line in lines[first:]):
            return None
        above = name_above(self, lines[max(0, first - LONGEST_MESSAGE) : first])
        if above is None and sum(self.call(line) is not None for line in lines[first : first + 2]) < 2:  # noqa: PLR2004 - one line alone is no trace
            return None
        name, more = above if above is not None else (Name(0, "", ""), [])
        chain = _Chain(self, _unfolded(self, name), more)
        for line in lines[first:]:
            if not chain.take(line):
                break
        return Reading(chain.told(), complete=above is not None)


def _unfolded(language: DotNet, name: Name) -> list[_Thrown]:
    """The exceptions that .NET Framework names on one line: `A: x ---> B: y`, the outermost first."""
    outer, *inner = name.message.split(_IN_LINE)
    named = [found for text in inner if (found := language.named(text, loose=False)) is not None]
    if len(named) != len(inner):
        return [_Thrown(name)]
    return [_Thrown(name._replace(message=outer)), *map(_Thrown, named)]


class _Chain:
    """The exceptions read so far: those whose calls are still to come, and those that are whole."""

    def __init__(self, language: DotNet, open_: list[_Thrown], more: list[str]) -> None:
        self.language = language
        self.open = open_
        self.open[-1].more = more
        self.done: list[_Thrown] = []
        self.members: list[_Thrown] = []
        self.member: _Thrown | None = None

    def take(self, line: str) -> bool:
        """Take in a line; tell whether the trace may go on."""
        inner = _INNER.match(line)
        if inner is not None:
            self._inner(line[inner.end() :], inner["number"])
        elif _END in line:
            if len(self.open) > 1:
                self.done.append(self.open.pop())
        elif (call := self.language.call(line)) is not None:
            (self.member or self.open[-1]).calls.append(call)
        elif (self.member or self.open[-1]).calls:
            return (
                _RETHROWN in line
                or not line.strip()
                or line.strip() == _MEMBER_ENDS
                or self.language.named(line, loose=False) is None
            )
        elif line.strip():
            (self.member or self.open[-1]).more.append(line)
        return True

    def _inner(self, text: str, number: str | None) -> None:
        named = self.language.named(text.removesuffix(_MEMBER_ENDS), loose=True) or Name(0, "", text)
        if number is None:
            self.open.extend(_unfolded(self.language, named))
            return
        # The first of an aggregate's was told above its own calls already.
        self.member = _Thrown(named)
        if number != "0" or not self.done:
            self.members.append(self.member)

    def told(self) -> tuple[ExceptionInfo, ...]:
        """Return the exceptions, root first; an aggregate after all that it holds."""
        chain = [*self.done, *self.members, *reversed(self.open)]
        found = exceptions([(one.name, one.more, one.calls) for one in chain])
        if not self.members:
            return found
        held = range(len(self.done), len(chain) - len(self.open))
        return tuple(
            replace(
                one,
                relation=Relation.GROUP
                if one is found[-1]
                else Relation.ROOT
                if at in held
                else one.relation,
            )
            for at, one in enumerate(found)
        )
