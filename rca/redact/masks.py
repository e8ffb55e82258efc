"""Which secret has which mask.

In: a kind and a secret as it is written somewhere. Out: its mask, the same for the same secret however it is
written. Decides when two spellings are one secret.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from rca.redact.numbers import public

MASK = re.compile("\u2039[a-z_]+:[0-9]+\u203a")
"""A mask, between single angle quotation marks: rare in logs, harmless in Markdown, HTML and shells."""

_LONGEST = 32

_GROUPED = frozenset({"card", "iban", "phone"})
_SPACING = re.compile(r"[^0-9A-Za-z]+")
_LINE_ENDS = re.compile(r"(?:(?<!\\)\\++[nr]|\s)++")
_BACKSLASHED = re.compile(r"""\\+(?=["'/\\])""")


class Masks:
    """Which secret has which mask. Not frozen: it numbers secrets as they are met, in the order of the report."""

    def __init__(self, already: Mapping[str, int] | None = None, ids: Sequence[str] = ()) -> None:
        """Number on from `already`, the masks that a report holds before; `ids` are names whose values are masked."""
        self.ids = tuple(ids)
        self._counts: Counter[str] = Counter(already or {})
        self._masks: dict[str, str] = {}
        self._met: dict[str, str] = {}

    def of(self, kind: str, secret: str) -> str:
        """Return the secret's mask, a new one when it was not met before."""
        if secret in self._met:
            return self._met[secret]
        known = _one_spelling(kind, secret)
        if known not in self._masks:
            self._counts[kind] += 1
            self._masks[known] = f"\u2039{kind}:{self._counts[kind]}\u203a"
        self._met[secret] = self._masks[known]
        return self._masks[known]

    @property
    def counts(self) -> dict[str, int]:
        """How many different secrets were masked, by kind, in alphabetical order."""
        return dict(sorted(self._counts.items()))

    @property
    def met(self) -> Mapping[str, str]:
        """Each secret as it was written, and its mask."""
        return self._met


def _one_spelling(kind: str, secret: str) -> str:
    """A secret as any of its spellings gives it: `p%40ss` in a URL and `p@ss` in a log line are one."""
    # As deep as an address stands in an address.
    plain = unquote(unquote(secret))
    if kind in _GROUPED:
        return _SPACING.sub("", plain).removeprefix("00" if kind == "phone" else "")
    if kind == "private_key":
        return _LINE_ENDS.sub("\n", plain).strip()
    if kind == "email":
        return plain.replace("\\u0040", "@").lower()
    if kind == "ip":
        return public(plain)
    return _BACKSLASHED.sub("", plain)


def kind_of(mask: str) -> str:
    """The kind of secret that a mask stands for."""
    return mask[1:].partition(":")[0]


def is_in_mask(text: str, at: int) -> bool:
    """Whether a place in a text lies within a mask."""
    start = text.rfind("\u2039", max(0, at - _LONGEST), at)
    found = MASK.match(text, start) if start >= 0 else None
    return found is not None and found.end() > at
