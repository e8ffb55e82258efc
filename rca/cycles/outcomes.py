"""How a test ended, in the words and marks people write.

In: a table cell, a claim, a heading. Out: an `Outcome`, or None where it is not said. Decides which words and
marks count (outcomes.toml) and which wins when they disagree: the word, because it was typed on purpose.
"""

import re
import tomllib
from importlib.resources import files

from rca.model import Outcome

_TABLE = tomllib.loads(files("rca.cycles").joinpath("outcomes.toml").read_text(encoding="utf-8"))
WORDS: dict[str, Outcome] = {
    word: Outcome(status["outcome"]) for status in _TABLE["status"] for word in status["words"]
}
MARKS: dict[str, Outcome] = {
    mark: Outcome(status["outcome"]) for status in _TABLE["status"] for mark in status["marks"]
}
CODES: dict[str, str] = {code: status["marks"][0] for status in _TABLE["status"] for code in status["codes"]}
"""The mark that each code such as `:x:` stands for."""

# Longest first, so that "PASSED" is not read as "PASS" and "SETUP ERROR" not as "SETUP".
WORD = "(?:" + "|".join(re.escape(word) for word in sorted(WORDS, key=len, reverse=True)) + ")"
MARK = "[" + "".join(MARKS) + "]"

_SELECTOR = "\ufe0f"  # asks for the coloured form of an emoji; means nothing here
_CELL_WORD = re.compile(rf"(?<![A-Za-z0-9]){WORD}(?![A-Za-z0-9])", re.IGNORECASE)
_OPENING_WORD = re.compile(rf"\W*{WORD}(?![A-Za-z0-9])", re.IGNORECASE)
_FRACTION = re.compile(
    r"\s*+(\d{1,6})\s*+/\s*+(\d{1,6})(?:\s*+(?:\(\s*+)?\d+(?:\.\d+)?\s*+%\)?)?\s*+(?:tests?\s*+)?"
)
_MARK = re.compile(MARK)
_CODE = re.compile("|".join(re.escape(code) for code in CODES))
_ARROW = re.compile("→|->|=>|➜")
# Words that say in a heading what its tests have in common. ERROR is left out: "Error Analysis" is no outcome.
_SECTION = re.compile(
    r"\b(?:(?P<passed>pass(?:ed|es|ing)?|succe(?:eded|ssful|ssfully)|successes)"
    r"|(?P<failed>fail(?:ed|s|ing|ure|ures)?)|(?P<skipped>skip(?:ped|s)?|xfail(?:ed)?))\b",
    re.IGNORECASE,
)


def of_cell(text: str) -> Outcome | None:
    """The outcome a status cell or status field states; None where it states none.

    "FAIL → PASS" tells of two tries: the last one counts.
    """
    text = _ARROW.split(text.replace(_SELECTOR, ""))[-1].strip(" *_`[]()")
    bare = _MARK.sub("", text).strip()
    if (fraction := _FRACTION.fullmatch(bare)) is not None:
        return _of_fraction(int(fraction[1]), int(fraction[2]))
    word = _CELL_WORD.search(bare)
    # The word opens the cell, but for a symbol or an adverb: "⚠️ SKIPPED", "Still FAILING".
    if word is not None and len(re.findall(r"[A-Za-z0-9]+", bare[: word.start()])) <= 1:
        before = bare[: word.start()].strip().lower()
        if before in {"not", "no", "never"} and not word[0].upper().startswith("NOT"):
            return None
        return WORDS[word[0].upper()]
    mark = _MARK.search(text)
    return MARKS[mark[0]] if mark is not None else None


def _of_fraction(passed: int, total: int) -> Outcome | None:
    if total == 0 or passed > total:
        return None
    return Outcome.PASSED if passed == total else Outcome.FAILED


def without_status(text: str) -> str:
    """What a status cell says besides the outcome: "FAIL failed (timeout)" -> "timeout"."""
    bare = _MARK.sub("", text.replace(_SELECTOR, ""))
    while (word := _OPENING_WORD.match(bare)) is not None:
        bare = bare[word.end() :]
    return bare.strip(" -:()[]*_`")


def of_mark(text: str) -> Outcome | None:
    """The outcome of the first mark in the text; None where there is no mark."""
    mark = _MARK.search(text)
    return MARKS[mark[0]] if mark is not None else None


def with_marks(text: str) -> str:
    """The text with each code such as `:white_check_mark:` written as its mark."""
    return _CODE.sub(lambda match: CODES[match[0]], text) if ":" in text else text


def without_marks(text: str) -> str:
    """The text with its marks left out."""
    return _MARK.sub("", text)


def of_section(text: str) -> Outcome | None:
    """The outcome that a heading or lead-in gives to the tests under it; None where it gives none or several."""
    found = {kind for match in _SECTION.finditer(text) for kind, value in match.groupdict().items() if value}
    if len(found) == 1:
        return Outcome(found.pop())
    if found:
        return None
    marks = {MARKS[mark] for mark in _MARK.findall(text)}
    return marks.pop() if len(marks) == 1 else None
