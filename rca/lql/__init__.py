"""The Logging query language: read a filter, ask it of entries.

`parse(text)` gives a `Query`, or raises `QueryError` with line, column and what to write instead;
`query.matches(entry)` takes a LogEntry in its REST JSON form. The tree (rca.lql.tree) and the types of LogEntry
(rca.lql.schema) know nothing of evaluation. lark and RE2 are loaded when the first filter is read.
"""

from rca.lql.errors import QueryError
from rca.lql.query import Query, parse

__all__ = ["Query", "QueryError", "parse"]
