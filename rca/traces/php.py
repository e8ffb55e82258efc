"""PHP's uncaught exceptions, and the traces that Monolog and Laravel log.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides that the place which
the exception names is its innermost call: the trace below it tells from where each function was called.
Source: php-src, Zend/zend_exceptions.c; Monolog, NormalizerFormatter and LineFormatter (`includeStacktraces`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rca.model import Frame
from rca.traces.frames import frame
from rca.traces.grammar import Reading, lines_of
from rca.traces.name_first import LONGEST_MESSAGE, Name, NameFirst, exceptions

_TYPE = r"[A-Za-z_][\w\\]{0,200}"
_PLACE = r"(?P<file>[^\s:()\"']{1,500}):(?P<line>\d{1,9})"
_CALL = re.compile(
    r"""
    \s{0,8} \#\d{1,5} \s
    (?: (?P<file> [^\s(\[{] [^(\n]{0,500} ) \( (?P<line> \d{1,9} ) \) | \[internal\ function\] )
    : \s (?P<function> [^\s(] [^(\n]{0,300} ) .* $
    """,
    re.VERBOSE,
)
"""`#0 /app/src/Cart.php(41): Shop\\Cart->add(12)`"""
_RAISED = re.compile(
    rf"(?:(?<!\S)(?P<how>Uncaught |Next )|^)\\?(?P<type>{_TYPE}): (?P<message>.*)$", re.DOTALL
)
_AT = re.compile(rf"{_PLACE}\s*")
_LOGGED = re.compile(
    rf"\[object\] \((?P<type>{_TYPE})\(code: [^)\n]{{0,40}}\): "
    rf"(?P<message>.{{0,2000}}?) at {_PLACE}\)",
    re.DOTALL,
)
_WITHIN = re.compile(
    r"\s{0,8}(?:Stack trace:$|\[stacktrace\]$|\[previous exception\] |#\d{1,5} \{main\}"
    r"|thrown in \S{1,500} on line \d|\"\})"
)
_SURE = ("Uncaught ", "Next ", "[object] (")
_DEFINED = " and defined"
"""Between the words and the place of a wrong argument: `…, called in … on line 63 and defined in /app/Cart.php:29`."""


@dataclass(slots=True)
class _Thrown:
    """One exception as printed; filled line by line, hence not frozen."""

    name: Name
    place: Frame
    sure: bool
    """It is an exception wherever the line stands."""
    logged: bool
    """Monolog wrote it."""
    links: bool
    """It goes on with the chain above it."""
    calls: list[Frame] = field(default_factory=list)


class Php(NameFirst):
    """PHP's grammar; see `Grammar`."""

    name = "php"

    def call(self, line: str) -> Frame | None:
        """See `NameFirst.call`."""
        found = _CALL.match(line) if "#" in line[:9] else None
        if found is None:
            return None
        if found["file"] is None:
            return frame("<native>", None, _plain(found["function"]))
        return frame(found["file"], int(found["line"]), _plain(found["function"]))

    def named(self, line: str, *, loose: bool) -> Name | None:
        """See `NameFirst.named`."""
        if not loose and not any(word in line for word in _SURE):
            return None  # nearly every line
        found = _thrown(line)
        return None if found is None or not (loose or found.sure) else found.name

    def lead(self, line: str) -> str:
        """See `Grammar.lead`: what Monolog was told, without the braces of what it was told beside."""
        return super().lead(line).partition(' {"')[0]

    def goes_on(self, line: str) -> bool:
        """See `NameFirst.goes_on`."""
        return _WITHIN.match(line) is not None or line.startswith("Next ")

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first trace in a text; None when there is none."""
        if "#0 " not in text:
            return None
        lines = lines_of(text)
        first = next((at for at, line in enumerate(lines) if _WITHIN.match(line) or self.call(line)), None)
        if first is None or not any(self.call(line) or "#0 {main}" in line for line in lines[first:]):
            return None
        thrown = _above(lines[max(0, first - LONGEST_MESSAGE) : first])
        if thrown is None:
            return None
        chain = [thrown]
        for line in lines[first:]:
            call, found = self.call(line), _thrown(line)
            if call is not None:
                chain[-1].calls.append(call)
            elif found is not None and found.links:
                chain.append(found)
            elif found is not None:
                break  # the next trace
        # PHP prints what came first first; Monolog tells the previous ones below.
        told = [(one.name, (), _placed(one)) for one in (reversed(chain) if thrown.logged else chain)]
        return Reading(exceptions(told), complete=True)


def _thrown(text: str) -> _Thrown | None:
    """The exception that a line names, with the place where it was raised."""
    if "[object] (" in text:
        found = _LOGGED.search(text)
        if found is None:
            return None
        name = Name(found.start(), _plain(found["type"]), found["message"])
        place = frame(found["file"], int(found["line"]), None)
        return _Thrown(name, place, sure=True, logged=True, links="[previous exception]" in text)
    said, _, where = text.rpartition(" in ")
    at = _AT.fullmatch(where)
    raised = _RAISED.search(said) if at is not None else None
    if at is None or raised is None:
        return None
    name = Name(raised.start(), _plain(raised["type"]), raised["message"].removesuffix(_DEFINED))
    place, how = frame(at["file"], int(at["line"]), None), raised["how"]
    return _Thrown(name, place, sure=how is not None, logged=False, links=how == "Next ")


def _above(above: Sequence[str]) -> _Thrown | None:
    """The exception named above its trace; its message may go over several lines."""
    for back in range(len(above) - 1, -1, -1):
        found = _thrown("\n".join(above[back:]))
        if found is not None and (found.sure or back == len(above) - 1):
            return found
    return None


def _placed(one: _Thrown) -> list[Frame]:
    """The calls, innermost first: each line of a trace names the function that was called from its place.

    Where the exception names the place of the first call itself, a function of PHP's own raised it.
    """
    first = one.calls[0] if one.calls else None
    native = first is not None and (first.file, first.line) == (one.place.file, one.place.line)
    places = [frame("<native>", None, None) if native else one.place, *one.calls]
    functions = [*(call.function for call in one.calls), "{main}"]
    return [
        Frame(place.file, place.line, function, None, place.in_app)
        for place, function in zip(places, functions, strict=True)
    ]


def _plain(name: str) -> str:
    r"""A name without the doubling of its backslashes that JSON made: `Shop\\Cart` is `Shop\Cart`."""
    return name.replace("\\\\", "\\")
