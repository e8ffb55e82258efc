"""The corpus of planted secrets: every kind of them, in every way to log it. Nothing of it is written down.

In: a seed. Out: cases, each a text and the pieces of the secret that must not be left in it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, unquote

from tests.redaction import secret_makers as makers, ways

_PIECE = 8
"""So many letters of a random secret are met nowhere else."""

_ESCAPED = re.compile(r"\\+([\"'/\\])")


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with a secret in it."""

    kind: str
    way: str
    text: str
    secret: str

    def survives_in(self, text: str) -> bool:
        """Whether the secret, or its beginning, middle or end, can still be read in a text, escaped or not."""
        return survives(self.secret, text)


def survives(secret: str, text: str) -> bool:
    """Whether a secret, in any spelling, or a telling piece of it can still be read in a text."""
    read = {text, unquote(text), unquote(unquote(text)), _ESCAPED.sub(r"\1", text)}
    spelled = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    if len(secret) > 3 * _PIECE:
        # The first letters are the provider's, the words of a key's frame everybody's.
        lines = [line for line in secret.split("\n") if "-----" not in line]
        spelled |= {line[-_PIECE:] for line in lines if len(line) > _PIECE}
        spelled |= {line[len(line) // 2 :][:_PIECE] for line in lines if len(line) > 3 * _PIECE}
    elif len(secret) > _PIECE:
        spelled.add(secret[-_PIECE + 2 :])
    return any(one in said for said in read for one in spelled)


def corpus(seed: int = 0) -> tuple[Planted, ...]:
    """Every kind of secret in every way that can hold it."""
    random = Random(seed)  # noqa: S311 - nobody is to be kept from guessing these
    return (*_alone(random), *_named(random), *_opening(random), *_keys(random))


def _alone(random: Random) -> Iterator[Planted]:
    for kind, make in makers.ALONE.items():
        for way, tell in {**ways.ALONE, **ways.IN_AN_ADDRESS}.items():
            secret = make(random)
            # What holds a space, a sign of addresses or a slash does not stand in one as it is.
            if way == "unescaped query" and quote(secret, safe=":@.~") != secret:
                continue
            yield Planted(kind, way, tell(secret), secret)
    for kind, make in makers.SPACED.items():
        for way, tell in {**ways.ALONE, **ways.IN_AN_ADDRESS}.items():
            secret = make(random)
            if way != "unescaped query":
                yield Planted(kind, way, tell(secret), secret)


def _named(random: Random) -> Iterator[Planted]:
    for way, tell in ways.NAMED.items():
        for name in ways.NAMES:
            secret = makers.password(random)
            yield Planted(f"named {name}", way, tell(name, secret), secret)


def _opening(random: Random) -> Iterator[Planted]:
    for way, tell in ways.OPENING.items():
        for _ in range(4):
            secret = makers.password(random)
            yield Planted("password", way, tell(secret), secret)
    for way, tell in ways.SIGNED.items():
        for letters, length in ((makers.HEX, 64), (makers.ALNUM, 86), (makers.HEX, 512)):
            secret = makers.drawn(random, letters, length)
            yield Planted("signature", way, tell(secret), secret)


def _keys(random: Random) -> Iterator[Planted]:
    for way, tell in ways.KEPT_IN_LINES.items():
        for _ in range(3):
            secret = makers.pem(random)
            yield Planted("private key", way, tell(secret), secret)
