"""The report as JSON, and back: `Report` <-> text.

In: a `Report`, or a text that should be one. Out: the other. Decides nothing: the keys are the contract's
(`rca.contract`), times RFC 3339 in UTC, durations in seconds. Reading never needs logs or network, so that a saved
report can be rendered anywhere.
"""

import dataclasses
import re
from typing import Any

import msgspec

from rca.contract import SCHEMA, Report
from rca.errors import RcaError
from rca.render.inert import visible_json

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_HINT = "pass a file that `rca why --format json` wrote"


class _Head(msgspec.Struct):
    """The one key that tells what the rest is."""

    schema: str


def render(report: Report) -> str:
    """Return the report as indented JSON, `schema` first, with a line feed at its end."""
    return dumps(report)


def dumps(report: Report) -> str:
    """Return the report as indented JSON; `loads` gives an equal report."""
    return indented({name: getattr(report, name) for name in _NAMES})


def indented(value: object) -> str:
    r"""Return any value as indented JSON in which every character shows, with a line feed at its end.

    A lone surrogate (a broken `\ud83d` in a log, a byte of a file's name that is no UTF-8) has no form in JSON and
    becomes U+FFFD.
    """
    try:
        packed = msgspec.json.encode(value)
    except UnicodeEncodeError:
        packed = msgspec.json.encode(_encodable(msgspec.to_builtins(value)))
    return visible_json(msgspec.json.format(packed, indent=2).decode()) + "\n"


def loads(text: str) -> Report:
    """Return the report that a text holds. Keys this version does not know are passed over.

    Raises:
        RcaError: the text is no JSON, no report, a report of another schema, or lacks a key.
    """
    try:
        packed = text.encode()
        schema = msgspec.json.decode(packed, type=_Head).schema
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as wrong:
        raise RcaError(f"this is not a report of rca: {wrong}", _HINT) from wrong
    if schema != SCHEMA:
        raise RcaError(
            f'this report has the schema "{schema}"; this version of rca reads "{SCHEMA}"',
            "render it with the version of rca that wrote it",
        )
    try:
        return msgspec.json.decode(packed, type=Report)
    except (msgspec.MsgspecError, RecursionError) as wrong:
        raise RcaError(f"this report cannot be read: {wrong}", _HINT) from wrong


_NAMES = ("schema", *(field.name for field in dataclasses.fields(Report) if field.name != "schema"))
"""The schema leads, so that a reader knows at the first line what the file is."""


def _encodable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(one) for one in value]
    return value
