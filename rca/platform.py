"""The messages of the platform and of common servers about an instance's life, read from platform.toml."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rca.expressions import compiled
from rca.gate import gate
from rca.model import Entry

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the platform, and what it means for requests."""

    tag: str
    title: str
    category: str
    fault: bool
    state: bool
    symptom: bool
    where: frozenset[str]
    source: str
    """A regular expression."""

    sample: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return compiled(self.source)


@cache
def messages() -> tuple[Message, ...]:
    """The messages of platform.toml, in the order in which they are tried."""
    text = resources.files("rca").joinpath("platform.toml").read_text(encoding="utf-8")
    return tuple(
        Message(
            tag=spec["tag"],
            title=spec["title"],
            category=spec["category"],
            fault=spec["fault"],
            state=spec["state"],
            symptom=spec["symptom"],
            where=frozenset(spec["where"]),
            source=spec["pattern"],
            sample=spec["sample"],
        )
        for spec in tomllib.loads(text)["message"]
    )


def message_of(tag: str | None) -> Message | None:
    """The message of a platform event's tag."""
    return None if tag is None else _by_tag().get(tag)


@cache
def _by_tag() -> dict[str, Message]:
    return {message.tag: message for message in reversed(messages())}  # the first of a tag counts


def kills(tag: str | None) -> bool:
    """Whether a message of this tag tells that an instance died of something: exit, memory, probe, time-out."""
    message = message_of(tag)
    return message is not None and message.fault and message.state and not stops(tag)


def stops(tag: str | None) -> bool:
    """Whether a message of this tag tells that an instance was told to stop: no failure of its own."""
    message = message_of(tag)
    return message is not None and message.state and message.category == "deployment_change"


def recognize(entry: Entry) -> Message | None:
    """The platform message that an entry carries; None for an application's own line."""
    where = place_of(entry)
    text = entry.message[:_LONGEST]
    if not text:
        return None
    if where == "stdio" and not _any_of_stdio()(text):
        return None
    return next((m for m in messages() if (not where or where in m.where) and m.pattern.search(text)), None)


@cache
def _any_of_stdio() -> Callable[[str], bool]:
    """Whether a container's line holds one of the messages: by far the most are ruled out by it at once."""
    return gate(m.source for m in messages() if "stdio" in m.where)


def place_of(entry: Entry) -> str:
    """Which of Cloud Run's logs an entry is from: requests, system, audit, stdio; "" where a dump does not say."""
    if not entry.log:
        return ""
    if entry.log.endswith("/requests"):
        return "requests"
    if entry.log.endswith("/system"):
        return "system"
    return "audit" if "cloudaudit" in entry.log else "stdio"
