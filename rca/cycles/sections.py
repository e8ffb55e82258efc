"""What the lines of a report stand under.

In: an outline. Out: for each block its introducing words, the outcome they give, the fields below it. Decides (with
context.toml) whether a list is one of tests, and whether it tells of an earlier run.
"""

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from itertools import takewhile

from rca.cycles.claims import Weight
from rca.cycles.fields import field_in
from rca.cycles.names import files_in, identifiers_in
from rca.cycles.outcomes import of_mark, of_section, without_marks
from rca.cycles.outline import Block, Form, Outline
from rca.model import Outcome

_CONTEXT = tomllib.loads(files("rca.cycles").joinpath("context.toml").read_text(encoding="utf-8"))
_TESTS, _OTHER, EARLIER = (frozenset(_CONTEXT[name]) for name in ("tests", "other", "earlier"))
_JSON_ERROR = re.compile(r'"error_message":\s*"([^"]{1,300})"')
_RAISED = re.compile(
    r"^(?:E\s+)?(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Closed\w{0,9}|Timeout|Status)(?::|$)"
)
# "Run 2 (after the redeploy)", "Second attempt", "Re-run": words that set one run apart from another.
_RUN = re.compile(
    r"\b(?:run|attempt|try|execution)\s*(?:no\.?\s*)?#?\s?\d{1,3}\b|\bre-?(?:run|test)\b"
    r"|\b(?:first|second|third|fourth|initial|final|last|latest|previous|current)\s+(?:test )?"
    r"(?:run|attempt|try|execution)\b"
    r"|\b(?:after|before)\b",
    re.IGNORECASE,
)
_LONGEST_LABEL = 500
# Words that a task is headed by as well as a test: "Order status", "Login authentication".
_OUTCOME_NOUNS = frozenset(
    {
        "authentication",
        "status",
        "environment",
        "configuration",
        "build",
        "deployment",
        "related",
        "change",
        "changes",
    }
)
_TITLE_BLOCKS = 8
"""Blocks at the head of a document without sections that may say what its lines are."""

_MOST_AFTER = 6
_MOST_FIELDS = 60
"""Lines below a test that are looked at for its details."""


