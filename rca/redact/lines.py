"""A private key that was printed line by line: each line is an entry of its own, and only the first and last say so.

In: the texts of one output, in their order. Out: the same with the key's lines masked, all by one mask. Decides which
lines between the first and the last are the key's; others, written in between by somebody else, stay.
"""

import re
from collections.abc import Sequence

from rca.redact.replacing import Replace

_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----\s*\Z")
_END = re.compile(r"\A\s*-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_LINE = re.compile(r"\s*(?:[A-Za-z0-9+/]{16,80}={0,2}|[A-Za-z0-9+/]{1,80}={1,2})\s*")
_LAST = re.compile(r"\s*[A-Za-z0-9+/]{1,80}={0,2}\s*")
_ALONE = re.compile(r"\s*(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])(?=[A-Za-z+/]*[0-9])[A-Za-z0-9+/]{64}\s*")
"""A full line of PEM whose first is not among the texts; a sha256 is as long, in lower case."""

_LONGEST = 80

_MOST = 400
"""Lines: four times the longest key in use."""


def alone(text: str) -> bool:
    """Whether a text is a full line of a key and nothing else, as one cut out of a trace can be."""
    return len(text) <= _LONGEST and _ALONE.fullmatch(text) is not None


def masked(texts: Sequence[str], replace: Replace) -> list[str]:
    """Return the texts with the lines of private keys replaced by what `replace` gives for the whole key."""
    out = list(texts)
    i = 0
    while i < len(texts):
        begin = _BEGIN.search(texts[i]) if "-----BEGIN" in texts[i] else None
        if begin:
            i = _key_masked(out, i, begin.start(), replace)
        elif alone(texts[i]):
            out[i] = replace("private_key", texts[i])
        i += 1
    return out


def _key_masked(out: list[str], first: int, start: int, replace: Replace) -> int:
    """Mask the key that begins in a text, in place; where it ends, or where it began when no line of it follows."""
    until = min(len(out), first + _MOST)
    end = next((i for i in range(first + 1, until) if "-----END" in out[i] and _END.match(out[i])), None)
    lines = [i for i in range(first + 1, until if end is None else end) if _LINE.fullmatch(out[i])]
    if end is not None and end - 1 > first and end - 1 not in lines and _LAST.fullmatch(out[end - 1]):
        lines.append(end - 1)
    mask = replace("private_key", "\n".join([out[first][start:], *(out[i] for i in lines)]))
    out[first] = out[first][:start] + mask
    for i in lines:
        out[i] = mask
    if end is not None:
        out[end] = _END.sub(lambda _: mask, out[end])
        return end
    return max(lines, default=first)
