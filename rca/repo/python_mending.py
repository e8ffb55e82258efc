"""The one-line change that would have logged what a Python handler caught.

In: a handler, or a statement around which nothing is caught; what it says now. Out: the change, by the logger that the
file already uses, else by one of `logging` and the import that takes. Decides which: a log call that leaves the
exception out becomes `exception`; where none is, one is put first.
"""

import ast
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from rca.repo.facts import Saying
from rca.repo.findings import Change, Says
from rca.repo.mending import MENDED, diff, indent_of
from rca.repo.python_logging import Listener
from rca.repo.python_tree import Def, Tree, dotted
from rca.repo.words import is_a


@dataclass(frozen=True)
class Mender:
    """One file, whose loggers are looked for once."""

    tree: Tree
    listener: Listener

    def handler(
        self, handler: ast.ExceptHandler, saying: Saying, site: ast.AST | None, words: str
    ) -> Change | None:
        """The change by which a handler logs the exception with its traceback; None where it does, or may elsewhere."""
        if saying.says not in MENDED or (saying.log is not None and saying.log.conditional):
            return None
        if saying.says in (Says.FIXED_TEXT, Says.EXCEPTION, Says.QUIETLY):
            names = {handler.name} if handler.name else set()
            told = self.listener.tellings(handler.body, names, site)
            calls = [one.node for one in told if one.says is saying.says and isinstance(one.node, ast.Call)]
            if calls and (renamed := self._renamed(calls[0], handler)):
                return renamed
        return self._put_first(handler, words)

    def statement(
        self, node: ast.AST, saying: Saying, words: str, exceptions: Collection[str]
    ) -> Change | None:
        """The change by which a close outside of any handler is logged; None where something is logged already."""
        if saying.says is not Says.NOTHING:
            return None
        statement = node
        for above in self.tree.above(node):
            if isinstance(statement, ast.stmt):
                break
            statement = above
        if not isinstance(statement, ast.stmt) or self._head(statement).strip():
            return None
        logger, needs = self._logger(node)
        # loguru takes no exc_info, and would leave it out without a word.
        given = (
            f", exc_info={min(exceptions)}" if exceptions and "loguru" not in self.tree.source.text else ""
        )
        line = f'{self._head(statement)}{logger}.error("{words}"{given})'
        return self._change(statement.lineno, 0, [line], node, needs)

    def _put_first(self, handler: ast.ExceptHandler, words: str) -> Change | None:
        first = handler.body[0]
        logger, needs = self._logger(handler)
        call = f'{logger}.exception("{words}")'
        head = self._head(first)
        row = self.tree.source.lines[first.lineno - 1]
        if not head.strip():
            replaces = row.strip() == "pass" and len(handler.body) == 1
            return self._change(first.lineno, int(replaces), [f"{head}{call}"], handler, needs)
        # `except Exception: pass` on one line, or a head that ends on the line of its body.
        inner = f"{indent_of(self.tree.source.lines[handler.lineno - 1])}    "
        rest = row[len(head) :].strip()
        added = [head.rstrip(), f"{inner}{call}", *([f"{inner}{rest}"] if rest != "pass" else [])]
        return self._change(first.lineno, 1, added, handler, needs)

    def _renamed(self, call: ast.Call, handler: ast.ExceptHandler) -> Change | None:
        """`log.error("…")` -> `log.exception("…")`; None where the call is no method of a logger, or is `log.log`."""
        func = call.func
        if (
            not isinstance(func, ast.Attribute)
            or not is_a("levels", func.attr)
            or func.attr in ("log", "emit")
        ):
            return None
        if func.end_lineno is None or func.end_col_offset is None:
            return None
        row = self.tree.source.encoded[func.end_lineno - 1]
        start = func.end_col_offset - len(func.attr.encode())
        if row[start : func.end_col_offset] != func.attr.encode():
            return None
        name = (
            b"aexception"
            if func.attr in ("aerror", "awarning", "ainfo", "adebug", "acritical")
            else b"exception"
        )
        new = (row[:start] + name + row[func.end_col_offset :]).decode("utf-8", "surrogatepass")
        return self._change(func.end_lineno, 1, [new], handler, "")

    def _change(self, line: int, removed: int, added: list[str], near: ast.AST, needs: str) -> Change | None:
        function = self.tree.function_of(near)
        made = diff(
            self.tree.source, line, removed=removed, added=added, within=function.name if function else None
        )
        return Change(made, needs) if made else None

    def _head(self, statement: ast.stmt) -> str:
        """What stands before a statement on its line."""
        return self.tree.source.encoded[statement.lineno - 1][: statement.col_offset].decode(
            "utf-8", "surrogatepass"
        )

    def _logger(self, node: ast.AST) -> tuple[str, str]:
        """The expression for a logger at a node, and the import it lacks."""
        own_class = self.tree.class_of(node)
        function = self.tree.function_of(node)
        has_self = function is not None and bool(function.args.args) and function.args.args[0].arg == "self"
        usable = Counter[str]()
        for (name, owner), uses in self._used.items():
            root = name.split(".")[0]
            if root in self._global or (root == "self" and has_self and owner is own_class):
                usable[name] += uses
        if usable:
            return min(usable, key=lambda name: (-usable[name], name)), ""
        if made := sorted(self.listener.loggers & self._global):
            return made[0], ""
        return "logging.getLogger(__name__)", "" if "logging" in self._global else "import logging"

    @cached_property
    def _used(self) -> Counter[tuple[str, ast.ClassDef | None]]:
        """The loggers by which the file logs, as written, with the class they are used in."""
        found: Counter[tuple[str, ast.ClassDef | None]] = Counter()
        for node in ast.walk(self.tree.module):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and is_a("levels", node.func.attr)
            ):
                name = dotted(node.func.value)
                if "(" not in name and (name in self.listener.loggers or is_a("loggers", name)):
                    found[name, self.tree.class_of(node)] += 1
        return found

    @cached_property
    def _global(self) -> frozenset[str]:
        """Names that the module sets or imports."""
        found: set[str] = set()
        for node in self.tree.module.body:
            for one in ast.walk(node) if not isinstance(node, Def | ast.ClassDef) else ():
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                    found.add(one.id)
                elif isinstance(one, ast.Import | ast.ImportFrom):
                    found |= {(alias.asname or alias.name).split(".")[0] for alias in one.names}
        return frozenset(found)
