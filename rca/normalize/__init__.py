"""Raw log entries -> `Entry`: one shape, UTC times, a reference home.

In: one LogEntry as any tool exports it (camelCase or snake_case). Out: an `Entry`, or `Unreadable`.
Decides which spelling a field has, what an unstated severity is, and which part of a line is its message.
"""

from rca.normalize.entry import Unreadable, insert_id_of, lasts_ns, normalize, request_of, stamped_ns
from rca.normalize.payload import level_of, said_in, stacks_in

__all__ = [
    "Unreadable",
    "insert_id_of",
    "lasts_ns",
    "level_of",
    "normalize",
    "request_of",
    "said_in",
    "stacks_in",
    "stamped_ns",
]
