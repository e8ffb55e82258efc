"""Secrets that one text gave away -> masked in every other: whole, in other spellings, and beside cuts.

In: what was masked so far, a text. Out: the text without any of it. Decides which secrets are worth looking for on
their own: long enough, and no plain word.
"""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from rca.quote import CUT
from rca.redact.masks import MASK, kind_of

_SHORTEST = 6
_ALONE = 8
"""A shorter secret is masked where no letter or digit touches it."""

_LINE_END = re.compile(r"(?:(?<!\\)\\++[nr]|\s)++")

_CUT_END = 4
"""What is left of a secret beside a cut and still shows it."""


class Known:
    """The secrets worth looking for, by their first letters."""

    def __init__(self, met: Mapping[str, str]) -> None:
        """Take in each secret as it was written, and its mask."""
        self._spelled: dict[str, str] = {}
        for secret, mask in met.items():
            if not MASK.search(secret):
                self._spelled |= {
                    told: mask
                    for told in _spellings(kind_of(mask), secret)
                    if len(told) >= _SHORTEST and _is_telling(told)
                }
        self._longest = max(map(len, self._spelled), default=0)
        self._starts = _Starts(self._spelled)
        self._ends = _Starts(told[::-1] for told in self._spelled)
        self._by_start: defaultdict[str, list[str]] = defaultdict(list)
        for told in sorted(self._spelled, key=lambda told: (-len(told), told)):
            self._by_start[told[:_SHORTEST]].append(told)

    def __bool__(self) -> bool:
        return bool(self._spelled)

    def masked(self, text: str) -> str:
        """Return text with the known secrets masked: whole, or as what is left beside a cut."""
        text = self._whole(text)
        return self._beside_cuts(text) if CUT.search(text) else text

    def _whole(self, text: str) -> str:
        starts = self._by_start
        # One look at each place, however many secrets are known.
        places = [at for at in range(len(text) - _SHORTEST + 1) if text[at : at + _SHORTEST] in starts]
        out: list[str] = []
        done = 0
        for at in places:
            secret = self._at(text, at) if at >= done else None
            if secret:
                out += [text[done:at], self._spelled[secret]]
                done = at + len(secret)
        return "".join([*out, text[done:]]) if out else text

    def _at(self, text: str, at: int) -> str | None:
        for secret in self._by_start[text[at : at + _SHORTEST]]:
            if text.startswith(secret, at):
                end = at + len(secret)
                touched = text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()
                return None if touched and len(secret) < _ALONE else secret
        return None

    def _beside_cuts(self, text: str) -> str:
        """Return text in which no end of a known secret stands right before or after a cut (`…+123…`)."""
        pieces = CUT.split(text)
        marks = CUT.findall(text)
        for i, piece in enumerate(pieces):
            left, right = piece, ""
            if i < len(marks):
                left, right = self.without_end(piece)
            if i > 0:
                head, left = self.without_start(left)
                left = head + left
            pieces[i] = left + right
        return "".join(one for pair in zip(pieces, [*marks, ""], strict=True) for one in pair)

    def without_start(self, piece: str) -> tuple[str, str]:
        """Return the mask of the secret whose last part a text opens with, and the rest of the text."""
        backward = piece[: self._longest][::-1]
        secret, length = self._ends.longest_at_end_of(backward)
        return (self._spelled[secret[::-1]], piece[length:]) if secret else ("", piece)

    def without_end(self, piece: str) -> tuple[str, str]:
        """Return what of a text comes before the first part of a secret that it ends with, and that secret's mask."""
        secret, length = self._starts.longest_at_end_of(piece[-self._longest :])
        return (piece[: len(piece) - length], self._spelled[secret]) if secret else (piece, "")


class _Starts:
    """The first parts of some words, to be found in few steps however many words there are."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)
        self._first = {word[:_CUT_END] for word in self._words}

    def longest_at_end_of(self, text: str) -> tuple[str, int]:
        """Return the word of whose start the most stands at the end of a text, and how much; the word is not whole."""
        for at in range(len(text) - _CUT_END + 1):
            if text[at : at + _CUT_END] in self._first:
                part = text[at:]
                found = bisect_right(self._words, part)  # past the word that is this part itself
                if found < len(self._words) and self._words[found].startswith(part):
                    return self._words[found], len(part)
        return "", 0


def _spellings(kind: str, secret: str) -> set[str]:
    """A secret as it was met, and as URLs and JSON write it."""
    plain = unquote(secret)
    if kind == "private_key":
        # A sentence folds the lines of a private key, and a cut leaves some of them.
        return {secret, *(line for line in _LINE_END.split(plain) if "-----" not in line)}
    return {
        secret,
        plain,
        quote(plain, safe="", errors="surrogatepass"),
        *(json.dumps(one)[1:-1] for one in (secret, plain)),
    }


def _is_telling(secret: str) -> bool:
    """Whether a secret would hardly occur by accident: digits and letters, or signs, or great length."""
    kinds = (str.isdigit, str.isalpha, lambda character: not character.isalnum())
    return sum(any(map(kind, secret)) for kind in kinds) > 1 and not secret.isspace()
