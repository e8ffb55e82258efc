"""Results reports in Markdown, as people and scripts write them.

In: a document. Out: a `Cycle` with whatever it states: tests from tables, lists, headings and pasted pytest output,
header fields, totals, impact, questions, check list. Decides nothing itself: it puts together what the readers of
each part found.
"""

from dataclasses import replace
from itertools import groupby

from rca.cycles import header, lists, outline, remarks, sections, tables, totals
from rca.cycles.claims import Claim, Weight, tests_of
from rca.cycles.close_codes import codes_in
from rca.cycles.console import scan
from rca.cycles.delimited import tables_in
from rca.cycles.document import Document
from rca.cycles.outline import Block, Form, Outline
from rca.cycles.tables import columns_of
from rca.model import Cycle, Test


class MarkdownReader:
    """Reads results reports in Markdown, and any other text as if it were one."""

    def read(self, document: Document) -> Cycle:
        """The cycle the report tells of, at worst with no tests and a warning; never None: any text is Markdown."""
        parts = outline.read(document)
        claims, warnings = claims_of(parts, document)
        told = tests_of(claims, document)
        tests = told.tests
        head = header.read(parts, document)
        count = totals.of(parts, tests)
        nothing = () if tests else (document.warning(None, "no test results found"),)
        return Cycle(
            number=head.number,
            tests=tests,
            earlier=told.earlier,
            sources=(document.name,),
            date=head.day,
            environment=head.environment,
            target=head.target,
            revision=head.revision,
            passed=count.passed,
            failed=count.failed,
            skipped=count.skipped,
            run_time_text=head.run_time_text,
            run_start=head.run_start,
            close_codes=_untold_codes(parts, tests),
            impact=remarks.impact_of(parts),
            questions=remarks.questions_of(parts),
            checklist=remarks.checklist_of(parts, document),
            warnings=(
                *document.warnings,
                *parts.warnings,
                *head.warnings,
                *warnings,
                *told.warnings,
                *nothing,
            ),
        )


def claims_of(parts: Outline, document: Document) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """Every claim of a test's outcome in reading order; and warnings for rows that were not understood."""
    found = sections.of(parts)
    source = dict(zip(parts.numbers, parts.lines, strict=True))
    claims: list[Claim] = []
    warnings: list[str] = []
    for form, group in groupby(enumerate(parts.blocks), key=lambda pair: pair[1].form):
        blocks = list(group)
        told = _runner(blocks) if form is Form.FENCE else []
        if not told and form in {Form.FENCE, Form.LINE}:
            lines = [(block.line, source.get(block.line, block.text)) for _, block in blocks]
            drawn = [block for block in tables_in(lines) if columns_of(block) is not None]
            told = [claim for table in drawn for claim in _rows(found, blocks[0][0], table, document)[0]]
        if told:
            run = found.run(blocks[0][0])
            claims.extend(replace(claim, run=run) for claim in told)
            continue
        for index, block in blocks:
            new, bad = _told(found, index, block, document)
            claims.extend(replace(claim, run=found.run(index)) for claim in new)
            warnings.extend(bad)
    return tuple(claims), tuple(warnings)


def _rows(
    found: sections.Sections, index: int, table: Block, document: Document
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    weight = found.weight(index, Weight.PRINTED)
    above = found.inherited(index)
    return tables.claims_of(table, document, weight, above, elsewhere=found.elsewhere(index))


def _told(
    found: sections.Sections, index: int, block: Block, document: Document
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """The claims of one block by itself, and warnings."""
    if block.form is Form.TABLE:
        return _rows(found, index, block, document)
    claims, complaint = lists.claims_at(found, index)
    if not claims and block.form is not Form.FENCE:
        claims = _pasted(block)
    said = complaint is not None and block.form is not Form.FENCE
    return claims, (document.warning(block.line, str(complaint)),) if said else ()


def _runner(group: list[tuple[int, Block]]) -> list[Claim]:
    """What a test runner printed, where the lines are its output."""
    return list(scan((block.line, block.text) for _, block in group).claims)


def _pasted(block: Block) -> tuple[Claim, ...]:
    """A line of pytest's output that stands in the text itself."""
    return scan([(block.line, block.text)]).claims if "::" in block.text else ()


def _untold_codes(parts: Outline, tests: tuple[Test, ...]) -> tuple[int, ...]:
    """Close codes the report mentions that no test is said to have seen."""
    told = {code for test in tests for code in test.close_codes}
    mentioned = dict.fromkeys(code for block in parts.blocks for code in codes_in(block.text))
    return tuple(code for code in mentioned if code not in told)
