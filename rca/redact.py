"""Report -> the same report without secrets and personal data.

In: a `Report`. Out: an equal one whose texts hold a mask (kind and number) where a secret stood: the same mask for
the same secret everywhere, so that a reader still sees which lines belong together.
Decides what is a secret (by its shape, by the name
beside it, or because it was one elsewhere in the report) and which fields are never touched. The patterns are
data: `rca/redact.toml`.
"""

import dataclasses
import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import unquote

from rca import named_secrets
from rca.contract import Report
from rca.model import Cycle
from rca.named_secrets import MASK
from rca.quote import CUT

_UNTOUCHED = frozenset(
    {
        "connection", "exception", "file", "function", "id", "insert_id", "instance", "kind",
        "known_cause", "log", "redactions", "revision", "revisions", "schema", "service", "services", "severity",
        "sources", "status", "tie", "trace", "url", "verdict", "version",
    }
)  # fmt: skip
"""Fields that identify: a mask there would break every citation. All others are masked, also those added later."""

_IDENTIFYING = frozenset(
    {
        *("insertId", "logName", "operation", "receiveTimestamp", "resource", "severity", "sourceLocation"),
        *("spanId", "split", "timestamp", "trace", "traceSampled"),
    }
)
"""Fields of a log entry that place it; all others are masked."""

_ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""What JSON writes in another way than a log line does: several lines become one, quotes get a backslash."""

_NAME = 64

_ROUNDS = 8
"""A mask can bring two halves of another secret together; in practice the second round finds nothing."""

_LEARNED_LENGTH = 8
_LEARNED_MOST = 500
_CUT_END = 4

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """A secret that its own form gives away."""

    kind: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    sample: str
    masked: str


class Masks:
    """Which secret has which mask. Not frozen: it numbers secrets as they are met, in the order of the report."""

    def __init__(self, already: Mapping[str, int] | None = None) -> None:
        """Number on from `already`, the masks that a report holds before."""
        self._counts: Counter[str] = Counter(already or {})
        self._masks: dict[str, str] = {}

    def of(self, kind: str, secret: str) -> str:
        """Return the secret's mask, a new one when it was not met before."""
        # `p%40ss` in a URL and `p@ss` in a log line are one secret.
        known = unquote(secret)
        if known not in self._masks:
            self._counts[kind] += 1
            self._masks[known] = f"\u2039{kind}:{self._counts[kind]}\u203a"
        return self._masks[known]

    @property
    def counts(self) -> dict[str, int]:
        """How many different secrets were masked, by kind, in alphabetical order."""
        return dict(sorted(self._counts.items()))

    def learned(self) -> dict[str, str]:
        """The secrets worth looking for on their own, longest first: long enough, and no plain word."""
        telling = {
            secret: mask
            for secret, mask in self._masks.items()
            if len(secret) >= _LEARNED_LENGTH and not MASK.search(secret) and _is_telling(secret)
        }
        longest = sorted(telling, key=lambda secret: (-len(secret), secret))[:_LEARNED_MOST]
        return {secret: telling[secret] for secret in longest}


def redact(report: Report) -> Report:
    """Return the report with every secret masked and `redactions` counting them by kind.

    Identifiers (insertId, trace, revision, file, line, exception type) stay, see `_UNTOUCHED`. A secret found beside
    its name in one place is masked in all others too. A second call changes nothing.
    """
    masks = Masks(report.redactions)
    first = _each(report, lambda text: mask(text, masks))
    learned = masks.learned()
    second = _each(first, lambda text: _spread(text, learned)) if learned else first
    return dataclasses.replace(second, redactions=masks.counts)


def redact_cycle(cycle: Cycle) -> Cycle:
    """The cycle with the secrets in what it tells masked."""
    masks = Masks()
    return _each(cycle, lambda text: mask(text, masks))


