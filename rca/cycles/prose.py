"""Tests told of by their words: "Chat flow: FAILED", "Test 2: Chat flow" with its status below, `name: chat_flow`.

In: an outline, a block that names no test function. Out: a claim, or None. Decides when words name a test: they
stand in a list of tests, carry the label of one, or are as many as their heading counts.
"""

import re
from bisect import bisect_left

from rca.cycles.claims import Claim, Weight, duration_of, last_line
from rca.cycles.close_codes import codes_in
from rca.cycles.details import codes_below, duration_in, error_in, opening_duration, status_in, words_of
from rca.cycles.fields import field_in
from rca.cycles.names import identifiers_in, is_prose_name
from rca.cycles.outcomes import MARK, WORD, WORDS, of_cell, of_mark, of_section, without_status
from rca.cycles.outline import Form
from rca.cycles.sections import Sections
from rca.model import Outcome

_LABEL = re.compile(
    r"^\W{0,8}(?:Test|Scenario)(?: case)?(?:\s*#?\d{1,4}|\s*#)?(?:\s*[:.]|\s+[-\u2013—])\s+", re.IGNORECASE
)
# A test's own heading or label, its outcome in the lines below it.
_TITLED = re.compile(_LABEL.pattern + r"(?P<name>\w.{1,100})$", re.IGNORECASE)
_NUMBERED = re.compile(rf"^(?:{MARK}\ufe0f?\s*)?(?:\d{{1,3}}[.)]\s+)?(?P<name>[\w\"'/].{{1,100}})$")
# Name: ✅ PASSED (detail) - the name is checked by names.is_prose_name.
_PROSE = re.compile(
    rf"^(?P<front>[^\w\[(]{{0,8}})(?:\d{{1,3}}[.)]\s+)?(?P<name>\w[^|\n]{{1,100}}?)"
    rf"(?:\s*+(?::|→|\.{{3,}}+)|\s+[-\u2013—])\s*+(?:(?P<mark>{MARK})\ufe0f?\s*+|\ufe0f\s*+)?"
    rf"(?P<word>PASS(?:ED|ES|ING)?|FAIL(?:ED|S|ING)?|SKIP(?:PED)?|ERROR|XFAIL|OK)(?![\w/-])(?P<rest>.*)$",
    re.IGNORECASE,
)
_BRACKET = re.compile(
    r"^\s*\[\s*(?P<word>PASS(?:ED)?|FAIL(?:ED)?|SKIP(?:PED)?|ERROR|OK)\s*\]\s+"
    r"(?P<name>\w.{1,100}?)(?P<rest>\s+[-\u2013(].*|:\s.*)?$"
)
# What node's runners print, a mark first and the time last.
_NODE = re.compile(
    r"^\s*(?P<mark>[✓✔✕✗✘\u00d7])\s+(?P<name>\w.{1,100}?)\s+\((?P<took>\d+(?:\.\d+)?\s?m?s)\)\s*$"
)
_NAME_KEYS = frozenset({"name", "test", "test name", "test_name", "title", "test case", "case", "scenario"})
_COUNT = re.compile(r"(?<![\d.])(\d{1,4})(?![\d.%])")
_NAME_PART = re.compile(r"^(?P<name>.+?)(?P<rest>(?<!\s)(?:\s*:\s|\s+[-\u2013—]\s|\s+\().*)?$")
_MOST_NAME_WORDS = 8


def claim_at(sections: Sections, index: int) -> Claim | None:
    """The claim of a block that names no test function; None where it makes none."""
    block = sections.outline.blocks[index]
    if block.form is Form.FENCE:
        return _keyed(sections, index) or (_stated(sections, index) if sections.about_tests(index) else None)
    claim = _titled(sections, index) or _labelled(sections, index)
    if claim is None and sections.about_tests(index):
        if block.form is not Form.HEADING:
            claim = _stated(sections, index)
        claim = claim or _headed(sections, index)
    return claim or _counted(sections, index)


def _below(sections: Sections, index: int, name: str, fields: dict[str, str]) -> Claim | None:
    """The claim of a name whose outcome a field below or beside it states."""
    status = status_in(fields) or ""
    outcome = of_cell(status)
    if outcome is None:
        return None
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    error = last_line(error_in(fields) or without_status(status) or None) if bad else None
    return Claim(
        name=name.strip(),
        outcome=outcome,
        line=sections.outline.blocks[index].line,
        weight=sections.weight(index, Weight.STATED),
        duration_s=duration_in(fields, status),
        error=error,
        codes=(codes_in(error) or codes_below(sections, index, fields)) if bad else (),
    )


def _titled(sections: Sections, index: int) -> Claim | None:
    """The claim of "Test 2: Chat flow" with "Status: FAILED" below it."""
    block = sections.outline.blocks[index]
    match = _TITLED.match(block.text)
    if match is None or not is_prose_name(match["name"]):
        return None
    if block.form is Form.LINE:
        fields = sections.beside(index, until=lambda text: bool(identifiers_in(text) or _TITLED.match(text)))
    else:
        fields = sections.fields(index)
    return _below(sections, index, match["name"], fields)


