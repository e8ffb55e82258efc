"""The service's own source: what a checkout says of the closes and frames that the logs tell of.

In: the folder of a checkout, a close code, reasons, frames of stack traces. Out: `RepoFindings`. Nothing is run,
nothing outside the folder is read, and the same checkout always gives the same findings.
"""

from typing import TYPE_CHECKING

from rca.repo.findings import (
    Caller,
    Change,
    Handler,
    Kind,
    Located,
    LogCall,
    Match,
    Reached,
    RepoFindings,
    Says,
    Site,
    Skipped,
    Snippet,
    Swallowed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rca.model import Frame

__all__ = [
    "Caller",
    "Change",
    "Handler",
    "Kind",
    "Located",
    "LogCall",
    "Match",
    "Reached",
    "RepoFindings",
    "Says",
    "Site",
    "Skipped",
    "Snippet",
    "Swallowed",
    "look",
]


def look(folder: "Path", code: int, reasons: "Sequence[str]", frames: "Sequence[Frame]") -> RepoFindings:
    """What the checkout in a folder says of a close code, its reasons and the frames of a stack trace."""
    from rca.repo import looking  # noqa: PLC0415 - the parsers are loaded where a checkout is given, in few runs

    return looking.look(folder, code, reasons, frames)
