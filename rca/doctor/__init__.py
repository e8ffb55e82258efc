"""What stands between a user and the logs: each hindrance by its name, with the command that mends it.

In: a `Subject`. Out: `Finding`s, one for each check, in the order in which a read depends on them. Every call is made
once and has its own time-out, so that a doctor's visit is short whatever is broken.
"""

from rca.doctor.examination import Subject, examine
from rca.doctor.findings import Finding, Mark, as_text, well

__all__ = ["Finding", "Mark", "Subject", "as_text", "examine", "well"]
