"""What an expression of source code can stand for, as far as it can be read without running it.

In: expressions, made into values by the language's reader. Out: numbers, and patterns of text whose fixed parts are
known. Decides nothing about names: whoever asks says what they stand for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

EXCEPTION_TEXT = "the exception's text"
EXCEPTION_TYPE = "the exception's type"
ARGUMENT = "an argument"
COMPUTED = "computed"

_MOST_PATTERNS = 16
_MOST_PARTS = 64
_DEEPEST = 12
_MOST_STEPS = 1_000
"""Names can stand for sums of names, and so on: what takes longer is taken for computed."""

_LONGEST = 2_000
"""Letters of a fixed part; a close frame holds 123 bytes."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """An integer as written."""

    number: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name that stands for something elsewhere in the file, or imported: `TORN`, `self.REASON`, `codes.INTERNAL`."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the function around."""

    name: str


@dataclass(frozen=True, slots=True)
class Computed:
    """Something that only running tells; `of` says what it is made from."""

    of: str = COMPUTED


@dataclass(frozen=True, slots=True)
class Join:
    """Values one after the other: a sum, an f-string, a format."""

    parts: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several."""

    options: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Shortened:
    """A value of which only the beginning is taken: `at` letters or bytes; 0 where nobody says."""

    value: "Value"
    at: int


Value = Text | Number | Name | Parameter | Computed | Join | Either | Shortened


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of which some parts are fixed."""

    parts: tuple[str | None, ...]
    """None stands for any text; no two fixed parts side by side."""

    computed_from: str | None
    shortened: int | None
    """After how many letters it may be cut; 0 where nobody says; None where it is not."""

    @property
    def shown(self) -> str:
        """As a reader sees it, `…` for any text."""
        return "".join("…" if part is None else part for part in self.parts)


_ANY = Pattern((None,), COMPUTED, None)


@dataclass(slots=True)
class Meaning:  # not frozen: it counts the steps it may still take
    """What names and parameters stand for, where a value is read."""

    name: Callable[[str], "Value | None"]
    bound: Mapping[str, Value] = field(default_factory=dict)
    """What a caller gives for parameters."""

    _left: int = _MOST_STEPS

    def numbers(self, value: Value) -> frozenset[int]:
        """The integers that a value can stand for, as far as they are known."""
        return frozenset(self._numbers(value, 0))

    def patterns(self, value: Value) -> tuple[Pattern, ...]:
        """The texts that a value can stand for; never empty."""
        return tuple(self._patterns(value, 0))

    def _stands_for(self, value: Name | Parameter) -> Value | None:
        return self.name(value.dotted) if isinstance(value, Name) else self.bound.get(value.name)

    def _exhausted(self, depth: int) -> bool:
        self._left -= 1
        return self._left < 0 or depth > _DEEPEST

    def _numbers(self, value: Value, depth: int) -> set[int]:
        if self._exhausted(depth):
            return set()
        match value:
            case Number(number):
                return {number}
            case Either(options):
                return {one for option in options for one in self._numbers(option, depth + 1)}
            case Name() | Parameter():
                found = self._stands_for(value)
                return self._numbers(found, depth + 1) if found else set()
        return set()

    def _patterns(self, value: Value, depth: int) -> list[Pattern]:  # noqa: PLR0911 - a case a kind of value
        if self._exhausted(depth):
            return [_ANY]
        match value:
            case Text(text):
                return [Pattern((text[:_LONGEST],), None, None)]
            case Number(number):
                return [Pattern((str(number),), None, None)]
            case Computed(of):
                return [Pattern((None,), of, None)]
            case Either(options):
                found = [one for option in options for one in self._patterns(option, depth + 1)]
                return found[:_MOST_PATTERNS] or [_ANY]
            case Shortened(inner, at):
                return [_shortened(one, at) for one in self._patterns(inner, depth + 1)]
            case Join(parts):
                return self._joined(parts, depth)
        found_value = self._stands_for(value)
        if found_value is not None:
            return self._patterns(found_value, depth + 1)
        return [Pattern((None,), ARGUMENT if isinstance(value, Parameter) else COMPUTED, None)]

    def _joined(self, parts: tuple[Value, ...], depth: int) -> list[Pattern]:
        ways = 1
        columns: list[list[Pattern]] = []
        for part in parts[:_MOST_PARTS]:
            options = self._patterns(part, depth + 1)
            if ways * len(options) > _MOST_PATTERNS:
                options = [_ANY]
            ways *= len(options)
            columns.append(options)
        if len(parts) > _MOST_PARTS:
            columns.append([_ANY])
        return [_concatenated(way) for way in product(*columns)]


def _concatenated(pieces: tuple[Pattern, ...]) -> Pattern:
    parts: list[str | None] = []
    for piece in pieces:
        for part in piece.parts:
            last = parts[-1] if parts else None
            if part is None and parts and last is None:
                continue
            if isinstance(part, str) and isinstance(last, str) and parts:
                parts[-1] = (last + part)[:_LONGEST]
            else:
                parts.append(part)
        if piece.shortened is not None and parts[-1:] != [None]:
            parts.append(None)  # where a part was cut, anything may be missing before what follows
    sources = [piece.computed_from for piece in pieces if piece.computed_from]
    telling = next((one for one in sources if one != COMPUTED), None)
    return Pattern(tuple(parts[:_MOST_PARTS]) or ("",), telling or (sources[0] if sources else None), None)


def _shortened(pattern: Pattern, at: int) -> Pattern:
    before = pattern.shortened
    return Pattern(pattern.parts, pattern.computed_from, at if before is None else min(before, at))


def takes_parameter(value: Value) -> bool:
    """Whether a value is made from a parameter of its function."""
    waiting = [value]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return False
        match waiting.pop():
            case Parameter():
                return True
            case Join(parts) | Either(parts):
                waiting += parts
            case Shortened(inner):
                waiting.append(inner)
    return False
