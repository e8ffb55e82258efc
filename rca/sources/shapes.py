"""One JSON document -> the raw log entries in it.

In: what a line or a file held, parsed. Out: mappings that are entries, and what stood in their place. Decides what an
entry looks like, and which wrappings are opened: arrays, REST pages, groups, Pub/Sub messages, search results, Loki's
streams.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from rca.sources.collectors import collected

Raw = Mapping[str, Any]

# One of these tells a LogEntry from what else has times and severities: a test result, a summary, a report
# that cites entries by their insertId.
OWN_FIELDS = frozenset(
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
_TIMES = ("timestamp", "receiveTimestamp", "receive_timestamp", "received_timestamp")
_DEEPEST_GROUP = 6
_ENVELOPES = ("_source", "result")
"""What Elasticsearch and Splunk put around each record of an answer."""

_LOKI_PAIR = 2


def as_entry(value: object, *, bare: bool) -> Raw | None:
    """The log entry that this is; None for anything else.

    With `bare`, a logger's own JSON line, never wrapped by Logging, counts, and so do other collectors' records and
    an entry whose payload was dropped: the file was named as a log.
    """
    if not isinstance(value, dict):
        return None
    if not OWN_FIELDS.isdisjoint(value) and any(name in value for name in _TIMES):
        return value
    return collected(value) if bare else None


def entries_in(document: object, *, bare: bool) -> Iterator[object]:
    """What the document holds where entries stand, in its order; nothing for a document without entries.

    A member that is no entry among others that are is given as well, for the caller to count.
    """
    if isinstance(document, dict):
        opened = _opened(document)
        if as_entry(opened, bare=bare) is not None:
            yield opened
            return
    yield from _within(document, _DEEPEST_GROUP, bare=bare)


def _within(value: object, depth: int, *, bare: bool) -> Iterator[object]:
    if depth == 0:
        return
    if isinstance(value, list):
        opened = [_opened(item) for item in value]
        if any(as_entry(item, bare=bare) is not None for item in opened):
            yield from opened
        else:
            for item in opened:
                if isinstance(item, dict | list):
                    yield from _within(item, depth - 1, bare=bare)
    elif isinstance(value, dict):
        if bare and (streamed := _from_loki(value)):
            yield from streamed
            return
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
    """What a message or an answer's envelope holds; anything else as it is."""
    if not isinstance(item, dict):
        return item
    for envelope in _ENVELOPES:
        if isinstance(inner := item.get(envelope), dict) and OWN_FIELDS.isdisjoint(item):
            return inner
    message = _from_pubsub(item)
    return item if message is None else message


def _from_loki(value: Raw) -> list[Raw]:
    """The lines of one of Loki's streams: {"stream": {label: value}, "values": [[nanoseconds, line]]}."""
    labels, lines = value.get("stream"), value.get("values")
    if not isinstance(labels, dict) or not isinstance(lines, list):
        return []
    return [
        {"timestamp": line[0], "line": line[1], "labels": labels}
        for line in lines
        if isinstance(line, list) and len(line) >= _LOKI_PAIR and isinstance(line[1], str)
    ]


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
    return as_entry(inner, bare=False)
