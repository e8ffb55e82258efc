"""Lists, headings and lines that tell how a test ended.

In: an outline. Out: claims, and warnings for tests named without an outcome. Decides when a line is about a test:
it names a test function and states its outcome; or it stands in a list of tests and says `Name: PASSED`. "✅ Login
works" is a claim of its author, not a test.
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from rca.cycles.claims import Claim, Weight, duration_of, last_line
from rca.cycles.close_codes import codes_in
from rca.cycles.fields import field_in
from rca.cycles.names import Identifier, files_in, identifiers_in, is_prose_name
from rca.cycles.outcomes import MARK, WORD, WORDS, of_cell, of_mark, of_section, without_status
from rca.cycles.outline import Form, Outline
from rca.model import Outcome

_CONTEXT = tomllib.loads(files("rca.cycles").joinpath("context.toml").read_text(encoding="utf-8"))
_TESTS, _OTHER, _EARLIER = (frozenset(_CONTEXT[name]) for name in ("tests", "other", "earlier"))

_SEP = r"[\s`*:\-\u2013—→|=(\[\])\ufe0f]*"
# `test_a` - PASSED · test_a: FAILED (timeout) · `test_a` now **PASSES** · test_a ✅ PASS
_AFTER = re.compile(
    rf"^{_SEP}(?:{MARK}{_SEP})?(?:(?:is|has|was|now|still|test|currently|again|also) ){{0,3}}(?P<word>{WORD})(?![\w/])",
    re.IGNORECASE,
)
_AFTER_MARK = re.compile(rf"^{_SEP}(?:\([^()]{{0,80}}\))?{_SEP}(?P<mark>{MARK})")
_BEFORE = re.compile(rf"(?<![A-Za-z])(?P<word>{WORD})[\s`*:\-\u2013—\]]*$", re.IGNORECASE)
_LOUD = re.compile(
    r"(?<![A-Za-z])(?P<word>PASS(?:ED|ES|ING)?|FAIL(?:ED|S|ING)?|SKIPPED|XFAIL|TIMED OUT)(?![A-Za-z/])"
)
# What may stand before a name that opens a line: a number, marks, a label.
_OPENING = re.compile(
    r"^[^A-Za-z]*(?:(?:failed |passed |failing |passing )?tests?(?: name| case)?\s*[:#]\s*)?[^A-Za-z]*$",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"\d+\s*/\s*\d+\s*(?:tests?\b|pass|fail|\(?\d+%)|\b\d+ (?:tests? )?(?:pass|fail)|\ball \d+\b|\b\d+ tests\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"\b(?:pytest|python\d?|grep|git|curl|npm|npx)\s+\S")
_QUIET = frozenset(
    {"OK", "ERROR", "ERRORS", "RED", "GREEN", "SUCCESS", "FAILURE", "SKIP", "SKIPS", "TIMEOUT"}
)
# Name: ✅ PASSED (detail) - the name is checked by names.is_prose_name.
_PROSE = re.compile(
    rf"^(?P<front>[^\w\[(]{{0,8}})(?:\d{{1,3}}[.)]\s+)?(?P<name>\w[^|\n]{{1,100}}?)\s*(?::|\s[-\u2013—]|→|\.{{3,}})\s*(?P<mark>{MARK})?\ufe0f?\s*"
    rf"(?P<word>PASS(?:ED|ES|ING)?|FAIL(?:ED|S|ING)?|SKIP(?:PED)?|ERROR|XFAIL)(?![\w/-])(?P<rest>.*)$",
    re.IGNORECASE,
)
_BRACKET = re.compile(
    r"^\s*\[\s*(?P<word>PASS(?:ED)?|FAIL(?:ED)?|SKIP(?:PED)?|ERROR|OK)\s*\]\s+(?P<name>\w.{1,100}?)(?P<rest>\s+[-\u2013(:].*)?$"
)
# ✓ opens a socket (23 ms) - as node's runners print it
_NODE = re.compile(r"^\s*(?P<mark>[✓✔✕✗✘\u00d7])\s+(?P<name>\w.{1,100}?)\s+\((?P<took>\d+(?:\.\d+)?\s?m?s)\)\s*$")
# "(9.978s)", "PASSED - 0.8s", "in 2.3 s", "(3.880s, 7/7 connections)"; not "timeout after 30s"
_IN_DETAIL = re.compile(
    r"(?:^|[(\[,;|]|\bin )\s*(?:[-:~]\s*)?(?P<took>\d{1,6}(?:\.\d{1,9})?\s?(?:ms|s|sec|seconds?))"
    r"(?=\s*(?:[),;|\]]|$)| execution| total| duration)"
)
_CHILD_STATUS = frozenset({"status", "result", "outcome", "test status", "test result", "state"})
_CHILD_DURATION = frozenset(
    {"duration", "test duration", "execution time", "time", "elapsed", "took", "runtime"}
)
_CHILD_ERROR = (
    "error",
    "error message",
    "exception",
    "failure",
    "issue",
    "reason",
    "failure reason",
    "error type",
    "symptom",
)
_AFFECTED = re.compile(r"\b(?:tests?|cases?)\b", re.IGNORECASE)
_LONGEST_LABEL = 500
_MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class Lists:
    """Reads the claims of one outline."""

    outline: Outline
    modules: frozenset[str]
    """Names that the document uses for files: `test_a` where `test_a.py` is mentioned."""

    children: dict[int, list[int]]
    """Block -> blocks directly under it: of an item its lines and items, of a heading what stands in its section."""

    vocabulary: tuple[frozenset[str], ...]
    """Of each block, its words in lower case, test functions left out."""

    def words(self, index: int) -> frozenset[str]:
        """The words of a block."""
        return self.vocabulary[index]

    def governors(self, index: int) -> tuple[int, ...]:
        """What introduces a block, nearest first: items around it, their leads, then its headings (not the title)."""
        found: list[int] = []
        at: int | None = index
        while at is not None:
            block = self.outline.blocks[at]
            if block.lead is not None and self._introduces(block.lead):
                found.append(block.lead)
            at = block.parent
            if at is not None:
                found.append(at)
        headings = self.outline.blocks[index].headings
        found += [
            heading for heading in reversed(headings) if self.outline.blocks[heading].level > 1 or heading > 0
        ]
        return tuple(found)

    def _introduces(self, lead: int) -> bool:
        """A lead-in ends in a colon, or is short; a sentence that happens to stand above introduces nothing."""
        text = self.outline.blocks[lead].text
        return text.rstrip(" *").endswith(":") or len(text.split()) <= 12  # noqa: PLR2004 - a label, not a sentence

    def weight(self, index: int, weight: Weight) -> Weight:
        """`weight`, unless the block stands under the words for an earlier run."""
        governors = self.governors(index)[:3]
        return Weight.EARLIER if any(_EARLIER & self.words(at) for at in governors) else weight

    def inherited(self, index: int) -> Outcome | None:
        """The outcome that the nearest words above the block give to its tests."""
        for at in self.governors(index)[:3]:
            text = _without_identifiers(self.outline.blocks[at].text)
            if (outcome := of_section(text)) is not None:
                return outcome
            if self.words(at) & _OTHER - {"status", "analysis", "findings", "fixed"} or of_mark(text):
                return None
        return None

    def about_tests(self, index: int) -> bool:
        """Whether the block stands in a list of tests."""
        for nth, at in enumerate(self.governors(index)):
            words = self.words(at)
            if identifiers_in(self.outline.blocks[at].text) and nth == 0:
                return False  # details of one test
            compares = bool(
                words & {"before", "after"}
            )  # "After the fix": two runs, which the next words name
            if words & _TESTS:
                return compares or not words & _OTHER
            if compares:
                continue
            if words & _OTHER:
                return False
        return False

    def fields(self, index: int) -> dict[str, str]:
        """`key: value` lines under an item or heading, keys in lower case; the first of each key."""
        found: dict[str, str] = {}
        for child in self.children.get(index, ()):
            block = self.outline.blocks[child]
            if (pair := field_in(block.text)) is not None:
                found.setdefault(pair[0], pair[1])
            if block.form in {Form.ITEM, Form.LINE} and not identifiers_in(block.text):
                for key, value in self.fields(child).items() if block.form is Form.ITEM else ():
                    found.setdefault(key, value)
            if block.form is Form.FENCE and (
                error := re.search(r'"error_message":\s*"([^"]{1,300})"', block.text)
            ):
                found.setdefault("error", error[1])
        return found


def _without_identifiers(text: str) -> str:
    for found in reversed(identifiers_in(text)):
        text = text[: found.start] + text[found.end :]
    return text


def of(outline: Outline) -> Lists:
    """The outline, ready to be asked."""
    children: dict[int, list[int]] = {}
    for index, block in enumerate(outline.blocks):
        above = block.parent if block.parent is not None else (block.headings[-1] if block.headings else None)
        if above is not None and above != index:
            children.setdefault(above, []).append(index)
    mentioned = {name.rsplit(".", 1)[0] for block in outline.blocks for name in files_in(block.text)}
    vocabulary = tuple(
        frozenset(re.findall(r"[a-z]+", _without_identifiers(block.text[:_LONGEST_LABEL]).lower()))
        for block in outline.blocks
    )
    return Lists(outline, frozenset(mentioned), children, vocabulary)


def claims_at(lists: Lists, index: int) -> tuple[tuple[Claim, ...], str | None]:
    """The claims of one heading, item, line or fenced line; and what was not understood of it."""
    block = lists.outline.blocks[index]
    found = [name for name in identifiers_in(block.text) if name.name not in lists.modules]
    if len(found) > _MOST_NAMES:
        return (), f"a line that names {len(found)} tests is not read as their results"
    if found and not _COMMAND.search(block.text[: found[0].start]):
        if len(found) > 1:
            return _several(lists, index, found), None
        return _one(lists, index, found[0])
    if found or identifiers_in(block.text) or block.form is Form.HEADING or not lists.about_tests(index):
        return (), None
    claim = _prose(lists, index)
    return ((claim,) if claim else ()), None


def _one(lists: Lists, index: int, name: Identifier) -> tuple[tuple[Claim, ...], str | None]:
    block = lists.outline.blocks[index]
    before, after = block.text[: name.start], block.text[name.end :]
    if _GROUP.search(
        after.split(" - ")[-1] if "PASSED" in after or "FAILED" in after else after
    ) and not _LOUD.search(after):
        return (), None  # a module: "test_1_events - 2/5 failed"
    outcome, detail = _stated(before, after, block.form)
    weight = Weight.STATED
    fields = _details(lists, index)
    status = next((fields[key] for key in _CHILD_STATUS if key in fields), None)
    if outcome is None and block.form is not Form.FENCE and _OPENING.match(before) is not None:
        outcome = of_cell(status) if status is not None else None
        if outcome is not None and status is not None:
            detail = without_status(status)
        elif block.form is not Form.LINE or field_in(block.text):
            outcome, weight = lists.inherited(index), Weight.INHERITED
            if status is not None and outcome is Outcome.PASSED:
                # It stands among those that passed, but of itself it says something else.
                return (), f'no outcome in "{status[:60]}" of {name.name}'
            fields = {**fields, **({"reason": status} if status else {})}
    if outcome is None:
        return (), None
    return (_claim(lists, index, name, outcome, weight, detail, fields),), None


def _details(lists: Lists, index: int) -> dict[str, str]:
    """The fields under a test's line; of "Test: `test_a`", those beside it."""
    block = lists.outline.blocks[index]
    if block.form is Form.FENCE:
        return {}
    if (pair := field_in(block.text)) is not None and pair[0] in {"test", "test name", "test case"}:
        above = block.parent if block.parent is not None else (block.headings[-1] if block.headings else None)
        return {} if above is None else lists.fields(above)
    return lists.fields(index)


