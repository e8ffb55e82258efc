"""A line as logged -> the same line as text: no colours, no markup tags, no control characters.

In: one message. Out: what it says. Decides what is decoration; indentation and line breaks are not.
"""

import re

# Every run below ends at a character it cannot contain, so a line is read once however it is built.
_ANSI = re.compile(
    r"""
    \x1b\[ [0-?]* [ -/]* [@-~]                 # CSI: colours, cursor
    | \x1b\] [^\x07\x1b]* (?:\x07 | \x1b\\)    # OSC: links, window titles
    | \x1b [@-Z\\-_]                           # two-character escapes
    """,
    re.VERBOSE,
)
# Some collectors drop the escape character and leave "[31m"; only read so where a "[0m" proves it,
# since "rate(x[5m])" is a query.
_BARE_COLOUR = re.compile(r"\[[0-9;]{1,16}m")
_RESET = "[0m"

# loguru's tags, when a message was logged with colors off. Names only: "<module>" and
# "<function run at 0x7f…>" are what a traceback says.
_COLOURS = "black|red|green|yellow|blue|magenta|cyan|white"
_MARKUP = re.compile(
    rf"</?(?:(?:(?:fg|bg)[ ])?(?:light-)?(?:{_COLOURS})|{_COLOURS.upper()}"
    r"|level|bold|dim|normal|italic|underline|strike|blink|reverse|hide)>|</>"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# A trace whose line breaks were escaped on the way: `Traceback (most recent call last):\n  File "…`.
# The look-behind keeps a long run of backslashes linear.
_ESCAPED_TRACE = re.compile(
    r"""
    Traceback[ ]\(most[ ]recent[ ]call[ ]last\):[ ]?(?<!\\)\\+[nr]
    | (?<!\\)\\+n [ ]* (?: File[ ]\\*" | \\+t at[ ] | at[ ][^ ] | Caused[ ]by: )
    """,
    re.VERBOSE,
)
_ESCAPED_BREAK = re.compile(r"(?<!\\)(?:\\+r)?\\+n")
_ESCAPED_TAB = re.compile(r"(?<!\\)\\+t(?=at[ ]|[ ])")
_ESCAPED_QUOTE = re.compile(r'(?<!\\)\\+"')


def plain(raw: str) -> str:
    r"""What `raw` says: ANSI codes, loguru tags and control characters gone, escaped traces unfolded.

    Leading blanks stay: they tell a trace's frame from its header. "\r\n" becomes "\n".
    """
    text = raw
    if not text.isprintable():
        if "\x1b" in text:
            text = _ANSI.sub("", text)
        text = _CONTROL.sub("", text.replace("\r\n", "\n"))
    if _RESET in text:
        text = _BARE_COLOUR.sub("", text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    return unfolded(text) if "\\n" in text else text


def unfolded(text: str) -> str:
    r"""A trace logged on one line with literal "\n", on its lines again; any other text as it is."""
    if "\\n" not in text or _ESCAPED_TRACE.search(text) is None:
        return text
    broken = _ESCAPED_TAB.sub("\t", _ESCAPED_BREAK.sub("\n", text))
    return _ESCAPED_QUOTE.sub('"', broken) if '\\"' in broken else broken
