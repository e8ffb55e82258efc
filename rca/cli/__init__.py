"""The command line: options in, exit code out; no thinking here.

The report goes to standard output, progress and advice to standard error. The only package that reads the clock.
"""

from rca.cli import attach, causes, diff, explain, history, live, workplace
from rca.cli.group import main

__all__ = ["attach", "causes", "diff", "explain", "history", "live", "main", "workplace"]
