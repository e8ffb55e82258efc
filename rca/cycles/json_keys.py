"""What the keys of a result in JSON mean, however they are spelled.

In: an object. Out: its name, outcome, duration, error, close codes, start. Decides that `durationMs`, `duration_ms`
and `Duration-MS` are one key, and that what ends in `ms` counts milliseconds.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from rca.cycles.claims import last_line
from rca.cycles.outcomes import of_cell
from rca.cycles.times import instant_in, instant_of
from rca.model import Outcome

_NAME = ("test_name", "name", "nodeid", "node_id", "test", "title", "full_name", "test_case", "case", "scenario",
         "test_id", "id", "check")  # fmt: skip
_OUTCOME = (
    "outcome",
    "status",
    "result",
    "test_status",
    "state",
    "verdict",
    "success",
    "passed",
    "ok",
    "healthy",
)
_DURATION = ("duration", "elapsed", "execution_time", "exec_time", "test_duration", "run_time", "runtime", "took",
             "time", "response_time")  # fmt: skip
_UNITS = (("_ms", 0.001), ("_millis", 0.001), ("_milliseconds", 0.001), ("_seconds", 1.0), ("_secs", 1.0),
          ("_sec", 1.0), ("_s", 1.0), ("", 1.0))  # fmt: skip
_ERROR = ("error", "error_message", "message", "failure", "failure_message", "exception", "reason", "failure_reason",
          "longrepr", "errors", "failure_messages", "err")  # fmt: skip
_START = ("started_at", "start", "start_time", "started", "timestamp")
_CODE = ("close_code", "ws_close_code", "websocket_close_code")
_CODES = range(1000, 5000)


@lru_cache(maxsize=4096)
def spelled(key: str) -> str:
    """The key in lower case with underscores: `durationMs` -> `duration_ms`."""
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key[:200])).strip("_").lower()


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its keys spelled alike; of two that become one the first wins."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        found.setdefault(spelled(str(key)), value)
    return found


def text_or_none(value: object) -> str | None:
    """The value where it is a string that says something."""
    return value.strip()[:2000] if isinstance(value, str) and value.strip() else None


def name_of(row: Mapping[str, Any]) -> str | None:
    """The test's name; None where there is none."""
    return next((text for key in _NAME if (text := text_or_none(row.get(key))) is not None), None)


def outcome_of(row: Mapping[str, Any]) -> Outcome | None:
    """How the test ended; None where no key says so."""
    return next((found for key in _OUTCOME if key in row and (found := _outcome(row[key])) is not None), None)


def is_test(row: Mapping[str, Any]) -> bool:
    """Whether the object names a test and says how it ended."""
    plain = plain_row(row)
    return name_of(plain) is not None and outcome_of(plain) is not None


def _outcome(value: object) -> Outcome | None:
    if isinstance(value, bool):
        return Outcome.PASSED if value else Outcome.FAILED
    return of_cell(value) if isinstance(value, str) and len(value) < 40 else None  # noqa: PLR2004 - a word or two


def duration_of(row: Mapping[str, Any], *, bare_unit: float = 1.0) -> float | None:
    """Seconds; None where no key states a duration. A key that names no unit counts `bare_unit` seconds."""
    for key in _DURATION:
        for suffix, unit in _UNITS:
            value = row.get(key + suffix)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9:  # noqa: PLR2004 - finite
                return round(value * (unit if suffix else bare_unit), 9)
    return None


def error_of(row: Mapping[str, Any]) -> str | None:
    """The line that says what went wrong, else the status as a number."""
    said = next((row[key] for key in _ERROR if row.get(key)), None)
    if isinstance(said, list):
        said = next((item for item in said if item), None)
    if isinstance(said, Mapping):
        said = next((said[key] for key in ("message", "error", "detail", "type") if said.get(key)), None)
    if isinstance(said, str):
        return last_line(said)
    status = row.get("status_code", row.get("status"))
    return f"status {status}" if isinstance(status, int) and not isinstance(status, bool) else None


def codes_of(row: Mapping[str, Any]) -> tuple[int, ...]:
    """The close code that a key of its own states."""
    code = next((row[key] for key in _CODE if row.get(key) is not None), None)
    return (code,) if isinstance(code, int) and not isinstance(code, bool) and code in _CODES else ()


def start_of(row: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """The start in UTC and whether a zone was stated."""
    value = next((row[key] for key in _START if row.get(key)), None)
    moment = instant_of(value)
    return instant_in(text_or_none(value)) if moment is None else (moment, True)
