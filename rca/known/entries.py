"""An entry of the catalogue of known causes: how it is recognized, what it rules out, what to say and do.

In: the text of a TOML file. Out: `Known` values, or findings, each with file, id, what is wrong and what to try.
Decides what a lawful entry is: every field typed, nothing unknown, every pattern one that RE2 takes: none can be slow.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

import msgspec

from rca.lql.patterns import PatternError, finder

LARGEST = 256 * 1024
"""Bytes of one file; the whole shipped catalogue is smaller."""

MOST = 500
"""Entries of one file."""

_PATTERNS = ("message", "exception", "frame", "reason")

Kind = Literal["cause", "ending", "look-alike"]
"""What went wrong; how a fault becomes this close; what only looks like a cause."""

Sort = Literal["uncaught", "exception", "silence", "platform", "client"]
"""Sorts of faults that an entry can exclude."""

Category = Literal[
    "application_error",
    "startup_failure",
    "dependency_failure",
    "configuration_error",
    "authentication_failure",
    "event_loop_blocked",
    "resource_exhaustion",
    "platform_limit",
    "deployment_change",
    "client_error",
    "unknown",
]

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Code = Annotated[int, msgspec.Meta(ge=1000, le=4999)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What logs and client tell of one failure: a line, or more than that."""

    line: Text | None = None
    error: Text | None = None
    """The test's error: who closed, code and reason are read from it."""

    frame: Text | None = None
    """A stack frame, `file:function`."""

    server: tuple[Text, ...] = ()
    lived_s: tuple[Seconds, ...] = ()
    logged: Literal["nothing"] | None = None

    @property
    def text(self) -> str:
        """The sample in a reader's words."""
        told = [part for part in (self.line, self.error, self.frame, *self.server) if part]
        told += [f"lived {', '.join(f'{one:g}' for one in self.lived_s)} s"] if self.lived_s else []
        return " | ".join([*told, f"logged {self.logged}"] if self.logged else told)


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry as its file spells it."""

    id: Name
    title: Text
    kind: Kind
    why: Text
    remedy: Text
    matches: Annotated[tuple[Text | Sample, ...], msgspec.Meta(min_length=1, max_length=50)]
    not_: Annotated[tuple[Text | Sample, ...], msgspec.Meta(min_length=1, max_length=50)] = msgspec.field(
        name="not"
    )
    category: Category | None = None
    message: Pattern | None = None
    exception: Pattern | None = None
    frame: Pattern | None = None
    reason: Pattern | None = None
    code: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)] | None = None
    closed_by: Literal["server", "client", "nobody"] | None = None
    server: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)] | None = None
    platform: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)] | None = None
    beat_s: tuple[Seconds, Seconds] | None = None
    logged: Literal["nothing"] | None = None
    rules_out: tuple[Text, ...] = ()
    excludes: tuple[Sort, ...] = ()
    is_not: Text | None = None
    docs: tuple[Annotated[str, msgspec.Meta(pattern=r"^https://\S+$", max_length=300)], ...] = ()
    replaces: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cause: Annotated[list[Any], msgspec.Meta(min_length=1, max_length=MOST)]


@dataclass(frozen=True)
class Known:
    """One known cause, ending or look-alike."""

    spec: Spec
    file: str
    finders: tuple[tuple[str, Callable[[str], bool]], ...]
    """Its patterns, compiled, by the name of their field."""

    matches: tuple[Sample, ...]
    misses: tuple[Sample, ...]

    @property
    def id(self) -> str:
        """Its name, which never changes."""
        return self.spec.id

    @property
    def kind(self) -> Kind:
        """Cause, ending or look-alike."""
        return self.spec.kind

    @cached_property  # asked for each entry of each thing that is seen
    def conditions(self) -> tuple[str, ...]:
        """The conditions that it sets; all of them must hold."""
        names = (*_PATTERNS, "code", "closed_by", "server", "platform", "beat_s", "logged")
        return tuple(name for name in names if getattr(self.spec, name) is not None)

    def finder(self, name: str) -> Callable[[str], bool]:
        """The compiled pattern of a field."""
        return next(found for field, found in self.finders if field == name)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a catalogue."""

    file: str
    id: str | None
    what: str
    hint: str

    @property
    def text(self) -> str:
        """In one line."""
        return f"{self.file}: {self.id + ': ' if self.id else ''}{self.what}"


def read(text: str, file: str) -> tuple[tuple[Known, ...], tuple[Finding, ...]]:
    """The entries of a file's text that are lawful, and what is wrong with the others."""
    try:
        rows = msgspec.convert(tomllib.loads(text), _File).cause
    except tomllib.TOMLDecodeError as error:
        return (), (Finding(file, None, f"is no TOML: {error}", "mend that line; quote patterns with '…'"),)
    except RecursionError:
        return (), (
            Finding(file, None, "is nested too deeply", "entries are flat: [[cause]] and its fields"),
        )
    except msgspec.ValidationError as error:
        hint = "write entries as [[cause]] tables; `rca causes --help` names the fields"
        return (), (Finding(file, None, str(error), hint),)
    made = [_made(row, file) for row in rows]
    return (
        tuple(one for one in made if isinstance(one, Known)),
        tuple(one for one in made if isinstance(one, Finding)),
    )


def _made(row: Any, file: str) -> Known | Finding:  # noqa: ANN401 - whatever TOML holds
    name = row.get("id") if isinstance(row, dict) else None
    name = name[:60] if isinstance(name, str) else None
    try:
        spec = msgspec.convert(row, Spec)
    except (msgspec.ValidationError, RecursionError) as error:
        hint = f"kinds: {', '.join(get_args(Kind))}; every entry has id, title, kind, why, remedy, matches and not"
        return Finding(file, name, f"{error}", hint)
    finders = []
    for field in _PATTERNS:
        pattern = getattr(spec, field)
        if pattern is None:
            continue
        try:
            finders.append((field, finder(pattern)))
        except PatternError as error:
            hint = "patterns are RE2's: no look-ahead, no back-reference"
            return Finding(file, name, f"{field} is no pattern that RE2 takes: {error}", hint)
    made = Known(spec, file, tuple(finders), _samples(spec.matches), _samples(spec.not_))
    wrong = _unlawful(made)
    return Finding(file, name, *wrong) if wrong else made


def _samples(given: tuple[str | Sample, ...]) -> tuple[Sample, ...]:
    return tuple(Sample(line=one) if isinstance(one, str) else one for one in given)


def _unlawful(made: Known) -> tuple[str, str] | None:
    """What types alone do not tell, and what to try."""
    spec = made.spec
    if not set(made.conditions) - {"server", "logged"}:
        return (
            "says of no failure in particular how to recognize it",
            "give it a message, an exception, a code …",
        )
    if (spec.kind == "look-alike") != (spec.is_not is not None):
        return "a look-alike, and only a look-alike, says what it is_not", "set is_not, or another kind"
    if spec.kind == "cause" and spec.category is None:
        return "a cause has a category", f"one of: {', '.join(get_args(Category))}"
    if spec.beat_s is not None and spec.beat_s[0] > spec.beat_s[1]:
        return "beat_s ends before it begins", "beat_s = [shortest, longest]"
    return None
