"""The interface of everything that can tell of a cycle."""

from typing import Protocol

from rca.cycles.document import Document
from rca.errors import CycleError
from rca.model import Cycle


class UnknownFormatError(CycleError):
    """No reader understands the file: in a folder it is no cycle's, and left out without a word."""


class CycleReader(Protocol):
    """Understands one format."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle that the document tells of; None where it is of another format.

        Raises:
            CycleError: it is of this format, but broken beyond reading.
        """
