"""One JSON document -> the raw log entries in it.

In: what a line or a file held, parsed. Out: mappings that are entries, and what stood in their place.
Decides what an entry looks like, and which wrappings are opened: arrays, REST pages, groups, Pub/Sub messages.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

Raw = Mapping[str, Any]

# One of these tells a LogEntry from what else has times and severities: a test result, a summary, a report
# that cites entries by their insertId.
_OWN_FIELDS = frozenset(
    (
        *(
            "textPayload",
            "jsonPayload",
            "protoPayload",
            "httpRequest",
            "logName",
            "receiveTimestamp",
            "resource",
        ),
        *("text_payload", "json_payload", "proto_payload", "http_request", "log_name", "receive_timestamp"),
        *("received_timestamp", "payload"),
    )
)
_IDS = ("insertId", "insert_id")
_TIMES = ("timestamp", "receiveTimestamp", "receive_timestamp", "received_timestamp")
_MESSAGES = ("message", "msg", "event")
_LEVELS = ("severity", "level", "levelname", "log.level")
_DEEPEST_GROUP = 6


def is_entry(value: object, *, bare: bool) -> bool:
    """Whether this is a log entry.

    With `bare`, a logger's own JSON line, never wrapped by Logging, counts, and so does an entry whose payload was
    dropped: the file was named as a log.
    """
    if not isinstance(value, dict):
        return False
    if not _OWN_FIELDS.isdisjoint(value):
        return any(name in value for name in _TIMES)
    if not bare or ("timestamp" not in value and "time" not in value):
        return False
    leveled = any(name in value for name in _LEVELS)
    says = any(isinstance(value.get(name), str) for name in _MESSAGES)
    return leveled and (says or any(name in value for name in _IDS))


def entries_in(document: object, *, bare: bool) -> Iterator[object]:
    """What the document holds where entries stand, in its order; nothing for a document without entries.

    A member that is no entry among others that are is given as well, for the caller to count.
    """
    if isinstance(document, dict):
        if is_entry(document, bare=bare):
            yield document
            return
        message = _from_pubsub(document)
        if message is not None:
            yield message
            return
    yield from _within(document, _DEEPEST_GROUP, bare=bare)


def _within(value: object, depth: int, *, bare: bool) -> Iterator[object]:
    if depth == 0:
        return
    if isinstance(value, list):
        opened = [_opened(item) for item in value]
        if any(is_entry(item, bare=bare) for item in opened):
            yield from opened
        else:
            for item in opened:
                if isinstance(item, dict | list):
                    yield from _within(item, depth - 1, bare=bare)
    elif isinstance(value, dict):
        for inner in value.values():
            if isinstance(inner, list | dict):
                yield from _within(inner, depth - 1, bare=bare)


def group_sizes(document: object) -> tuple[int, ...]:
    """How many members each list of a grouped document has: {"ERROR": [...], "WARNING": [...]}."""
    if not isinstance(document, dict):
        return ()
    lists = [value for value in document.values() if isinstance(value, list)]
    for value in document.values():
        if isinstance(value, dict):
            lists.extend(inner for inner in value.values() if isinstance(inner, list))
    return tuple(len(members) for members in lists)


def next_page_of(document: object) -> bool:
    """Whether a REST page says that more follow."""
    return isinstance(document, dict) and bool(
        document.get("nextPageToken") or document.get("next_page_token")
    )


def is_page(document: object) -> bool:
    """Whether it is an `entries.list` answer; an empty one has neither key. Source: entries.list reference."""
    return isinstance(document, dict) and set(document) <= {"entries", "nextPageToken", "next_page_token"}


def _opened(item: object) -> object:
    message = _from_pubsub(item) if isinstance(item, dict) else None
    return item if message is None else message


def _from_pubsub(value: Raw) -> Raw | None:
    """The entry in a Pub/Sub message: {"message": {"data": base64}}, pulled or pushed; None for anything else."""
    message = value.get("message", value)
    encoded = message.get("data") if isinstance(message, dict) else None
    if not isinstance(encoded, str):
        return None
    try:
        inner = orjson.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return None
    return inner if is_entry(inner, bare=False) else None
