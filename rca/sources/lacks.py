"""What a set of entries cannot tell, and what that costs the answer.

In: the entries that a source gave when it was asked for everything. Out: sentences for the report. Decides when a
lack is the source's rather than one entry's: what no entry has, and texts that all end at one length.
"""

from collections.abc import Iterator, Sequence

from rca.model import Entry
from rca.naming import template

_NO_REQUESTS = (
    "no request entry: which connections failed, and when, is told by the service's own lines alone"
)
_NO_INSTANCE = "no entry names its instance: lines of several instances cannot be told apart"
_NO_SEVERITY = "no entry has a severity: what is an error is told by its words"

_SHORTEST_CUT = 60
"""Characters; lines of a shorter common length are alike by chance."""

_CUT_ALIKE = 3
"""Texts of different wording that end at one length, which is the longest of all."""

_BEGUN = 400
"""Characters of a text by whose wording it is told from others."""

_MOSTLY = 0.5


def told(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what the entries lack, each with its cost; nothing for an empty set, whose lack is plain."""
    if not entries:
        return
    own = [entry for entry in entries if entry.request is None and entry.method_name is None]
    if len(own) == len(entries):
        yield _NO_REQUESTS
    mute = sum(not entry.raw.strip() for entry in own)
    if own and mute > len(own) * _MOSTLY:
        yield f"{mute} of {len(own)} lines have no text: their payloads were dropped"
    cut_at = _cut_length(own)
    if cut_at is not None:
        yield (
            f"texts end at {cut_at} characters: a traceback that was longer lost the line that names its exception"
        )
    if own and not any(entry.instance for entry in own):
        yield _NO_INSTANCE
    if own and not any(entry.severity for entry in own):
        yield _NO_SEVERITY


def _cut_length(entries: Sequence[Entry]) -> int | None:
    """The length at which something cut the texts; None where nothing shows that they were."""
    longest = max((len(entry.raw) for entry in entries), default=0)
    if longest < _SHORTEST_CUT:
        return None
    alike = {
        template(begun)[:40] for begun in {one.raw[:_BEGUN] for one in entries if len(one.raw) == longest}
    }
    return longest if len(alike) >= _CUT_ALIKE else None
