"""Generated trees, values and entries for the laws."""

from typing import Any

from hypothesis import strategies as st

from rca.lql.schema import members
from rca.lql.tree import (
    And,
    Cast,
    CastType,
    Comparison,
    Condition,
    Field,
    IpInNet,
    LogId,
    Not,
    Operator,
    Or,
    RegexpExtract,
    Sample,
    Search,
    Source,
    Special,
    Term,
)

texts = st.text(max_size=12) | st.sampled_from(
    ["", "a", "A", "ß", "ss", "5", "5.0", "-3", "1s", "2026-05-04", "true", "error"]
)
"""Values that often meet: short, and some that convert."""

keys = st.sampled_from(["a", "b", "A", "k8s/app", "x.y", ""])
payload_paths = st.lists(keys, min_size=1, max_size=3).map(lambda names: ("jsonPayload", *names))
scalars = st.sampled_from(
    [
        ("severity",),
        ("timestamp",),
        ("insertId",),
        ("textPayload",),
        ("trace",),
        ("traceSampled",),
        ("httpRequest", "status"),
        ("httpRequest", "requestSize"),
        ("httpRequest", "latency"),
        ("operation", "first"),
        ("sourceLocation", "line"),
        ("errorGroups", "id"),
    ]
)
open_paths = (
    payload_paths
    | st.lists(keys, min_size=1, max_size=3).map(lambda names: ("protoPayload", *names))
    | keys.map(lambda name: ("labels", name))
    | keys.map(lambda name: ("resource", "labels", name))
)
fields = st.builds(Field, scalars | open_paths)
ordinary = st.sampled_from([one for one in Operator if one not in {Operator.MATCHES, Operator.MATCHES_NOT}])
patterns = st.sampled_from(["", "a", "(?i)a|err", "^.$", r"\d+", "[^a]", "a.*b", r"\pL"])
comparisons = (
    st.builds(Comparison, fields, ordinary, texts | st.just(Special.NULL))
    | st.builds(Comparison, fields, st.sampled_from([Operator.MATCHES, Operator.MATCHES_NOT]), patterns)
    | st.builds(Comparison, fields, st.just(Operator.HAS), st.just(Special.PRESENT))
    | st.builds(
        Comparison,
        st.builds(
            Cast, fields, st.sampled_from(CastType), st.sampled_from([None, "UTC", "+02:00", "Asia/Tokyo"])
        )
        | st.builds(RegexpExtract, fields, st.sampled_from(["(a)", "(.)b", r"(\d*)"])),
        ordinary,
        texts,
    )
)
words = st.text("ab .-/", min_size=1, max_size=6).map(lambda text: f"w{text}")
functions = (
    st.builds(LogId, texts)
    | st.builds(Source, st.sampled_from(["projects/p", "folders/7"]))
    | st.builds(Sample, fields, st.floats(min_value=0.01, max_value=1.0))
    | st.builds(IpInNet, fields, st.sampled_from(["10.0.0.0/8", "::/0", "1.2.3.4"]))
    | st.builds(Search, st.none() | fields, words)
)
leaves = comparisons | st.builds(Term, texts) | functions


def _joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, parts)


conditions: st.SearchStrategy[Condition] = st.recursive(leaves, _joined, max_leaves=12)
"""Any tree."""

numbers = (
    st.integers() | st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0, 5, 5.0, -3, 10**400])
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(keys | texts, inside, max_size=4),
    max_leaves=12,
)
"""Any JSON, and what Python's reader takes beside it."""

names = st.sampled_from([member.name for member in members("LogEntry").values()])
entries = st.dictionaries(names | texts, json_values, max_size=6) | st.fixed_dictionaries(
    {},
    optional={
        "jsonPayload": st.dictionaries(keys, json_values, max_size=4),
        "protoPayload": st.dictionaries(keys | st.just("@type"), json_values, max_size=4),
        "labels": st.dictionaries(keys, texts, max_size=3),
        "severity": st.sampled_from(["ERROR", "INFO", "error", "LOUD"]),
        "timestamp": st.sampled_from(["2026-05-04T00:00:00Z", "2026-05-04T00:00:00.5Z", "soon"]),
        "textPayload": texts,
        "httpRequest": st.fixed_dictionaries(
            {}, optional={"status": numbers, "latency": texts, "requestSize": texts}
        ),
        "logName": st.sampled_from(["projects/p/logs/a", "projects/p/logs/ss", "x"]),
    },
)
"""Entries of every shape, likely and unlikely."""