def redact_raws(raws: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """The log entries, in REST JSON, masked; a secret that one of them gives away is masked in all."""
    masks = Masks()
    first = [redact_raw(raw, masks) for raw in raws]
    learned = masks.learned()
    return tuple(
        {
            name: value if name in _IDENTIFYING else _spread_below(value, learned)
            for name, value in raw.items()
        }
        for raw in first
    )


def _spread_below(value: Any, learned: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    if isinstance(value, str):
        return _spread(value, learned)
    if isinstance(value, dict):
        return {name: _spread_below(inner, learned) for name, inner in value.items()}
    return [_spread_below(inner, learned) for inner in value] if isinstance(value, list) else value


def redact_raw(raw: Mapping[str, Any], masks: Masks) -> Mapping[str, Any]:
    """The log entry, in REST JSON, with the secrets in what it says masked; what identifies it stays."""
    return {
        name: value if name in _IDENTIFYING else _masked_json(value, masks) for name, value in raw.items()
    }


def _masked_json(value: Any, masks: Masks) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    """A JSON value with its secrets masked: part by part, then as a whole, since a name can tell of what follows it."""
    value = _masked_parts(value, masks)
    if isinstance(value, str):
        return mask(value, masks)
    whole = json.dumps(value, ensure_ascii=False)
    masked = mask(whole, masks)
    try:
        return value if masked == whole else json.loads(masked)
    except ValueError:  # in JSON's spelling a text looked like something else: pair by pair, then
        return _masked_pairs(value, masks)


def _masked_parts(value: Any, masks: Masks, name: str = "") -> Any:  # noqa: ANN401 - as above
    """What would not be seen in the whole: a text that JSON writes otherwise; a number or a list of a telling name."""
    if isinstance(value, str):
        return mask(value, masks) if _ESCAPED.search(value) else value
    if isinstance(value, dict):
        # A name says at its end what it names; a giant one is not kept in the memory of names.
        return {
            _masked_parts(key, masks): _masked_parts(inner, masks, key[-_NAME:])
            for key, inner in value.items()
        }
    if isinstance(value, list):
        parts = [_masked_parts(inner, masks, name) for inner in value]
        return [_masked_pair(name, one, masks) for one in parts] if _names_a_secret(name) else parts
    return _masked_pair(name, value, masks) if _names_a_secret(name) else value


def _masked_pairs(value: Any, masks: Masks, name: str = "") -> Any:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        return {mask(key, masks): _masked_pairs(inner, masks, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked_pairs(inner, masks, name) for inner in value]
    return _masked_pair(name, value, masks)


def _masked_pair(name: str, value: Any, masks: Masks) -> Any:  # noqa: ANN401 - as above
    """A value that may be a secret by itself, or by its name; JSON's own words and what holds others are none."""
    if isinstance(value, bool | dict | list) or value is None:
        return value
    alone = mask(value, masks) if isinstance(value, str) else value
    pair = json.dumps({name: str(alone)}, ensure_ascii=False)
    masked = mask(pair, masks)
    try:
        return alone if masked == pair else next(iter(json.loads(masked).values()))
    except ValueError:  # as above: its name alone decides
        return masks.of("secret", str(value)) if _names_a_secret(name) else alone


@lru_cache(maxsize=1 << 12)  # a service logs some hundred names, again and again
def _names_a_secret(name: str) -> bool:
    """Whether any value of that name is one."""
    pair = json.dumps({name: "hunter-2-hunter"}, ensure_ascii=False)
    return mask(pair) != pair


def mask(text: str, masks: Masks | None = None) -> str:
    """Return text with every secret in it replaced by its mask; masking it again changes nothing.

    `masks` carries the numbering from text to text; without it the text is numbered on its own.
    """
    masks = masks or Masks()
    names = _names()
    for _ in range(_ROUNDS):
        before = text
        lowered = text.lower()
        for shape in shapes():
            if any(need in lowered for need in shape.needs):
                text = _masked_shape(text, shape, masks)
        text = named_secrets.masked_below(text, names, masks.of)
        text = named_secrets.masked(text, names, masks.of)
        if text == before:
            break
    return text


@cache
def shapes() -> tuple[Shape, ...]:
    """Return the shapes of `rca/redact.toml`, in its order: the more exact one stands first."""
    return tuple(
        Shape(
            kind=one["kind"],
            needs=tuple(one["needs"]),
            pattern=re.compile(one["pattern"]),
            sample=one["sample"],
            masked=one["masked"],
        )
        for one in _tables()["shape"]
    )


@cache
def _names() -> named_secrets.Names:
    return named_secrets.compiled(_tables())


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "redact.toml").read_text(encoding="utf-8"))


def _masked_shape(text: str, shape: Shape, masks: Masks) -> str:
    def put(found: re.Match[str]) -> str:
        secret = found["secret"]
        # What is already a mask, or was blotted out by others (`***`), is no secret.
        if not any(character.isalnum() for character in MASK.sub("", secret)):
            return found[0]
        start, end = found.start("secret") - found.start(), found.end("secret") - found.start()
        return found[0][:start] + masks.of(shape.kind, secret) + found[0][end:]

    return shape.pattern.sub(put, text)


def _each(value: T, change: Any) -> T:  # noqa: ANN401 - str -> str, but T hides it from the recursion
    """Return a dataclass with `change` made to every string in it, but for the fields that identify."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return cast("T", _changed(value, change))
    fields = {
        field.name: _changed(getattr(value, field.name), change)
        for field in dataclasses.fields(value)
        if field.name not in _UNTOUCHED
    }
    return dataclasses.replace(value, **fields)


def _changed(value: Any, change: Any) -> Any:  # noqa: ANN401 - whatever a report's field holds
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(one, change) for one in value)
    return _each(value, change) if dataclasses.is_dataclass(value) else value


def _is_telling(secret: str) -> bool:
    """Whether a secret would hardly occur by accident: digits and letters, or signs, or great length."""
    kinds = (str.isdigit, str.isalpha, lambda character: not character.isalnum())
    return sum(any(map(kind, secret)) for kind in kinds) > 1 and not secret.isspace()


def _spread(text: str, learned: Mapping[str, str]) -> str:
    """Return text with secrets known from elsewhere masked: whole, or as what is left beside a cut."""
    for secret, its_mask in learned.items():
        if secret in text:
            text = text.replace(secret, its_mask)
    return _beside_cuts(text, learned) if CUT.search(text) else text


def _beside_cuts(text: str, learned: Mapping[str, str]) -> str:
    """Return text in which no end of a known secret stands right before or after a cut (`…+123…`)."""
    pieces = CUT.split(text)
    marks = CUT.findall(text)
    for secret, its_mask in learned.items():
        for i, piece in enumerate(pieces):
            if i > 0:
                kept = next(
                    (n for n in range(len(secret) - 1, _CUT_END - 1, -1) if piece.startswith(secret[-n:])), 0
                )
                piece = its_mask + piece[kept:] if kept else piece  # noqa: PLW2901 - both ends of one piece
            if i < len(marks):
                kept = next(
                    (n for n in range(len(secret) - 1, _CUT_END - 1, -1) if piece.endswith(secret[:n])), 0
                )
                piece = piece[:-kept] + its_mask if kept else piece  # noqa: PLW2901 - as above
            pieces[i] = piece
    return "".join(one for pair in zip(pieces, [*marks, ""], strict=True) for one in pair)
