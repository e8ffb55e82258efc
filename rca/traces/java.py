"""Java's stack traces, and those of Kotlin and Scala.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides which calls an inner
exception shares with its outer one (`... 27 more`), and leaves aside what was suppressed: it happened while closing.
Source: JDK, java.lang.Throwable.printStackTrace; logback, `%ex` and `%rEx`, whose order is the other way round.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rca.model import Frame
from rca.traces.frames import frame
from rca.traces.grammar import Reading, lines_of
from rca.traces.name_first import (
    LONGEST_MESSAGE,
    MOST_SHARED,
    Name,
    NameFirst,
    exceptions,
    first_call,
    name_above,
)

_CALL = re.compile(
    r"""
    \s* at \s
    (?: [\w.\-@]{0,100} / ){0,2}                          # module and loader: java.base/
    (?P<call> [A-Za-z_$][\w.$<>\-]{0,500} (?: /0x[0-9a-f]{1,20} )? [\w.$<>]{0,200} )
    \( (?P<where>
        [\w$.\-]{1,200}\.\w{1,10} (?: :(?P<line>\d{1,9}) )?
      | Native\ Method | Unknown\ Source | <generated>
    ) \)
    (?: \s [~?]? \[ [^\]\n]{0,300} \] )? \s* $            # logback's ~[cart.jar:1.2]
    """,
    re.VERBOSE,
)
"""`	at com.example.shop.Cart.add(Cart.java:41) ~[cart.jar:1.2]`"""

_NAME = re.compile(
    r"""
    (?<![\w$.]) (?P<type> (?: [a-z_][\w$]{0,60} \. ){1,12} [A-Z][\w$]{0,100} )
    (?: : (?: \s? (?P<message> .* ) )? $ | \s* $ )
    """,
    re.VERBOSE | re.DOTALL,
)
_SURE = re.compile(r"(?:Exception|Error|Throwable|Failure|Fault)$")
_SURE_ANYWHERE = re.compile(r"Exception|Error|Throwable|Failure|Fault")
_LINK = re.compile(r"(?P<indent>\s*)(?P<word>Caused by|Wrapped by|Suppressed): ")
_MORE = re.compile(r"\s*\.{3} (?P<count>\d{1,6}) (?:more|common frames omitted|filtered)")
_SOURCES = (".java", ".kt", ".kts", ".scala", ".groovy", ".clj")


@dataclass(slots=True)
class _Thrown:
    """One exception as printed; filled line by line, hence not frozen."""

    name: Name
    more: list[str]
    calls: list[Frame] = field(default_factory=list)


class Java(NameFirst):
    """Java's grammar; see `Grammar`."""

    name = "java"

    def call(self, line: str) -> Frame | None:
        """See `NameFirst.call`."""
        if "at " not in line[:60]:
            return None
        found = _CALL.match(line)
        if found is None or "." not in found["call"]:
            return None
        owner, _, method = found["call"].rpartition(".")
        package, _, simple = owner.rpartition(".")
        function = f"{simple}.{method}"
        where = found["where"]
        folder = package.replace(".", "/") + "/" if package else ""
        if where == "Native Method":
            return frame("<native>", None, function)
        if not where.partition(":")[0].endswith(
            _SOURCES
        ):  # compiled without the names of its sources, or generated
            return frame(f"{folder}{simple}.class", None, function)
        line_no = int(found["line"]) if found["line"] else None
        return frame(folder + where.partition(":")[0], line_no, function)

    def named(self, line: str, *, loose: bool) -> Name | None:
        """See `NameFirst.named`."""
        if "." not in line or not (loose or _SURE_ANYWHERE.search(line)):
            return None
        found = _NAME.search(line)
        if found is None or not (loose or _SURE.search(found["type"])):
            return None
        return Name(found.start("type"), found["type"], found["message"] or "")

    def goes_on(self, line: str) -> bool:
        """See `NameFirst.goes_on`."""
        return _LINK.match(line) is not None or _MORE.match(line) is not None

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first trace in a text; None when there is none."""
        if "at " not in text:
            return None
        lines = lines_of(text)
        first = first_call(self, lines)
        if first is None:
            return None
        above = name_above(self, lines[max(0, first - LONGEST_MESSAGE) : first])
        calls = [found for line in lines[first : first + 2] if (found := self.call(line)) is not None]
        if above is None and len(calls) < 2:  # noqa: PLR2004 - one "at a.b(C.java:1)" alone is no trace
            return None
        name, more = above if above is not None else (Name(0, "", ""), [])
        chain, root_last = self._chain(_Thrown(name, more), lines[first:])
        told = [(one.name, one.more, one.calls) for one in (reversed(chain) if root_last else chain)]
        return Reading(exceptions(told), complete=above is not None)

    def _chain(self, outer: _Thrown, lines: Sequence[str]) -> tuple[list[_Thrown], bool]:
        """Return the exceptions as they are printed, and whether the root is the last of them."""
        chain, root_last = [outer], True
        aside: int | None = None  # the indentation of what was suppressed
        for line in lines:
            link = _LINK.match(line)
            indent = len(line) - len(line.lstrip())
            if aside is not None and line.strip() and indent >= aside:
                continue
            aside = None
            if link is not None and link["word"] == "Suppressed":
                aside = max(1, indent)
            elif link is not None:
                root_last = link["word"] == "Caused by"
                named = self.named(line[link.end() :], loose=True)
                chain.append(_Thrown(named or Name(0, "", line[link.end() :]), []))
            elif (call := self.call(line)) is not None:
                chain[-1].calls.append(call)
            elif (shared := _MORE.match(line)) is not None:
                count = min(int(shared["count"]), MOST_SHARED)
                enclosing = chain[-2].calls if len(chain) > 1 else []
                chain[-1].calls.extend(enclosing[max(0, len(enclosing) - int(shared["count"])) :][:count])
            elif chain[-1].calls and self.named(line, loose=False) is not None:
                break  # the next trace
            elif not chain[-1].calls and line.strip():
                chain[-1].more.append(line)
        return chain, root_last