def _stated(before: str, after: str, form: Form) -> tuple[Outcome | None, str]:
    """The outcome the line itself states beside the name, and what it says besides."""
    if (word := _AFTER.match(after)) is not None and not _is_quiet(word["word"]):
        return WORDS[word["word"].upper()], after[word.end() :]
    if (
        (word := _BEFORE.search(before)) is not None
        and not _is_quiet(word["word"])
        and (form is not Form.LINE or not before[: word.start()].strip())
    ):
        return WORDS[word["word"].upper()], after
    if (mark := of_mark(before[:40])) is not None and (form is not Form.LINE or of_mark(before[:2])):
        return mark, after
    if (sign := _AFTER_MARK.match(after)) is not None or (
        form is not Form.LINE and (sign := _LAST_MARK.search(after))
    ):
        return of_mark(sign["mark"]), after[: sign.start()] + after[sign.end() :]
    if form is Form.ITEM and len(words := {word["word"] for word in _LOUD.finditer(after)}) == 1:
        return WORDS[words.pop()], after
    return None, after


_LAST_MARK = re.compile(rf"(?P<mark>{MARK})\ufe0f?\s*$")


def _is_quiet(word: str) -> bool:
    """Lower-case `error`, `ok` and the like are English; their capitals are outcomes."""
    return word.upper() in _QUIET and not word.isupper()


