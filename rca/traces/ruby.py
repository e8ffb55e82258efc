"""Ruby's backtraces.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides by the forms of Ruby
(`file:12:in 'm': message (Class)`, then `from …`), of Rails and of loggers (`message (Class)`, then the calls).
Source: Ruby, error.c and Exception#full_message; Ruby 3.4 quotes a method 'Cart#add', older ones `add'.
"""

import re
from dataclasses import dataclass, field

from rca.model import Frame
from rca.traces.frames import frame
from rca.traces.grammar import Kind, Near, Reading, State, lines_of
from rca.traces.name_first import LONGEST_MESSAGE, Name, NameFirst, exceptions, first_call, name_above

_CALL = re.compile(
    r"""
    \s* (?P<number> \d{1,6}: \s{1,4} )? (?: from \s )? (?P<file> (?: [A-Za-z]: )? [^\s:'"`][^:\n]{0,500} ) : (?P<line>
    \d{1,9} ) :in \s [`'] (?P<function> [^'\n]{1,300} ) ' (?P<rest> : \s .* )? \s* $
    """,
    re.VERBOSE,
)
_LOGGED = re.compile(r"[DIWEFA], \[[^\]\n]{1,60}\] {1,3}[A-Z]{3,5} -- [^:\n]{0,100}: (?=\S)")
"""Ruby's Logger puts this before the first call, where a backtrace is logged as a message of its own."""
_CLASS = r"[A-Z]\w{0,80}(?:::[A-Z]\w{0,80}){0,8}"
_RAISED = re.compile(rf"(?P<message>.{{0,4000}}?) ?\((?P<type>{_CLASS})\):?\s*$", re.DOTALL)
"""`undefined method 'price' for nil (NoMethodError)`"""
_RAILS = re.compile(rf"(?P<type>{_CLASS}) \((?P<message>.{{0,4000}})\):\s*$", re.DOTALL)
_CABLE = re.compile(rf" - (?P<type>{_CLASS})\(")
"""Action Cable: `There was an exception - NoMethodError(undefined method 'price' for nil)`"""
_PLAIN = re.compile(rf"(?<![\w:.])(?P<type>{_CLASS}): (?P<message>.*)$", re.DOTALL)
_SURE = re.compile(r"(?:Error|Exception|Errno::\w+|NotFound|Timeout|Invalid|Interrupt)$")


@dataclass(slots=True)
class _Raised:
    """One exception as printed; filled line by line, hence not frozen."""

    name: Name
    more: list[str]
    calls: list[Frame] = field(default_factory=list)


class Ruby(NameFirst):
    """Ruby's grammar; see `Grammar`."""

    name = "ruby"

    def call(self, line: str) -> Frame | None:
        """See `NameFirst.call`."""
        found = _CALL.match(_LOGGED.sub("", line, count=1)) if ":in " in line else None
        return None if found is None else frame(found["file"], int(found["line"]), found["function"])

    def named(self, line: str, *, loose: bool) -> Name | None:
        """See `NameFirst.named`."""
        if ")" not in line and not loose:
            return None
        said = line.rstrip()
        cable = _CABLE.search(said) if said.endswith(")") else None
        if cable is not None and _SURE.search(cable["type"]):
            return Name(cable.start("type"), cable["type"], said[cable.end() : -1])
        found = _RAILS.match(line) or _RAISED.match(line) or (_PLAIN.search(line) if loose else None)
        if found is None or not (loose or _SURE.search(found["type"])):
            return None
        return Name(0, found["type"], found["message"])  # its words stand before it, and are its message

    def goes_on(self, line: str) -> bool:
        """See `NameFirst.goes_on`: a backtrace that Ruby cut says how many levels it left out."""
        return line.lstrip().startswith("... ") and line.rstrip().endswith("levels...")

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`."""
        if self._heads(line) is not None:
            return State(Kind.HEADER if state is None else Kind.LINK)
        # A sentence in brackets opens nothing before its calls do.
        opens = state is None and self.call(line) is None and near is not Near.SAME
        return None if opens else super().step(state, line, near)

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first backtrace in a text; None when there is none."""
        if ":in " not in text:
            return None
        lines = lines_of(text)
        first = first_call(self, lines)
        if first is None:
            return None
        upwards = _CALL.match(lines[first])
        if upwards is not None and upwards["number"]:  # a terminal is told the innermost call last
            lines = [*lines[:first], *_downwards(lines[first:])]
        above = (
            None
            if self._heads(lines[first])
            else name_above(self, lines[max(0, first - LONGEST_MESSAGE) : first])
        )
        chain = [] if above is None else [_Raised(*above)]
        for line in lines[first:]:
            call, headed = self.call(line), self._heads(line)
            if headed is not None:
                chain.append(_Raised(headed, []))
            if call is not None and chain:
                chain[-1].calls.append(call)
            elif call is not None:
                chain.append(_Raised(Name(0, "", ""), [], [call]))
            elif chain and len(chain[-1].calls) == 1 and line.strip() and not self.goes_on(line):
                chain[-1].more.append(line)
        if not chain[0].name.type and len(chain[0].calls) < 2:  # noqa: PLR2004 - one place alone is no backtrace
            return None
        told = [(one.name, one.more, one.calls) for one in reversed(chain)]
        return Reading(exceptions(told), complete=all(one.name.type for one in chain))

    def _heads(self, line: str) -> Name | None:
        """The exception that a backtrace's own first line names behind its place."""
        found = _CALL.match(line) if ":in " in line else None
        if found is None or not found["rest"]:
            return None
        raised = _RAISED.match(found["rest"].removeprefix(": "))
        return None if raised is None else Name(found.start("rest"), raised["type"], raised["message"])


def _downwards(lines: list[str]) -> list[str]:
    """The lines of a backtrace that was printed with the innermost call last, the other way round."""
    calls = [line for line in lines if _CALL.match(line)]
    return [*reversed(calls), *(line for line in lines if not _CALL.match(line))]
