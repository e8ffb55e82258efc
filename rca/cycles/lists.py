"""Lists, headings and lines that tell how a test ended.

In: an outline. Out: claims, and warnings for tests named without an outcome. Decides when a line is about a test:
it names a test function and states its outcome; or it stands in a list of tests and says `Name: PASSED`. "✅ Login
works" is a claim of its author, not a test.
"""

import re
from dataclasses import dataclass

from rca.cycles.claims import Claim, Weight, duration_of, last_line
from rca.cycles.close_codes import codes_in
from rca.cycles.fields import field_in
from rca.cycles.names import Identifier, files_in, identifiers_in, is_prose_name
from rca.cycles.outcomes import MARK, WORD, WORDS, of_cell, of_mark, of_section, without_status
from rca.cycles.outline import Form
from rca.cycles.sections import Sections
from rca.model import Outcome

_SEP = r"[\s`*:.\-\u2013—→|=(\[\])\ufe0f]*"
# `test_a` - PASSED · test_a: FAILED (timeout) · `test_a` now **PASSES** · test_a ✅ PASS
_AFTER = re.compile(
    rf"^{_SEP}(?:{MARK}{_SEP})?(?:(?:is|has|was|now|still|test|currently|again|also) ){{0,3}}(?P<word>{WORD})(?![\w/])",
    re.IGNORECASE,
)
_AFTER_MARK = re.compile(rf"^{_SEP}(?:\([^()]{{0,80}}\))?{_SEP}(?P<mark>{MARK})")
_BEFORE = re.compile(rf"(?<![A-Za-z])(?P<word>{WORD})[\s`*:\-\u2013—\]]*$", re.IGNORECASE)
_LOUD = re.compile(r"(?<![A-Za-z])(?P<word>PASS(?:ED|ES|ING)?|FAIL(?:ED|S|ING)?|SKIPPED|XFAIL)(?![A-Za-z/])")
# What may stand before a name that opens a line: a number, marks, a label.
_OPENING = re.compile(
    r"^[^A-Za-z]*(?:(?:failed |passed |failing |passing )?tests?(?: name| case)?\s*[:#]\s*)?[^A-Za-z]*$",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"\d+\s*/\s*\d+\s*(?:tests?\b|pass|fail|\(?\d+%)|\b\d+ (?:tests? )?(?:pass|fail)|\ball \d+\b|\b\d+ tests\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"^\W*(?:created?|adds?|added|fix(?:ed)?|updated?|wrote|write|written|implement(?:ed)?|removed?|renamed?|modif(?:y|ied)|"
    r"deleted?|refactor(?:ed)?|improved?|enhanced?|investigated?|re-?r[au]n|verif(?:y|ied)|review(?:ed)?|moved?|"
    r"extend(?:ed)?|document(?:ed)?|rewrote|mark(?:ed)?|commit(?:ted)?)\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"(?i)\b(?:pass\w{0,3}\b.{0,60}\bbut\b.{0,60}\bfail|fail\w{0,3}\b.{0,60}\bbut\b.{0,60}\bpass)"
)
# A test's own heading or label, its outcome in the lines below it.
_TITLED = re.compile(r"^\W{0,8}Test(?: case)?\s*#?\d{0,4}\s*[:.]\s+(?P<name>\w.{1,100})$", re.IGNORECASE)
_COMMAND = re.compile(r"\b(?:pytest|python\d?|grep|git|curl|npm|npx)\s+\S")
_QUIET = frozenset(
    {"OK", "ERROR", "ERRORS", "RED", "GREEN", "SUCCESS", "FAILURE", "SKIP", "SKIPS", "TIMEOUT"}
)
# Name: ✅ PASSED (detail) - the name is checked by names.is_prose_name.
_PROSE = re.compile(
    rf"^(?P<front>[^\w\[(]{{0,8}})(?:\d{{1,3}}[.)]\s+)?(?P<name>\w[^|\n]{{1,100}}?)\s*"
    rf"(?::|\s[-\u2013—]|→|\.{{3,}})\s*(?P<mark>{MARK})?\ufe0f?\s*"
    rf"(?P<word>PASS(?:ED|ES|ING)?|FAIL(?:ED|S|ING)?|SKIP(?:PED)?|ERROR|XFAIL|OK)(?![\w/-])(?P<rest>.*)$",
    re.IGNORECASE,
)
_BRACKET = re.compile(
    r"^\s*\[\s*(?P<word>PASS(?:ED)?|FAIL(?:ED)?|SKIP(?:PED)?|ERROR|OK)\s*\]\s+"
    r"(?P<name>\w.{1,100}?)(?P<rest>\s+[-\u2013(:].*)?$"
)
# What node's runners print, a mark first and the time last.
_NODE = re.compile(
    r"^\s*(?P<mark>[✓✔✕✗✘\u00d7])\s+(?P<name>\w.{1,100}?)\s+\((?P<took>\d+(?:\.\d+)?\s?m?s)\)\s*$"
)
# A duration that opens the detail or a bracket; the 30 s of a "timeout after 30s" is a limit.
_IN_DETAIL = re.compile(
    r"(?:^|[(\[,;|]|\bin )\s*(?:[-:~]\s*)?(?P<took>\d{1,6}(?:\.\d{1,9})?\s?(?:ms|s|sec|seconds?))"
    r"(?=\s*(?:[),;|\]]|$)| execution| total| duration)"
)
_CHILD_STATUS = frozenset({"status", "result", "outcome", "test status", "test result", "state"})
_CHILD_DURATION = frozenset(
    {"duration", "test duration", "execution time", "time", "elapsed", "took", "runtime"}
)
_CHILD_ERROR = ("error", "error message", "exception", "failure", "issue", "reason", "failure reason",
                "error type", "symptom")  # fmt: skip
_AFFECTED = re.compile(r"\b(?:tests?|cases?)\b", re.IGNORECASE)
_MOST_NAMES = 40


def claims_at(sections: Sections, index: int) -> tuple[tuple[Claim, ...], str | None]:
    """The claims of one heading, item, line or fenced line; and what was not understood of it."""
    block = sections.outline.blocks[index]
    found = [name for name in identifiers_in(block.text) if name.name not in sections.modules]
    if len(found) > _MOST_NAMES:
        return (), f"a line that names {len(found)} tests is not read as their results"
    if found and not _COMMAND.search(block.text[: found[0].start]):
        if len(found) > 1:
            return _several(sections, index, found), None
        return _one(sections, index, found[0])
    if found or identifiers_in(block.text):
        return (), None
    claim = _titled(sections, index)
    if claim is None and block.form is not Form.HEADING and sections.about_tests(index):
        claim = _prose(sections, index)
    return ((claim,) if claim else ()), None


def _one(sections: Sections, index: int, name: Identifier) -> tuple[tuple[Claim, ...], str | None]:
    block = sections.outline.blocks[index]
    before, after = block.text[: name.start], block.text[name.end :]
    if _GROUP.search(
        after.split(" - ")[-1] if "PASSED" in after or "FAILED" in after else after
    ) and not _LOUD.search(after):
        return (), None  # a module: "test_orders_suite - 1/4 failed"
    outcome, detail = _stated(before, after, block.form)
    weight = Weight.STATED
    fields = _details(sections, index)
    status = next((fields[key] for key in _CHILD_STATUS if key in fields), None)
    if outcome is None and block.form is not Form.FENCE and _OPENING.match(before) is not None:
        outcome = of_cell(status) if status is not None else None
        if outcome is not None and status is not None:
            detail = without_status(status)
        elif block.form is not Form.LINE or field_in(block.text):
            outcome, weight = sections.inherited(index), Weight.INHERITED
            if status is not None and outcome is Outcome.PASSED:
                # It stands among those that passed, but of itself it says something else.
                return (), f'no outcome in "{status[:60]}" of {name.name}'
            fields = {**fields, **({"reason": status} if status else {})}
    if outcome is None:
        return (), None
    return (_claim(sections, index, _Saying(name, outcome, weight, detail, fields)),), None


def _details(sections: Sections, index: int) -> dict[str, str]:
    """The fields under a test's line; of "Test: `test_a`", those beside it."""
    block = sections.outline.blocks[index]
    if block.form is Form.FENCE:
        return {}
    if (pair := field_in(block.text)) is not None and pair[0] in {"test", "test name", "test case"}:
        return sections.beside(index, until=lambda text: bool(identifiers_in(text)))
    return sections.fields(index)


def _stated(before: str, after: str, form: Form) -> tuple[Outcome | None, str]:
    """The outcome the line itself states beside the name, and what it says besides."""
    if after.rstrip(" *").endswith("?") or _BUT.search(after):
        return None, after  # a question states nothing; "PASSED locally but failed in CI" states two things
    if (word := _AFTER.match(after)) is not None and (
        not _is_quiet(word["word"]) or not after[word.end() :].strip(" .!*`")
    ):
        # "timed out after 10s" says more than its outcome; "FAILED" does not.
        detail = after[word.end() :] if _LOUD.match(word["word"].upper()) else after[word.start("word") :]
        return WORDS[word["word"].upper()], detail
    if (
        (word := _BEFORE.search(before)) is not None
        and not _is_quiet(word["word"])
        and (form is not Form.LINE or not before[: word.start()].strip())
    ):
        return WORDS[word["word"].upper()], after
    if _DONE.search(before):
        return None, after  # "✅ Added `test_a`": a task, not a result
    return _marked(before, after, form)


_LAST_MARK = re.compile(rf"(?P<mark>{MARK})\ufe0f?\s*$")


def _marked(before: str, after: str, form: Form) -> tuple[Outcome | None, str]:
    """The outcome of a mark before, beside or after the name, else of a word in capitals further on."""
    if (mark := of_mark(before[:40])) is not None and (form is not Form.LINE or of_mark(before[:2])):
        return mark, after
    if (sign := _AFTER_MARK.match(after)) is not None or (
        form is not Form.LINE and (sign := _LAST_MARK.search(after))
    ):
        return of_mark(sign["mark"]), after[: sign.start()] + after[sign.end() :]
    if form is Form.ITEM and len(words := {word["word"] for word in _LOUD.finditer(after)}) == 1:
        return WORDS[words.pop()], after
    return None, after


def _is_quiet(word: str) -> bool:
    """Lower-case `error`, `ok` and the like are English; their capitals are outcomes."""
    return (
        word.islower() if word.upper() in {"PASS", "FAIL"} else word.upper() in _QUIET and not word.isupper()
    )


@dataclass(frozen=True, slots=True)
class _Saying:
    """What a line says of one test."""

    name: Identifier
    outcome: Outcome
    weight: Weight
    detail: str
    """The words after the outcome."""

    fields: dict[str, str]
    """What stands below the line."""


def _claim(sections: Sections, index: int, said: _Saying) -> Claim:
    block = sections.outline.blocks[index]
    name, detail, fields = said.name, said.detail, said.fields
    bad = said.outcome in {Outcome.FAILED, Outcome.ERROR}
    took = next((duration_of(fields[key]) for key in fields if key in _CHILD_DURATION), None)
    status = next((fields[key] for key in _CHILD_STATUS if key in fields), "")
    in_detail = _IN_DETAIL.search(detail) or _IN_DETAIL.search(status)
    if took is None and in_detail is not None:
        took = duration_of(in_detail["took"])
    error = _words(detail) if bad else None
    if bad and (error is None or len(error) < 4):  # noqa: PLR2004 - shorter is punctuation or a number
        error = next((fields[key] for key in _CHILD_ERROR if key in fields), None) or _shared_error(
            sections, index
        )
    file = (
        name.file
        or next(iter(files_in(block.text[name.end :])), None)
        or next(iter(files_in(fields.get("file", ""))), None)
    )
    return Claim(
        name=name.name,
        outcome=said.outcome,
        line=block.line,
        weight=sections.weight(index, said.weight),
        file=file,
        classes=name.classes,
        duration_s=took,
        error=last_line(error),
        codes=codes_in(f"{detail} · {error or ''} · {fields.get('error', '')}") if bad else (),
    )


def _words(detail: str) -> str | None:
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


def _shared_error(sections: Sections, index: int) -> str | None:
    """The error stated once for a list of tests: "Tests affected: …; Error: received 1011 …"."""
    parent = sections.outline.blocks[index].parent
    if parent is None or not _AFFECTED.search(sections.outline.blocks[parent].text):
        return None
    fields = sections.around(parent)
    return next((fields[key] for key in _CHILD_ERROR if key in fields), None)


def _several(sections: Sections, index: int, found: list[Identifier]) -> tuple[Claim, ...]:
    """Claims of a line that names several tests: "Failed tests: `test_a`, `test_b`", or each with its own word."""
    block = sections.outline.blocks[index]
    label = block.text[: found[0].start]
    ends = [name.start for name in found[1:]] + [len(block.text)]
    common = of_section(label) if ":" in label and len(label) < 60 else None  # noqa: PLR2004 - a label, not a sentence
    claims = []
    for name, end in zip(found, ends, strict=True):
        after = block.text[name.end : end]
        word = _AFTER.match(after)
        outcome = WORDS[word["word"].upper()] if word and not _is_quiet(word["word"]) else None
        if (
            outcome is None
            and common is not None
            and re.fullmatch(r"[\s,;`*&.()]*(?:and|or)?[\s`*(]*", after)
        ):
            outcome = common
        if outcome is not None:
            detail = after[word.end() :] if word else ""
            claims.append(_claim(sections, index, _Saying(name, outcome, Weight.STATED, detail, {})))
    return tuple(claims)


def _titled(sections: Sections, index: int) -> Claim | None:
    """The claim of "Test 2: Chat flow" with "Status: FAILED" below it."""
    block = sections.outline.blocks[index]
    match = _TITLED.match(block.text) if block.form is not Form.FENCE else None
    if match is None or not is_prose_name(match["name"]):
        return None
    if block.form is Form.LINE:
        fields = sections.beside(index, until=lambda text: bool(identifiers_in(text) or _TITLED.match(text)))
    else:
        fields = sections.fields(index)
    status = next((fields[key] for key in _CHILD_STATUS if key in fields), "")
    outcome = of_cell(status)
    if outcome is None:
        return None
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    error = (
        next((fields[key] for key in _CHILD_ERROR if key in fields), None) or without_status(status) or None
    )
    return Claim(
        name=match["name"].strip(),
        outcome=outcome,
        line=block.line,
        weight=sections.weight(index, Weight.STATED),
        duration_s=next((duration_of(fields[key]) for key in fields if key in _CHILD_DURATION), None),
        error=last_line(error) if bad else None,
        codes=codes_in(error) if bad else (),
    )


def _prose(sections: Sections, index: int) -> Claim | None:
    """The claim of `Name: PASSED` in a list of tests."""
    block = sections.outline.blocks[index]
    match = _BRACKET.match(block.text) or (_NODE.match(block.text) if block.form is Form.FENCE else None)
    if match is None:
        match = _PROSE.match(block.text)
        marked = match is not None and (match["mark"] or of_mark(match["front"]) is not None)
        if match is None or not (match["word"].isupper() or (block.form is Form.ITEM and marked)):
            return None
        if match["word"].upper() == "OK" and not marked:
            return None
    parts = match.groupdict()
    name = re.sub(rf"{MARK}|\ufe0f", "", match["name"]).strip(" *:-")
    name = re.sub(r"^(?i:test)(?: case)? ?#?\d{1,4}\s*[:.]\s+", "", name)
    if not is_prose_name(name):
        return None
    word = parts.get("word")
    outcome = WORDS[word.upper()] if word else of_mark(match["mark"].replace("\u00d7", "✗"))
    if outcome is None:
        return None
    rest = parts.get("rest") or ""
    took = parts.get("took") or (found["took"] if (found := _IN_DETAIL.match(rest.strip())) else "")
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    return Claim(
        name=name,
        outcome=outcome,
        line=block.line,
        weight=sections.weight(index, Weight.STATED),
        duration_s=duration_of(took),
        error=_words(rest) if bad else None,
        codes=codes_in(rest) if bad else (),
    )
