"""Frames of a stack trace -> lines of the checkout.

In: frames as a container named them, and the checkout's files. Out: for each, the file and the line, or why there is
none. Decides nothing by likeness: a file is meant where its whole path, but for the folders around the service, ends
the frame's, and no other's does; where another does, only the code itself or another frame's folders tell them apart.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rca.model import Frame
from rca.repo.facts import Function
from rca.repo.findings import Located
from rca.repo.source import Source

_LONGEST = 4096
_MOST_CANDIDATES = 5
_MOST_LOOKED_INTO = 20
_MOUNTS = re.compile(
    r"app|workspace|code|src|srv(?:/app)?|opt/app|usr/src(?:/app)?|var/task|home/[^/]+(?:/app)?|root(?:/app)?"
)
"""Where images keep the service: the folders that Dockerfiles, build packs and functions copy a checkout to."""

_SHORTEST_CODE = 8
"""Letters by which a line of code is known from another; `return x` stands everywhere."""

_SHORTEST_BEGINNING = 20
"""Letters of a line that was cut."""

_ANONYMOUS = frozenset(
    {"<module>", "<anonymous>", "<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>", "anonymous"}
)
_COMPILED = {".js": (".ts", ".mts", ".cts"), ".mjs": (".mts",), ".cjs": (".cts",)}


@dataclass(frozen=True)
class Places:
    """The files of a checkout, and how to look into one."""

    files: Sequence[str]
    read: Callable[[str], Source | None]
    functions: Callable[[str], Sequence[Function]]
    """The functions of a file; none where it does not parse."""

    def locate(self, frames: Iterable[Frame]) -> tuple[Located, ...]:
        """Each frame's place, in order."""
        asked = tuple(frames)
        chosen = {frame: self._fitting(frame) for frame in asked}
        sure = {frame: files[0] for frame, files in chosen.items() if len(files) == 1}
        mounts = {_mount(frame.file, path) for frame, path in sure.items()}
        return tuple(self._located(frame, self._narrowed(frame, chosen[frame], mounts)) for frame in asked)

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.files:
            found[path.rpartition("/")[2]].append(path)
        return found

    def _fitting(self, frame: Frame) -> list[str]:
        """The files that share the longest end with the frame's path."""
        parts = _parts(frame.file) if frame.in_app else []
        named = self._by_name.get(parts[-1], []) if parts else []
        lengths = {path: _shared(parts, path.split("/")) for path in named}
        longest = max(lengths.values(), default=0)
        best = [path for path in named if lengths[path] == longest]
        # One shared name proves nothing where both have folders that differ: `app/a/run.py` is not `b/run.py`.
        whole = [path for path in best if longest in (path.count("/") + 1, len(_unmounted(parts)))]
        if whole or longest > 1:
            return whole or best
        long = len((frame.code or "").strip()) >= _SHORTEST_CODE
        return [path for path in best[:_MOST_LOOKED_INTO] if long and self._holds(path, frame)]

    def _narrowed(self, frame: Frame, files: list[str], mounts: set[tuple[str, str]]) -> list[str]:
        """Of several files the one that lies where other frames' files do, or that alone holds the code."""
        if len(files) > 1:
            mounted = [path for path in files if _mount(frame.file, path) in mounts]
            files = mounted if len(mounted) == 1 else files
        if len(files) > 1 and frame.code:
            holding = [path for path in files[:_MOST_LOOKED_INTO] if self._holds(path, frame)]
            files = holding if len(holding) == 1 else files
        return files

    def _holds(self, path: str, frame: Frame) -> bool:
        source = self.read(path)
        row = source.line(frame.line) if source and frame.line else None
        return row is not None and _same(row, frame.code or "")

    def _located(self, frame: Frame, files: list[str]) -> Located:
        if not files:
            return _nowhere(frame, self._why_not(frame), ())
        if len(files) > 1:
            note = f"{len(files)} files of the checkout could be this one"
            return _nowhere(frame, note, tuple(files[:_MOST_CANDIDATES]))
        source = self.read(files[0])
        if source is None:
            return _nowhere(frame, "the file cannot be read", (files[0],))
        line, confirmed, note = self._line(frame, source)
        snippet = source.snippet(line) if line is not None else None
        return Located(frame, files[0], line, confirmed, note, (), snippet)

    def _why_not(self, frame: Frame) -> str:
        if not frame.in_app:
            return "not the service's own code"
        parts = _parts(frame.file)
        name = parts[-1] if parts else ""
        stem, dot, suffix = name.rpartition(".")
        built = [
            path for one in _COMPILED.get(dot + suffix, ()) for path in self._by_name.get(stem + one, [])
        ]
        if built:
            return f"not in the checkout; it may be built from {built[0]}, whose lines are others"
        return "not in the checkout"

    def _line(self, frame: Frame, source: Source) -> tuple[int | None, bool, str]:
        """The line of the checkout, whether it is known to be the frame's, and what a reader should know."""
        if frame.line is None:
            return None, False, "the trace names no line"
        row = source.line(frame.line)
        if not frame.code:
            return self._unquoted(frame, source, row)
        if row is not None and _same(row, frame.code):
            return frame.line, True, ""
        within = [one for one in self.functions(source.path) if one.name == _bare(frame.function)]
        rows = [
            at
            for one in within
            for at in range(one.first, one.last + 1)
            if _same(source.line(at) or "", frame.code)
        ]
        if not rows and len(frame.code.strip()) >= _SHORTEST_CODE:
            rows = [at for at, text in enumerate(source.lines, 1) if _same(text, frame.code)]
        rows = sorted(set(rows))
        moved = f"the checkout is of another version: line {frame.line} of the trace"
        if len(rows) == 1:
            return rows[0], True, f"{moved} is line {rows[0]} here"
        if rows:
            listed = ", ".join(str(at) for at in rows[:_MOST_CANDIDATES])
            return None, False, f"{moved} stands on several lines here: {listed}"
        return None, False, f"{moved} stands nowhere in this file"

    def _unquoted(self, frame: Frame, source: Source, row: str | None) -> tuple[int | None, bool, str]:
        """A frame without its code: only the function around the line can speak against it."""
        if frame.line is None or row is None:
            return None, False, f"the checkout is of another version: the file has {len(source.lines)} lines"
        name = _bare(frame.function)
        around = [one for one in self.functions(source.path) if one.first <= frame.line <= one.last]
        if name and name not in _ANONYMOUS and around and all(one.name != name for one in around):
            inner = max(around, key=lambda one: one.first)
            where = f"line {frame.line} lies in {inner.qualified} here, not in {name}"
            return None, False, f"the checkout may be of another version: {where}"
        return frame.line, False, "the trace quotes no code, so the line is not checked"


