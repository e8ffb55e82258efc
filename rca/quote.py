"""Log text inside a sentence of ours: marked, so that a renderer can make it inert.

In: a piece of log text. Out: the same between U+2E22 and U+2E23, short enough for a sentence. Decides where a
long text is cut. A stage that writes sentences calls `quote`; a renderer looks for the marks (`rca.render.inert`).
"""

import re

OPEN, CLOSE = "\u2e22", "\u2e23"
"""TOP LEFT and TOP RIGHT HALF BRACKET: rare enough in logs that escaping them costs nobody anything."""

CUT = re.compile(r"…\+\d+…")
"""What stands where text was left out, with how many characters. It holds no space, so that a secret with its
middle cut out still reads as one word and is masked whole (`rca.redact`)."""

_SPACE = re.compile(r"[ \t\r\n]+")
_BREAK = re.compile(r"[\t\r\n]+")
_CORNERS = ("\u2514", "\\u2514")
"""Where a traceback draws a value below its name: by its column alone a secret is told from what stands beside it."""

_ESCAPED = {ord(OPEN): r"\u2e22", ord(CLOSE): r"\u2e23"}


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, its middle replaced by how many were left out.

    Both ends survive, because a log line opens with what failed and ends with why. A limit too small for the
    mark itself gives the mark with nothing around it.
    """
    if len(text) <= limit:
        return text
    # The mark grows with the number in it; the widest it can be is reckoned first, so the limit always holds.
    room = max(0, limit - len(f"…+{len(text)}…"))
    head = (room * 2 + 2) // 3
    tail = room - head
    mark = f"…+{len(text) - room}…"
    return text[:head] + mark + (text[-tail:] if tail else "")


def quote(text: str, limit: int = 160) -> str:
    """Return log text marked for a sentence: on one line, cut to `limit`, its own marks escaped.

    `limit` counts characters before the marks are added; runs of spaces, tabs and line ends are folded to one space.
    Spaces stay where a drawing stands in one line, as in JSON, so that its columns hold (`rca.redact.drawn`).
    """
    drawn = "\\n" in text and any(corner in text for corner in _CORNERS)
    line = (_BREAK if drawn else _SPACE).sub(" ", text.translate(_ESCAPED)).strip(" ")
    return f"{OPEN}{cut(line, limit)}{CLOSE}"
