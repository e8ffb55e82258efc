"""The facts at the head of a report: which cycle, when, where.

In: an outline. Out: number, date, environment, target, revision, time of the run. Decides which field or title
states each fact; a file's name states none.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from rca.cycles.clock import understood
from rca.cycles.document import Document
from rca.cycles.fields import Field, fields_of
from rca.cycles.outline import Form, Outline
from rca.cycles.times import day_in, has_clock, start_of


@dataclass(frozen=True, slots=True)
class Header:
    """What a report says of the run as a whole."""

    number: int | None
    day: date | None
    environment: str | None
    target: str | None
    revision: str | None
    run_time_text: str | None
    run_start: datetime | None
    warnings: tuple[str, ...]


_NUMBER = re.compile(
    r"\b(?:cycle|iteration|round)s?\s*(?:no\.?|number)?[\s#:_-]{0,3}0{0,3}(\d{1,4})(?![\d.]\d)(?!\w)",
    re.IGNORECASE,
)
_LOOP = re.compile(r"\bloop\s*(?:no\.?\s*)?#?\s?0{0,3}(\d{1,3})(?![\w.]*\d)", re.IGNORECASE)
_OTHER_CYCLE = re.compile(
    r"\b(?:next|previous|prior|last|after|vs\.?|versus|from|until|to|before|since|with|than|focus)"
    r"\s+(?:(?:the|a|our|this|test|loop)\s+){0,2}$",
    re.IGNORECASE,
)
_NUMBER_KEYS = frozenset(
    f"{front}{noun}{back}"
    for front in ("", "loop ", "test ", "current ", "this ", "deploy ")
    for noun in ("cycle", "iteration", "round")
    for back in ("", " number", " no", " no.", " #", " id")
) | {"loop iteration", "loop", "test loop cycle"}
_FIRST_NUMBER = re.compile(
    r"^\W*+(?:(?:cycle|iteration|round)\s*+(?:#\s*+)?)?0{0,3}(\d{1,4})(?![\d-])", re.IGNORECASE
)

# Keys of the time of the run, by how exactly they mean it.
_TIME_KEYS = (
    ("latest run date", "latest run", "run date", "run time", "test run date", "test run", "run at", "when"),
    ("started", "start time", "started at", "start", "test start", "execution started", "run started"),
    ("test session", "session", "test session started", "session started", "session start", "executed",
     "execution date", "execution time", "test date", "test execution date", "test execution time"),
    ("date", "date/time", "datetime", "date & time", "date and time", "date (utc)", "test execution"),
    ("time", "timestamp", "time (utc)", "utc", "utc time"),
    ("generated", "report generated", "generated at", "generated on", "created", "last updated", "updated",
     "report date"),
)  # fmt: skip
_ENVIRONMENT = re.compile(
    r"^(?:test |target |deployment |deploy |run )?(?:environment|env)(?: confirmed| name| under test)?$"
)
_TARGET_KEYS = ("target url", "target", "base url", "url", "service url", "backend url", "api url", "backend",
                "endpoint", "staging url", "host", "service", "backend service", "websocket url")  # fmt: skip
_URL = re.compile(r"\b(?:https?|wss?)://[^\s<>\"'`|,;)\]}]{3,500}")
_NO_TARGET = re.compile(
    r"//(?:[^/]*\.)?(?:github\.com|gitlab\.com|console\.cloud\.google\.com|docs?\.|localhost|127\.|0\.0\.0\.0|example\.)",
    re.IGNORECASE,
)
_OTHER_HOST = re.compile(
    r"//(?:auth|login|sso|app|www|frontend|web|cdn|static)[.-]|-(?:auth|frontend)-", re.IGNORECASE
)
_TARGET_LINE = re.compile(
    r"(?i)\b(?:backend|service|target|base|api|accessible|server|staging|deployed|production|websocket)\b"
)
_REVISION = re.compile(r"(?<![\w-])[a-z](?:[a-z0-9-]{0,60}[a-z0-9])?-\d{5}-[a-z0-9]{3}(?![\w-])")
_REVISION_KEY = re.compile(r"\b(?:revision|deployed|deployment|version)\b")
_NEAR_HEAD = 40
_HEAD_LINES = 25


def read(outline: Outline, document: Document) -> Header:
    """What the document's titles and fields state; the first field that states a fact counts."""
    fields = tuple(fields_of(outline))
    text, zone_day = _time(fields, _first_section(outline))
    day = _day(outline, fields, zone_day)
    start, warning = start_of(text, day)
    found = understood(text, day, start, outline)
    warning = found.warning or warning
    warnings = () if warning is None else (document.warning(_line(fields, text), warning),)
    environment = next(
        (_value(field) for field in fields if _ENVIRONMENT.match(field.key) and _value(field)), None
    )
    return Header(
        number=_number(outline, fields),
        day=day,
        environment=environment,
        target=_target(outline, fields, environment),
        revision=_revision(fields),
        run_time_text=text,
        run_start=found.start,
        warnings=warnings,
    )


