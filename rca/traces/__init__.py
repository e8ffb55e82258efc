"""Entries -> Traces: stack traces put together again, whatever they were cut into.

In: normalized entries, or one text. Out: traces, exceptions, or whose file a frame lies in. Decides which languages are
known: a module with a `Grammar` and its place in `GRAMMARS` make one more.
"""

from collections.abc import Sequence

from rca.model import Entry, ExceptionInfo, Trace
from rca.traces.assemble import assemble
from rca.traces.dotnet import DotNet
from rca.traces.elixir import Elixir
from rca.traces.frames import in_app
from rca.traces.go import Go
from rca.traces.grammar import Grammar
from rca.traces.java import Java
from rca.traces.node import Node
from rca.traces.one_line import named, one_liner
from rca.traces.payload import read
from rca.traces.php import Php
from rca.traces.python import Python
from rca.traces.ruby import Ruby
from rca.traces.rust import Rust

__all__ = ["GRAMMARS", "in_app", "one_liner", "parse", "reassemble"]

GRAMMARS: tuple[Grammar, ...] = (
    Python(),
    Go(),
    Rust(),
    Elixir(),
    Php(),
    Ruby(),
    Java(),
    DotNet(),
    Node(),
)
"""The known languages, in the order they are tried: Node, which takes any error's name for its own, comes last."""


def reassemble(entries: Sequence[Entry]) -> tuple[Trace, ...]:
    """Return every stack trace of the entries, sorted by `at`, ties by insertId.

    A trace never mixes instances, revisions or logs, nor lines more than 2 s apart. `Trace.entries` are all the entries
    it was read from, the header's first. Entries may come in any order and at equal times; none may come twice.
    """
    return assemble(entries, GRAMMARS)


def parse(text: str) -> tuple[ExceptionInfo, ...] | None:
    r"""Return the exceptions of the first stack trace in a text, root first; None when it holds none.

    Literal `\n`, logger prefixes and drawn boxes are understood. A text that is nothing but the line that names an
    exception (`KeyError: 'x'`) gives that exception, without frames.
    """
    told = read(text, GRAMMARS)
    if told is not None:
        return told[1].exceptions
    alone = named(text)
    return None if alone is None else (alone,)
