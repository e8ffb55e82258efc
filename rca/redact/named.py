r"""Values that stand beside the name of a secret: `password=…`, `"api_key": "…"`, `\"token\": \"…\"`, `--secret …`.

In: a text. Out: the same with those values replaced. Decides where a value begins and ends in the many ways that
logs write an assignment (text, JSON, JSON inside JSON, Python, headers, URLs, XML), and whether it is a secret or
only speaks of one (`token: expired`, `token=self.token`). Names, suffixes and innocents are data: `names.toml`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rca.quote import CLOSE, OPEN
from rca.redact.masks import MASK, is_in_mask
from rca.redact.replacing import Replace
from rca.redact.shapes import hits, lowered

COLOR_CODE = r"(?:\x1b|(?<!\\)\\++(?:u001b|x1b|033|e))\[[0-9;]{0,16}m"
_COLORS = rf"(?:{COLOR_CODE}){{0,4}}"
_QUOTE = r"""(?:\\*["']|%(?:25)*2[27]|\\*u002[27]|&quot;|&\#(?:34|39|x22|x27);)"""
"""A quotation mark as text, JSON within JSON, URLs and HTML write it."""

_AFTER = rf"""
    {_COLORS} (?P<shut> {_QUOTE} )? [\])]? {_COLORS} [ \t]{{0,30}}
    (?: :[ \t]? (?: (?:Optional|Annotated|Final)\[[\w., |]{{1,60}}\] | str | bytes | Secret(?:Str|Bytes) | string )
        (?: [ ]?\|[ ]?None )? [ \t]? (?= =[^=] ) )?                          # an annotation: `password: str = …`
    (?P<sign> [=!]==? | => | :=? (?!:|//) | [=\uff1d\uff1a] | %(?:25)*3[da] | \\*u003d | >
      | (?: , | \n | \\+n ) [ \t]{{0,30}} {_QUOTE}? value {_QUOTE}? [ ]? [:=]  # {{"name": "DB_PASSWORD", "value": "…"}}
      | , (?= [ ]? [bru]? {_QUOTE} )                                         # ("password", "…")
      | (?=[ \t]) )                                                          # --password …
    (?: [ \t] | %(?:25)*20 ){{0,30}} {_COLORS}
    (?: [|>][-+]? (?: \r?\n | \\+n ) [ \t]{{1,30}} )?                          # a block of YAML
    (?P<list> \[ [ ]? (?={_QUOTE}) )?                                        # {{"cookie": ["…"]}}
    (?: [bruf]{{1,2}} (?=["']) )?
    (?P<open> \\*"{{3}} | '{{3}} | {_QUOTE} | ` )?
"""

_STEM = re.compile(r"(?<![\w.-])[\w.-]*+\Z")
_OPAQUE = re.compile(
    r"(?!(?:[A-Z]{1,5}\d{0,2}[A-Z]?[a-z]{2,24}\d{0,2}){1,12}(?!\w))"  # a class's name
    r"(?=[a-zA-Z/+]{0,40}\d)(?=[A-Z\d/+]{0,40}[a-z])(?=[a-z\d/+]{0,40}[A-Z])(?:[\w-]{16,128}|[\w/+-]{40})(?![\w/.:-])"
)
"""What follows a name without a sign and can be no word: `invalid token q7Zk29xPwLm4Tr8sV`."""

_IN_CALL = re.compile(r"[A-Za-z_][(\[]")
"""`get_secret(`, `Optional[str]`: a bracket right behind a letter."""

_BARE = re.compile(rf"""[^\s\x1b"'<>&|`{OPEN}{CLOSE}]+""")
_BARE_END = re.compile(
    r"""
      (?<!\\)\\++(?: (?:u00|x)[0-9a-f]{2} | [nrt"'] )              # & " ' and line ends, escaped
    | [,;] (?= \s | [A-Za-z][A-Za-z_ ]{1,30} (?: = | :\s ) )  # the next assignment; a password has digits there
    | (?<![,;.)\]}])[,;.)\]}]++ \Z
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
    r"""(?:\w{1,40}\.){0,3}(?:secretstr|secretbytes|secret|str|bytes|quote_plus|quote|some)\([ru]?b?(?P<open>["'])""",
    re.IGNORECASE,
)
_CALL = re.compile(r"[A-Za-z_][\w.]{0,80}[(\[]")
_ATTRIBUTE = re.compile(
    r"(?:self|cls|settings|config|os|request|req|env|process|ctx|app|args|options|payload|user|headers)(?:\.\w+)+"
)
_ABOUT = re.compile(r"\b(?:required|invalid|missing|must|not|expired|incorrect)\b", re.IGNORECASE)
"""Several words with one of these among them speak of a secret; a passphrase has none."""

_ID = "id"
_CODE = "code"
_NO_KINDS = ("word", "shut", "sign", "list", "open")
"""Groups of a name's pattern that do not tell its kind."""

_ESCAPED_END = re.compile(r"(?<!\\)(?<!\\[nrt])(?:\\++[nrt])++\Z")

_COUNT = 6
_SMALL = 3
"""Digits of a number that is a count of tokens, or of passwords; an all-digit password is longer."""


_LONG = 256
"""What is longer is no word of a sentence, no path and no placeholder."""


@dataclass(frozen=True, slots=True)
class Names:
    """What `names.toml` says of names and innocents, compiled."""

    stems: tuple[str, ...]
    """Every name holds one of them, and begins there."""

    name: re.Pattern[str]
    words: frozenset[str]
    innocent: re.Pattern[str]
    before: re.Pattern[str]
    store: re.Pattern[str]
    test: re.Pattern[str]
    outcome: re.Pattern[str]
    sentence: re.Pattern[str]


def compiled(tables: Mapping[str, Any], ids: Sequence[str] = ()) -> Names:
    """Return the tables of the file, compiled, with the names of ids that the user wants masked as well."""
    names: dict[str, list[str]] = {kind: list(words) for kind, words in tables["names"].items()}
    for stem, after in tables["after"].items():
        behind = "|".join(f"(?<={word})|(?<={word}[-_ ])" for word in after["words"])
        names[after["kind"]].append(f"(?:{behind}){stem}")
    parts = [re.findall(r"[^\W_]+", name) for name in ids]
    names[_ID] = [f"(?<![a-z0-9]){'[-_ ]?'.join(map(re.escape, words))}" for words in parts if words] or [
        "(?!)"
    ]
    kinds = "|".join(f"(?P<{kind}>{'|'.join(words)})" for kind, words in names.items())
    suffix = "|".join(tables["suffixes"]["words"])
    innocent = tables["innocent"]
    return Names(
        stems=(*tables["stems"], *(words[0].lower() for words in parts if words)),
        name=re.compile(
            rf"(?P<word>{kinds})(?:[-_]?(?:{suffix})){{0,2}}(?![\w-]){_AFTER}", re.IGNORECASE | re.VERBOSE
        ),
        words=frozenset(innocent["words"]),
        innocent=re.compile("|".join(map(_scoped, innocent["patterns"]))),
        before=re.compile(_scoped(innocent["before"])),
        store=re.compile(_scoped(innocent["secret_names"])),
        test=re.compile(_scoped(innocent["test"])),
        outcome=re.compile(innocent["outcome"]),
        sentence=re.compile(innocent["sentence"]),
    )


def _scoped(pattern: str) -> str:
    """Return a pattern whose leading (?i) holds for itself alone, so that it can stand beside others."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else f"(?:{pattern})"


def masked(text: str, names: Names, replace: Replace) -> str:
    """Return `text` with each value beside a secret's name replaced by what `replace` gives for it."""
    out: list[str] = []
    done = 0
    reaches = _Reaches(text)
    # An innocent value can hold a name of its own (`error: password=x`), so every stem outside a secret is tried.
    for at in hits(lowered(text), names.stems):
        found = names.name.match(text, at) if at >= done else None
        # The kind within a mask is a secret's name as well (`password:1` between the marks).
        if not found or is_in_mask(text, at):
            continue
        start, end = _value(text, found, reaches)
        if end > start and not _is_innocent(text, found, (start, end), names):
            out += [text[done:start], replace(_kind(found), text[start:end])]
            done = end
    return "".join([*out, text[done:]]) if out else text


def _kind(found: re.Match[str]) -> str:
    return next(group for group, told in found.groupdict().items() if told and group not in _NO_KINDS)


class _Reaches:
    """How far a value at a place can reach, in one text: each line and each run of signs is looked through once.

    Not frozen: it keeps the last of both, since places are asked for in ascending order.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = self._run = range(0)

    def line(self, at: int) -> int:
        """The end of the line that a place is in."""
        if at not in self._line:
            end = self._text.find("\n", at)
            self._line = range(at, len(self._text) if end < 0 else end)
        return max(at, self._line.stop)

    def run(self, at: int) -> int:
        """The end of the signs that a value without quotation marks can hold, from a place on."""
        if at not in self._run:
            found = _BARE.match(self._text, at)
            self._run = range(at, found.end() if found else at)
        return max(at, self._run.stop)


def _value(text: str, found: re.Match[str], reaches: _Reaches) -> tuple[int, int]:
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
        return start, _quoted_end(text, start, found, reaches)
    wrapper = _WRAPPER.match(text, start)
    if wrapper:
        start = wrapper.end()
        return start, _closing(text, (start, reaches.line(start)), wrapper["open"])
    return start, _unquoted_end(text, start, found, reaches)


def _quoted_end(text: str, start: int, found: re.Match[str], reaches: _Reaches) -> int:
    """Return where a value in quotation marks ends: with the last of a list, or on a later line of a drawn box."""
    mark, line = found["open"], reaches.line(start)
    end = _closing(text, (start, line), mark)
    for _ in range(_LISTED if found["list"] else 0):
        after = text[end + len(mark) : end + len(mark) + _BETWEEN]
        between = re.match(rf",\s{{0,{_BETWEEN}}}{re.escape(mark)}", after)
        if not between:
            break
        end = _closing(text, (end + len(mark) + between.end(), line), mark)
    if end == line and _BOX in text[max(start, line - _BETWEEN) : line]:
        folded = _FOLDED.match(text, line)
        at = text.find(mark, line, folded.end()) if folded else -1
        return end if at < 0 else at
    return end


_LISTED, _BETWEEN = 50, 4
_BOX = "\u2502"
_FOLDED = re.compile(r"(?:\n\s{0,8}\u2502[^\n]{0,400}){1,12}")
"""The lines below in a box, into which a long value is folded."""


def _unquoted_end(text: str, start: int, found: re.Match[str], reaches: _Reaches) -> int:
    """Return where a value without quotation marks ends."""
    word, sign = found["word"].lower(), found["sign"]
    if sign == ">" or (word.startswith("cookie") and text.startswith("{", start)):
        stop = text.find("<" if sign == ">" else "}", start)
        return len(text) if stop < 0 else stop + (sign != ">")
    special = {"authorization": _SIGNED, "cookie": _PAIRS, "cookies": _PAIRS}.get(word)
    whole = special.match(text, start) if special else None
    if whole:
        return whole.end()
    end = _bare_end(text, start, reaches.run(start))
    encoded = _ENCODED.fullmatch(sign)
    ampersand = text.find(f"%{encoded['depth']}26", start, end) if encoded else -1
    return end if ampersand < 0 else _bare_end(text, start, ampersand)


def _bare_end(text: str, start: int, limit: int) -> int:
    """Return where a value without quotation marks ends, among signs it can hold: before the next assignment, say."""
    end = _BARE_END.search(text, start, limit)
    return end.start() if end else limit


def _assigns(text: str, found: re.Match[str]) -> bool:
    """Whether the sign between name and value assigns, for the signs that mean other things as well."""
    sign = found["sign"]
    if text.startswith(")=(", found.start("sign") - 1):
        return False  # a list of names and one of values: rca/redact/columns.py
    if sign not in ("", ">", ","):
        return True
    before = text[max(0, found.start() - 64) : found.start()]
    if sign == "" and _OPAQUE.match(text, found.end()):
        return True
    stem = _STEM.search(before)
    outer, own = (before[: stem.start()], stem[0]) if stem else (before, "")
    if sign == "":
        return own.startswith("--") and found["shut"] is None
    if sign == ">":
        return outer.endswith("<")
    is_header = found["word"].lower() in _HEADERS or own.lower().startswith("x-")
    return found["shut"] is not None and (is_header or _IN_CALL.search(outer) is not None)


def _closing(text: str, within: tuple[int, int], mark: str) -> int:
    """Return where the closing quotation mark stands; without one, the end of the line (the text was cut)."""
    start, end = within
    at = text.find(mark, start, end)
    while at >= 0:
        slashes = 0
        while at - slashes > start and text[at - slashes - 1] == "\\":
            slashes += 1
        # A mark written `\"` is itself escaped by one more backslash, a plain one by an odd number of them.
        if (slashes % 2 == 0) if not mark.startswith("\\") else slashes == 0:
            return at
        at = text.find(mark, at + 1, end)
    return end


def _is_innocent(text: str, found: re.Match[str], value: tuple[int, int], names: Names) -> bool:
    """Whether what stands beside a secret's name only speaks of the secret, or names it."""
    start, end = value
    if end - start > _LONG:
        return False
    bare = _ESCAPED_END.sub("", MASK.sub("", text[start:end])).strip()
    if not bare or bare.strip(".,:;!?()").lower() in names.words or names.innocent.fullmatch(bare):
        return True
    if bare.isdigit() and not _tells_of_a_test(text, found, names):
        kind = _kind(found)
        return kind not in (_ID, _CODE) and len(bare) <= (_SMALL if kind == "password" else _COUNT)
    if names.before.search(text, max(0, found.start() - 24), found.start()) or (
        found["word"].lower() == "secret" and names.store.fullmatch(bare)
    ):
        return True
    if found["open"]:
        return " " in bare and _ABOUT.search(bare) is not None
    return _is_prose(text, found, start, bare, names) or _is_code(text, found, bare)


def _is_prose(text: str, found: re.Match[str], start: int, bare: str, names: Names) -> bool:
    """Whether what follows a name's colon is what came of a test of that name, or a sentence."""
    if not found["sign"].startswith(":"):
        return False
    if _tells_of_a_test(text, found, names) and names.outcome.fullmatch(bare):
        return True
    return _kind(found) not in ("password", _ID) and names.sentence.match(text, start) is not None


def _is_code(text: str, found: re.Match[str], bare: str) -> bool:
    """Whether a value without quotation marks is a call, an attribute, or the name itself (`password=password`)."""
    name = text[max(0, found.start() - 64) : found.end("word")]
    return bool(_CALL.fullmatch(bare) or _ATTRIBUTE.fullmatch(bare)) or name.endswith(bare)


def _tells_of_a_test(text: str, found: re.Match[str], names: Names) -> bool:
    return names.test.search(text, max(0, found.start() - 128), found.start()) is not None
