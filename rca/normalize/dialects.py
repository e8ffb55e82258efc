"""A line of text -> the level, logger and message that its logging dialect wrote into it.

In: plain text. Out: a `Line`. Decides by the patterns of dialects.toml, first match wins.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from rca.model import Severity


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says about itself."""

    level: Severity | None
    logger: str | None
    message: str
    """The line without its prefix; all of it where no dialect is known."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One logging library's prefix."""

    name: str
    starts: str
    pattern: re.Pattern[str]
    sample: str
    expected: Line


_TABLE: dict[str, Any] = tomllib.loads((files(__package__) / "dialects.toml").read_text(encoding="utf-8"))
_LEVELS = {name: Severity[value] for name, value in _TABLE["levels"].items()}
_LETTERS = {name: Severity[value] for name, value in _TABLE["letters"].items()}
_MAX_PREFIX = 1000  # characters a prefix can span: patterns never look further into a giant line


def severity_named(word: str) -> Severity | None:
    """The severity that a level's name stands for, in any case; None where it stands for none."""
    cleaned = word.strip()
    if (known := _LEVELS.get(cleaned.lower())) is not None:
        return known
    return _LETTERS.get(cleaned)


def _dialects() -> tuple[Dialect, ...]:
    names = sorted(_LEVELS, key=len, reverse=True)  # "warning" before "warn"
    any_case = "|".join(names)
    pieces = _TABLE["pieces"] | {
        "LEVEL": f"(?P<level>{any_case.upper()})",
        "level": f"(?P<level>(?i:{any_case}))",
        "words": f"(?i:{any_case})",
    }
    found = []
    for row in _TABLE["dialect"]:
        pattern = re.sub("<<(\\w+)>>", lambda piece: pieces[piece[1]], row["pattern"])
        level = Severity[row["level"]] if "level" in row else None
        expected = Line(level=level, logger=row.get("logger"), message=row["message"])
        compiled = re.compile(pattern, re.VERBOSE)
        found.append(Dialect(row["name"], row["starts"], compiled, row["sample"], expected))
    return tuple(found)


DIALECTS = _dialects()
_BY_START = {
    start: tuple(dialect.pattern for dialect in DIALECTS if dialect.starts == start)
    for start in ("digit", "bracket", "letter")
}


def read_line(text: str) -> Line:
    """The level, logger and message of a line; an unknown or indented line is all message."""
    first = text[:1]
    if first == "[":
        patterns = _BY_START["bracket"]
    elif "0" <= first <= "9":
        patterns = _BY_START["digit"]
    elif first.isalpha():
        patterns = _BY_START["letter"]
    else:
        return Line(None, None, text)
    for pattern in patterns:
        if (found := pattern.match(text, 0, _MAX_PREFIX)) is not None:
            groups = found.groupdict()
            word = groups.get("level") or groups.get("boxed")
            level = severity_named(word) if word else None
            return Line(level, groups.get("logger"), text[found.end() :])
    return Line(None, None, text)
