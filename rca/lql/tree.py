"""A filter as a tree: what was asked, without a word on how it is answered.

The parser makes it, the evaluator and a compiler to another language read it. A list of values is spread over
its comparison, `f=("a" OR "b")` is `f="a" OR f="b"`: the language says that field and operator are "applied to
each element". Each node keeps where it stood in the text; two trees are equal when they ask the same.
Source: "Logging query language", Comparisons, Functions; AIP-160 and its grammar.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum


class Operator(StrEnum):
    """How a field is compared with a value."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    GREATER = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    HAS = ":"
    MATCHES = "=~"
    MATCHES_NOT = "!~"


class Special(Enum):
    """Values that are no text."""

    NULL = "NULL_VALUE"
    """JSON's null."""

    PRESENT = "*"
    """Any value at all; only with `:`."""


Value = str | Special
"""Numbers stay as they were written: the type of the field decides what a value is."""


class CastType(StrEnum):
    """What `cast` can turn a value into."""

    STRING = "STRING"
    INT64 = "INT64"
    FLOAT64 = "FLOAT64"
    BOOL = "BOOL"
    TIMESTAMP = "TIMESTAMP"
    DURATION = "DURATION"


@dataclass(frozen=True, slots=True)
class Field:
    """A path into the entry, as it was written: `resource.labels."a.b"` is three names."""

    path: tuple[str, ...]
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """A value as another type."""

    operand: "Operand"
    type: CastType
    zone: str | None = None
    """An IANA time zone or an offset, for timestamps that become text or come from it; None is UTC."""

    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RegexpExtract:
    """What the pattern's one group matches first in a text."""

    operand: "Operand"
    pattern: str
    at: int = dataclasses.field(default=0, compare=False, repr=False)


Operand = Field | Cast | RegexpExtract


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand OP value`."""

    operand: Operand
    operator: Operator
    value: Value
    at: int = dataclasses.field(default=0, compare=False, repr=False)
    value_at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A value that stands alone: some field of the entry has it."""

    text: str
    quoted: bool = dataclasses.field(default=True, compare=False)
    """Whether it stood in quotes: `"and"` is meant, `and` may be an operator in small letters."""

    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LogId:
    """`log_id("run.googleapis.com/stdout")`: the last part of `logName`, not URL-encoded."""

    log_id: str
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """`source(projects/P)`: the resource that the log belongs to."""

    resource: str
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """`sample(field, 0.1)`: a share of the entries, chosen by the field's value."""

    field: Field
    fraction: float
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IpInNet:
    """`ip_in_net(field, "10.0.0.0/8")`."""

    field: Field
    network: str
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Search:
    """`SEARCH("words")` in the whole entry, or `SEARCH(field, "words")`."""

    field: Field | None
    query: str
    at: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not hold."""

    operand: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All operands hold; of none, always: the empty filter."""

    operands: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one operand holds."""

    operands: tuple["Condition", ...]


Condition = And | Or | Not | Comparison | Term | LogId | Source | Sample | IpInNet | Search
Node = Condition | Operand


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, each before its parts, from left to right."""
    waiting: list[Node] = [node]
    while waiting:
        current = waiting.pop()
        yield current
        match current:
            case And() | Or():
                waiting.extend(reversed(current.operands))
            case Not() | Comparison() | Cast() | RegexpExtract():
                waiting.append(current.operand)
            case Sample() | IpInNet():
                waiting.append(current.field)
            case Search(field=Field() as within):
                waiting.append(within)
            case _:
                pass
