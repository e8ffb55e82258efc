"""Values that a traceback draws below their names.

In: a text. Out: the same with the values replaced whose name, in the line of code above, is a secret's.
"""

import re

from rca.quote import CUT
from rca.redact import named
from rca.redact.masks import MASK
from rca.redact.replacing import Replace
from rca.redact.shapes import hits

_CORNERS = ("\u2514", "\\u2514", "->")
_CORNER = re.compile(r"\u2514|(?<!\\)\\++u2514|->")
"""As it is, as JSON writes it, and where the output knows ASCII alone."""
_BRANCHES = re.compile(rf"(?:[\s\u2502|]|\\+u2502|{CUT.pattern})*")
"""A quotation can have lost some of them."""
_BRANCH = re.compile(r"(?<!\\)\\++u2502")
_COLOR = re.compile(named.COLOR_CODE)
_LINE_END = re.compile(r"(\r?\n|\\n)")
_BEFORE_CODE = re.compile(r"[^\s\u2502|].{0,4000}?(?=[ ]{4}\S)")
"""What stands in a line before the code, such as `{"text": "` of a logger that writes JSON: code is indented."""
_INDENT = "    "
_LONGEST = 400
_GIVEN = re.compile(r"\w{3,60}")
_IDENTIFIER = re.compile(r"(?<!\w)\w*+\Z")
_IDENTIFIER_ON = re.compile(r"\w*")


def masked(text: str, names: named.Names, replace: Replace) -> str:
    r"""Return `text` with the values masked that a traceback draws below the name of a secret.

    loguru and better_exceptions print, under a frame's line of code,

        connect(host, password)
        │       │     └ 's3cr3t'

    so the name is found by its column. Line ends may be literal `\n`, and colors do not count.
    """
    if not any(corner in text for corner in _CORNERS):
        return text
    pieces = _LINE_END.split(text)
    code = ""
    # Every second piece is the line end itself.
    for i in range(0, len(pieces), 2):
        line = pieces[i]
        corner = _CORNER.search(line)
        branches, value = (line[: corner.start()], line[corner.end() :]) if corner else (line, "")
        bare = _BRANCH.sub("|", _COLOR.sub("", branches))
        if not corner or not _BRANCHES.fullmatch(bare):
            bare = _COLOR.sub("", line)
            code = bare[before.end() :] if (before := _BEFORE_CODE.match(bare)) else bare
            continue
        whole = code.startswith(_INDENT) and not CUT.search(code) and not CUT.search(bare)
        name = "" if whole or corner[0] == "->" else _first(code, names)
        if not name:
            left = _IDENTIFIER.search(code[: len(bare)])
            right = _IDENTIFIER_ON.match(code, len(bare))
            name = (left[0] if left else "") + (right[0] if right else "")
        if name:
            told = named.masked(f"{name}={_COLOR.sub('', value).strip()}", names, replace)
            pieces[i] = f"{branches}{corner[0]} {told[len(name) + 1 :]}"
    return "".join(pieces)


def _first(code: str, names: named.Names) -> str:
    """The first name of a secret in a line that was folded or cut, so that no column tells which value is whose."""
    given = (found[0] for found in _GIVEN.finditer(MASK.sub("", code), 0, _LONGEST))
    return next((name for name in given if _tells(name, names)), "")


def _tells(name: str, names: named.Names) -> bool:
    return any(names.name.match(f"{name}=x", at) for at in hits(name.lower(), names.stems))
