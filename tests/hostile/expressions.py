"""Every regular expression that `rca` runs, where it stands and how it is used.

In: the package. Out: its patterns: those made when a module is loaded, those that tables of data hold, those given
to `re.sub` and its like in place. Decides which methods a pattern is tried with: those that its name is used with.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import rca

_TABLES = {
    "rca.closes:_patterns": "search",
    "rca.platform:messages": "search",
    "rca.traces.one_line:library_texts": "search",
    "rca.traces.frames:rules": "search",
    "rca.traces.python_lines:continuations": "match",
    "rca.redact.shapes:shapes": "match",
    "rca.redact.named:_PAIRS": "match",
    "rca.redact.named:_SIGNED": "match",
    "rca.sources.lines:layouts": "match",
}
"""Patterns that stand in tables, and how they are used."""

ANCHORED = frozenset({"match", "fullmatch"})
SCANNING = frozenset({"search", "sub", "subn", "findall", "finditer", "split"})
_IN_PLACE = ANCHORED | SCANNING
_ASKED = _IN_PLACE | {"pattern"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern of the program."""

    place: str
    """Module and name, or module and line."""

    pattern: "re.Pattern[str] | re.Pattern[bytes]"
    methods: frozenset[str]


def modules() -> tuple[ModuleType, ...]:
    """All of the package, loaded."""
    names = [
        one.name for one in pkgutil.walk_packages(rca.__path__, "rca.") if not one.name.endswith("__main__")
    ]
    return tuple(importlib.import_module(name) for name in names)


@cache
def of_data() -> tuple[Expression, ...]:
    """Those that tables of data hold: what log text is searched for, without the rest of the package."""
    found = []
    for place, method in _TABLES.items():
        module, _, name = place.partition(":")
        held = _loaded(getattr(importlib.import_module(module), name))
        found += [Expression(place, pattern, frozenset({method})) for pattern in _patterns_in(held, 0)]
    return tuple(found)


@cache
def expressions() -> tuple[Expression, ...]:
    """All of them, by place."""
    found: dict[tuple[str, str, int], Expression] = {}
    for one in (*_named(), *_in_place()):
        key = (one.place, str(one.pattern.pattern), one.pattern.flags)
        found[key] = one
    return tuple(found[key] for key in sorted(found))


def _named() -> Iterator[Expression]:
    """Patterns that a module holds by name, alone or in tables, and those that its loaders make of data."""
    used = _uses()
    for module in modules():
        own = _made_in(_trees()[module.__name__])
        for name, value in vars(module).items():
            if name not in own:
                continue  # imported: it is tried where it stands
            made = _loaded(value)
            for pattern in _patterns_in(made, 0):
                place = f"{module.__name__}:{name}"
                methods = used.get((module.__name__, name), frozenset())
                if place in _TABLES:
                    methods = frozenset({_TABLES[place]})
                yield Expression(place, pattern, methods or _IN_PLACE)


def _made_in(tree: ast.Module) -> frozenset[str]:
    """Names that a module gives itself: constants and functions."""
    targets = [
        target
        for node in tree.body
        for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
    ]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(names | {node.name for node in tree.body if isinstance(node, ast.FunctionDef)})


def _loaded(value: Any) -> Any:  # noqa: ANN401 - whatever a module holds
    """What a loader without parameters gives; any other value as it is."""
    if hasattr(value, "cache_info") and not inspect.signature(value).parameters:
        return value()
    return None if inspect.isclass(value) or inspect.isfunction(value) else value


def _patterns_in(value: Any, depth: int) -> Iterator["re.Pattern[str] | re.Pattern[bytes]"]:  # noqa: ANN401 - as above
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 6:
        if isinstance(value, dict):
            inner: Any = (*value.keys(), *value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            inner = value
        elif type(value).__module__.startswith("rca."):
            kinds = type(value).__mro__
            slots = [name for kind in kinds for name in getattr(kind, "__slots__", ())]
            # What is compiled when it is first used is a property.
            made = [name for kind in kinds for name, one in vars(kind).items() if isinstance(one, property)]
            inner = [getattr(value, name, None) for name in (*slots, *made, *getattr(value, "__dict__", ()))]
        else:
            return
        for one in inner:
            yield from _patterns_in(one, depth + 1)


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        module.__name__: ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for module in modules()
    }


@cache
def _nodes() -> dict[str, tuple[ast.AST, ...]]:
    return {name: tuple(ast.walk(tree)) for name, tree in _trees().items()}


def _uses() -> dict[tuple[str, str], frozenset[str]]:
    """Module and name of a pattern -> the methods that are called on it, there or where it is imported.

    A name that is also handed on is left out: it may be used in any way.
    """
    used: dict[tuple[str, str], set[str]] = {}
    bare: set[tuple[str, str]] = set()
    for name, nodes in _nodes().items():
        origin = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        asked = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in _ASKED]
        for node in asked:
            if node.attr not in _IN_PLACE:
                continue
            if isinstance(node.value, ast.Name):
                used.setdefault(origin.get(node.value.id, (name, node.value.id)), set()).add(node.attr)
            elif isinstance(node.value, ast.Attribute) and isinstance(node.value.value, ast.Name):
                module = ".".join(origin.get(node.value.value.id, (name, "")))
                used.setdefault((module, node.value.attr), set()).add(node.attr)
        owners = {id(node.value) for node in asked}
        bare |= {
            (name, node.id)
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in owners
        }
    return {key: frozenset(methods) for key, methods in used.items() if key not in bare}


def _in_place() -> Iterator[Expression]:
    """`re.sub(r"…", …)` and its like."""
    for name, nodes in _nodes().items():
        for node in nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in _IN_PLACE
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                flags = [ast.unparse(word.value) for word in node.keywords if word.arg == "flags"]
                source: Any = node.args[0].value
                made = re.compile(source, eval(flags[0], {"re": re}) if flags else 0)  # noqa: S307 - our own source
                yield Expression(f"{name}:{node.lineno}", made, frozenset({node.func.attr}))
