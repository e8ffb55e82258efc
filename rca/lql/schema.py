"""Which fields a log entry has and of which type: a path comes in, its place in the JSON form goes out.

The tables stand in schema.toml. Names of fields "don't need to preserve case" and may be written with
underscores, as in `http_request.status`; keys of maps and of JSON payloads are taken as they are.
Source: "Logging query language", Field path identifiers, Missing fields, Types of log fields.
"""

import difflib
import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from rca.lql.errors import shown

_LONGEST_NAME = 40
"""Characters of an unknown name that are looked at: likeness costs the square of the length."""


class Kind(Enum):
    """What a field holds."""

    STRING = "string"
    INT32 = "int32"
    INT64 = "int64"
    DOUBLE = "double"
    BOOL = "bool"
    SEVERITY = "severity"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    MAP = "map"
    STRUCT = "struct"
    PROTO = "proto"
    MESSAGE = "message"

    @property
    def words(self) -> str:
        """What a value of the kind is called in a sentence."""
        if self in {Kind.INT32, Kind.INT64}:
            return f"an integer of {self.value[3:]} bits"
        return {Kind.STRING: "a text", Kind.BOOL: "a boolean"}.get(self, f"a {self.value}")


SCALARS = frozenset(
    {Kind.STRING, Kind.INT32, Kind.INT64, Kind.BOOL, Kind.SEVERITY, Kind.TIMESTAMP, Kind.DURATION}
)
"""Fields with a type of their own: where an entry has none, they count as their type's default."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field lies in an entry."""

    keys: tuple[str, ...]
    """From the entry down to the last field that the schema knows, in the spelling of JSON."""

    kind: Kind
    inner: tuple[str, ...] = ()
    """Below a map, struct or proto: the keys as they were written."""

    repeated: bool = False
    """Whether a list lies on the way."""

    message: str = ""
    """The table of a field that is a message."""


@dataclass(frozen=True, slots=True)
class Undefined:
    """A path that no log entry has."""

    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a message: its name in JSON, its type, and the message it holds."""

    name: str
    kind: Kind
    message: str = ""
    repeated: bool = False


@cache
def _tables() -> dict[str, dict[str, Any]]:
    text = resources.files("rca.lql").joinpath("schema.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plain(name: str) -> str:
    """The name without letter case and underscores: `httpRequest`, `http_request` and `HTTPREQUEST` are one."""
    return name.replace("_", "").lower()


@cache
def members(message: str) -> dict[str, Member]:
    """The fields of a message by their plain names."""
    found = {}
    for name, written in _tables()[message].items():
        of = written.removesuffix("[]")
        kind = Kind.MESSAGE if of[0].isupper() else Kind(of)
        inside = of if kind is Kind.MESSAGE else ""
        found[plain(name)] = Member(name, kind, inside, repeated=written.endswith("[]"))
    return found


@cache
def by_json_name(message: str) -> dict[str, Member]:
    """The fields of a message by their names in JSON."""
    return {member.name: member for member in members(message).values()}


@cache
def structs_of_audit_logs() -> frozenset[str]:
    """Plain names of the fields below protoPayload that hold JSON."""
    return frozenset(_tables()["protoPayload"]["structs"])


@lru_cache(maxsize=1024)
def resolve(path: tuple[str, ...]) -> Place | Undefined:
    """Where the path leads; names below maps, structs and protos may or may not be there, others must be known."""
    message, keys, repeated = "LogEntry", [], False
    for depth, name in enumerate(path):
        member = members(message).get(plain(name))
        if member is None:
            return _unknown(path[:depth], name, message)
        keys.append(member.name)
        repeated |= member.repeated
        rest = path[depth + 1 :]
        if member.kind is not Kind.MESSAGE:
            return _inside(tuple(keys), member.kind, rest, repeated=repeated)
        message = member.message
    return Place(tuple(keys), Kind.MESSAGE, repeated=repeated, message=message)


def _inside(keys: tuple[str, ...], kind: Kind, rest: tuple[str, ...], *, repeated: bool) -> Place | Undefined:
    """The place of what lies below a scalar, a map, a struct or a proto."""
    above = ".".join(keys)
    if kind in SCALARS and rest:
        return Undefined(
            f'{above} is {kind.words} and has no field "{shown(rest[0])}"',
            f"compare {above} itself; fields of your own stand below jsonPayload or labels",
        )
    if kind is Kind.MAP and len(rest) > 1:
        key = ".".join(rest).replace("\\", "\\\\").replace('"', '\\"')
        return Undefined(
            f"{above} holds texts by name; what is below {above}.{shown(rest[0])} does not exist",
            f'a key with dots is quoted: {above}."{shown(key)}"',
        )
    return Place(keys, kind, rest, repeated=repeated)


def _unknown(above: tuple[str, ...], name: str, message: str) -> Undefined:
    """What to say of a name that the message does not have, with the nearest that is known."""
    where = ".".join(above) if above else "a log entry"
    problem = f'"{shown(name)}" is no field of {where}'
    if not above and (meant := _tables()["meant"].get(name.lower())):
        return Undefined(problem, f"perhaps {meant}")
    siblings = members(message)
    written = plain(name)[:_LONGEST_NAME]
    near = difflib.get_close_matches(written, siblings, n=1) or [
        one for one in siblings if above and written in one
    ]
    if near:
        return Undefined(problem, f"perhaps {'.'.join((*above, siblings[near[0]].name))}")
    elsewhere = [path for path in _known_paths() if plain(path.rpartition(".")[2]) == plain(name)]
    if elsewhere:
        return Undefined(problem, f"perhaps {elsewhere[0]}")
    if above:
        return Undefined(problem, f"its fields are {', '.join(one.name for one in siblings.values())}")
    return Undefined(
        problem, f"fields of your own stand below jsonPayload or labels: jsonPayload.{shown(name)}"
    )


@cache
def _known_paths() -> tuple[str, ...]:
    """Every field that a path can name, with dots, the outermost first."""
    found, waiting = [], [("", "LogEntry")]
    while waiting:
        above, message = waiting.pop(0)
        for member in members(message).values():
            found.append(above + member.name)
            if member.message:
                waiting.append((f"{above}{member.name}.", member.message))
    return tuple(found)
