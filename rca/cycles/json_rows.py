"""Where in a JSON document its test results stand.

In: a parsed document. Out: its rows, each an object with a name and an outcome (`rca.cycles.json_keys`). Decides which
lists and objects hold tests: those whose members mostly name a test and its ending. A log export, a health check's
answer or a report of ours holds none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rca.cycles import json_keys
from rca.cycles.sections import EARLIER

# Keys whose lists are asked first; of two that hold tests, the first is the list and the other a selection of it.
_LISTS = ("tests", "test_results", "results", "test_cases", "testcases", "cases", "checks", "specs", "scenarios",
          "assertions", "assertion_results", "suites", "modules", "categories", "groups", "runs")  # fmt: skip
# An object under such a key may hold tests by name; the services of a health check's answer are none.
_BY_NAME = re.compile(r"tests?(?:_|$)|results?$|checks?$|validations?$|probes?$|scenarios$|cases$")
_PROBE = re.compile(r"^(?P<what>[a-z0-9_]{2,60}?)_(?:validation|check|test|probe|verification)$")
_SUCCEEDED = re.compile(
    r"^(?:(?P<what>[a-z0-9_]{2,40})_)?(?:successful|succeeded|success|passed|established)$"
)
_LOG_KEYS = frozenset({"insertId", "logName", "severity", "insert_id"})
_DEEPEST = 8
_MOST_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One result, with the run it belongs to."""

    value: Mapping[str, Any]
    earlier: bool = False
    """It stands under the words for an earlier run."""


def rows_of(value: object) -> list[Row]:
    """The document's results in reading order; empty where it holds none."""
    return _Search().rows(value, 0, earlier=False)


@dataclass(slots=True)
class _Search:
    """Walks through a document once; counts its steps, for a document may be anything."""

    steps: int = 0

    def rows(self, value: object, depth: int, *, earlier: bool, key: str = "") -> list[Row]:
        """The results in a part of the document."""
        self.steps += 1
        if depth > _DEEPEST or self.steps > _MOST_NODES:
            return []
        if isinstance(value, list):
            return self._listed(value, depth, earlier=earlier)
        if not isinstance(value, Mapping):
            return []
        if _BY_NAME.search(key):
            # {"test_a": {"success": true}, …}: a list, with the names as keys.
            named = [{"name": name, **_row(item)} for name, item in value.items()]
            if _are_tests(named) and not any(_inner(item, depth) for item in value.values()):
                return [Row(row, earlier) for row in named if json_keys.is_test(row)]
        found = self._under_keys(value, depth, earlier=earlier)
        if not found and (probe := _probe(key, value)) is not None:
            return [Row(probe, earlier)]
        return found

    def _listed(self, value: list[Any], depth: int, *, earlier: bool) -> list[Row]:
        groups = [item for item in value if isinstance(item, Mapping) and _inner(item, depth)]
        if groups and 2 * len(groups) > len(value):
            return [row for item in value for row in self.rows(item, depth + 1, earlier=earlier)]
        if _are_tests(value):
            return [Row(item, earlier) for item in value if isinstance(item, Mapping)]
        return [row for item in value for row in self.rows(item, depth + 1, earlier=earlier)]

    def _under_keys(self, value: Mapping[str, Any], depth: int, *, earlier: bool) -> list[Row]:
        found: list[Row] = []
        for key in sorted(value, key=_rank):
            name = json_keys.spelled(key)
            before = earlier or bool(EARLIER & set(name.split("_")))
            rows = self.rows(value[key], depth + 1, earlier=before, key=name)
            if rows and name in _LISTS and isinstance(value[key], (list, Mapping)):
                return [*found, *rows]
            found += rows
        return found


def _rank(key: str) -> int:
    name = json_keys.spelled(key)
    return _LISTS.index(name) if name in _LISTS else len(_LISTS)


def _row(item: object) -> Mapping[str, Any]:
    """A named value as a row: an object as it is, a word such as "passed" as an outcome."""
    return item if isinstance(item, Mapping) else {"outcome": item if isinstance(item, str) else None}


def _inner(item: object, depth: int) -> bool:
    """Whether an object holds a list of tests of its own: it is a suite, then, not a test."""
    return isinstance(item, Mapping) and any(
        isinstance(inner, (list, Mapping))
        and json_keys.spelled(key) in _LISTS
        and _holds_tests(inner, depth + 1)
        for key, inner in item.items()
    )


def _holds_tests(inner: list[Any] | Mapping[str, Any], depth: int) -> bool:
    if isinstance(inner, list):
        return _are_tests(inner) or (depth < _DEEPEST and any(_inner(item, depth) for item in inner[:3]))
    return _are_tests([{"name": name, **_row(item)} for name, item in inner.items()])


def _are_tests(rows: list[Any]) -> bool:
    """Whether most of the objects name a test and its outcome; log entries have an insertId or a severity."""
    objects = [row for row in rows if isinstance(row, Mapping)]
    if not objects or any(_LOG_KEYS & row.keys() for row in objects[:5]):
        return False
    return 2 * sum(json_keys.is_test(row) for row in objects) > len(rows)


def _probe(key: str, value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """An object such as {"connection_successful": false} under `websocket_validation`, as the one test it is."""
    what = _PROBE.match(key)
    flags = [
        (match["what"], value[name])
        for name in value
        if isinstance(value[name], bool) and (match := _SUCCEEDED.match(json_keys.spelled(name))) is not None
    ]
    if what is None or len(flags) != 1 or flags[0][0] in {"overall", "all", "total"}:
        return None
    kind, succeeded = flags[0]
    return {
        **value,
        "name": "_".join(filter(None, (what["what"], kind))),
        "outcome": "passed" if succeeded else "failed",
    }


def facts_of(top: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, object]]:
    """Scalar values of the document outside of its lists, keys spelled alike, inner first so that outer ones win."""
    for key, value in top.items():
        if isinstance(value, Mapping) and depth < 2 and key not in {"tests", "details"}:  # noqa: PLR2004 - levels
            yield from facts_of(value, depth + 1)
    yield from (
        (json_keys.spelled(key), value)
        for key, value in top.items()
        if not isinstance(value, (Mapping, list))
    )
