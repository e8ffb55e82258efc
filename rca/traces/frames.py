"""Whose file a frame lies in.

In: a file as a stack trace names it. Out: whether it is the application's own. Decides nothing itself: the rules are
data, in `in_app.toml`, each with samples.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rca.model import Frame

_WIDEST_LINE = 500
"""Columns; nobody writes a longer line of source."""
_FIRST_LINES = 5
"""A bundle's program stands below a licence at most."""

_LONGEST_PATH = 4096
"""PATH_MAX of Linux; a longer "path" is data, and is read by its end."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `in_app.toml`."""

    name: str
    pattern: re.Pattern[str]
    ours: bool
    samples: tuple[str, ...]
    others: tuple[str, ...]

    def applies(self, file: str) -> bool:
        """Return whether the rule speaks of this file."""
        return self.pattern.search(_plain(file)) is not None


@cache
def rules() -> tuple[Rule, ...]:
    """Return the shipped rules, those that say "ours" first."""
    return (*_rules("ours"), *_rules("theirs"))


@cache
def built() -> tuple[Rule, ...]:
    """Return the rules that tell a file which a build made, and whose lines are no source's."""
    return _rules("built")


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(files(__package__).joinpath("in_app.toml").read_text(encoding="utf-8"))


def _rules(section: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            name=entry["name"],
            pattern=re.compile(entry["pattern"]),
            ours=section == "ours",
            samples=tuple(entry["samples"]),
            others=tuple(entry["others"]),
        )
        for entry in _table()[section]
    )


@lru_cache(maxsize=4096)
def in_app(file: str) -> bool:
    """Return whether a file is neither the standard library's nor an installed package's; rules in `in_app.toml`."""
    plain = _plain(file)
    return next((rule.ours for rule in rules() if rule.pattern.search(plain)), True)


def frame(file: str, line: int | None, function: str | None, code: str | None = None) -> Frame:
    """Return a frame that knows whose file it lies in."""
    return Frame(file=file, line=line, function=function, code=code, in_app=in_app(file))


def built_frame(file: str, line: int, column: int, function: str | None) -> Frame:
    """Return a frame of JavaScript; of a bundle the place is told as it is printed, for it is no source's line."""
    is_built = (line <= _FIRST_LINES and column > _WIDEST_LINE) or any(rule.applies(file) for rule in built())
    if not is_built:
        return frame(file, line, function)
    return Frame(f"{file}:{line}:{column}", None, function, None, in_app=in_app(file))


def _plain(file: str) -> str:
    file = file[-_LONGEST_PATH:].replace("\\", "/")
    if file.startswith("webpack-internal:"):
        return file.removeprefix("webpack-internal:").lstrip("/")
    return file.removeprefix("file://")