def _headed(sections: Sections, index: int) -> Claim | None:
    """The claim of a heading or item that is a name and no more, in a list of tests, with its status below."""
    block = sections.outline.blocks[index]
    match = _NUMBERED.match(block.text)
    if (
        block.form is Form.LINE
        or match is None
        or field_in(block.text) is not None
        or not is_prose_name(match["name"])
        or sections.is_other(index)
        or _is_group(sections, index)
    ):
        return None
    fields = sections.fields(index)
    status = status_in(fields) or ""
    # "Status: ✅ Deployed" is said of a task; a test's status is a mark, or a word that opens it.
    if re.search(r"[A-Za-z]", status) and not re.match(rf"^\W*(?:{WORD})(?![A-Za-z])", status, re.IGNORECASE):
        return None
    return _below(sections, index, match["name"], fields)


def _is_group(sections: Sections, index: int) -> bool:
    """Whether what stands below are several tests, or sections, whose status is their own."""
    below = [sections.outline.blocks[child] for child in sections.children.get(index, [])]
    return any(
        block.form is Form.HEADING or _TITLED.match(block.text) or identifiers_in(block.text)
        for block in below
    )


def _keyed(sections: Sections, index: int) -> Claim | None:
    """The claim of `name: chat_flow` with `status: failed` after it, in a list of such."""
    pair = field_in(sections.outline.blocks[index].text)
    if pair is None or pair[0] not in _NAME_KEYS or not is_prose_name(pair[1]):
        return None
    fields = sections.beside(
        index, until=lambda text: (other := field_in(text)) is not None and other[0] in _NAME_KEYS
    )
    status = status_in(fields) or ""
    if not re.fullmatch(rf"\W*(?:{WORD})\W*", status, re.IGNORECASE):
        return None
    return _below(sections, index, pair[1].strip("\"'"), fields)


def _labelled(sections: Sections, index: int) -> Claim | None:
    """The claim of a heading "Test 2: Chat flow - FAILED"."""
    block = sections.outline.blocks[index]
    label = _LABEL.match(block.text)
    if label is None or block.form is not Form.HEADING:
        return None
    return _stated(sections, index, block.text[label.end() :])


def _stated(sections: Sections, index: int, text: str | None = None) -> Claim | None:
    """The claim of `Name: PASSED` in a list of tests."""
    block = sections.outline.blocks[index]
    text = block.text if text is None else text
    match = _BRACKET.match(text) or _NODE.match(text)
    if match is None:
        match = _PROSE.match(text)
        marked = match is not None and (match["mark"] or of_mark(match["front"]) is not None)
        if match is None or not (
            match["word"].isupper() or (marked and (block.form is Form.ITEM or _is_listed(sections, index)))
        ):
            return None
        if match["word"].upper() == "OK" and not marked:
            return None
    parts = match.groupdict()
    name = _LABEL.sub("", re.sub(rf"{MARK}|\ufe0f", "", match["name"]).strip(" *:-"))
    if not is_prose_name(name):
        return None
    word = parts.get("word")
    outcome = WORDS[word.upper()] if word else of_mark(match["mark"].replace("\u00d7", "✗"))
    if outcome is None:
        return None
    rest = parts.get("rest") or ""
    fields = sections.fields(index)
    took = duration_of(parts.get("took") or opening_duration(rest))
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    error = (words_of(rest) or last_line(error_in(fields))) if bad else None
    return Claim(
        name=name,
        outcome=outcome,
        line=block.line,
        weight=sections.weight(index, Weight.STATED),
        duration_s=duration_in(fields) if took is None else took,
        error=error,
        codes=(codes_in(f"{rest} · {error or ''}") or codes_below(sections, index, fields)) if bad else (),
    )


def _is_listed(sections: Sections, index: int) -> bool:
    """Whether the lines next to it say an outcome as well: one "✅ Sign-in - passed" among praise is praise."""
    blocks, numbers = sections.outline.blocks, sections.outline.numbers
    own = blocks[index]
    place = bisect_left(numbers, own.line)  # among the lines that were read: a conflict's markers are none
    beside = [
        blocks[at]
        for at in (index - 1, index + 1)
        if 0 <= at < len(blocks)
        and blocks[at].form is own.form
        and abs(bisect_left(numbers, blocks[at].line) - place) == 1
    ]
    return bool(beside) and all(_PROSE.match(block.text) for block in beside)


def _counted(sections: Sections, index: int) -> Claim | None:
    """The claim of an item under "Failed tests (3)" that has exactly three items."""
    block = sections.outline.blocks[index]
    if block.form is not Form.ITEM or block.checked is not None:
        return None
    above = next(iter(sections.governors(index)), None)
    if above is None or not sections.heads_tests(above):
        return None
    heading = sections.outline.blocks[above].text
    outcome, counts = of_section(heading), [int(number) for number in _COUNT.findall(heading)]
    part = _NAME_PART.match(re.sub(rf"{MARK}|\ufe0f", "", block.text).strip())
    if outcome is None or not counts or counts[0] != sections.peers_of(index) or part is None:
        return None
    name = re.sub(r"^\d{1,3}[.)]\s+", "", part["name"]).strip()
    if not is_prose_name(name) or len(name.split()) > _MOST_NAME_WORDS:
        return None
    rest, fields = part["rest"] or "", sections.fields(index)
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    error = (words_of(rest) or last_line(error_in(fields))) if bad else None
    return Claim(
        name=name,
        outcome=outcome,
        line=block.line,
        weight=sections.weight(index, Weight.INHERITED),
        duration_s=duration_in(fields, rest),
        error=error,
        codes=(codes_in(f"{rest} · {error or ''}") or codes_below(sections, index, fields)) if bad else (),
    )