def _nowhere(frame: Frame, note: str, candidates: tuple[str, ...]) -> Located:
    return Located(frame, None, None, confirmed=False, note=note, candidates=candidates, snippet=None)


def _parts(file: str) -> list[str]:
    """A path's parts, whatever its slashes and scheme; what leads up or nowhere is left away."""
    plain = file[-_LONGEST:].replace("\\", "/").removeprefix("file://")
    return [part for part in plain.split("/") if part not in ("", ".", "..")]


def _unmounted(parts: Sequence[str]) -> Sequence[str]:
    """A path's parts without the folder that an image keeps the service in."""
    mount = _MOUNTS.match("/".join(parts[:-1]) + "/")
    if mount is None or "/".join(parts)[mount.end() : mount.end() + 1] != "/":
        return parts
    return parts[mount.group().count("/") + 1 :]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths share at their ends."""
    length = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _mount(file: str, path: str) -> tuple[str, str]:
    """Which folder of the container is which of the checkout: what stands before the end that both share."""
    parts, own = _parts(file), path.split("/")
    length = _shared(parts, own)
    return "/".join(parts[: len(parts) - length]), "/".join(own[: len(own) - length])


def _same(row: str, code: str) -> bool:
    """Whether a line holds a trace's code, spaces aside; a line that the log cut is known by its beginning."""
    row, code = " ".join(row[:_LONGEST].split()), " ".join(code[:_LONGEST].split())
    if not code:
        return False
    return row == code or (len(code) >= _SHORTEST_BEGINNING and row.startswith(code.rstrip(".…")))


def _bare(function: str | None) -> str:
    """A function's own name: `run` of `async Seat.run`, `Seat.run [as receive]`, `Room.<locals>.run`."""
    words = (function or "").split(" [as ")[0].split()
    return words[-1].rpartition(".")[2] if words else ""
