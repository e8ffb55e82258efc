"""What happened -> LogEntries in REST JSON, as Cloud Run writes them.

Source: Cloud Run "Logging and viewing logs" (one line an entry, special fields of JSON lines, no severity for
text), REST reference LogEntry; insertIds are those seen on container entries: seconds, microseconds, chance.
"""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.lab.service import Service

LogEntry = dict[str, Any]

_LIFTED = re.compile(
    r"logging\.googleapis\.com/(insertId|labels|operation|sourceLocation|spanId|trace|trace_sampled)"
)
_NAMES = {"trace_sampled": "traceSampled"}
_SEVERITIES = frozenset(
    ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
)


def seeded(seed: int) -> random.Random:
    """A die that falls the same way for the same seed."""
    return random.Random(seed)  # noqa: S311 - ids and noise of a recording, not secrets


def stamp(at_ns: int) -> str:
    """RFC 3339 in UTC, microseconds, `Z`."""
    at = datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).replace(microsecond=at_ns // 1000 % 1_000_000)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nanoseconds(text: str) -> int:
    """The inverse of `stamp`, to the microsecond."""
    at = datetime.fromisoformat(text)
    return int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000


def insert_id(at_ns: int, dice: random.Random) -> str:
    """24 hex digits: seconds, microseconds, chance."""
    return f"{at_ns // 1_000_000_000:08x}{at_ns // 1000 % 1_000_000:08x}{dice.getrandbits(32):08x}"


@dataclass(frozen=True, slots=True)
class Served:
    """One request as the front end saw it."""

    start_ns: int
    end_ns: int
    method: str
    target: str
    status: int
    request_bytes: int
    response_bytes: int
    user_agent: str
    remote_ip: str
    trace: str
    span: str
    instance: str
    note: str = ""
    """The platform's own words, where it answered instead of the instance."""


class Scribe:
    """Writes entries for one service; ids come from the die."""

    def __init__(self, service: Service, dice: random.Random) -> None:
        self.service = service
        self._dice = dice
        self._batches: dict[tuple[str, str], int] = {}

    def _base(self, log: str, at_ns: int, received_ns: int, labels: Mapping[str, str]) -> LogEntry:
        return {
            "insertId": insert_id(at_ns, self._dice),
            "resource": self.service.resource(),
            "timestamp": stamp(at_ns),
            "labels": dict(labels),
            "logName": self.service.log_name(log),
            "receiveTimestamp": stamp(received_ns),
        }

    def _batch(self, stream: str, instance: str, at_ns: int) -> int:
        """When the batch arrives that takes a line written now: lines of one stream travel together."""
        if at_ns >= self._batches.get((stream, instance), 0):
            self._batches[stream, instance] = at_ns + self._dice.randrange(9_000_000, 240_000_000)
        return self._batches[stream, instance]

    def line(self, stream: str, instance: str, at_ns: int, text: str) -> LogEntry | None:
        """The entry for one line a container wrote; None for a blank one, which Cloud Run drops."""
        if not text.strip():
            return None
        entry = self._base(stream, at_ns, self._batch(stream, instance, at_ns), {"instanceId": instance})
        payload = _json_object(text)
        if payload is None:
            return entry | {"textPayload": text}
        for key in list(payload):
            lifted = _LIFTED.fullmatch(key)
            if lifted:
                entry[_NAMES.get(lifted[1], lifted[1])] = payload.pop(key)
        if payload.get("httpRequest") == {}:  # google-cloud-logging's handler always names one
            del payload["httpRequest"]
        severity = payload.get("severity")
        if isinstance(severity, str) and severity.upper() in _SEVERITIES:
            entry["severity"] = severity.upper()
            del payload["severity"]
        return entry | {"jsonPayload": payload}

    def trace_block(self, stream: str, instance: str, at_ns: int, text: str) -> LogEntry:
        """A traceback that the collector recognized: one entry of several lines, severity ERROR."""
        entry = self._base(stream, at_ns, self._batch(stream, instance, at_ns), {"instanceId": instance})
        return entry | {"severity": "ERROR", "textPayload": text}

    def request(self, served: Served) -> LogEntry:
        """The request's entry: stamped at its start, received at its end."""
        labels = {"instanceId": served.instance} if served.instance else {}
        received_ns = served.end_ns + self._dice.randrange(3_000_000, 60_000_000)
        severity = "INFO"
        if served.status >= 400:
            severity = "WARNING" if served.status < 500 else "ERROR"
        entry = self._base("requests", served.start_ns, received_ns, labels)
        return entry | {
            "severity": severity,
            "httpRequest": {
                "requestMethod": served.method,
                "requestUrl": f"https://{self.service.host}{served.target}",
                "requestSize": str(served.request_bytes),
                "status": served.status,
                "responseSize": str(served.response_bytes),
                "userAgent": served.user_agent,
                "remoteIp": served.remote_ip,
                "serverIp": "192.0.2.53",
                "latency": f"{(served.end_ns - served.start_ns) / 1e9:.9f}s",
                "protocol": "HTTP/1.1",
            },
            "trace": f"projects/{self.service.project}/traces/{served.trace}",
            "spanId": served.span,
            **({"textPayload": served.note} if served.note else {}),
        }

    def platform(self, instance: str, at_ns: int, text: str, severity: str = "INFO") -> LogEntry:
        """A line of the platform's own, in varlog/system."""
        labels = {"container_name": f"{self.service.name}-1", "instanceId": instance}
        received_ns = at_ns + self._dice.randrange(20_000_000, 190_000_000)
        return self._base("varlog/system", at_ns, received_ns, labels) | {
            "severity": severity,
            "textPayload": text,
        }


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        payload = json.loads(text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def received(entry: LogEntry) -> tuple[int, str]:
    """The order of a recording: when Logging got the entry, ties by insertId."""
    return nanoseconds(entry["receiveTimestamp"]), entry["insertId"]
