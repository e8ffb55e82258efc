"""Shorthand for tests: what was read, in few words."""

from pathlib import Path

from rca.cycles import READERS
from rca.cycles.document import from_bytes
from rca.cycles.markdown import MarkdownReader
from rca.model import Cycle

DOCUMENTS = Path(__file__).parent / "documents"


def markdown(text: str) -> Cycle:
    """The cycle of a report's text."""
    return MarkdownReader().read(from_bytes(text.encode(), "report.md"))


def told(text: str, name: str = "results.txt") -> Cycle:
    """The cycle of a document's text, by whichever reader understands it."""
    document = from_bytes(text.encode(), name)
    return next(cycle for reader in READERS if (cycle := reader.read(document)) is not None)


def outcomes(cycle: Cycle) -> list[tuple[str, str]]:
    """Each test's name and outcome, in order."""
    return [(test.name, test.outcome.value) for test in cycle.tests]
