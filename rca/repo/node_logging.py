"""What a block of JavaScript or TypeScript tells the log of an error.

In: a range of tokens, and the names of the error. Out: the most telling call there; the functions called besides, which
may log in turn. Decides by `words.toml`; an error handed to a logger whole is printed with its stack by console, pino
and winston alike.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rca.repo.facts import Saying
from rca.repo.findings import LogCall, Says, silence
from rca.repo.node_tokens import Is
from rca.repo.node_tree import Holds, Tree
from rca.repo.source import one_line
from rca.repo.words import is_a

_MOST_CALLS = 12
_LONGEST_BLOCK = 5_000
"""Tokens of a block that are looked over."""

_LONGEST_NAME = 16
"""Tokens of a dotted name."""

_QUIET = (Says.QUIETLY, Says.HANDED_ON)
_UNTROUBLED = (".info", ".log")
_NO_CALL = frozenset(
    {"if", "for", "while", "switch", "catch", "function", "return", "await", "typeof", "with", "super"}
)


@dataclass(frozen=True)
class Listener:
    """One file."""

    tree: Tree

    def called(self, opener: int) -> tuple[str, int]:
        """The dotted name of what is called by a bracket, and its first token; an empty name where nothing is."""
        found = self.tree.tokens
        at, parts = opener - 1, []
        if found.text(at) == "?.":
            at -= 1
        for _ in range(_LONGEST_NAME):
            if not found.is_name(at):
                if found.text(at) == ")" and at in found.mates:
                    parts.append("()")
                    at = found.mates[at] - 1
                    continue
                return "", opener
            parts.append(found.text(at))
            if found.text(at - 1) not in (".", "?."):
                break
            parts.append(".")
            at -= 2
        name = "".join(reversed(parts))
        return ("", opener) if name in _NO_CALL or name.startswith((".", "(")) else (name, at)

    def saying(
        self, first: int, last: int, names: Collection[str], *, site: int = -1, least: bool = False
    ) -> Saying:
        """The most telling thing between two tokens, apart from the call whose bracket is `site`.

        Functions written in between are left away: defining does not run. With `least`, only what is logged as an
        error or a warning counts, and only on the way to the site, where one is given.
        """
        found = self.tree.tokens
        best: tuple[int, bool, Says, int] | None = None
        calls: dict[str, bool] = {}
        for at in self._running(first, last, site if least else -1):
            says: Says | None = None
            if found.text(at) == "(" and found.all[at].kind is Is.MARK and at in found.mates and at != site:
                name, _ = self.called(at)
                says = self._says_of(name, at, names) if name else None
                if name and "(" not in name and says in (None, Says.HANDED_ON):
                    calls[name] = calls.get(name, False) or says is Says.HANDED_ON
                if least and (says in _QUIET or (says is Says.FIXED_TEXT and name.endswith(_UNTROUBLED))):
                    says = None
            elif found.text(at) == "throw" and found.is_name(at) and not least and not self._throws(at, site):
                says = Says.RAISED
            if says is not None:
                conditional = self._conditional(at, first)
                key = (silence(says), not conditional, says, at)
                best = max(best, key, key=lambda one: one[:2]) if best else key
        ordered = tuple(sorted(calls, key=lambda name: not calls[name])[:_MOST_CALLS])
        if best is None:
            return Saying(calls=ordered)
        _, unconditional, says, at = best
        log = None if says is Says.RAISED else self._log_call(at, conditional=not unconditional)
        return Saying(says, log, ordered)

    def _throws(self, at: int, site: int) -> bool:
        """Whether a `throw` throws what the bracket `site` makes: `throw new CloseError(…)`."""
        start = self.called(site)[1] if site >= 0 else -1
        return start == at + (2 if self.tree.tokens.text(at + 1) == "new" else 1)

    def _running(self, first: int, last: int, site: int) -> Iterator[int]:
        found, at = self.tree.tokens, first
        for _ in range(_LONGEST_BLOCK):
            if at > last:
                return
            yield at
            holds = self.tree.braces.get(at)
            aside = holds and (
                holds.holds in (Holds.FUNCTION, Holds.CLASS)
                or (site >= 0 and not at < site < found.mates[at])
            )
            at = found.mates[at] if aside else at + 1

    def logs(self, name: str) -> bool:
        """Whether a dotted name is that of a logger's level: `log.error`."""
        receiver, _, last = name.rpartition(".")
        return is_a("levels", last) and is_a("loggers", receiver)

    def _says_of(self, name: str, opener: int, names: Collection[str]) -> Says | None:
        receiver, _, last = name.rpartition(".")
        if is_a("trackers", name):
            return Says.ELSEWHERE
        logs = self.logs(name)
        if (
            logs and is_a("quiet", last) and receiver != "console"
        ):  # Node's console.debug writes, to standard output
            return Says.QUIETLY
        mention = self._mention(opener, names)
        if logs or is_a("printing", name):
            if last == "trace" and receiver == "console":
                return Says.TRACEBACK
            return mention or Says.FIXED_TEXT
        if (is_a("telling", last) and last != "emit") or is_a("reading", last):
            return None
        return Says.HANDED_ON if mention else None

    def _mention(self, opener: int, names: Collection[str]) -> Says | None:
        """Whether the error is given whole, with its stack, or only its text; None where it is not."""
        found = self.tree.tokens
        text = False
        for at in range(opener + 1, min(found.mates[opener], opener + 400)):
            if found.text(at) not in names or not found.is_name(at) or found.text(at - 1) in (".", "?."):
                continue
            whole = found.text(at + 1) not in (".", "?.") or found.text(at + 2) == "stack"
            key = found.text(at + 1) == ":" and found.text(at - 1) in ("{", ",")
            if (
                whole
                and not key
                and found.text(found.around[at]) != "${"
                and self._called_by(at) not in ("String", "format")
            ):
                return Says.TRACEBACK
            text = text or not key
        return Says.EXCEPTION if text else None

    def _called_by(self, at: int) -> str:
        opener = self.tree.tokens.around[at]
        return self.called(opener)[0] if self.tree.tokens.text(opener) == "(" else ""

    def _conditional(self, at: int, first: int) -> bool:
        for brace in self.tree.above(at):
            if brace < first:
                return False
            holds = self.tree.braces.get(brace)
            if holds and holds.holds is Holds.CONDITION:
                return True
        return False

    def _log_call(self, opener: int, *, conditional: bool) -> LogCall:
        found = self.tree.tokens
        _, start = self.called(opener)
        return LogCall(found.line(opener), one_line(found.raw(start, found.mates[opener])), conditional)
