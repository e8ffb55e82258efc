"""Lists, headings and lines that tell how a test ended.

In: an outline. Out: claims, and warnings for tests named without an outcome. Decides when a line is about a test:
it names a test function and states its outcome, or words of its own do (rca.cycles.prose). "✅ Login works" is a claim
of its author, not a test.
"""

import re
from dataclasses import dataclass

from rca.cycles import prose
from rca.cycles.claims import Claim, Weight, last_line
from rca.cycles.close_codes import codes_in
from rca.cycles.details import codes_below, duration_in, error_in, status_in, words_of
from rca.cycles.fields import field_in
from rca.cycles.names import Identifier, files_in, identifiers_in
from rca.cycles.outcomes import MARK, WORD, WORDS, of_cell, of_mark, of_section, without_status
from rca.cycles.outline import Form
from rca.cycles.sections import Sections
from rca.model import Outcome

_SEP = r"[\s`*:.\-\u2013—→|=(\[\])\ufe0f]{0,200}"
# `test_a` - PASSED · test_a: FAILED (timeout) · `test_a` now **PASSES** · test_a ✅ PASS
_AFTER = re.compile(
    rf"^(?:,? (?:which|that)\b)?{_SEP}(?:{MARK}{_SEP})?"
    rf"(?:(?:is|has|was|now|still|test|currently|again|also) ){{0,3}}(?P<word>{WORD})(?![\w/])",
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
    r"\d\s{0,9}/\s{0,9}\d{1,9}\s{0,9}(?:tests?\b|pass|fail|\(?\d{1,9}%)"
    r"|\b\d+ (?:tests? )?(?:pass|fail)|\ball \d+\b|\b\d+ tests\b",
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
_COMMAND = re.compile(r"\b(?:pytest|python\d?|grep|git|curl|npm|npx)\s+\S")
_QUIET = frozenset(
    {"OK", "ERROR", "ERRORS", "RED", "GREEN", "SUCCESS", "FAILURE", "SKIP", "SKIPS", "TIMEOUT"}
)
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
    claim = prose.claim_at(sections, index)
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
    status = status_in(fields)
    if outcome is None and block.form is not Form.FENCE and _OPENING.match(before) is not None:
        outcome = of_cell(status) if status is not None else None
        if outcome is not None and status is not None:
            detail = without_status(status)
        elif block.checked and sections.heads_tests(*sections.governors(index)[:1]):
            outcome = Outcome.PASSED
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
    if _DONE.search(before) or _DONE.search(after):
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
    error = words_of(detail) if bad else None
    if bad and (error is None or len(error) < 4):  # noqa: PLR2004 - shorter is punctuation or a number
        error = error_in(fields) or _shared_error(sections, index)
    codes = codes_in(f"{detail} · {error or ''} · {fields.get('error', '')}") if bad else ()
    file = (
        name.file
        or next(iter(files_in(block.text[name.end :])), None)
        or next(iter(files_in(fields.get("file", ""))), None)
        or sections.file(index)
    )
    return Claim(
        name=name.name,
        outcome=said.outcome,
        line=block.line,
        weight=sections.weight(index, said.weight),
        file=file,
        classes=name.classes,
        duration_s=duration_in(fields, detail, status_in(fields) or ""),
        error=last_line(error),
        codes=codes or (codes_below(sections, index, fields) if bad else ()),
    )


def _shared_error(sections: Sections, index: int) -> str | None:
    """The error stated once for a list of tests: "Tests affected: …; Error: received 1011 …"."""
    parent = sections.outline.blocks[index].parent
    if parent is None or not _AFFECTED.search(sections.outline.blocks[parent].text):
        return None
    fields = sections.around(parent)
    return error_in(fields)


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
            and re.fullmatch(r"[\s,;`*&.()]*+(?:(?:and|or)[\s`*(]*+)?", after)
        ):
            outcome = common
        if outcome is not None:
            detail = after[word.end() :] if word else ""
            claims.append(_claim(sections, index, _Saying(name, outcome, Weight.STATED, detail, {})))
    return tuple(claims)
