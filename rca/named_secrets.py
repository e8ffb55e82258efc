r"""Values that stand beside the name of a secret: `password=…`, `"api_key": "…"`, `\"token\": \"…\"`, `--secret …`.

In: a text. Out: the same with those values replaced. Decides where a value begins and ends in the many ways that
logs write an assignment (text, JSON, JSON inside JSON, Python, headers, URLs, XML), and whether it is a secret or
only speaks of one (`token: expired`, `token=self.token`). Names, suffixes and innocents are data: `rca/redact.toml`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rca.quote import CLOSE, OPEN

Replace = Callable[[str, str], str]
"""(kind, secret) -> mask."""

MASK = re.compile("\u2039[a-z_]+:[0-9]+\u203a")
"""A mask, between single angle quotation marks: rare in logs, harmless in Markdown, HTML and shells."""

_QUOTE = r"""(?:\\*["']|%(?:25)*2[27]|\\*u002[27]|&quot;|&\#(?:34|39|x22|x27);)"""
"""A quotation mark as text, JSON within JSON, URLs and HTML write it."""

_AFTER = rf"""
    (?P<shut> {_QUOTE} )? [\])]? [ \t]{{0,4}}
    (?: :[ \t]? (?: (?:Optional|Annotated|Final)\[[\w., |]{{1,60}}\] | str | bytes | Secret(?:Str|Bytes) | string )
        (?: [ ]?\|[ ]?None )? [ \t]? (?= =[^=] ) )?                          # an annotation: `password: str = …`
    (?P<sign> [=!]==? | => | :=? (?!:|//) | = | %(?:25)*3[da] | \\*u003d | >
      | , (?= [ ]? [bru]? {_QUOTE} )                                         # ("password", "…")
      | (?=[ \t]) )                                                          # --password …
    [ \t]{{0,4}}
    (?: \[ [ ]? (?={_QUOTE}) )?                                              # {{"cookie": ["…"]}}
    (?: [bruf]{{1,2}} (?=["']) )?
    (?P<open> {_QUOTE} )?
"""

_STEM = re.compile(r"[\w.-]*\Z")
_IN_CALL = re.compile(r"[A-Za-z_]+(?:[._]+[A-Za-z_]+)*[(\[](?:[A-Za-z_]\w*(?:\.\w+)*)?[)\]]*")
"""`get_secret(`, `Optional[str]`: letters and underscores around one bracket; a password has more than that."""

_BARE = re.compile(rf"""[^\s"'<>&|`{OPEN}{CLOSE}]+""")
_BARE_END = re.compile(
    r"""
      \\+u00[0-9a-f]{2} | \\+[nrt"']                         # & " ' and line ends, escaped
    | [,;] (?= \s | [A-Za-z][A-Za-z_ ]{1,30} (?: = | :\s ) )  # the next assignment; a password has digits there
    | [,;.)\]}]+ \Z
    """,
    re.VERBOSE,
)
_ENCODED = re.compile(r"%(?P<depth>(?:25)*)3[da]", re.IGNORECASE)
"""An encoded sign; the value then ends at a `&` encoded as often."""

_PAIRS = re.compile(
    r"""
    [^\s=;"'<>,]{1,200} = [^\s;"'<>]*+
    (?: ; [ ]? [^\s=;"'<>,]{1,200} (?: = [^;"'<>\n]*+ )? )*+
    """,
    re.VERBOSE,
)
"""The value of a Cookie or Set-Cookie header."""

_HEADERS = ("authorization", "cookie", "cookies")
_SCHEME = re.compile(r"(?:bearer|basic|token|api-?key|negotiate)[ ]{1,4}(?=\S)", re.IGNORECASE)
_SIGNED = re.compile(r"(?:digest|aws4-hmac-sha256|hawk|signature)[ ][^\n]+", re.IGNORECASE)
"""Schemes whose credentials are a list with quotation marks of its own."""
_WRAPPER = re.compile(
    r"""(?:\w{1,40}\.){0,3}(?:secretstr|secretbytes|secret|str|bytes|quote_plus|quote)\([ru]?b?(?P<open>["'])""",
    re.IGNORECASE,
)
_CALL = re.compile(r"[A-Za-z_][\w.]{0,80}[(\[]")
_ATTRIBUTE = re.compile(
    r"(?:self|cls|settings|config|os|request|req|env|process|ctx|app|args|options|payload|user|headers)(?:\.\w+)+"
)
_ABOUT = re.compile(r"\b(?:required|invalid|missing|must|not|expired|incorrect)\b", re.IGNORECASE)
"""Several words with one of these among them speak of a secret; a passphrase has none."""

_COUNT = 6
_SMALL = 3
"""Digits of a number that is a count of tokens, or of passwords; an all-digit password is longer."""


_KINDS = ("password", "cookie", "credentials", "token", "secret", "key")
"""The kinds that `[names]` of the file tells apart, the one that is tried first in front."""


@dataclass(frozen=True, slots=True)
class Names:
    """What `rca/redact.toml` says of names and innocents, compiled."""

    name: re.Pattern[str]
    words: frozenset[str]
    innocent: re.Pattern[str]
    before: re.Pattern[str]
    store: re.Pattern[str]


def compiled(tables: Mapping[str, Any]) -> Names:
    """Return the tables `names`, `suffixes` and `innocent` of the file, compiled."""
    names: Mapping[str, Sequence[str]] = tables["names"]
    words = "|".join(f"(?P<{kind}>{'|'.join(names[kind])})" for kind in _KINDS)
    suffix = "|".join(tables["suffixes"]["words"])
    return Names(
        name=re.compile(
            rf"(?P<word>{words})(?:[-_]?(?:{suffix})){{0,2}}(?![\w-]){_AFTER}", re.IGNORECASE | re.VERBOSE
        ),
        words=frozenset(tables["innocent"]["words"]),
        innocent=re.compile("|".join(map(_scoped, tables["innocent"]["patterns"]))),
        before=re.compile(_scoped(tables["innocent"]["before"])),
        store=re.compile(_scoped(tables["innocent"]["secret_names"])),
    )


def _scoped(pattern: str) -> str:
    """Return a pattern whose leading (?i) holds for itself alone, so that it can stand beside others."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


def masked(text: str, names: Names, replace: Replace) -> str:
    """Return `text` with each value beside a secret's name replaced by what `replace` gives for it."""
    out: list[str] = []
    done = 0
    found = names.name.search(text)
    while found:
        # The kind within a mask is a secret's name as well (`password:1` between the marks).
        own = MASK.match(text, found.start() - 1) if found.start() else None
        start, end = (own.end(), own.end()) if own else _value(text, found)
        value = text[start:end]
        if value and not _is_innocent(text, found, value, names):
            out += [text[done:start], replace(_kind(found), value)]
            done = end
        # An innocent value can hold a name of its own (`error: password=x`), so the search goes on inside it.
        found = names.name.search(text, max(done, found.end("word")))
    return "".join([*out, text[done:]])


def masked_below(text: str, names: Names, replace: Replace) -> str:
    r"""Return `text` with the values masked that a traceback draws below the name of a secret.

    loguru and better_exceptions print, under a frame's line of code,

        connect(host, password)
        │       │     └ 's3cr3t'

    so the name is found by its column. Line ends may be literal `\n`, and colors do not count.
    """
    if _CORNER not in text:
        return text
    pieces = _LINE_END.split(text)
    code = ""
    # Every second piece is the line end itself.
    for i in range(0, len(pieces), 2):
        line = pieces[i]
        branches, corner, value = line.partition(_CORNER)
        bare = _COLOR.sub("", branches)
        if not corner or not _BRANCHES.fullmatch(bare):
            code = _COLOR.sub("", line)
            continue
        left = _IDENTIFIER.search(code[: len(bare)])
        right = _IDENTIFIER_ON.match(code, len(bare))
        name = (left[0] if left else "") + (right[0] if right else "")
        if name:
            told = masked(f"{name}={_COLOR.sub('', value).strip()}", names, replace)
            pieces[i] = f"{branches}{corner} {told[len(name) + 1 :]}"
    return "".join(pieces)


_CORNER = "\u2514"
_BRANCHES = re.compile(r"[\s\u2502|]*")
_COLOR = re.compile(r"(?:\x1b|\\u001b|\\x1b)\[[0-9;]{0,16}m")
_LINE_END = re.compile(r"(\r?\n|\\n)")
_IDENTIFIER = re.compile(r"\w*\Z")
_IDENTIFIER_ON = re.compile(r"\w*")


def _kind(found: re.Match[str]) -> str:
    return next(group for group in _KINDS if found[group])


def _value(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Return where the value beside a name begins and ends; an empty span where there is none."""
    start = found.end()
    if not _assigns(text, found):
        return start, start
    if found["word"].lower() in _HEADERS and text.startswith("[", start):
        start += 1  # Go prints a header as map[Cookie:[…]]
    # The scheme says how to read what follows, and is itself no secret.
    scheme = _SCHEME.match(text, start)
    if scheme:
        start = scheme.end()
    if found["open"]:
        return start, _closing(text, start, found["open"])
    wrapper = _WRAPPER.match(text, start)
    if wrapper:
        return wrapper.end(), _closing(text, wrapper.end(), wrapper["open"])
    return start, _unquoted_end(text, start, found)


def _unquoted_end(text: str, start: int, found: re.Match[str]) -> int:
    """Return where a value without quotation marks ends."""
    word, sign = found["word"].lower(), found["sign"]
    if sign == ">" or (word.startswith("cookie") and text.startswith("{", start)):
        stop = text.find("<" if sign == ">" else "}", start)
        return len(text) if stop < 0 else stop + (sign != ">")
    special = {"authorization": _SIGNED, "cookie": _PAIRS, "cookies": _PAIRS}.get(word)
    whole = special.match(text, start) if special else None
    if whole:
        return whole.end()
    bare = _BARE.match(text, start)
    if not bare:
        return start
    encoded = _ENCODED.fullmatch(sign)
    value = bare[0].partition(f"%{encoded['depth']}26")[0] if encoded else bare[0]
    end = _BARE_END.search(value)
    return start + (end.start() if end else len(value))


def _assigns(text: str, found: re.Match[str]) -> bool:
    """Whether the sign between name and value assigns, for the signs that mean other things as well."""
    sign = found["sign"]
    if sign not in ("", ">", ","):
        return True
    before = text[max(0, found.start() - 64) : found.start()]
    stem = _STEM.search(before)
    outer, own = (before[: stem.start()], stem[0]) if stem else (before, "")
    if sign == "":
        return own.startswith("--") and found["shut"] is None
    if sign == ">":
        return outer.endswith("<")
    is_header = found["word"].lower() in _HEADERS or own.lower().startswith("x-")
    return found["shut"] is not None and (is_header or _IN_CALL.search(outer) is not None)


def _closing(text: str, start: int, mark: str) -> int:
    """Return where the closing quotation mark stands; without one, the end of the line (the text was cut)."""
    line = text.find("\n", start)
    end = len(text) if line < 0 else line
    at = text.find(mark, start, end)
    while at >= 0:
        slashes = at - len(text[start:at].rstrip("\\")) - start
        # A mark written `\"` is itself escaped by one more backslash, a plain one by an odd number of them.
        if (slashes % 2 == 0) if not mark.startswith("\\") else slashes == 0:
            return at
        at = text.find(mark, at + 1, end)
    return end


def _is_innocent(text: str, found: re.Match[str], value: str, names: Names) -> bool:
    """Whether a value beside a secret's name only speaks of the secret, or names it."""
    bare = MASK.sub("", value).strip()
    word = bare.strip(".,:;!?()").lower()
    if not bare or word in names.words or names.innocent.fullmatch(bare):
        return True
    if bare.isdigit():
        return len(bare) <= (_SMALL if _kind(found) == "password" else _COUNT)
    if found["word"].lower() == "secret" and names.store.fullmatch(bare):
        return True
    if names.before.search(text, max(0, found.start() - 24), found.start()):
        return True
    if found["open"]:
        return " " in bare and _ABOUT.search(bare) is not None
    name = text[max(0, found.start() - 64) : found.end("word")]
    return bool(_CALL.fullmatch(bare) or _ATTRIBUTE.fullmatch(bare)) or name.endswith(bare)
