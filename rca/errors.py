"""What can go wrong, what to tell the user, and which exit code it gives.

Only `rca.cli` catches these, once, and prints what failed, then what to try.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, the same table as in the README; where several apply, the earlier in this list wins."""

    USAGE = 2
    """The command line makes no sense."""
    FAILED = 1
    """It could not be done: no such file, no such cycle, no access; or it was stopped."""
    INCOMPLETE = 4
    """Analysed, but the logs are known to have a gap; `--allow-incomplete` accepts it."""
    STILL_THERE = 5
    """`rca diff` only: a cause of the first cycle is still there."""
    UNKNOWN = 3
    """Analysed, and the logs do not say why."""
    OK = 0
    """A cause was found, or nothing failed; for `rca diff`: every cause is gone, or there was none."""


class RcaError(Exception):
    """Something a user can act on: `message` says what failed, `hint` what to try."""

    exit_code = Exit.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RcaError):
    """The options contradict each other or cannot be understood."""

    exit_code = Exit.USAGE


class SettingsError(RcaError):
    """`rca.toml` or an `RCA_*` variable holds something that cannot be used."""


class CycleError(RcaError):
    """The cycle cannot be found, read or told from another."""


class SourceError(RcaError):
    """The logs cannot be found or read."""


class AccessError(RcaError):
    """Credentials, a permission or a project are missing."""


class QuotaError(RcaError):
    """Cloud Logging has been asked too often."""


class TemplateError(RcaError):
    """A shipped query or template was filled with the wrong parameters, or is missing."""
