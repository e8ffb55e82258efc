"""Raw log entries -> `Entry`: one shape, UTC times, a reference home.

In: one LogEntry as any tool exports it (camelCase or snake_case). Out: an `Entry`, or `Unreadable`.
Decides which spelling a field has, what an unstated severity is, and which part of a line is its message.
"""

from rca.normalize.entry import Unreadable, insert_id_of, lasts_ns, normalize, shallow, stamped_ns
from rca.normalize.rest import as_rest

__all__ = [
    "Unreadable",
    "as_rest",
    "insert_id_of",
    "lasts_ns",
    "normalize",
    "shallow",
    "stamped_ns",
]
