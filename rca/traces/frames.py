"""Whose file a frame lies in.

In: a file as a stack trace names it. Out: whether it is the application's own. Decides nothing itself: the rules are
data, in `in_app.toml`, each with samples.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rca.model import Frame

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
    table = tomllib.loads(files(__package__).joinpath("in_app.toml").read_text(encoding="utf-8"))
    return tuple(
        Rule(
            name=entry["name"],
            pattern=re.compile(entry["pattern"]),
            ours=section == "ours",
            samples=tuple(entry["samples"]),
            others=tuple(entry["others"]),
        )
        for section in ("ours", "theirs")
        for entry in table[section]
    )


@lru_cache(maxsize=4096)
def in_app(file: str) -> bool:
    """Return whether a file is neither the standard library's nor an installed package's; rules in `in_app.toml`."""
    plain = _plain(file)
    return next((rule.ours for rule in rules() if rule.pattern.search(plain)), True)


def frame(file: str, line: int | None, function: str | None, code: str | None = None) -> Frame:
    """Return a frame that knows whose file it lies in."""
    return Frame(file=file, line=line, function=function, code=code, in_app=in_app(file))


def _plain(file: str) -> str:
    file = file[-_LONGEST_PATH:].replace("\\", "/")
    if file.startswith("webpack-internal:"):
        return file.removeprefix("webpack-internal:").lstrip("/")
    return file.removeprefix("file://")
