"""A checkout, a code, reasons and frames -> what the service's own source says about them.

In: a folder. Out: `RepoFindings`. Decides which files are read by their syntax: those whose bytes mention a close that
is given a code, the code itself, or words of a reason; then those that call a function found to close with what it is
given.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Final

from rca.model import Frame
from rca.repo import node_facts, python_facts
from rca.repo.checkout import Checkout, Language, language_of, open_checkout
from rca.repo.facts import Facts, Function, Wanted
from rca.repo.findings import Match, RepoFindings, Site, Swallowed
from rca.repo.frames import Places
from rca.repo.project import Project
from rca.repo.reasons import rank
from rca.repo.sites import Wrapper, sites_of, wrappers
from rca.repo.source import Source, UnreadableError, any_source, node_source, python_source
from rca.repo.words import names_of_code

_MOST_SITES = 30
_MOST_SWALLOWED = 10
_MOST_REASONS = 20
_MOST_FRAMES = 200
_MOST_PARSED = 12_000_000
"""Bytes read by their syntax, altogether; a second takes one or two million."""

_MOST_WRAPPERS = 40
_GENERAL = frozenset({"close", "aclose", "run", "main", "handle", "send", "start", "stop"})
"""Names that half of all files call something by."""

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 8
"""Letters of a piece of a reason that tell the file that holds it from others."""

_CLOSES = re.compile(
    rb"lose\w{0,40}\s{0,20}\((?=[^()]{0,160}?(?:[Cc]ode|[Rr]eason|[Ss]tatus|\b[A-Z][A-Z_]{3}))"
)
"""A close that is given a code or a constant. It begins with fixed letters, for which `re` looks very fast."""

_NAMED = (b"WebSocketException", b"websocket.close")
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|\.(?:test|spec)\.\w+$"
)


def look(root: Path, code: int, reasons: Sequence[str], frames: Sequence[Frame]) -> RepoFindings:
    """What the checkout at `root` says of closes with `code` and any of `reasons`, and of `frames`.

    An empty reason asks for closes without one; no reasons at all ask for every close with the code. Of more than 20
    reasons or 200 frames the first are looked at. The same checkout always gives the same findings. Raises `RcaError`
    where there is no such folder.
    """
    checkout = open_checkout(root)
    reading = _Reading(checkout, Wanted(code, tuple(dict.fromkeys(reasons))[:_MOST_REASONS]))
    project = reading.project()
    sites = sites_of(project, reading.wanted)
    places = Places(checkout.files, reading.shown, reading.functions)
    located = places.locate(frames[:_MOST_FRAMES])
    return RepoFindings(
        files=len(checkout.files),
        parsed=len(project.facts),
        sites=sites[:_MOST_SITES],
        swallowed=_swallowed(project, sites),
        frames=located,
        skipped=checkout.tally.skipped(),
        left_out=max(0, len(sites) - _MOST_SITES) + sum(one.left_out for one in project.facts.values()),
    )


def _swallowed(project: Project, sites: Sequence[Site]) -> tuple[Swallowed, ...]:
    """Silent handlers of the files that hold the best sites, the sites' own left away."""
    agreeing = [one for one in sites if rank(one.match) < rank(Match.OTHER)]
    paths = dict.fromkeys(
        path for one in agreeing for path in (one.path, *((one.called_from.path,) if one.called_from else ()))
    )
    own = {
        (one.called_from.path if one.called_from else one.path, one.handler.line)
        for one in agreeing
        if one.handler
    }
    found = [
        one for path in paths for one in project.facts[path].swallowed if (one.path, one.line) not in own
    ]
    return tuple(found[:_MOST_SWALLOWED])


