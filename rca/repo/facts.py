"""What one file says, in whatever language: the calls that may close, the functions, the names.

A reader of a language makes these; nothing in them needs the file any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rca.repo.findings import Change, Handler, Kind, LogCall, Says, Snippet, Swallowed
from rca.repo.values import Value


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in a file."""

    code: int
    reasons: tuple[str, ...]
    functions: frozenset[str] = frozenset()
    """Functions whose calls are looked at, too."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a few statements tell the log of an exception."""

    says: Says = Says.NOTHING
    log: LogCall | None = None
    calls: tuple[str, ...] = ()
    """Dotted names of other functions they call, which may log in turn."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a function takes: the parameter's name, and its default."""

    name: str
    default: Value | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method."""

    name: str
    owner: str | None
    """Its class."""

    first: int
    last: int
    takes: tuple[Given, ...]
    """Without `self`."""

    saying: Saying
    """What it logs at WARNING or above, whoever calls it."""

    @property
    def called(self) -> str:
        """The name by which it is called: a constructor, by its class's."""
        return self.owner if self.owner and self.name in ("__init__", "constructor") else self.name

    @property
    def qualified(self) -> str:
        """With its class."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Argument:
    """What a call is given: its position from 0, or its name."""

    at: int | str
    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """A call, message, exception or text that may be what ended a connection."""

    kind: Kind | None
    """None where it is looked at only because it calls a function that closes."""

    path: str
    line: int
    name: str
    """Last name of what is called."""

    receiver: str
    """Dotted, what stands before it; empty where nothing does."""

    arguments: tuple[Argument, ...]
    text: str
    function: Function | None
    handler: Handler | None
    condition: str | None
    saying: Saying
    """Of the handler; of the statements around where there is none."""

    change: Change | None
    """The one line by which the handler, or the code around, would log."""

    snippet: Snippet
    """Around the call, and the handler's line where that is near."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One file."""

    path: str
    constants: Mapping[str, Value] = field(default_factory=dict)
    """Of the module, and of its classes by `Class.NAME`."""

    imports: Mapping[str, str] = field(default_factory=dict)
    """Local name -> where it comes from: `app.codes.INTERNAL`, `.codes.INTERNAL`; `./codes#INTERNAL` in Node."""

    functions: tuple[Function, ...] = ()
    calls: tuple[Call, ...] = ()
    swallowed: tuple[Swallowed, ...] = ()
    left_out: int = 0
    """Calls beyond the most that are looked at in one file."""