def _claim(
    lists: Lists,
    index: int,
    name: Identifier,
    outcome: Outcome,
    weight: Weight,
    detail: str,
    fields: dict[str, str],
) -> Claim:
    block = lists.outline.blocks[index]
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    took = next((duration_of(fields[key]) for key in fields if key in _CHILD_DURATION), None)
    status = next((fields[key] for key in _CHILD_STATUS if key in fields), "")
    in_detail = _IN_DETAIL.search(detail) or _IN_DETAIL.search(status)
    if took is None and in_detail is not None:
        took = duration_of(in_detail["took"])
    error = _words(detail) if bad else None
    if bad and (error is None or len(error) < 4):  # noqa: PLR2004 - shorter is punctuation or a number
        error = next((fields[key] for key in _CHILD_ERROR if key in fields), None) or lists_error(
            lists, index
        )
    file = (
        name.file
        or next(iter(files_in(block.text[name.end :])), None)
        or next(iter(files_in(fields.get("file", ""))), None)
    )
    return Claim(
        name=name.name,
        outcome=outcome,
        line=block.line,
        weight=lists.weight(index, weight),
        file=file,
        classes=name.classes,
        duration_s=took,
        error=last_line(error),
        codes=codes_in(f"{detail} · {error or ''} · {fields.get('error', '')}") if bad else (),
    )


