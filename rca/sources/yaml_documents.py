"""`gcloud logging read --format=yaml` -> the values that it printed.

In: YAML text. Out: one value a document, with its line. Decides that all text stays text: YAML would make times of
times, and numbers of an id. Read event by event, so that neither depth nor an alias costs more than its length.
Source: gcloud's YAML printer: block style, `---` before each entry, no tags, aliases for what occurs twice.
"""

import re
from collections.abc import Iterator
from typing import Any

from rca.sources.damage import Lost

_ENTRY_KEY = re.compile(
    r"^(?:- |  )?(?:insertId|logName|timestamp|textPayload|jsonPayload|httpRequest|receiveTimestamp):(?:[ ]|$)",
    re.MULTILINE,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LOOKED_AT = 20_000
_KEYS = 2
_DEEPEST = 60
_DEEPEST_READ = 200
"""Each level costs the scanner something at every token below it."""


def is_yaml(text: str) -> bool:
    """Whether the text begins as printed entries do: several of an entry's own keys, each on a line."""
    begin = text[:_LOOKED_AT]
    keys = {found.strip("- :") for found in _ENTRY_KEY.findall(begin)}
    return len(keys) >= _KEYS


def documents(text: str) -> Iterator[tuple[int, Any] | Lost]:
    """The values of the documents, each with its line from 1; a `Lost` where the rest is no YAML."""
    import yaml  # noqa: PLC0415 - only where YAML is read

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    line, builder = 1, _Builder()
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                line, builder = event.start_mark.line + 1 if event.start_mark else line, _Builder()
            elif isinstance(event, yaml.DocumentEndEvent):
                yield line, builder.value
            else:
                builder.take(event)
            if builder.depth > _DEEPEST_READ:
                yield Lost(line, "it is nested too deeply", _quote(text, line))
                return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = mark.line + 1 if mark is not None else line
        reason = getattr(error, "problem", None) or "it cannot be read"
        yield Lost(at, f"damaged YAML: {reason}", _quote(text, at))


def _quote(text: str, line: int) -> str:
    return "".join(text.splitlines()[line - 1 : line])


def _scalar(text: str, *, plain: bool) -> Any:  # noqa: ANN401 - a JSON scalar
    """What a value without quotes means in JSON; times stay text."""
    if not plain:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


class _Builder:
    """The value of one document while its events come in."""

    def __init__(self) -> None:
        self.value: Any = None
        self._within: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str | None] = []
        self._below = 0  # levels that lie too deep to be kept

    @property
    def depth(self) -> int:
        """How many collections are open."""
        return len(self._within) + self._below

    def take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events, which have no types here
        """Take in one event of the document."""
        match type(event).__name__:
            case "ScalarEvent":
                self.scalar(_scalar(event.value, plain=event.implicit[0]))
            case "MappingStartEvent":
                self.begin({})
            case "SequenceStartEvent":
                self.begin([])
            case "MappingEndEvent" | "SequenceEndEvent":
                self.end()
            case "AliasEvent":
                self.scalar("…")

    def begin(self, collection: dict[str, Any] | list[Any]) -> None:
        if self._below or len(self._within) >= _DEEPEST:
            self._below += 1
            return
        self._put(collection)
        self._within.append(collection)
        self._keys.append(None)

    def end(self) -> None:
        if self._below:
            self._below -= 1
        else:
            self._within.pop()
            self._keys.pop()

    def scalar(self, value: object) -> None:
        if self._below:
            return
        if self._within and isinstance(self._within[-1], dict) and self._keys[-1] is None:
            self._keys[-1] = str(value)
        else:
            self._put(value)

    def _put(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
        if not self._within:
            self.value = value
            return
        above = self._within[-1]
        if isinstance(above, list):
            above.append(value)
        elif self._keys[-1] is None:  # a collection as a key, which JSON has none of
            self._keys[-1] = "?"
        else:
            above[self._keys[-1]] = value
            self._keys[-1] = None
