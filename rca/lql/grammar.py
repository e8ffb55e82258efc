r"""Text into a tree: the grammar of the language, its tokens, and what is made of each rule.

In: a filter. Out: its tree (rca.lql.tree). Decides precedence, NOT before OR before AND, and how a list of values
is spread over its comparison. LALR: linear, and without recursion whatever comes. The lexer knows no context:
AND, OR and NOT are operators wherever they stand alone, so `NOT NOT a` and `a AND OR b` are mistakes here as there.
Source: "Logging query language", Syntax summary, Boolean operators, Comparisons, Comments; AIP-160 and its
grammar (one NOT or `-` a term, `-` directly before what it negates); the lexer of Grafeas' filters for the
characters of words. 'Single quotes' are in AIP-160 and in public filters, not in the Logging pages: both are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from lark import Lark, Token, Transformer
from lark.lark import PostLex

from rca.lql import calls
from rca.lql.errors import MistakeError
from rca.lql.tree import (
    And,
    Cast,
    Comparison,
    Condition,
    Field,
    Not,
    Operand,
    Operator,
    Or,
    RegexpExtract,
    Special,
    Term,
    Value,
)
from rca.lql.words import Word

DEEPEST = 50
"""Parentheses inside parentheses; what goes deeper nobody wrote by hand, and no evaluator should recurse into."""

_GRAMMAR = r"""
start: all?
?all: together | all "AND" together -> both
?together: any | together any -> both
?any: term | any "OR" term -> either
?term: simple | ("NOT" | MINUS) simple -> negated
?simple: operand | operand OPERATOR value -> comparison | group
?value: operand | group
group: LPAR all ")"
?operand: BARE -> word | SIGNED -> word | STRING -> string | call
call: FUNCTION (operand ("," operand)*)? ")"

