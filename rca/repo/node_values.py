"""JavaScript expressions -> values: what a reason or a code is, as far as the file tells without running.

In: tokens of an expression. Out: a `Value`. Decides what a name of the file stands for: what it is set to, wherever in
the file, which is exact for a `const` and one of several for the rest.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from rca.repo.node_tokens import Is, Tokens
from rca.repo.node_tree import Holds, Tree
from rca.repo.values import (
    COMPUTED,
    EXCEPTION_TEXT,
    EXCEPTION_TYPE,
    Computed,
    Either,
    Join,
    Name,
    Number,
    Parameter,
    Shortened,
    Text,
    Value,
)

_LONGEST = 200
"""Tokens of an expression that is read; a reason takes a dozen."""

_DEEPEST = 12
_MOST_SETTINGS = 8
_MOST_CONSTANTS = 3_000
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_CHARACTERS = range(0x110000)
_SURROGATES = range(0xD800, 0xE000)
_ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r\n": "",
    "\r": "",
}
_SAME = frozenset({"String", "toString", "from", "trim", "Number", "toJSON"})
_CUTTING = frozenset({"slice", "substring", "substr"})


@dataclass(frozen=True)
class Values:
    """What the expressions of one file stand for."""

    tree: Tree

    def of(self, first: int, last: int, errors: Collection[str] = (), depth: int = 0) -> Value:
        """What the expression from one token to another stands for; `errors` are names of a caught exception."""
        found = self.tree.tokens
        while found.text(first) in ("await", "new", "void") and first < last:
            first += 1
        while last - first > 1 and found.text(last - 1) in ("as", "satisfies"):
            last -= 2
        if not first <= last < min(first + _LONGEST, len(found.all)) or depth > _DEEPEST:
            return Computed()
        if split := self._operator(first, last):
            return self._operated(split, first, last, errors, depth + 1)
        if found.text(first) == "(" and found.mates.get(first) == last:
            return self.of(first + 1, last - 1, errors, depth + 1)
        return self._atom(first, last, errors, depth)

    @cached_property
    def constants(self) -> dict[str, Value]:
        """What names of the file are set to: `TORN`, `Codes.INTERNAL`, `CODES.INTERNAL`."""
        found = self.tree.tokens
        settings: dict[str, list[Value]] = defaultdict(list)
        signs = [at for at, token in enumerate(found.all) if token.text == "=" and self._sets(at)]
        for at in signs[:_MOST_CONSTANTS]:
            name, before = found.text(self._set(at)), found.text(self._set(at) - 1)
            end = self._end(at + 1)
            if found.text(at + 1) == "{" and found.mates.get(at + 1, -1) > at:
                for key, value in self.members(at + 1):
                    settings[f"{name}.{key}"].append(value)
            elif before not in (".", "?."):
                owner = self._owner(at)
                settings[f"{owner}.{name}" if owner else name].append(self.of(at + 1, end))
        return {
            name: values[0]
            if len(values) == 1
            else Either((*values[:_MOST_SETTINGS], *([Computed()] if len(values) > _MOST_SETTINGS else [])))
            for name, values in settings.items()
        }

    def members(self, brace: int, errors: Collection[str] = ()) -> list[tuple[str, Value]]:
        """The keys of an object literal and their values; `{ code }` is `{ code: code }`."""
        found = self.tree.tokens
        pairs: list[tuple[str, Value]] = []
        for first, last in self.tree.split(brace)[:_LONGEST]:
            key = found.text(first).strip("'\"")
            if first == last and found.is_name(first):
                pairs.append((key, self.of(first, last, errors)))
            elif found.text(first + 1) == ":":
                pairs.append((key, self.of(first + 2, last, errors)))
        return pairs

    def _sets(self, at: int) -> bool:
        """Whether a `=` sets a name: it is no default of a parameter."""
        found = self.tree.tokens
        return found.is_name(self._set(at)) and found.text(found.around[at]) != "("

    def _set(self, at: int) -> int:
        """The name that a `=` sets, past a type: `const a: string = …`."""
        found = self.tree.tokens
        if found.text(at - 2) == ":" and found.is_name(at - 1):
            return at - 3
        return at - 1

    def _owner(self, at: int) -> str | None:
        """The class or enumeration right around a setting."""
        around = self.tree.tokens.around[at]
        holds = self.tree.braces.get(around)
        return holds.name if holds and holds.holds is Holds.CLASS else None

    def _end(self, first: int) -> int:
        """The last token of an expression that begins at one: before `;`, `,`, a closing bracket, a new line's name."""
        found, around = self.tree.tokens, self.tree.tokens.around
        at = first
        for _ in range(_LONGEST):
            at = found.mates.get(at, at) if found.mates.get(at, -1) > at else at
            after = at + 1
            if after >= len(found.all) or found.text(after) in (";", ",", ")", "]", "}"):
                return at
            ended = found.all[at].kind is not Is.MARK or found.text(at) in (")", "]", "}", "`")
            begins = found.all[after].kind is not Is.MARK
            if ended and begins and found.line(after) > found.line(at):
                return at
            if around[after] != around[first] and found.mates.get(after, after) < after:
                return at
            at = after
        return at

    def _operator(self, first: int, last: int) -> tuple[str, list[int]] | None:
        """The operator that binds least in an expression, and where it stands: `?`, `||` and `??`, `+`."""
        found = self.tree.tokens
        places: dict[str, list[int]] = defaultdict(list)
        at = first
        while at <= last:
            token = found.all[at]
            if (
                token.kind is Is.MARK
                and at > first
                and token.text in ("?", ":", "||", "??", "+", "&&", "=", "=>")
            ):
                places[token.text].append(at)
            at = max(at, found.mates.get(at, at)) + 1
        for mark in ("=>", "=", "?", "||", "??", "&&", "+"):
            if places[mark]:
                return mark, places[mark] + (places[":"] if mark == "?" else [])
        return None

    def _operated(
        self, split: tuple[str, list[int]], first: int, last: int, errors: Collection[str], depth: int
    ) -> Value:
        mark, places = split
        if mark in ("=>", "=", "&&"):
            return Computed()
        if mark == "?":
            places = places[1:] if len(places) == 2 else []  # noqa: PLR2004 - one `?` and one `:`; nested ones are not read
            question = split[1][0]
            return (
                Either(
                    (
                        self.of(question + 1, places[0] - 1, errors, depth),
                        self.of(places[0] + 1, last, errors, depth),
                    )
                )
                if places
                else Computed()
            )
        starts = [first, *(place + 1 for place in places)]
        ends = [*(place - 1 for place in places), last]
        parts = tuple(self.of(start, end, errors, depth) for start, end in zip(starts, ends, strict=True))
        return Join(parts) if mark == "+" else Either(parts[:_MOST_SETTINGS])

    def _atom(self, first: int, last: int, errors: Collection[str], depth: int) -> Value:
        """What an expression without an operator stands for: a literal, a template, a call, a name."""
        found = self.tree.tokens
        if first == last:
            return self._single(first, errors)
        if found.text(first) == "`" and found.mates.get(first) == last:
            return self._template(first, last, errors, depth + 1)
        if found.text(last) == ")" and last in found.mates:
            return self._called(first, found.mates[last], errors, depth + 1)
        return self._named(first, last, errors)

    def _single(self, at: int, errors: Collection[str]) -> Value:
        token = self.tree.tokens.all[at]
        if token.kind is Is.STRING:
            return Text(unescaped(token.text[1:-1] if token.text[-1] == token.text[0] else token.text[1:]))
        if token.kind is Is.NUMBER and token.text.isdecimal() and len(token.text) < 10:  # noqa: PLR2004 - no code is longer
            return Number(int(token.text))
        if token.text in ("undefined", "null"):
            return Text("")
        return self._named(at, at, errors) if token.kind is Is.NAME else Computed()

    def _template(self, first: int, last: int, errors: Collection[str], depth: int) -> Value:
        found = self.tree.tokens
        parts: list[Value] = []
        at = first + 1
        while at < last:
            if found.all[at].kind is Is.TEMPLATE:
                parts.append(Text(unescaped(found.text(at))))
                at += 1
            else:
                end = found.mates.get(at, at)
                parts.append(self.of(at + 1, end - 1, errors, depth))
                at = max(at, end) + 1
        return Join(tuple(parts))

    def _called(self, first: int, opener: int, errors: Collection[str], depth: int) -> Value:
        found = self.tree.tokens
        name = found.text(opener - 1)
        given = self.tree.split(opener)
        asked = (first, opener - 3) if found.text(opener - 2) in (".", "?.") and opener - 3 >= first else None
        if name in _CUTTING and asked:
            stop = given[1] if len(given) > 1 else None
            at = (
                int(found.text(stop[0]))
                if stop and stop[0] == stop[1] and found.text(stop[0]).isdecimal()
                else 0
            )
            return Shortened(self.of(*asked, errors, depth), at)
        if name in _SAME:
            inner = given[0] if given and name != "toString" else asked
            return self.of(*inner, errors, depth) if inner else Text("")
        if given:
            value = self.of(*given[0], errors, depth)
            if isinstance(value, Text | Join | Shortened):
                return Shortened(value, 0)
        return Computed(self._source_of(first, found.mates[opener], errors))

    def _source_of(self, first: int, last: int, errors: Collection[str]) -> str:
        found = self.tree.tokens
        for at in range(first, min(last, first + _LONGEST) + 1):
            if found.is_name(at) and found.text(at) in errors and found.text(at - 1) not in (".", "?."):
                typed = found.text(at + 2) in ("name", "constructor", "code")
                return EXCEPTION_TYPE if typed and found.text(at + 1) in (".", "?.") else EXCEPTION_TEXT
        return COMPUTED

    def _named(self, first: int, last: int, errors: Collection[str]) -> Value:
        if (of := self._source_of(first, last, errors)) != COMPUTED:
            return Computed(of)
        found = self.tree.tokens
        dotted = found.raw(first, last).replace("?.", ".").replace("!", "")
        if not re.fullmatch(r"[\w$#]{1,80}(?:\.[\w$#]{1,80}){0,8}", dotted):
            return Computed()
        if first == last:
            for brace in self.tree.above(first):
                holds = self.tree.braces.get(brace)
                if holds and holds.holds is Holds.FUNCTION and dotted in dict(self.tree.parameters(brace)):
                    return Parameter(dotted)
        return Name(dotted)