def _value(field: Field) -> str:
    return field.value.strip(" *`")[:300]


def _line(fields: tuple[Field, ...], text: str | None) -> int | None:
    return next((field.line for field in fields if text is not None and text in field.value), None)


def number_in(title: str) -> int | None:
    """The cycle's number as a title states it: "Cycle 1", "Iteration #3", "cycle-12"; None where it states none."""
    for match in _NUMBER.finditer(title[:500]):
        if not _OTHER_CYCLE.search(title[max(0, match.start() - 30) : match.start()]):
            return int(match[1])
    return None


def _loop_in(title: str) -> int | None:
    """The number of a loop that is called by nothing else: "Loop 7 results"."""
    match = _LOOP.search(title[:500])
    return int(match[1]) if match else None


def _number(outline: Outline, fields: tuple[Field, ...]) -> int | None:
    """From the title, else a field, else a heading that is headed by it ("Cycle 1 complete")."""
    titles = [block.text for block in outline.blocks if block.form is Form.HEADING and block.level == 1]
    titles = titles or [block.text for block in outline.blocks[:1] if block.form is Form.LINE]
    for read_number in (number_in, _loop_in):
        if titles and (number := read_number(titles[0])) is not None:
            return number
    for field in fields:
        key = field.key.replace("#", "").strip()
        if key in _NUMBER_KEYS and (first := _FIRST_NUMBER.match(field.value)) is not None:
            return int(first[1])
    headings = [block.text for block in outline.blocks if block.form is Form.HEADING]
    stated = {
        number
        for text in headings
        if _NUMBER.match(re.sub(r"^\W+", "", text)) and not re.search(r"(?i)\bnext\b|\bfocus\b|\bplan", text)
        for number in [number_in(text)]
        if number is not None
    }
    return stated.pop() if len(stated) == 1 else None


def _first_section(outline: Outline) -> int:
    """Index of the first heading below the document's opening lines."""
    headings = [index for index, block in enumerate(outline.blocks) if block.form is Form.HEADING]
    return headings[1] if len(headings) > 1 else len(outline.blocks)


def _time(fields: tuple[Field, ...], first_section: int) -> tuple[str | None, date | None]:
    """The words of the run's time of day, verbatim, and the date beside the key that was found first."""
    day = None
    head = tuple(field for field in fields if field.line <= _HEAD_LINES)
    top = tuple(field for field in fields if field.index < first_section)
    # The head of a report dates the run; what follows may date its phases, its deploys, its log lines.
    for keys, near in ((keys, near) for near in (top, head, fields) for keys in _TIME_KEYS):
        for field in near:
            if field.key not in keys or "duration" in field.key:
                continue
            if day is None:
                day = day_in(field.value)
            if has_clock(field.value) and len(field.value) < 120:  # noqa: PLR2004 - a time, not a sentence
                return field.value.strip(" *`"), day or day_in(field.value)
    return None, day


def _day(outline: Outline, fields: tuple[Field, ...], found: date | None) -> date | None:
    """The date of the run: of its time's field, else of the titles, else the first near the head."""
    if found is not None:
        return found
    titles = [block.text for block in outline.blocks if block.form is Form.HEADING and block.level <= 2]  # noqa: PLR2004 - h1, h2
    dated = [field.value for field in fields if "date" in field.key.split()]
    head = [block.text for block in outline.blocks[:_NEAR_HEAD] if block.form is not Form.FENCE]
    return next((day for text in (*titles, *dated, *head) if (day := day_in(text)) is not None), None)


def _target(outline: Outline, fields: tuple[Field, ...], environment: str | None) -> str | None:
    """The URL of the service: beside the environment, in a field of its own, else in a line about the service."""
    keyed = [field.value for key in _TARGET_KEYS for field in fields if field.key == key]
    told = [
        block.text
        for block in outline.blocks
        if block.form is not Form.FENCE and _TARGET_LINE.search(block.text[:2000])
    ]
    found: list[str] = []
    for text in (environment or "", *keyed, *told):
        for match in _URL.finditer(text[:2000]):
            if not _NO_TARGET.search(match[0]):
                found += [match[0].rstrip(".:/")]
    # The service under test, by HTTP where the report says both; never the sign-in service beside it.
    return next(
        (url for url in sorted(found, key=lambda url: url.startswith("ws")) if not _OTHER_HOST.search(url)),
        None,
    )


def _revision(fields: tuple[Field, ...]) -> str | None:
    """A Cloud Run revision named as what was tested or deployed; one in a quoted log line is not.

    Source: Cloud Run names revisions `<service>-<5 digits>-<3 letters or digits>` unless told otherwise.
    """
    for field in fields:
        if _REVISION_KEY.search(field.key) and (match := _REVISION.search(field.value[:500])) is not None:
            return match[0]
    return None
