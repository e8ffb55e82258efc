"""The files that ship with `rca`: queries, templates and the demo's fixtures.

In: a folder and a file name. Out: the file's path or text, or a query with its parameters filled in. Decides where
the files lie: inside the package (a wheel), else beside it (a checkout, an editable install); and how a value is
written in the Logging query language, so that no value can end its string and go on as query.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from rca.errors import TemplateError

Folder = Literal["queries", "templates", "fixtures"]
Value = str | int | float | datetime | Sequence[str]

_PACKAGE = Path(__file__).parent

_DECLARED = re.compile(r"^[ \t]*--[ \t]*\{(?P<name>[a-z][a-z0-9_]*)\}\s*:\s*(?P<type>[a-z]+)\b", re.MULTILINE)
"""A header line that declares a parameter: `-- {service}: string - the Cloud Run service`."""

_PIECE = re.compile(
    r"""
      (?P<string> "(?:[^"\\]|\\.)*" )          # a value is not looked for inside a string: it could not be quoted
    | (?P<comment> --[^\n]* )
    | \{ (?P<name> [a-z][a-z0-9_]* ) \}        # {3} in a regular expression is no parameter
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "strings": (tuple, list),
    "timestamp": (datetime,),
    "number": (int, float),
}
"""The types a query file may name, and what Python value each takes."""


def path(folder: Folder, name: str) -> Path:
    """Return where a shipped file lies: inside the package, else beside it.

    Raises:
        TemplateError: there is no such file, or the name leads out of the folder.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        home = root / folder
        found = home / name
        # `..` and absolute names are refused by where they end up, not by how they are spelled.
        if found.exists() and found.resolve().is_relative_to(home.resolve()):
            return found
    raise TemplateError(f'"{name}" is not among the shipped {folder}', _hint(folder))


def text(folder: Folder, name: str) -> str:
    r"""Return the text of a shipped file, line ends as `\n`.

    Raises:
        TemplateError: there is no such file, or it is not UTF-8.
    """
    where = path(folder, name)
    try:
        return where.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise TemplateError(
            f'"{name}" of the shipped {folder} cannot be read: {broken}', _hint(folder)
        ) from broken


def filled(name: str, **values: Value) -> str:
    """Return a shipped query with its parameters filled in and its header left away.

    A string is quoted; several strings become `("a" OR "b")`, a single one of them stands alone; a time is written in
    UTC. The value's type must be the one the header declares.

    Raises:
        TemplateError: a parameter is missing, unknown, empty or of another type, or the file uses one that its
            header does not declare.
    """
    return fill(text("queries", name), name, values)


def fill(query: str, name: str, values: Mapping[str, Value]) -> str:
    """Return the text of a query file with its parameters filled in; `filled` for a text at hand."""
    header, body = _split(query)
    declared = {found["name"]: found["type"] for found in _DECLARED.finditer(header)}
    _refuse(name, "does not know", set(values) - set(declared), declared)
    _refuse(name, "needs", set(declared) - set(values), declared)

    def put(found: re.Match[str]) -> str:
        parameter = found["name"]
        if parameter is None:
            _refuse_quoted(name, found["string"] or "", declared)
            return found[0]
        if parameter not in declared:
            raise TemplateError(f'query "{name}" uses {{{parameter}}}, which its header does not declare')
        return _written(name, parameter, declared[parameter], values[parameter])

    return _PIECE.sub(put, body).strip() + "\n"


def parameters(query: str) -> Mapping[str, str]:
    """Return the parameters that a query file's header declares: name to type, in the header's order."""
    return {found["name"]: found["type"] for found in _DECLARED.finditer(_split(query)[0])}


def question(query: str) -> str:
    """Return what a query file asks: the first line of its header."""
    return _split(query)[0].strip().splitlines()[0].lstrip("- ").strip()


def body(query: str) -> str:
    """Return the query of a file without its header, its parameters as they are written."""
    return _split(query)[1].strip() + "\n"


def rfc3339(at: datetime) -> str:
    """Return an aware time in UTC as Cloud Logging and its console write it: `2026-01-31T08:00:00.500000Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def rfc3339_ns(at_ns: int) -> str:
    """Return nanoseconds since the epoch as Logging spells a time, without trailing zeros: `2026-01-31T08:00:00.5Z`."""
    seconds, nanos = divmod(at_ns, 1_000_000_000)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def lql_string(value: str) -> str:
    r"""Return a value as a string of the Logging query language: no value can end it early.

    Source: "Logging query language", strings; `\n` for a newline is inferred, since a raw one is not documented.
    """
    return '"' + "".join(_ESCAPES.get(character, character) for character in value) + '"'


def _split(query: str) -> tuple[str, str]:
    """Part the leading comment lines from the query itself."""
    lines = query.splitlines()
    end = next(
        (i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("--")), len(lines)
    )
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _written(query: str, parameter: str, kind: str, value: Value) -> str:
    expected = _TYPES.get(kind)
    if expected is None:
        raise TemplateError(
            f'query "{query}" gives {{{parameter}}} the type "{kind}"', f"one of: {', '.join(_TYPES)}"
        )
    items_fit = (
        isinstance(value, str)
        or not isinstance(value, Sequence)
        or all(isinstance(one, str) for one in value)
    )
    if not isinstance(value, expected) or isinstance(value, bool) or not items_fit:
        raise TemplateError(f'query "{query}" wants a {kind} for {{{parameter}}}, not {type(value).__name__}')
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TemplateError(f'query "{query}" wants a time with a zone for {{{parameter}}}')
        return lql_string(rfc3339(value))
    if isinstance(value, str):
        return lql_string(value)
    if isinstance(value, int | float):
        return repr(value)
    if not value:
        # `field=()` is no query, and leaving the line away would ask a wider question than was meant.
        raise TemplateError(f'query "{query}" wants at least one value for {{{parameter}}}')
    listed = " OR ".join(lql_string(one) for one in value)
    return listed if len(value) == 1 else f"({listed})"


def _refuse(query: str, verb: str, names: set[str], declared: Mapping[str, str]) -> None:
    if names:
        listed = ", ".join(sorted(names))
        known = ", ".join(f"{{{name}}}: {kind}" for name, kind in declared.items()) or "none"
        raise TemplateError(f'query "{query}" {verb}: {listed}', f"its parameters are: {known}")


def _refuse_quoted(query: str, string: str, declared: Mapping[str, str]) -> None:
    """Refuse a parameter inside quotes: it would be sent as it stands, and match nothing without a word."""
    for parameter in declared:
        if f"{{{parameter}}}" in string:
            raise TemplateError(
                f'query "{query}" has {{{parameter}}} inside quotes', "the value brings its own quotes"
            )


def _hint(folder: Folder) -> str:
    for root in (_PACKAGE, _PACKAGE.parent):
        if (root / folder).is_dir():
            names = sorted(entry.name for entry in (root / folder).iterdir())
            return f"shipped {folder}: {', '.join(names)}"
    return "the installation is incomplete; install it anew: pip install --force-reinstall cloudrun-rca"
