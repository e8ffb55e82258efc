"""The one-line change that would have logged what a `catch` of JavaScript or TypeScript caught.

In: a `catch`, and what it says now. Out: the change, by the logger that the file uses most, else by the console.
Decides how that logger takes an error: before the text where the file gives it objects first, as pino wants, else
after it.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from rca.repo.facts import Saying
from rca.repo.findings import Change, Says
from rca.repo.mending import MENDED, diff, indent_of
from rca.repo.node_logging import Listener
from rca.repo.node_tokens import Is
from rca.repo.node_tree import Tree
from rca.repo.words import is_a


@dataclass(frozen=True)
class Mender:
    """One file, whose logger is looked for once."""

    tree: Tree
    listener: Listener

    def handler(self, brace: int, head: int, name: str | None, saying: Saying, words: str) -> Change | None:
        """The change by which a `catch` logs what it caught; None where it does, or cannot by a line."""
        if saying.says not in MENDED or (saying.log and saying.log.conditional):
            return None
        found, source = self.tree.tokens, self.tree.tokens.source
        line, end = found.line(brace), found.mates[brace]
        row = source.lines[line - 1]
        bound = name or "error"
        call = self._log_line(bound, words)
        body_line = found.line(brace + 1)
        column = found.column(brace) + 1
        added, removed = [], 0
        if name is None:
            start = found.column(head) + len("catch")
            if found.text(head) != "catch" or found.line(head) != line:
                return None
            row, removed = f"{row[:start]} ({bound}){row[start:]}", 1
            column += len(f" ({bound})")
            added = [row]
        if body_line == line:
            return self._hunk(line, 1, [f"{row[:column]} {call}{row[column:]}"], brace)
        if removed and body_line != line + 1:
            return None
        inner = indent_of(source.lines[body_line - 1]) + ("" if brace + 1 < end else "  ")
        return self._hunk(line if removed else body_line, removed, [*added, f"{inner}{call}"], brace)

    def statement(self, start: int, name: str | None, saying: Saying, words: str) -> Change | None:
        """The change by which a close outside of any `catch` is logged, where it begins a line of its own."""
        found = self.tree.tokens
        while found.text(start - 1) in ("await", "return", "void"):
            start -= 1
        row = found.source.lines[found.line(start) - 1]
        begins = found.text(start - 1) in ("{", "}", ";") and not row[: found.column(start)].strip()
        if saying.says is not Says.NOTHING or not begins:
            return None
        line = f"{indent_of(row)}{self._log_line(name, words)}"
        return self._hunk(found.line(start), 0, [line], start)

    def _hunk(self, line: int, removed: int, added: list[str], near: int) -> Change | None:
        function = self.tree.function_of(near)
        within = self.tree.braces[function].name if function is not None else None
        made = diff(self.tree.tokens.source, line, removed=removed, added=added, within=within)
        return Change(made) if made else None

    def _log_line(self, error: str | None, words: str) -> str:
        logger, objects_first = self._logger
        if error is None:
            return f"{logger}.error('{words}');"
        if objects_first:
            given = "{ err }" if error == "err" else f"{{ err: {error} }}"
            return f"{logger}.error({given}, '{words}');"
        return f"{logger}.error('{words}', {error});"

    @cached_property
    def _logger(self) -> tuple[str, bool]:
        """The logger the file uses most, and whether it takes its fields before its text, as pino does."""
        found = self.tree.tokens
        uses: Counter[str] = Counter()
        first_objects: Counter[str] = Counter()
        for at, token in enumerate(found.all):
            if token.text != "(" or token.kind is not Is.MARK:
                continue
            receiver, _, level = self.listener.called(at)[0].rpartition(".")
            if (
                is_a("levels", level)
                and is_a("loggers", receiver)
                and "(" not in receiver
                and not receiver.startswith("this.")
            ):
                uses[receiver] += 1
                first_objects[receiver] += found.text(at + 1) == "{"
        if not uses:
            return "console", False
        logger = min(uses, key=lambda name: (-uses[name], name))
        return logger, first_objects[logger] > 0
