"""Entries to ask filters of, and the two questions tests ask."""

from typing import Any

import pytest

from rca.lql import QueryError, parse

Entry = dict[str, Any]


def entry(**fields: Any) -> Entry:  # noqa: ANN401 - JSON
    """An entry of a Cloud Run service; keywords add fields or replace them, None takes them away."""
    made: Entry = {
        "insertId": "6b03f00d",
        "logName": "projects/teal/logs/run.googleapis.com%2Fstderr",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {"service_name": "gate", "location": "europe-west6"},
        },
        "timestamp": "2026-05-04T10:20:30.125Z",
        "receiveTimestamp": "2026-05-04T10:20:30.200000009Z",
    }
    return {key: value for key, value in {**made, **fields}.items() if value is not None}


def text(payload: str, **fields: Any) -> Entry:  # noqa: ANN401 - JSON
    """An entry with a line of text."""
    return entry(textPayload=payload, **fields)


def json(**payload: Any) -> Entry:  # noqa: ANN401 - JSON
    """An entry with a JSON payload."""
    return entry(jsonPayload=payload)


def proto(**payload: Any) -> Entry:  # noqa: ANN401 - JSON
    """An audit log entry."""
    return entry(protoPayload={"@type": "type.googleapis.com/google.cloud.audit.AuditLog", **payload})


def http(**request: Any) -> Entry:  # noqa: ANN401 - JSON
    """A request entry."""
    return entry(httpRequest=request)


def matches(query: str, asked: Entry) -> bool:
    """Whether the entry is what the filter asks for."""
    return parse(query).matches(asked)


def refused(query: str) -> QueryError:
    """The error that the filter raises."""
    with pytest.raises(QueryError) as raised:
        parse(query)
    return raised.value
