"""Values that stand apart from their names, by their place in a list: SQL statements, their parameters, a key's detail.

    INSERT INTO users (email, password) VALUES ('ada@harbor.example', 's3cr3t')
    Key (email, api_token)=(ada@harbor.example, q7Zk29) already exists.
    [SQL: INSERT INTO users (email, password) VALUES (%s, %s)] [parameters: ('ada@harbor.example', 's3cr3t')]

In: a text. Out: the same with the values replaced whose column is named as a secret's.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from rca.redact.masks import MASK
from rca.redact.replacing import Replace

_ROW = re.compile(
    r"\((?P<names>(?:[\w\s\"`.,:\[\]\\]|\([\w\s\"`.:]{0,80}\)){1,2000})\)\s{0,8}(?:(?:VALUES|[Vv]alues)\s{0,8}|=)\("
)
"""A column of an index can be an expression: `Key (lower(email::text), token)=(…`."""
_PARAMETERS = re.compile(r"\[parameters: \(")
_STATEMENT = 4000
"""How far before its parameters a statement is looked for."""

_MOST = 200
"""Columns of a table."""

_VALUE = re.compile(
    r"""\s{0,8}(?P<value>
          [bBnNrRuU]?(?P<quote>\\*['"])(?P<said>(?:''|(?!(?P=quote)).)*+)(?P=quote)(?!')
        | [^,()'"\n]{1,2000} )
        (?:::[\w\s]{1,40})?\s{0,8}(?P<next>[,)])""",
    re.VERBOSE,
)
_PLACE = re.compile(r"\$\d{1,4}|\?|:\w{1,64}|@\w{1,64}|%s|%\(\w{1,64}\)s")
_BOUND = re.compile(rf"(?P<name>[\w\"`.]{{1,100}})\s?=\s?(?:{_PLACE.pattern})")
_GATES = ("VALUES", "values", "Values", ")=(", "[parameters: (")


def masked(text: str, is_secret: Callable[[str], bool], replace: Replace) -> str:
    """Return `text` with the values of secret columns replaced."""
    if not any(gate in text for gate in _GATES):
        return text
    places: list[tuple[int, int]] = []
    for row in _ROW.finditer(text):
        names = _named(row["names"])
        places += _of_secrets(text, row.end(), names, is_secret)
    before = 0
    for given in _PARAMETERS.finditer(text):
        names = _asked_for(text[max(before, given.start() - _STATEMENT) : given.start()])
        before = given.end()
        places += _of_secrets(text, given.end(), names, is_secret)
    out: list[str] = []
    done = 0
    for start, end in sorted(places):
        if start >= done:
            out += [text[done:start], replace("secret", text[start:end])]
            done = end
    return "".join([*out, text[done:]]) if out else text


def _named(names: str) -> list[str]:
    return [name.strip(' \\"`[]\n') for name in names.split(",")]


def _of_secrets(
    text: str, at: int, names: Sequence[str], is_secret: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Where the values of secret columns stand in the list that begins at a place."""
    wanted = [is_secret(name) for name in names[:_MOST]]
    for secret in wanted if any(wanted) else ():
        found = _VALUE.match(text, at)
        if not found:
            return
        kind = "said" if found["quote"] else "value"
        told = MASK.sub("", found[kind]).strip()
        if secret and any(map(str.isalnum, told)) and not _PLACE.match(told) and told.lower() != "null":
            start = found.start(kind)
            yield start, start + len(found[kind].rstrip())
        at = found.end()
        if found["next"] == ")":
            return


def _asked_for(statement: str) -> list[str]:
    """The columns that a statement's parameters are for, in order."""
    row = next(_ROW.finditer(statement), None)
    return _named(row["names"]) if row else [found["name"] for found in _BOUND.finditer(statement)]
