"""Log entries, in REST JSON -> the same without secrets, for a recording that leaves the machine.

Decides which fields identify and stay. An entry is masked text by text, then as a whole, since a name can tell of
the value after it; a secret that one entry gives away, or that only several entries together hold, is masked in all.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from rca.redact import lines
from rca.redact.known import Known
from rca.redact.masks import Masks, kind_of
from rca.redact.shapes import hits
from rca.redact.text import mask, names_a_secret

Raw = Mapping[str, Any]

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
_DIGITS = 7


def redact_raws(raws: Sequence[Raw], masks: Masks | None = None) -> tuple[Raw, ...]:
    """The log entries, masked; a secret that one of them gives away, or that stands across several, is masked in all.

    `masks` holds what was masked before, and the names of ids that the settings want masked.
    """
    masks = masks or Masks()
    first = [redact_raw(raw, masks) for raw in _joined(raws, masks)]
    known = Known(masks.met)
    if not known:
        return tuple(first)
    return tuple(
        {name: value if name in _IDENTIFYING else _each(value, known.masked) for name, value in raw.items()}
        for raw in first
    )


def redact_raw(raw: Raw, masks: Masks) -> Raw:
    """The log entry with the secrets in what it says masked; what identifies it stays."""
    return {
        name: value if name in _IDENTIFYING else _masked_json(value, masks) for name, value in raw.items()
    }


# --- across entries --------------------------------------------------------------------------------------


def _joined(raws: Sequence[Raw], masks: Masks) -> list[Raw]:
    """The entries, with the secrets masked that no single one of them holds."""
    out = list(raws)
    streams: defaultdict[str, list[int]] = defaultdict(list)
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for number, raw in enumerate(raws):
        if _said(raw) is None:
            continue
        streams[_stream(raw)].append(number)
        split = raw.get("split")
        if isinstance(split, Mapping) and isinstance(split.get("uid"), str):
            parts[split["uid"]].append(number)
    for numbers in streams.values():
        _mend(out, numbers, lambda texts: lines.masked(texts, masks.of))
    for numbers in parts.values():
        _mend(out, sorted(numbers, key=lambda number: _index(out[number])), lambda told: _parts(told, masks))
    return out


def _mend(out: list[Raw], numbers: Sequence[int], change: Callable[[list[str]], Iterable[str]]) -> None:
    told = [_said(out[number]) or "" for number in numbers]
    for number, was, now in zip(numbers, told, change(told), strict=True):
        if was != now:
            out[number] = _saying(out[number], now)


def _parts(told: Sequence[str], masks: Masks) -> list[str]:
    """The parts of one entry that the service cut, with the secrets masked that a cut goes through."""
    out = list(told)
    met = Masks(ids=masks.ids)
    whole = "".join(told)
    mask(whole, met)
    begins = list(accumulate(map(len, told), initial=0))
    places = ((at, secret) for secret in met.met for at in hits(whole, (secret,)))
    # From behind, so that the places before stay where they are.
    for start, secret in sorted(places, reverse=True):
        end = start + len(secret)
        over = range(bisect_right(begins, start) - 1, bisect_left(begins, end))
        its_mask = masks.of(kind_of(met.met[secret]), secret) if len(over) > 1 else ""
        for part in over if its_mask else ():
            low = begins[part]
            out[part] = out[part][: max(0, start - low)] + its_mask + out[part][end - low :]
    return out


def _stream(raw: Raw) -> str:
    """Where lines that were printed one after another come out: one output of one instance."""
    labels = raw.get("labels")
    instance = labels.get("instanceId") if isinstance(labels, Mapping) else None
    return f"{raw.get('logName')} {instance}"


def _index(raw: Raw) -> int:
    index = str(raw["split"].get("index", 0))
    return int(index) if index.isdecimal() and len(index) < _DIGITS else 0


def _said(raw: Raw) -> str | None:
    """What an entry says, where it says it in one text."""
    payload = raw.get("jsonPayload")
    said = raw.get("textPayload") or (payload.get("message") if isinstance(payload, Mapping) else None)
    return said if isinstance(said, str) else None


def _saying(raw: Raw, said: str) -> Raw:
    if isinstance(raw.get("textPayload"), str):
        return {**raw, "textPayload": said}
    return {**raw, "jsonPayload": {**raw["jsonPayload"], "message": said}}


# --- one entry -------------------------------------------------------------------------------------------


def _each(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each(inner, change) for name, inner in value.items()}
    return [_each(inner, change) for inner in value] if isinstance(value, list) else value


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
        return [_masked_pair(name, one, masks) for one in parts] if names_a_secret(name, masks.ids) else parts
    return _masked_pair(name, value, masks) if names_a_secret(name, masks.ids) else value


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
        return masks.of("secret", str(value)) if names_a_secret(name, masks.ids) else alone