class _Reading:
    """The files of one checkout, read for one question."""

    def __init__(self, checkout: Checkout, wanted: Wanted) -> None:
        self._checkout: Final = checkout
        self.wanted: Final = wanted
        self._parsed = 0
        self._refused: set[str] = set()
        self._shown: dict[str, Source | None] = {}
        self._functions: dict[str, tuple[Function, ...]] = {}

    def project(self) -> Project:
        """All files that mention what is looked for, then those that call what closes with what it is given."""
        own = [path for path in self._checkout.files if self._is_own(path)]
        facts = self._facts(own, _mentions(self.wanted), self.wanted)
        project = Project(self._checkout.files, facts, self._fetch)
        found = wrappers(project, self.wanted)[:_MOST_WRAPPERS]
        if not found:
            return project
        wanted = replace(self.wanted, functions=frozenset(one.function.called for one in found))
        calls = _calls(found)
        again = self._facts(facts, lambda raw: calls.search(raw) is not None, wanted)
        # Who gives a code mentions it, and was read.
        unseen = [one for one in found if not one.takes_code and one.function.called not in _GENERAL]
        more: dict[str, Facts] = {}
        if unseen:
            calls, tied = _calls(unseen), _tied(unseen)
            others = (path for path in own if path not in facts)
            both = lambda raw: calls.search(raw) is not None and tied.search(raw) is not None  # noqa: E731 - of two lines
            more = self._facts(others, both, wanted)
        return Project(self._checkout.files, facts | again | more, self._fetch)

    def shown(self, path: str) -> Source | None:
        """A file to be shown, whatever it is written in."""
        if path not in self._shown:
            self._shown[path] = self._to_show(path)
        return self._shown[path]

    def _to_show(self, path: str) -> Source | None:
        raw = self._checkout.read(path)
        if raw is None:
            return None
        try:
            return _source(path, raw)
        except UnreadableError:
            return any_source(path, raw)

    def functions(self, path: str) -> tuple[Function, ...]:
        """The functions of a file; none where it does not parse."""
        if path not in self._functions:
            self._functions[path] = self._to_outline(path)
        return self._functions[path]

    def _to_outline(self, path: str) -> tuple[Function, ...]:
        source = self.shown(path)
        if source is None or language_of(path) not in _READERS:
            return ()
        try:
            return _FUNCTIONS[language_of(path)](source)
        except UnreadableError:
            return ()

    def _is_own(self, path: str) -> bool:
        """Whether a file is the service's own code, which its tests are not."""
        if language_of(path) not in _READERS:
            return False
        if _TESTS.search(path):
            self._checkout.tally.skip("test file", path)
            return False
        return True

    def _facts(
        self, paths: Iterable[str], mentions: Callable[[bytes], bool], wanted: Wanted
    ) -> dict[str, Facts]:
        found: dict[str, Facts] = {}
        for path in paths:
            raw = self._checkout.read(path)
            if raw is None or not mentions(raw):
                continue
            facts = self._parse(path, raw, wanted)
            if facts is not None:
                found[path] = facts
        return found

    def _fetch(self, path: str) -> Facts | None:
        """A file that an import leads to."""
        raw = self._checkout.read(path) if language_of(path) in _READERS else None
        return self._parse(path, raw, self.wanted) if raw is not None else None

    def _parse(self, path: str, raw: bytes, wanted: Wanted) -> Facts | None:
        """What a file says; None, and counted once, where it cannot be read by its syntax."""
        if path in self._refused:
            return None
        if self._parsed + len(raw) > _MOST_PARSED:
            self._checkout.tally.skip(
                f"beyond the first {_MOST_PARSED // 1_000_000} MB that mention a close", path
            )
            self._refused.add(path)
            return None
        self._parsed += len(raw)
        try:
            return _READERS[language_of(path)](_source(path, raw), wanted)
        except UnreadableError as error:
            self._checkout.tally.skip(str(error), path)
            self._refused.add(path)
            return None


_READERS: Mapping[Language | None, Callable[[Source, Wanted], Facts]] = {
    Language.PYTHON: python_facts.facts_of,
    Language.NODE: node_facts.facts_of,
}
_FUNCTIONS: Mapping[Language | None, Callable[[Source], tuple[Function, ...]]] = {
    Language.PYTHON: python_facts.functions_of,
    Language.NODE: node_facts.functions_of,
}


def _source(path: str, raw: bytes) -> Source:
    return python_source(path, raw) if language_of(path) is Language.PYTHON else node_source(path, raw)


def _calls(found: Iterable[Wrapper]) -> re.Pattern[bytes]:
    """What a file holds that calls one of these functions."""
    names = sorted({re.escape(one.function.called.encode()) for one in found})
    return re.compile(rb"\b(?:%s)\s*(?:\?\.)?\(" % b"|".join(names))


def _tied(found: Iterable[Wrapper]) -> re.Pattern[bytes]:
    """What a file holds that can mean one of these functions by such a call: its module's name, or its class's."""
    names: set[str] = set()
    for one in found:
        path = PurePosixPath(one.path)
        names |= {
            one.function.owner or "",
            path.stem,
            path.parent.name if path.stem in ("__init__", "index") else "",
        }
    return re.compile(rb"\b(?:%s)\b" % b"|".join(sorted(re.escape(name.encode()) for name in names if name)))


def _mentions(wanted: Wanted) -> Callable[[bytes], bool]:
    """Whether a file's bytes mention a close with an argument, the code by number or name, or the words of a reason."""
    names = [name.encode() for name in (str(wanted.code), *names_of_code(wanted.code))]
    alone = re.compile(
        rb"(?<![0-9A-Za-z])(?:%s)(?![0-9A-Za-z])" % b"|".join(re.escape(name) for name in names)
    )
    fixed = [*_NAMED, *{piece.encode() for reason in wanted.reasons for piece in _pieces(reason)}]

    def mentions(raw: bytes) -> bool:
        return (
            any(piece in raw for piece in fixed)
            or _CLOSES.search(raw) is not None
            or (any(name in raw for name in names) and alone.search(raw) is not None)
        )

    return mentions


def _pieces(reason: str) -> list[str]:
    """Pieces of a reason that stand verbatim where a literal holds it, or a part of it: two words in a row."""
    words = list(_WORD.finditer(reason))
    pairs = [reason[one.start() : other.end()] for one, other in pairwise(words)]
    return [piece for piece in (pairs or [reason.strip()]) if len(piece) >= _SHORTEST][:20]
