"""Secrets that their own form gives away: tokens, keys, passwords in addresses, e-mail addresses, telephone numbers.

In: a text. Out: the same with those secrets replaced. The forms are data: `shapes.toml`. A form is only tried where
a text holds the letters it begins with, so that most texts cost one look.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rca.expressions import compiled
from rca.quote import CUT
from rca.redact.masks import MASK
from rca.redact.replacing import Replace

_START = (
    r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|(?<=%25[0-9A-Fa-f][0-9A-Fa-f])|(?<=\\[nrtbf])|(?<=\\u00[0-9a-fA-F][0-9a-fA-F])"
    r"|(?<=\\x[0-9a-fA-F][0-9a-fA-F])|(?<=\[\dm)|(?<=\[\d\dm)|(?<=;\dm)|(?<=;\d\dm))"
)
"""Where a word begins: after anything but a letter or digit, or after one that ends an escape or sets a color."""

_SIGNS = "$_%@;(+-.:/=0123456789\\"

_BEGIN = (
    r"(?:(?<![\w.+~%\\-])(?!(?<=[\[;])\d{1,2}m)|(?<=\\)(?![nrtbfux])|(?<=\\[nrtbf])"
    r"|(?<=%[0-9A-Fa-f]{2})(?<!%25)|(?<=%25[0-9A-Fa-f]{2})|(?<=\\u00[0-9A-Fa-f]{2})|(?<=[\[;]\dm)|(?<=[\[;]\d\dm))"
)
"""Where a head begins: no letter before it but that of an escape, and none of an escape in it."""

_ESCAPED = r"%(?!(?:25)*(?:2[0-367Cc]|3[BbEe]|[57][BbDd]))"
"""Not that of a space, a quotation mark, `&`, a comma, a bracket: there a word ends."""

_TELLING = 3
"""Letters and a sign that are hardly met but before a key."""

_REACH = 1 << 14
"""How far before its need a secret can begin: a private key's lines are some thousand characters long."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A secret that its own form gives away."""

    kind: str
    needs: tuple[str, ...]
    head: str | None
    source: str
    """Regular expressions, of what stands before the need and of what follows."""

    sample: str
    masked: str

    @property
    def before(self) -> re.Pattern[str] | None:
        """The compiled expression of what stands before the need; None where anything may."""
        return compiled(self.head) if self.head else None

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression of what begins with the need."""
        return compiled(self.source)


@cache
def shapes() -> tuple[Shape, ...]:
    """Return the shapes of `shapes.toml`, in its order: the more exact one stands first."""
    tables = tomllib.loads((Path(__file__).parent / "shapes.toml").read_text(encoding="utf-8"))
    return tuple(
        Shape(
            kind=one["kind"],
            needs=tuple(one["needs"]),
            head=one["head"].replace("{begin}", _BEGIN) if "head" in one else None,
            source=_written_out(one["pattern"], one["needs"]),
            sample=one["sample"],
            masked=one["masked"],
        )
        for one in tables["shape"]
    )


def _written_out(pattern: str, needs: Sequence[str]) -> str:
    return pattern.replace("{start}", _START).replace("{escaped}", _ESCAPED).replace("{cut}", _cut(needs))


def _cut(needs: Sequence[str]) -> str:
    """A pattern for a secret that begins as one of these and was cut before it told any more."""
    telling = "|".join(re.escape(need) for need in needs if len(need) >= _TELLING and not need.isalpha())
    return rf"(?i:{telling})[\w.+/=-]{{0,64}}{CUT.pattern}[\w…+.=/-]*"


@cache
def _by_need() -> dict[str, dict[str, tuple[int, ...]]]:
    """Which shapes need which letters, by the sign in those: few texts hold them all, and a look at one is quicker."""
    found: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, shape in enumerate(shapes()):
        for need in shape.needs:
            found[next((sign for sign in _SIGNS if sign in need), "")][need].append(number)
    return {sign: {need: tuple(told) for need, told in needs.items()} for sign, needs in found.items()}


def masked(text: str, replace: Replace) -> str:
    """Return `text` with every secret of a known shape replaced by what `replace` gives for it."""
    letters = lowered(text)
    present: set[int] = set()
    for sign, needs in _by_need().items():
        if sign in letters:
            present.update(number for need in needs if need in letters for number in needs[need])
    for number in sorted(present):
        changed = masked_by(shapes()[number], text, replace, letters)
        if changed != text:
            text, letters = changed, lowered(changed)
    return text


def lowered(text: str) -> str:
    """Return `text` in lower case, letter by letter: what stands at a place in it stands there in `text`."""
    # The one letter whose lower case is two.
    return text.replace("\u0130", "i").lower()


def hits(text: str, words: Iterable[str]) -> Sequence[int]:
    """Where any of some words begins in a text, ascending."""
    met = [word for word in words if word in text]
    if len(met) == 1:
        return list(_places(text, met[0]))
    return sorted({at for word in met for at in _places(text, word)})


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def masked_by(shape: Shape, text: str, replace: Replace, letters: str | None = None) -> str:
    """Return `text` with the secrets of one shape replaced; `letters` is the text in lower case, if at hand."""
    out: list[str] = []
    done = last = 0
    for at in hits(lowered(text) if letters is None else letters, shape.needs):
        found = shape.pattern.match(text, at) if at >= done else None
        # A head begins after the need before it, so that no stretch is looked through twice.
        low, last = last, at + 1
        if not found:
            continue
        before = shape.before
        head = before.search(text, max(done, low, at - _REACH), at) if before else None
        if before and not head:
            continue
        start, end = head.start() if head else found.start("secret"), found.end("secret")
        # What is already a mask, or was blotted out by others (`***`), is no secret.
        if any(character.isalnum() for character in MASK.sub("", text[start:end])):
            out += [text[done:start], replace(shape.kind, text[start:end])]
            done = end
    return "".join([*out, text[done:]]) if out else text
