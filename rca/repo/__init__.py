"""The service's own source: what a checkout says of the closes and frames that the logs tell of.

In: the folder of a checkout, a close code, reasons, frames of stack traces. Out: `RepoFindings`. Nothing is run,
nothing outside the folder is read, and the same checkout always gives the same findings.
"""

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
from rca.repo.looking import look

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