@dataclass(frozen=True, slots=True)
class Sections:
    """An outline, and what each of its blocks stands under."""

    outline: Outline
    modules: frozenset[str]
    """Names that the document uses for files: `test_a` where `test_a.py` is mentioned."""

    children: dict[int, list[int]]
    """Block -> blocks directly under it: of an item its lines and items, of a heading what stands in its section."""

    vocabulary: tuple[frozenset[str], ...]
    """Of each block, its words in lower case, test functions left out."""

    peers: Counter[tuple[int | None, int | None, int | None]]
    """How many items each list has, by what it stands in and under."""

    flat: bool
    """Whether nothing but a title heads the document's lines."""

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
        return Weight.EARLIER if any(EARLIER & self.words(at) for at in governors) else weight

    def run(self, index: int) -> str | None:
        """The run that the block tells of, as the nearest heading or lead-in names it; None where none does."""
        governors = self.governors(index)[:3]
        named = (_RUN.search(self.outline.blocks[at].text) for at in governors)
        return next((" ".join(found[0].lower().split()) for found in named if found), None)

    def inherited(self, index: int) -> Outcome | None:
        """The outcome that the nearest words above the block give to its tests."""
        for at in self.governors(index)[:3]:
            text = without_identifiers(self.outline.blocks[at].text)
            outcome = of_section(text)
            by_mark = outcome is not None and of_section(without_marks(text)) is None
            if outcome is not None and not (by_mark and self.is_other(at)):
                return outcome
            if self.words(at) & _OTHER - {"status", "analysis", "findings", "fixed"} or of_mark(text):
                return None
        return None

    def heads_tests(self, *above: int) -> bool:
        """Whether the words that introduce a list say that it is one of tests, and nothing else."""
        return any(self.words(at) & _TESTS and not self.words(at) & _OTHER - {"checklist"} for at in above)

    def is_other(self, index: int) -> bool:
        """Whether the block's own words are about something else than a test."""
        return bool(self.words(index) & _OTHER - _OUTCOME_NOUNS)

    def elsewhere(self, index: int) -> bool:
        """Whether the block stands under words for something else than tests."""
        near = self.governors(index)[:2]
        return any(self.words(at) & _OTHER for at in near) and not any(self.words(at) & _TESTS for at in near)

    def file(self, index: int) -> str | None:
        """The file of tests that the nearest heading or lead-in names, where it names one."""
        for at in self.governors(index)[:2]:
            named = set(files_in(self.outline.blocks[at].text))
            if named:
                return next(iter(named)) if len(named) == 1 and "test" in min(named) else None
        return None

    def peers_of(self, index: int) -> int:
        """How many items the list has that the block stands in."""
        return self.peers[_list_of(self.outline.blocks[index])]

    def about_tests(self, index: int) -> bool:
        """Whether the block stands in a list of tests."""
        governors = self.governors(index)
        if not governors and self.flat:
            return any(self.words(at) & _TESTS for at in range(min(_TITLE_BLOCKS, index)))
        for nth, at in enumerate(governors):
            words = self.words(at)
            if identifiers_in(self.outline.blocks[at].text) and nth == 0:
                return False  # details of one test
            # "After the fix" compares two runs; of what, the next words tell.
            compares = bool(words & {"before", "after"})
            if words & _TESTS:
                return compares or not words & _OTHER
            if compares:
                continue
            if words & _OTHER:
                return False
        return False

    def fields(self, index: int) -> dict[str, str]:
        """`key: value` lines under an item or heading, keys in lower case; the first of each key."""
        return self._fields(self.children.get(index, []))

    def below(self, index: int) -> list[int]:
        """What tells of a block: what stands in it; of a line, the lines right after it, up to the next test's."""
        block = self.outline.blocks[index]
        if block.form is not Form.LINE:
            return self.children.get(index, [])
        after = range(index + 1, min(index + 1 + _MOST_AFTER, len(self.outline.blocks)))
        return list(takewhile(lambda at: self._goes_on(block, at), after))

    def _goes_on(self, block: Block, at: int) -> bool:
        other = self.outline.blocks[at]
        return (
            other.form in {Form.LINE, Form.FENCE}
            and (other.parent, other.headings) == (block.parent, block.headings)
            and not identifiers_in(other.text)
            and of_mark(other.text[:2]) is None
        )

    def beside(self, index: int, until: Callable[[str], bool]) -> dict[str, str]:
        """The same of the lines that follow a block in its list or section, up to the next test's."""
        block = self.outline.blocks[index]
        above = block.parent if block.parent is not None else (block.headings[-1] if block.headings else -1)
        around = self.children.get(above, [])
        after = around[bisect_right(around, index) :][:_MOST_FIELDS]
        return self._fields(list(takewhile(lambda at: not until(self.outline.blocks[at].text), after)))

    def around(self, index: int) -> dict[str, str]:
        """The same of the list or section that a block stands in."""
        block = self.outline.blocks[index]
        above = block.parent if block.parent is not None else (block.headings[-1] if block.headings else None)
        return {} if above is None else self.fields(above)

    def _fields(self, children: list[int]) -> dict[str, str]:
        found: dict[str, str] = {}
        raised = None  # the last exception of a traceback is the one that was seen
        for child in children[:_MOST_FIELDS]:
            block = self.outline.blocks[child]
            if (pair := field_in(block.text)) is not None:
                found.setdefault(pair[0], pair[1])
            if block.form is Form.ITEM and not identifiers_in(block.text):
                for key, value in self.fields(child).items():
                    found.setdefault(key, value)
            if block.form is Form.FENCE and (error := _JSON_ERROR.search(block.text)) is not None:
                found.setdefault("error", error[1])
            elif block.form is Form.FENCE and _RAISED.match(block.text) is not None:
                raised = block.text.removeprefix("E ").strip()
        if raised is not None:
            found.setdefault("error", raised)
        return found


def without_identifiers(text: str) -> str:
    """The text with the names of test functions left out."""
    for found in reversed(identifiers_in(text)):
        text = text[: found.start] + text[found.end :]
    return text


def of(outline: Outline) -> Sections:
    """The outline, ready to be asked."""
    children: dict[int, list[int]] = {}
    for index, block in enumerate(outline.blocks):
        above = block.parent if block.parent is not None else (block.headings[-1] if block.headings else None)
        if above is not None and above != index:
            children.setdefault(above, []).append(index)
    mentioned = {name.rsplit(".", 1)[0] for block in outline.blocks for name in files_in(block.text)}
    vocabulary = tuple(
        frozenset(re.findall(r"[a-z]+", without_identifiers(block.text[:_LONGEST_LABEL]).lower()))
        for block in outline.blocks
    )
    peers = Counter(_list_of(block) for block in outline.blocks if block.form is Form.ITEM)
    flat = all(block.form is not Form.HEADING for block in outline.blocks[1:])
    return Sections(outline, frozenset(mentioned), children, vocabulary, peers, flat)


def _list_of(block: Block) -> tuple[int | None, int | None, int | None]:
    return block.parent, block.lead, block.headings[-1] if block.headings else None
