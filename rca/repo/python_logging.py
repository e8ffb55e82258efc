"""What a few statements of Python tell the log of an exception.

In: the statements of a handler, or of a function. Out: the most telling thing they do, and the call that does it; the
functions they call besides, which may log in turn. Decides what counts as logging: `words.toml`.
"""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from rca.repo.facts import Saying
from rca.repo.findings import LogCall, Says, silence
from rca.repo.python_tree import Tree, dotted, own
from rca.repo.words import is_a

_UNHEARD = (Says.QUIETLY, Says.HANDED_ON, Says.RAISED)
_MOST_CALLS = 12
_MAKES_LOGGER = re.compile(r"(?i)logger$")
"""`logging.getLogger`, `structlog.get_logger`, `from loguru import logger`."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing that is done about an exception."""

    says: Says
    node: ast.AST | None
    """The call that does it, or what is raised."""

    conditional: bool


@dataclass(frozen=True)
class Listener:
    """One file, whose loggers are known by name."""

    tree: Tree

    @cached_property
    def loggers(self) -> frozenset[str]:
        """Names that stand for a logger: `L = logging.getLogger(…)`, `from loguru import logger as L`."""
        found: set[str] = set()
        for node in (*self.tree.all(ast.Assign), *self.tree.all(ast.ImportFrom)):
            match node:
                case ast.Assign(targets=targets, value=ast.Call(func=func)) if _MAKES_LOGGER.search(
                    dotted(func)
                ):
                    found |= {dotted(target) for target in targets}
                case ast.ImportFrom(names=names):
                    found |= {one.asname or one.name for one in names if _MAKES_LOGGER.search(one.name)}
        return frozenset(found - {""})

    def tellings(
        self, statements: list[ast.stmt], names: Collection[str], site: ast.AST | None = None
    ) -> tuple[Telling, ...]:
        """All that statements do about the exceptions called by these names, apart from closing at the site."""
        told, _ = self._heard(statements, names)
        return tuple(one for one in told if site is None or one.node is not site)

    def saying(
        self,
        statements: list[ast.stmt],
        names: Collection[str],
        *,
        site: ast.AST | None = None,
        least: bool = False,
    ) -> Saying:
        """The most telling thing that statements do; with `least`, only what is logged at WARNING or above."""
        found = self.tellings(statements, names, site)
        if least:
            found = tuple(one for one in found if self._is_loud(one))
        _, calls = self._heard(statements, names)
        if not found:
            return Saying(calls=calls)
        best = max(found, key=lambda one: (silence(one.says), not one.conditional))
        log = None
        if isinstance(best.node, ast.Call) and best.says is not Says.RAISED:
            log = LogCall(best.node.lineno, self.tree.text(best.node), best.conditional)
        return Saying(best.says, log, calls)

    @cached_property
    def _memory(
        self,
    ) -> dict[tuple[tuple[ast.stmt, ...], frozenset[str]], tuple[tuple[Telling, ...], tuple[str, ...]]]:
        return {}

    def _heard(
        self, statements: list[ast.stmt], names: Collection[str]
    ) -> tuple[tuple[Telling, ...], tuple[str, ...]]:
        """What statements do about exceptions, and the functions they call that may log; listened to once."""
        key = (tuple(statements), frozenset(names))
        if key not in self._memory:
            told: list[Telling] = []
            calls: dict[str, bool] = {}
            for node, conditional in own(statements):
                says, what = self._does(node, names)
                if says is not None:
                    told.append(Telling(says, what, conditional))
                if isinstance(node, ast.Call) and says in (None, Says.HANDED_ON):
                    name = dotted(node.func)
                    calls[name] = calls.get(name, False) or says is Says.HANDED_ON
            named = (name for name in calls if name and "(" not in name)
            given_first = sorted(named, key=lambda name: not calls[name])
            self._memory[key] = tuple(told), tuple(given_first[:_MOST_CALLS])
        return self._memory[key]

    def _does(self, node: ast.AST, names: Collection[str]) -> tuple[Says | None, ast.AST | None]:
        """What one node does about exceptions, and by what."""
        if isinstance(node, ast.Call):
            return self.says_of(node, names), node
        if isinstance(node, ast.Raise):
            return Says.RAISED, node.exc
        return (Says.HANDED_ON if _keeps(node, names) else None), None

    def says_of(self, call: ast.Call, names: Collection[str]) -> Says | None:
        """What a call tells of the exceptions called by these names; None where it tells nothing to anyone."""
        dotted_name = dotted(call.func)
        receiver, _, name = dotted_name.rpartition(".")
        if is_a("trackers", dotted_name):
            return Says.ELSEWHERE
        logs = is_a("levels", name) and (receiver in self.loggers or is_a("loggers", receiver))
        if logs and (is_a("quiet", name) or (name == "log" and _is_debug(call))):
            return Says.QUIETLY
        if logs or is_a("printing", dotted_name):
            if is_a("with_traceback", dotted_name) or _takes_traceback(call):
                return Says.TRACEBACK
            return Says.EXCEPTION if _mentions(call, names) else Says.FIXED_TEXT
        if is_a("telling", name) or is_a("reading", name):
            return None
        # Even its text alone, or a lambda that holds it, may be logged by whoever is given that.
        return Says.HANDED_ON if _mentions(call, names) else None

    def _is_loud(self, telling: Telling) -> bool:
        """Whether something is logged at WARNING or above, or printed, or tells of the exception at whatever level."""
        if not isinstance(telling.node, ast.Call) or telling.says in _UNHEARD:
            return False
        name = dotted(telling.node.func).rpartition(".")[2]
        return telling.says is not Says.FIXED_TEXT or name not in ("info", "ainfo", "notice", "success")


def _keeps(node: ast.AST, names: Collection[str]) -> bool:
    """Whether a statement keeps an exception for later, or gives it back."""
    if isinstance(node, ast.Return | ast.Yield):
        return _is_one(node.value, names)
    if not isinstance(node, ast.Assign):
        return False
    lasting = any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    return _is_one(node.value, names) or (
        lasting and any(_is_one(one, names) for one in ast.walk(node.value))
    )


def _is_one(node: ast.AST | None, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _mentions(call: ast.Call, names: Collection[str]) -> bool:
    """Whether the exception is among what a call is given, whole or in a text."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    inside = [node for one in given for node in ast.walk(one)]
    return any(
        _is_one(node, names) or (isinstance(node, ast.Call) and dotted(node.func) == "sys.exc_info")
        for node in inside
    )


def _takes_traceback(call: ast.Call) -> bool:
    """`exc_info=True`, `traceback.format_exc()` among the arguments, or loguru's `opt(exception=True)` before it."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        before = call.func.value
        if any(keyword.arg == "exception" and not _is_false(keyword.value) for keyword in before.keywords):
            return True
    for keyword in call.keywords:
        if keyword.arg == "exc_info" and not _is_false(keyword.value):
            return True
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    inside = [node for one in given for node in ast.walk(one) if isinstance(node, ast.Call)]
    return any(is_a("with_traceback", dotted(node.func)) for node in inside)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_debug(call: ast.Call) -> bool:
    """Whether `log.log(LEVEL, …)` is given DEBUG or less."""
    level = call.args[0] if call.args else None
    if isinstance(level, ast.Constant):
        return level.value == "DEBUG" or (isinstance(level.value, int) and level.value <= 10)  # noqa: PLR2004 - logging.DEBUG
    return level is not None and dotted(level).rpartition(".")[2] == "DEBUG"
