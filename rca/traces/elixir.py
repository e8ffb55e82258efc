"""Elixir's and Erlang's errors, as Elixir prints them.

In: lines, or one whole text. Out: which line may follow which; the exceptions, root first. Decides that an exit which
only says that an exception was raised is none, and which applications in a release are libraries.
Source: Elixir, lib/elixir/lib/exception.ex (`format`, `format_stacktrace_entry`); Logger.Translator.
"""

import re
from collections.abc import Sequence

from rca.model import Frame
from rca.traces.frames import frame
from rca.traces.grammar import Reading, lines_of
from rca.traces.name_first import LONGEST_MESSAGE, Name, NameFirst, exceptions, first_call

_CALL = re.compile(
    r"""
    \s{2,40} (?: \( (?P<app> [a-z]\w{0,60} ) (?: \ [\w.+\-]{1,60} )? \)\  )?
    (?: (?P<file> [\w./~\-]{1,300} \. (?: exs? | erl | [hl]?eex ) ) : (?P<line> \d{1,9} ) : \  | (?P<native> : ) )
    (?P<function> \S .{0,500} ) $
    """,
    re.VERBOSE,
)
"""`    (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.add/2`"""
_NAME = re.compile(
    r"(?<!\S)\*\* \((?P<type>[A-Z][\w.]{0,200}|exit|throw|stop)(?: from #PID<[\d.]{1,40}>)?\) (?P<message>.*)$",
    re.DOTALL,
)
_ONLY_RAISED = "an exception was raised:"
_LIBRARIES = re.compile(
    r"(?:absinthe|bandit|bcrypt_elixir|broadway|castore|commanded|cowboy|cowlib|db_connection|ecto|ecto_sql|elixir|erts"
    r"|ex_unit|finch|gen_stage|goth|grpc|gun|hackney|hpax|httpoison|iex|jason|joken|kernel|libcluster|logger|logger_json"
    r"|mint|mix|myxql|nimble_options|nimble_pool|oban|opentelemetry|phoenix|phoenix_ecto|phoenix_html|phoenix_live_view"
    r"|phoenix_pubsub|plug|plug_cowboy|plug_crypto|postgrex|ranch|redix|req|sentry|ssl|stdlib|swoosh|telemetry|tesla"
    r"|thousand_island|websock|websock_adapter)"
)
"""Erlang's, Elixir's, and what most releases hold beside the service's own application."""


class Elixir(NameFirst):
    """Elixir's grammar; see `Grammar`."""

    name = "elixir"

    def call(self, line: str) -> Frame | None:
        """See `NameFirst.call`."""
        found = _CALL.match(line.rstrip()) if line[:2] == "  " else None
        if found is None or (found["native"] and not found["app"]):
            return None
        if found["native"]:
            return frame("<native>", None, ":" + found["function"])
        made = frame(found["file"], int(found["line"]), found["function"])
        theirs = _LIBRARIES.fullmatch(found["app"] or "") is not None or "/deps/" in found["file"]
        return Frame(made.file, made.line, made.function, None, in_app=False) if theirs else made

    def named(self, line: str, *, loose: bool) -> Name | None:  # noqa: ARG002 - two stars and a bracket are sure
        """See `NameFirst.named`."""
        found = _NAME.search(line) if "** (" in line else None
        return None if found is None else Name(found.start(), found["type"], found["message"])

    def goes_on(self, line: str) -> bool:
        """See `NameFirst.goes_on`: what an exit came from stands below it, further in."""
        return line[:4] == "    " and self.named(line, loose=False) is not None

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first trace in a text; None when there is none."""
        if "** (" not in text:
            return None
        lines = lines_of(text)
        first = first_call(self, lines)
        if first is None:
            return None
        chain = self._named(lines[max(0, first - LONGEST_MESSAGE) : first])
        if not chain:
            return None
        calls: list[Frame] = []
        for line in lines[first:]:
            call = self.call(line)
            if call is None:
                break
            calls.append(call)
        told = [(name, more, () if at else calls) for at, (name, more) in enumerate(reversed(chain))]
        return Reading(exceptions(told), complete=True)

    def _named(self, above: Sequence[str]) -> list[tuple[Name, list[str]]]:
        """The exceptions named above the first call with the lines of their messages, the outermost first."""
        chain: list[tuple[Name, list[str]]] = []
        for line in above:
            named = self.named(line, loose=False)
            if named is not None:
                chain.append((named, []))
            elif chain and line.strip():
                chain[-1][1].append(line)
        # The last that stands at the margin begins the trace that the calls are of.
        begins = max((at for at, (name, _) in enumerate(chain) if name.start == 0), default=0)
        chain = chain[begins:]
        return [one for one in chain if one[0].message.strip() != _ONLY_RAISED or one is chain[-1]]
