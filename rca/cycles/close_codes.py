"""WebSocket close codes in what a client reported.

In: the error text of a test, or a line of a report. Out: the close codes it tells of, in order. Decides when a
number is a close code: only beside the words that make it one (close_codes.toml), never by its value alone.
"""

import re
import tomllib
from importlib.resources import files

_TABLE = tomllib.loads(files("rca.cycles").joinpath("close_codes.toml").read_text(encoding="utf-8"))
# 1004-1006 and 1015 are never on the wire, but clients report them; 3000-4999 are applications' own.
_CODE = r"(?P<code>10(?:0\d|1[0-5])|[34]\d{3})"
_WORDINGS = tuple(
    re.compile(wording["pattern"].replace("{code}", _CODE), re.IGNORECASE) for wording in _TABLE["wording"]
)
_FIRST = re.compile(r"10(?:0\d|1[0-5])|[34]\d{3}")
_LONGEST = 20_000


def codes_in(text: str | None) -> tuple[int, ...]:
    """The close codes of the text, each once, in the order of their first mention.

    "received 1011 (internal error); then sent 1011 (internal error)" is one code: what was sent answers what
    was received. Source: RFC 6455, section 7.4; websockets' ConnectionClosed.__str__.
    """
    if not text or _FIRST.search(text) is None:
        return ()
    text = text[:_LONGEST]
    found = {
        match.start("code"): int(match["code"]) for wording in _WORDINGS for match in wording.finditer(text)
    }
    return tuple(dict.fromkeys(code for _, code in sorted(found.items())))