def imports_of(tokens: Tokens) -> dict[str, str]:
    """What the file imports, by the name it gives it: `INTERNAL` -> `./codes#INTERNAL`, a module -> `./codes#`."""
    found: dict[str, str] = {}
    for at, token in enumerate(tokens.all):
        if token.kind is not Is.STRING:
            continue
        origin = token.text[1:-1]
        if tokens.text(at - 1) == "from":
            start = next(
                (back for back in range(at - 2, max(at - _LONGEST, -1), -1) if tokens.text(back) == "import"),
                None,
            )
            end = at - 2
        elif tokens.text(at - 2) == "require" and tokens.text(at - 1) == "(" and tokens.text(at - 3) == "=":
            start = next(
                (
                    back
                    for back in range(at - 4, max(at - _LONGEST, -1), -1)
                    if tokens.text(back) in ("const", "let", "var")
                ),
                None,
            )
            end = at - 4
        else:
            continue
        if start is not None:
            found |= _imported(tokens, start + 1, end, origin)
    return found


def _imported(tokens: Tokens, first: int, last: int, origin: str) -> dict[str, str]:
    """Names between `import` and `from`, or `const` and `=`: `{ a, b as c }`, `{ a: b }`, `* as codes`, `codes`."""
    found: dict[str, str] = {}
    braced = False
    for at in range(first, last + 1):
        text = tokens.text(at)
        braced = text == "{" or (braced and text != "}")
        if not tokens.is_name(at) or text == "as" or tokens.text(at + 1) in ("as", ":"):
            continue
        renamed = tokens.text(at - 1) in ("as", ":")
        original = tokens.text(at - 2) if renamed else text
        found[text] = f"{origin}#{original if braced else ''}"
    return found


def unescaped(text: str) -> str:
    """The text of a string literal, its escapes read (ECMA-262, 12.9.4)."""

    def letter(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        if digits is None:
            return _ESCAPED.get(match[4], match[4])
        number = int(digits, 16)
        return chr(number) if number in _CHARACTERS and number not in _SURROGATES else "\ufffd"

    return _ESCAPE.sub(letter, text)
