"""From which handler of Python code a site is reached.

In: a call, and the tree it stands in. Out: the `except` clause it stands in, or by whose end it is reached, and the
condition right around it. Decides when a close that stands below a `try` belongs to its handlers: where nothing stands
between, or where the condition asks for what the handler set or the `try` left unset.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from rca.repo.findings import Reached
from rca.repo.python_tree import Scope, Tree, Try, dotted, own

_LEAVING = ast.Return | ast.Raise | ast.Continue
_MOST_HANDLERS = 50
"""`try` statements above a site in its function that are looked at, nearest first."""

_NEAR = 3
"""Statements from a `try` to a close that is still what comes next."""


@dataclass(frozen=True, slots=True)
class Caught:
    """How a site is reached."""

    handler: ast.ExceptHandler | None
    reached: Reached | None
    condition: ast.expr | None


def caught(tree: Tree, node: ast.AST) -> Caught:
    """The handler that a node stands in, or is reached from within its function; the condition around it."""
    condition: ast.expr | None = None
    tests: dict[ast.AST, ast.expr] = {}
    below: ast.AST = node
    for above in tree.above(node):
        if isinstance(above, ast.ExceptHandler):
            return Caught(above, Reached.INSIDE, condition)
        if isinstance(above, Scope) and not isinstance(above, ast.Lambda):
            break
        if isinstance(above, ast.If | ast.While) and below is not above.test:
            tests[above] = above.test
            if isinstance(above, ast.If) and _within(below, above.body):
                condition = condition or above.test
        if isinstance(above, Try) and _within(below, above.finalbody) and above.handlers:
            asked = {name for test in tests.values() for name in _names(test)}
            setting = [one for one in above.handlers if asked & tree.sets(one.body)]
            return Caught((setting or above.handlers)[-1], Reached.AFTER, condition)
        below = above
    handler = _after(tree, node, tests)
    return Caught(handler, Reached.AFTER if handler else None, condition)


def catches(handler: ast.ExceptHandler) -> tuple[str, ...]:
    """The types that a handler catches, as written; empty for a bare one."""
    kinds = (
        handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    )
    return tuple(dotted(kind) or "…" for kind in kinds)


def falls_through(statements: list[ast.stmt]) -> bool:
    """Whether what comes after some statements is reached by them: their last one does not leave."""
    return not isinstance(statements[-1], _LEAVING)


def _after(tree: Tree, node: ast.AST, tests: dict[ast.AST, ast.expr]) -> ast.ExceptHandler | None:
    """The handler of an earlier `try` whose end leads to the node."""
    given = {
        name
        for one in ast.walk(node)
        if isinstance(one, ast.Call)
        for arg in one.args
        for name in _names(arg)
    }
    given -= {"self", "cls"}
    way = {one: height for height, one in enumerate((node, *tree.above(node)))}
    for earlier in _earlier(tree, node):
        shared = _meeting(tree, earlier, way)
        between = any(way[one] < way[shared] for one in tests) if shared else True
        next_to = shared is not None and not between and _is_next(tree, earlier, node, shared)
        for handler in reversed(earlier.handlers):
            ends = falls_through(handler.body)
            goes_on = ends or isinstance(handler.body[-1], ast.Continue)
            if (next_to and ends) or (goes_on and given & tree.sets(handler.body)):
                return handler
            if goes_on and any(
                _asks_for(tree, test, earlier, handler, unset=ends) for test in tests.values()
            ):
                return handler
    return None


def _asks_for(tree: Tree, test: ast.expr, earlier: Try, handler: ast.ExceptHandler, *, unset: bool) -> bool:
    """Whether a condition holds by what a handler sets, or by what its `try` was to set and did not."""
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    for part in parts:
        name, holds_if = _asked(part)
        if name in tree.sets(handler.body):
            return holds_if(_last_set(handler.body, name))
        if unset and name in tree.sets(earlier.body):
            return holds_if(ast.Constant(None))
    return False


def _asked(test: ast.expr) -> tuple[str, Callable[[ast.expr | None], bool]]:
    """The name that a condition asks for, and whether it holds where that is set to something.

    Only what can be told at a glance is: `failed`, `not plan`, `plan is None`, `state == "failed"`. What is set to no
    constant, an exception or its text, counts as true.
    """
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return dotted(operand), lambda value: isinstance(value, ast.Constant) and not value.value
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=expected)]):
            return dotted(left), lambda value: isinstance(value, ast.Constant) and value.value == expected
        case ast.Compare(
            left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=expected)]
        ):
            return dotted(left), lambda value: not isinstance(value, ast.Constant) or value.value != expected
    return dotted(test), lambda value: not isinstance(value, ast.Constant) or bool(value.value)


def _last_set(statements: list[ast.stmt], name: str) -> ast.expr | None:
    """What statements set a name to, as the last of them do; None where that is no plain setting."""
    found: ast.expr | None = None
    for node, _ in own(statements):
        match node:
            case ast.Assign(targets=targets, value=value) if any(
                dotted(target) == name for target in targets
            ):
                found = value
            case ast.AnnAssign(target=target, value=value) if dotted(target) == name:
                found = value
    return found


def _earlier(tree: Tree, node: ast.AST) -> list[Try]:
    """The `try` statements of the function that end above a node, nearest first."""
    line = getattr(node, "lineno", 0)
    above = [one for one in tree.tries[tree.function_of(node)] if (one.end_lineno or one.lineno) < line]
    return above[: -_MOST_HANDLERS - 1 : -1]


def _meeting(tree: Tree, earlier: Try, way: dict[ast.AST, int]) -> ast.AST | None:
    """What an earlier `try` and the node both lie in, where only `with` and loops left by `break` stand between."""
    for above in tree.above(earlier):
        if above in way:
            return above
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            if not any(isinstance(handler.body[-1], ast.Break) for handler in earlier.handlers):
                return None  # the handler merely leads to the next round
        elif not isinstance(above, ast.With | ast.AsyncWith):
            return None
    return None


def _is_next(tree: Tree, earlier: ast.AST, node: ast.AST, shared: ast.AST) -> bool:
    """Whether, in the block that both share, the node's statement follows the other's with hardly any between."""
    first = _child(tree, earlier, shared)
    second = _child(tree, node, shared)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(shared, field, None)
        if isinstance(block, list) and first in block and second in block:
            return 0 < block.index(second) - block.index(first) <= _NEAR
    return False


def _child(tree: Tree, node: ast.AST, shared: ast.AST) -> ast.AST:
    """What of `shared` holds the node."""
    for above in tree.above(node):
        if above is shared:
            break
        node = above
    return node


def _within(node: ast.AST, statements: list[ast.stmt]) -> bool:
    return any(one is node for one in statements)


def _names(node: ast.AST) -> set[str]:
    """The names an expression reads, attributes with what they are of: `failed`, `self.failed`."""
    return {
        name
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute)
        and isinstance(one.ctx, ast.Load)
        and (name := dotted(one))
    }
