"""The files of a checkout that were read, and what a name of one stands for in another.

In: facts, made when asked for. Out: what a dotted name stands for, and the function that a call means. Decides which
file an import leads to: one that is named so; where several are, the one nearest to the importer, if only one is.
"""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from rca.repo.facts import Call, Facts, Function
from rca.repo.values import Computed, Either, Join, Meaning, Number, Text, Value
from rca.repo.words import code_named

_SELF = frozenset({"self", "cls", "this"})
_FURTHEST = 4
"""Files from a name to what it stands for."""

_MOST_FETCHED = 100
_SUFFIXES = ("", ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", "/index.js", "/index.ts", "/index.mjs")


class Project:
    """Facts of files, and the way from one to the other."""

    def __init__(
        self, files: Iterable[str], facts: Mapping[str, Facts], fetch: Callable[[str], Facts | None]
    ) -> None:
        """`fetch` reads a file that was not read for what it mentions, but that an import leads to."""
        self._files: Final = frozenset(files)
        self.facts: Final = dict(facts)
        self._fetch: Final = fetch
        self._fetched: dict[str, Facts | None] = {}
        self._called: dict[str, Mapping[str, Function]] = {}

    def meaning(self, call: Call, bound: Mapping[str, Value] | None = None) -> Meaning:
        """What the names in a call stand for; `bound` is what a caller gives for parameters."""
        owner = call.function.owner if call.function else None
        facts = self.facts[call.path]
        return Meaning(lambda dotted: self.name(facts, owner, dotted), dict(bound or {}))

    def name(self, facts: Facts, owner: str | None, dotted: str, depth: int = 0) -> Value | None:
        """What a name stands for in a file: a library's code, a constant of the file, one that is imported."""
        if (code := code_named(dotted)) is not None:
            return Number(code)
        dotted = dotted.removesuffix(".value")
        root, _, rest = dotted.partition(".")
        if root in _SELF and rest:
            return facts.constants.get(f"{owner}.{rest}")
        found = facts.constants.get(dotted)
        origin = facts.imports.get(root)
        if found is not None or origin is None or depth >= _FURTHEST:
            return found
        for path, inner in self._leads_to(facts.path, origin, rest):
            target = self._facts(path)
            value = self.name(target, None, inner, depth + 1) if target else None
            if target and value is not None:
                return self._grounded(target, value, depth + 1)
        return None

    def ground(self, call: Call, value: Value) -> Value:
        """A value of a call's arguments, its names replaced by what they stand for."""
        owner = call.function.owner if call.function else None
        return _grounded(Meaning(lambda dotted: self.name(self.facts[call.path], owner, dotted)), value)

    def function(self, call: Call, dotted: str) -> tuple[Facts, Function] | None:
        """The function that a dotted name means where a call stands; None where several could be meant."""
        facts = self.facts[call.path]
        receiver, _, name = dotted.rpartition(".")
        owner = call.function.owner if call.function else None
        if not receiver and name in (here := self._functions(facts)):
            return facts, here[name]
        if receiver in _SELF:
            own = self._functions(facts).get(f"{owner}.{name}" if owner else name)
            return (facts, own) if own else self._only(name)
        root, _, rest = dotted.partition(".")
        origin = facts.imports.get(root)
        if origin is None:
            return self._only(name) if receiver else None
        for path, inner in self._leads_to(facts.path, origin, rest):
            target = self._facts(path)
            if target and inner in (there := self._functions(target)):
                return target, there[inner]
        return None

    def _functions(self, facts: Facts) -> Mapping[str, Function]:
        """The functions of a file by how they are called from outside: `fail`, `Live.fail`; `Live`, which makes one."""
        if facts.path not in self._called:
            found: dict[str, Function] = {}
            for one in facts.functions:
                found.setdefault(one.qualified, one)
                if one.called == one.owner:
                    found.setdefault(one.called, one)
            self._called[facts.path] = found
        return self._called[facts.path]

    def _only(self, name: str) -> tuple[Facts, Function] | None:
        """The method of that name, where only one file has one."""
        found = self._by_name[name]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> Mapping[str, list[tuple[Facts, Function]]]:
        found: dict[str, list[tuple[Facts, Function]]] = defaultdict(list)
        for path in sorted(self.facts):
            for one in self.facts[path].functions:
                found[one.name].append((self.facts[path], one))
        return found

    def _facts(self, path: str) -> Facts | None:
        if path in self.facts:
            return self.facts[path]
        if path not in self._fetched:
            self._fetched[path] = self._fetch(path) if len(self._fetched) < _MOST_FETCHED else None
        return self._fetched[path]

    def _grounded(self, facts: Facts, value: Value, depth: int) -> Value:
        return _grounded(Meaning(lambda dotted: self.name(facts, None, dotted, depth)), value)

    def _leads_to(self, importer: str, origin: str, rest: str) -> list[tuple[str, str]]:
        """Files that an import can mean, with what is meant in each, most exact first."""
        if "#" in origin:
            module, _, name = origin.partition("#")
            inner = ".".join(part for part in (name, rest) if part)
            base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
            return (
                [(base + suffix, inner) for suffix in _SUFFIXES if base + suffix in self._files]
                if module[:1] == "."
                else []
            )
        dots = len(origin) - len(origin.lstrip("."))
        parts = [*origin[dots:].split("."), *(rest.split(".") if rest else [])]
        found: list[tuple[str, str]] = []
        for length in range(len(parts) - 1, -1, -1):
            path = self._module(importer, dots, parts[:length])
            if path:
                found.append((path, ".".join(parts[length:])))
        return found

    def _module(self, importer: str, dots: int, parts: list[str]) -> str | None:
        """The file of a Python module."""
        if not parts and not dots:
            return None
        if dots:
            folder = importer.split("/")[:-dots]
            names = ["/".join([*folder, *parts]) + ".py", "/".join([*folder, *parts, "__init__.py"])]
            return next((name for name in names if name in self._files), None)
        tail = "/".join(parts)
        names = [*self._ending[f"{parts[-1]}.py"], *self._ending[f"{parts[-1]}/__init__.py"]]
        fitting = [one for one in names if f"/{one}".endswith((f"/{tail}.py", f"/{tail}/__init__.py"))]
        shared = [len(posixpath.commonprefix([one, importer])) for one in fitting]
        nearest = [one for one, near in zip(fitting, shared, strict=True) if near == max(shared)]
        return nearest[0] if len(nearest) == 1 else None

    @cached_property
    def _ending(self) -> Mapping[str, list[str]]:
        """Python files by how their paths end: `codes.py`, `codes/__init__.py`."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._files):
            parts = path.split("/")
            found["/".join(parts[-2:]) if parts[-1] == "__init__.py" else parts[-1]].append(path)
        return found


def _grounded(meaning: Meaning, value: Value) -> Value:
    if numbers := sorted(meaning.numbers(value)):
        return Number(numbers[0]) if len(numbers) == 1 else Either(tuple(Number(one) for one in numbers))
    options: list[Value] = []
    for pattern in meaning.patterns(value):
        parts = tuple(
            Computed(pattern.computed_from or "") if part is None else Text(part) for part in pattern.parts
        )
        options.append(parts[0] if len(parts) == 1 else Join(parts))
    return options[0] if len(options) == 1 else Either(tuple(options))
