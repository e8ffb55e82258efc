"""What lark could not read, in words: the place and the remedy instead of a list of expected terminals.

In: the filter and lark's exception. Out: a mistake. Decides nothing that the grammar has not decided.
"""

import re
from collections import deque
from collections.abc import Callable
from itertools import takewhile

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rca.lql import grammar
from rca.lql.errors import MistakeError, shown
from rca.lql.tree import Operator

_LOGICAL = frozenset({"AND", "OR", "NOT"})
_OPENING = frozenset({"LPAR", "FUNCTION"})
_QUOTE_IT = "put text with special characters in quotes"

_RUN = re.compile(r"[^\s()\"']*")
"""What stands together without a space: the whole of an unquoted value that should have been quoted."""

_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_TO_QUOTE = re.compile(r'[^\s"]*')


def explained(text: str, error: UnexpectedInput) -> MistakeError:
    """The mistake behind an exception of lark's."""
    if isinstance(error, UnexpectedCharacters):
        return _character(text, error.pos_in_stream or 0)
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            return _end(text, list(grammar.tokens(text)))
        earlier = takewhile(lambda token: _at(token) < _at(error.token), grammar.tokens(text))
        return _token(text, error.token, next(iter(deque(earlier, maxlen=1)), None))
    return MistakeError("this cannot be read", at=error.pos_in_stream or 0)


def _character(text: str, at: int) -> MistakeError:
    """What is wrong where no token begins."""
    explain = {
        '"': _quotation,
        "'": _quotation,
        ".": _dot,
        "+": _sign,
        "-": _sign,
        "~": _tilde,
    }.get(text[at], _word)
    return explain(text, at)


def _quotation(text: str, at: int) -> MistakeError:
    found = _STRING.match(text, at)
    if found is None:
        return MistakeError(f"this {text[at]} is never closed", f"put {text[at]} where the text ends", at=at)
    hint = 'a quotation mark inside the text is written \\"; a space separates two texts'
    return MistakeError("a quoted text goes on without a space", hint, at=found.end())


def _dot(_: str, at: int) -> MistakeError:
    hint = 'a text that begins or ends with a dot is quoted: ".log"'
    return MistakeError("a dot stands here without a name beside it", hint, at=at)


def _sign(text: str, at: int) -> MistakeError:
    value = _run(text, at)
    hint = (
        f'write "{shown(value)}"'
        if len(value) > 1
        else "- stands directly before what it negates; or write NOT"
    )
    return MistakeError(f'"{text[at]}" cannot begin an unquoted text', hint, at=at)


def _tilde(_: str, at: int) -> MistakeError:
    return MistakeError('"~" alone is no operator', 'a regular expression follows =~ or !~: =~"a.*b"', at=at)


def _word(text: str, at: int) -> MistakeError:
    quoted = _TO_QUOTE.match(text, at)
    if quoted is not None and text[quoted.end() : quoted.end() + 1] == '"':
        hint = 'put the whole text in quotes, and write \\" inside'
        return MistakeError("a quotation mark stands inside an unquoted word", hint, at=quoted.end())
    return MistakeError(f'"{shown(text[at])}" cannot stand here', _QUOTE_IT, at=at)


def _end(text: str, tokens: list[Token]) -> MistakeError:
    """What is missing where the filter ends."""
    last = tokens[-1] if tokens else None
    if last is not None and last.type == "OPERATOR":
        return _no_value(last)
    if last is not None and last.type in _LOGICAL:
        return MistakeError(
            f"nothing follows {last}", f'the word itself is searched for by "{last}"', at=_at(last)
        )
    opened: list[Token] = []
    for token in tokens:
        if token.type in _OPENING:
            opened.append(token)
        elif token.type == "RPAR" and opened:
            opened.pop()
    if opened:
        return MistakeError(
            "this parenthesis is never closed", "put ) where it ends", at=_end_of(opened[-1]) - 1
        )
    return MistakeError("the filter ends too early", at=len(text))


def _token(text: str, token: Token, before: Token | None) -> MistakeError:
    """What is wrong where a token stands that cannot."""
    if before is not None and before.type == "OPERATOR":
        return _after_operator(text, token, before)
    return _MISPLACED.get(token.type, _other)(text, token, before)


def _after_operator(text: str, token: Token, before: Token) -> MistakeError:
    """What is wrong where a value should stand."""
    if token.type == "OPERATOR":
        return MistakeError(
            f'"{before}{token}" is no operator', f"there are {' '.join(Operator)}", at=_at(before)
        )
    if token.type in _LOGICAL:
        hint = f'the word as a value is "{token}"; values are combined in parentheses: (a OR b)'
        return MistakeError(
            f'expected a value after "{before}", and {token} is an operator', hint, at=_at(token)
        )
    if token.type == "RPAR":
        return _no_value(before)
    whole = _run(text, _at(token))
    return MistakeError(f'"{token}" cannot begin an unquoted value', f'write "{shown(whole)}"', at=_at(token))


def _no_value(operator: Token) -> MistakeError:
    hint = 'for an empty text write ""; field:* asks whether the field is there'
    return MistakeError(f'expected a value after "{operator}"', hint, at=_end_of(operator))


def _closing(_: str, token: Token, before: Token | None) -> MistakeError:
    if before is not None and before.type in _OPENING | _LOGICAL | {"MINUS", "COMMA"}:
        return MistakeError(f'nothing stands between "{before}" and ")"', at=_at(token))
    return MistakeError("no parenthesis is open here", "take ) away, or put ( where it begins", at=_at(token))


def _joining(_: str, token: Token, __: Token | None) -> MistakeError:
    hint = f'the word itself is searched for by "{token}"'
    return MistakeError(f"nothing stands before {token}", hint, at=_at(token))


def _negating(_: str, token: Token, __: Token | None) -> MistakeError:
    return MistakeError("something is negated twice", "leave both away, or write NOT (NOT …)", at=_at(token))


def _comma(_: str, token: Token, __: Token | None) -> MistakeError:
    hint = 'write "a,b" for a text, f=(a OR b) for a list'
    return MistakeError('"," cannot stand outside quotes', hint, at=_at(token))


def _comparing(text: str, token: Token, before: Token | None) -> MistakeError:
    """An operator without a field before it, most often inside a value that should have been quoted."""
    at = _at(token)
    if before is None or before.type in _LOGICAL | _OPENING | {"MINUS", "COMMA"}:
        return MistakeError(
            f'no field stands before "{token}"', "write field=value, or quote the text", at=at
        )
    if before.type in {"BARE", "SIGNED"}:
        whole = before + _run(text, _end_of(before))
        hint = f'write "{shown(whole)}"; a shell may have taken the quotes away'
        return MistakeError(f'"{token}" cannot stand in an unquoted value', hint, at=at)
    return MistakeError(f'"{token}" compares what is compared already', "join comparisons with AND", at=at)


def _other(_: str, token: Token, __: Token | None) -> MistakeError:
    return MistakeError(f'"{shown(str(token))}" cannot stand here', _QUOTE_IT, at=_at(token))


_MISPLACED: dict[str, Callable[[str, Token, Token | None], MistakeError]] = {
    "RPAR": _closing,
    "AND": _joining,
    "OR": _joining,
    "NOT": _negating,
    "MINUS": _negating,
    "COMMA": _comma,
    "OPERATOR": _comparing,
}
"""What each token is mistaken for where it cannot stand."""


def _run(text: str, at: int) -> str:
    found = _RUN.match(text, at)
    return found[0] if found else ""


def _at(token: Token) -> int:
    return token.start_pos or 0


def _end_of(token: Token) -> int:
    return _at(token) + len(token)
