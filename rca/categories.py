"""Which mechanism is to be mended, from what an exception or a line says: rules as data, first match wins."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rca.model import ExceptionInfo, Frame

_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of categories.toml; None where it does not ask."""

    category: str
    sample: str
    type: re.Pattern[str] | None
    text: re.Pattern[str] | None
    file: re.Pattern[str] | None
    code: re.Pattern[str] | None
    raised_in: re.Pattern[str] | None
    fatal: bool


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    text = resources.files("rca").joinpath("categories.toml").read_text(encoding="utf-8")

    def compiled(spec: dict[str, str], key: str) -> re.Pattern[str] | None:
        return re.compile(spec[key]) if key in spec else None

    return tuple(
        Rule(
            category=spec["category"],
            sample=spec["sample"],
            type=compiled(spec, "type"),
            text=compiled(spec, "text"),
            file=compiled(spec, "file"),
            code=compiled(spec, "code"),
            raised_in=compiled(spec, "raised_in"),
            fatal=spec.get("fatal", False),
        )
        for spec in tomllib.loads(text)["rule"]
    )


def category_of(
    exceptions: Sequence[ExceptionInfo], text: str, frame: Frame | None = None, *, fatal: bool = False
) -> str:
    """The category of a fault.

    Args:
        exceptions: the chain from the named exception to its root; empty for a line without one.
        text: messages and line, as far as they are known.
        frame: the innermost frame of the application.
        fatal: whether the process exited of it before it could serve.
    """
    types = [exception.type for exception in exceptions]
    raised = exceptions[0].frames[-1].file if exceptions and exceptions[0].frames else ""
    short = text[:_LONGEST]
    for rule in rules():
        if rule.fatal and not fatal:
            continue
        if rule.type and not any(rule.type.search(name) for name in types):
            continue
        if rule.text and not rule.text.search(short):
            continue
        if rule.file and not (frame and rule.file.search(frame.file)):
            continue
        if rule.code and not (frame and frame.code and rule.code.search(frame.code)):
            continue
        if rule.raised_in and not rule.raised_in.search(raised):
            continue
        return rule.category
    return "application_error"
