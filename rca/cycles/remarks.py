"""What a report says besides its results: impact, open questions, check list.

In: an outline. Out: the impact in the report's words, its questions, its check list. Decides where the section on
impact ends, and that a question is a line that ends in a question mark.
"""

import re

from rca.cycles.document import Document
from rca.cycles.fields import field_in
from rca.cycles.outline import Form, Outline
from rca.model import CheckItem

_IMPACT = re.compile(r"\bimpact\b", re.IGNORECASE)
_BUSINESS = re.compile(r"\b(?:business|user|customer)\b|\bassessment\b", re.IGNORECASE)
_WHY = re.compile(
    r"^\W*+(?:(?:new |original )?why\s*+(?:#\s*+)?(?:\d{1,2}\s*+)?[:.)-]\s*+|\d{1,2}[.)]\s+)", re.IGNORECASE
)
_RULE = re.compile(r"\s*+(?:-{3,}+|\*{3,}+)\s*+")
_LONGEST_IMPACT = 2000
_MOST_QUESTIONS = 40
_MOST_CHECKS = 200


def impact_of(outline: Outline) -> str | None:
    """The section on impact as the report words it, or a field of that name; None where it has none."""
    headings = [
        (index, block)
        for index, block in enumerate(outline.blocks)
        if block.form is Form.HEADING and _IMPACT.search(block.text)
    ]
    headings.sort(key=lambda pair: not _BUSINESS.search(pair[1].text))
    for index, heading in headings:
        end = next(
            (
                block.line
                for block in outline.blocks[index + 1 :]
                if block.form is Form.HEADING and block.level <= heading.level
            ),
            None,
        )
        lines = [
            line
            for number, line in zip(outline.numbers, outline.lines, strict=True)
            if number > heading.line and (end is None or number < end)
        ]
        text = "\n".join(lines).strip()
        above, _, last = text.rpartition("\n")
        if above and _RULE.fullmatch(last):
            text = above.strip()
        if text:
            return text[:_LONGEST_IMPACT]
    for block in outline.blocks:
        pair = field_in(block.text) if block.form in {Form.LINE, Form.ITEM} else None
        if pair is not None and pair[1] and _IMPACT.search(pair[0]) and _BUSINESS.search(pair[0]):
            return pair[1][:_LONGEST_IMPACT]
    return None


def questions_of(outline: Outline) -> tuple[str, ...]:
    """Questions of headings, list items and bold lines, each once, without their numbers."""
    asked = []
    for block in outline.blocks:
        if block.form in {Form.HEADING, Form.ITEM, Form.LINE} and block.text.rstrip(" *").endswith("?"):
            question = _WHY.sub("", block.text).strip()
            if block.form is not Form.LINE or question.lower().startswith(
                ("why", "what", "which", "how", "is ", "are ")
            ):
                asked.append(question[:300])
    return tuple(dict.fromkeys(question for question in asked if len(question.split()) > 1))[:_MOST_QUESTIONS]


def checklist_of(outline: Outline, document: Document) -> tuple[CheckItem, ...]:
    """The items with check boxes, ticked or not, in order."""
    return tuple(
        CheckItem(block.text[:300], block.checked, document.ref(block.line))
        for block in outline.blocks
        if block.checked is not None
    )[:_MOST_CHECKS]