OPERATOR: /=~|!~|[!<>]?=|[<>:]/
LPAR: "("
MINUS: /-(?=[^\s-])/
SIGNED.2: /(?:-(?:[0-9]+\.?[0-9]*|\.[0-9]+)|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![^\s(),])/
FUNCTION.3: /(?!(?:AND|OR|NOT)\()[A-Za-z_][A-Za-z0-9_]*\(/
STRING: /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=[\s(),:=<>~!]|--|\Z)/s
IGNORED: /(?:\s|--[^\n]*)+/
%ignore IGNORED
BARE: /%BARE%/s
"""

_PLAIN = r"""(?:[^\s"(),:=<>~.!-]|!(?![=~])|-(?!-(?:\s|\Z)))"""
"""A character inside a word; two dashes before a space begin a comment."""

_BARE = rf"""(?:(?![+'-]){_PLAIN}{_PLAIN}*+|"(?:[^"\\]|\\.)*"(?=\.))(?:\.(?:{_PLAIN}++|"(?:[^"\\]|\\.)*"))*+(?!")"""
"""A word or a path: names between dots, some of them quoted, the first only if more follow."""


@dataclass(slots=True)
class _Joined:
    """Conditions joined by AND or by OR, still growing."""

    to: type[And | Or]
    parts: list["_Raw"]


@dataclass(frozen=True, slots=True)
class _Negated:
    part: "_Raw"


@dataclass(frozen=True, slots=True)
class _Group:
    """What stood in parentheses: it joins as one."""

    part: "_Raw"
    at: int


_Raw = _Joined | _Negated | _Group | Word | Condition | Operand | calls.Zone
"""What a rule makes before it is known whether its words are terms or the values of a comparison."""


class _Builder(Transformer[Token, Condition]):
    """One method a rule, called as the rule is recognized."""

    def start(self, children: list[_Raw]) -> Condition:
        """The whole query as a condition; an empty query is one that always holds."""
        return _condition(children[0]) if children else And(())

    def word(self, children: list[Token]) -> Word:
        """A word without quotation marks, and where it stands."""
        return Word(str(children[0]), _at(children[0]))

    def string(self, children: list[Token]) -> Word:
        """A word from between quotation marks, its escapes left as they are, and where it stands."""
        return Word(str(children[0]), _at(children[0]), quoted=True)

    def both(self, children: list[_Raw]) -> _Raw:
        """Two parts that must both hold."""
        return _join(And, *children)

    def either(self, children: list[_Raw]) -> _Raw:
        """Two parts of which one must hold."""
        return _join(Or, *children)

    def negated(self, children: list[_Raw | Token]) -> _Raw:
        """A part that must not hold."""
        part = children[-1]
        assert not isinstance(part, Token)  # noqa: S101 - the grammar's order, told to the type checker
        return _Negated(part)

    def group(self, children: list[_Raw | Token]) -> _Raw:
        """What stood in parentheses, which joins as one, and where they open."""
        bracket, part = children
        assert isinstance(bracket, Token)  # noqa: S101 - as above
        assert not isinstance(part, Token)  # noqa: S101 - as above
        return _Group(part, _at(bracket))

    def call(self, children: list[calls.Argument | Token]) -> _Raw:
        """A function and its arguments; raises `MistakeError` where it takes others."""
        name, *arguments = children
        assert isinstance(name, Token)  # noqa: S101 - as above
        return calls.call(name[:-1], _at(name), [one for one in arguments if not isinstance(one, Token)])

    def comparison(self, children: list[_Raw | Token]) -> _Raw:
        """A field, an operator and a value; a value that is a group is spread over the field."""
        compared, operator, value = children
        assert isinstance(operator, Token)  # noqa: S101 - as above
        assert not isinstance(compared, Token)  # noqa: S101 - as above
        assert not isinstance(value, Token)  # noqa: S101 - as above
        return _spread(value, _operand(compared, _at(operator)), Operator(operator))


def _at(token: Token) -> int:
    return token.start_pos or 0


def _join(to: type[And | Or], left: _Raw, right: _Raw) -> _Joined:
    """One more part; groups stay apart, so that the tree keeps the parentheses that were written."""
    joined = left if isinstance(left, _Joined) and left.to is to else _Joined(to, [left])
    joined.parts.extend(right.parts if isinstance(right, _Joined) and right.to is to else [right])
    return joined


def _condition(raw: _Raw) -> Condition:
    """The condition, its words being terms."""
    match raw:
        case _Joined():
            return raw.to(tuple(_condition(part) for part in raw.parts))
        case _Negated():
            return Not(_condition(raw.part))
        case _Group():
            return _condition(raw.part)
        case Word():
            return _term(raw)
        case calls.Zone():
            raise MistakeError("a time zone stands inside cast", f"write {calls.CAST_WITH_ZONE}", at=raw.at)
        case Field() | Cast() | RegexpExtract():
            raise MistakeError(
                "this function gives a value, and no comparison follows",
                "compare it: cast(jsonPayload.count, INT64) > 5",
                at=raw.at,
            )
        case _:
            return raw


def _term(word: Word) -> Condition:
    """A word that stands alone. `-5` is what `-` makes of 5."""
    if not word.quoted and word.written.startswith("-"):
        return Not(Term(word.written[1:], quoted=False, at=word.at + 1))
    return Term(word.text(), word.quoted, word.at)


def _operand(raw: _Raw, at: int) -> Operand:
    """What is compared."""
    if isinstance(raw, Word):
        return raw.field()
    if isinstance(raw, Cast | RegexpExtract):
        return raw
    raise MistakeError("this function is a condition of its own", "leave the comparison away", at=at)


def _spread(raw: _Raw, operand: Operand, operator: Operator) -> Condition:
    """The comparison with each value of a list, joined as the list is."""
    match raw:
        case _Joined():
            return raw.to(tuple(_spread(part, operand, operator) for part in raw.parts))
        case _Negated():
            return Not(_spread(raw.part, operand, operator))
        case _Group():
            return _spread(raw.part, operand, operator)
        case Word():
            return Comparison(operand, operator, _value(raw, operator), operand.at, raw.at)
        case Comparison():
            raise MistakeError(
                "a list of values holds no comparison", "close the list before the next field", at=raw.at
            )
        case _:
            raise MistakeError(
                "a function cannot be the value here",
                "it stands before the operator",
                at=getattr(raw, "at", 0),
            )


def _value(word: Word, operator: Operator) -> Value:
    if word.presence:
        if operator is Operator.HAS:
            return Special.PRESENT
        raise MistakeError("only : asks whether a field is there", "write field:*", at=word.at)
    if operator in {Operator.MATCHES, Operator.MATCHES_NOT}:
        return word.pattern()
    if not word.quoted and word.written.upper() == Special.NULL.value:
        return Special.NULL
    return word.text()


class _Depth(PostLex):
    """Counts the parentheses that are open, one filter after another."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The same tokens; raises `MistakeError` at the parenthesis that goes too deep."""
        depth = 0
        for token in stream:
            if token.type in {"LPAR", "FUNCTION"}:
                depth += 1
                if depth > DEEPEST:
                    raise MistakeError(
                        f"parentheses lie more than {DEEPEST} deep here",
                        "ask in several filters",
                        at=_at(token),
                    )
            elif token.type == "RPAR":
                depth -= 1
            yield token


@cache
def _parser() -> Lark:
    return Lark(
        _GRAMMAR.replace("%BARE%", _BARE),
        parser="lalr",
        lexer="basic",
        transformer=_Builder(),
        postlex=_Depth(),
        maybe_placeholders=False,
    )


def tree_of(text: str) -> Condition:
    """The filter as a tree. Raises `MistakeError`, or what lark raises where the text is not of the grammar."""
    return cast("Condition", _parser().parse(text))  # the builder's, not a tree of lark's


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a filter, as far as they are tokens: what the words of a mistake are found by."""
    return _parser().lex(text)