def _words(detail: str) -> str | None:
    """What a line says after the outcome: "(timeout)" -> "timeout"; a file's name or a duration says nothing."""
    text = re.sub(rf"{MARK}|\ufe0f", "", detail).strip(" -\u2013—:*`|,")
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


def lists_error(lists: Lists, index: int) -> str | None:
    """The error stated once for a list of tests: "Tests affected: …; Error: received 1011 …"."""
    parent = lists.outline.blocks[index].parent
    if parent is None or not _AFFECTED.search(lists.outline.blocks[parent].text):
        return None
    above = lists.outline.blocks[parent]
    around = above.parent if above.parent is not None else (above.headings[-1] if above.headings else None)
    fields = {} if around is None else lists.fields(around)
    return next((fields[key] for key in _CHILD_ERROR if key in fields), None)


def _several(lists: Lists, index: int, found: list[Identifier]) -> tuple[Claim, ...]:
    """Claims of a line that names several tests: "Failed tests: `test_a`, `test_b`", or each with its own word."""
    block = lists.outline.blocks[index]
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
            claims.append(_claim(lists, index, name, outcome, Weight.STATED, detail, {}))
    return tuple(claims)


def _prose(lists: Lists, index: int) -> Claim | None:
    """The claim of `Name: PASSED` in a list of tests."""
    block = lists.outline.blocks[index]
    match = _BRACKET.match(block.text) or (_NODE.match(block.text) if block.form is Form.FENCE else None)
    if match is None:
        match = _PROSE.match(block.text)
        marked = match is not None and (match["mark"] or of_mark(match["front"]) is not None)
        if match is None or not (match["word"].isupper() or (block.form is Form.ITEM and marked)):
            return None
    parts = match.groupdict()
    name = re.sub(rf"{MARK}|\ufe0f", "", match["name"]).strip(" *:-")
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
        weight=lists.weight(index, Weight.STATED),
        duration_s=duration_of(took),
        error=_words(rest) if bad else None,
        codes=codes_in(rest) if bad else (),
    )
