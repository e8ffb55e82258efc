"""What the words beside and below a test's line say of it: how long it took, its error, the close it saw.

In: the words after an outcome, the fields and lines below a test. Out: seconds, an error, close codes. Decides which
keys mean what, and that the 30 s of a "timeout after 30s" is a limit while those of a "FAILED after 30s" were spent.
"""

import re

from rca.cycles.claims import duration_of
from rca.cycles.close_codes import codes_in
from rca.cycles.names import files_in
from rca.cycles.outcomes import MARK
from rca.cycles.outline import Form
from rca.cycles.sections import Sections

STATUS = frozenset({"status", "result", "outcome", "test status", "test result", "state", "verdict"})
"""Keys of a test's outcome."""

_DURATION = frozenset(
    {"duration", "test duration", "execution time", "time", "elapsed", "took", "runtime", "duration s",
     "duration_s", "elapsed time", "time taken", "run time", "response time"}
)  # fmt: skip
_MILLISECONDS = frozenset({"duration ms", "duration_ms", "elapsed_ms", "time_ms", "duration (ms)"})
_ERROR = ("error", "error message", "error details", "exception", "failure", "issue", "reason", "failure reason",
          "error type", "symptom", "details", "message", "cause")  # fmt: skip
_CODE = frozenset(
    {"close code", "close_code", "code", "ws close code", "websocket close code", "close", "error code"}
)
_BARE_CODE = re.compile(r"(?P<code>10(?:0\d|1[0-5])|[34]\d{3})\b")
# A duration that opens the detail or a bracket, or follows the outcome itself.
_IN_DETAIL = re.compile(
    r"(?:^|[(\[,;|]|\bin |^\W*(?:(?:PASS|FAIL)(?:ED)?\W+)?after )\s*(?:[-:~]\s*)?"
    r"(?P<took>\d{1,6}(?:\.\d{1,9})?\s?(?:ms|s|sec|seconds?))(?=\s*(?:[),;|\]]|$)| execution| total| duration)"
    # "FAILED 6.0s received 1011": the columns of a line; "30s timeout" is a limit, "0.3s to connect" a part.
    r"|^\W*(?P<column>\d{1,6}\.\d{1,9}\s?(?:ms|s))(?= (?!time|limit|deadline|to |connect|handshake|response))",
    re.IGNORECASE,
)
_MOST_LINES = 20


def status_in(fields: dict[str, str]) -> str | None:
    """The words of the field that states the outcome; None where there is none."""
    return next((fields[key] for key in fields if key in STATUS), None)


def duration_in(fields: dict[str, str], *said: str) -> float | None:
    """Seconds by the fields, else by the words said after the outcome."""
    for key, value in fields.items():
        unit = "ms" if key in _MILLISECONDS else "s" if key.endswith(("_s", " s")) else None
        if (unit or key in _DURATION) and (took := duration_of(value, bare_unit=unit)) is not None:
            return took
    for words in said:
        if (found := _IN_DETAIL.search(words)) is not None:
            return duration_of(found["took"] or found["column"])
    return None


def opening_duration(words: str) -> str:
    """The duration that the words open with, as written; empty where they open otherwise."""
    found = _IN_DETAIL.match(words.strip())
    return (found["took"] or found["column"]) if found else ""


def error_in(fields: dict[str, str]) -> str | None:
    """The error by the fields, the most exact key first."""
    return next((fields[key] for key in _ERROR if fields.get(key)), None)


def codes_below(sections: Sections, index: int, fields: dict[str, str]) -> tuple[int, ...]:
    """Close codes that the fields and lines below a failing test tell of, where its own line tells of none."""
    for key, value in fields.items():
        if key in _CODE and (bare := _BARE_CODE.match(value.strip(" `*\"'"))) is not None:
            return (int(bare["code"]),)
    blocks = [sections.outline.blocks[child] for child in sections.below(index)[:_MOST_LINES]]
    own = [block.text for block in blocks if block.form in {Form.LINE, Form.FENCE}]
    told = [value for key, value in fields.items() if key in _ERROR or key in STATUS]
    return codes_in(" · ".join((*told, *own)))


def words_of(detail: str) -> str | None:
    """What a line says after the outcome: "(timeout)" -> "timeout"; a file's name or a duration says nothing."""
    text = re.sub(rf"{MARK}|\ufe0f", "", detail).strip(" -\u2013—:*`|,.")
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    if (
        not text
        or duration_of(text) is not None
        or files_in(text)
        or not re.search(r"[A-Za-z]{3}|\d{3}", text)
    ):
        return None
    return text
