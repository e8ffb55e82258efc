"""The interface of everything that can tell of a cycle."""

from typing import Protocol

from rca.cycles.document import Document
from rca.model import Cycle


class CycleReader(Protocol):
    """Understands one format."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle that the document tells of; None where it is of another format.

        Raises:
            CycleError: it is of this format, but broken beyond reading.
        """
