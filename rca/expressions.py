"""The regular expressions of the shipped tables, compiled when they are first used: of hundreds a run needs a few."""

import re
from functools import cache


@cache
def compiled(source: str) -> re.Pattern[str]:
    """The compiled expression; asked again, the same one. `re` itself remembers too few."""
    return re.compile(source)
