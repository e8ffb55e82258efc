"""What a test runner printed: pytest's or unittest's console output, whole or pasted into a report.

In: lines of text. Out: claims of tests, the totals of its last line, the banner's time. Decides how a result line
is told from the output of the tests around it, and which line of a failure is its error.

    tests/e2e/test_ws.py::TestEcho::test_echo FAILED                         [ 50%]
    E   websockets.exceptions.ConnectionClosedError: received 1011 (internal error); then sent 1011
    FAILED tests/e2e/test_ws.py::TestEcho::test_echo - websockets.exceptions.Conn...
    ========================= 1 failed, 1 passed in 3.20s ==========================
    test_echo (tests.test_ws.EchoTest.test_echo) ... ok
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rca.cycles.claims import Claim, Weight, last_line, tests_of
from rca.cycles.close_codes import codes_in
from rca.cycles.document import LONGEST_LINE, Document
from rca.cycles.names import Identifier, identifiers_in
from rca.cycles.outcomes import WORDS
from rca.cycles.times import day_in, start_of
from rca.model import Cycle, Outcome

_WORD = r"(?P<word>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)"
_AFTER = re.compile(
    rf"(?:^|\s){_WORD}(?:\s*\([^()]*\))?(?:\s*\[\s*\d+%\])?\s*$|^\s+{_WORD.replace('word', 'first')}\b"
)
_BEFORE = re.compile(rf"^(?:\[gw\d+\]\s*)?(?:\[\s*\d+%\]\s*)?{_WORD}\s+$")
_ALONE = re.compile(rf"(?:.*\s)?{_WORD}(?:\s*\[\s*\d+%\])?\s*$")
_COLLECTION = re.compile(r"^ERROR (?:collecting )?(?P<file>[^\s:]+\.py)(?: - (?P<message>.*))?$")
_PHASE = re.compile(r"^ERROR at (?:setup|teardown) of ")
_ERROR_LINE = re.compile(r"^E(?:\s{3,}|$)(?P<text>.*)")
_CALL = re.compile(r"^\s*(?P<seconds>\d+\.\d+)s call\s+")
_TOOK = re.compile(r"^\s*Test duration: (?P<seconds>\d+\.\d+)s\s*$")
_TIME = re.compile(
    r"^\s*(?:Time|Started|Start time|Date):\s+(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*(?: [A-Z+][\w:+-]*)?)"
)
_COUNT = re.compile(r"\b(\d{1,6}) (passed|failed|skipped|errors?|xfailed|xpassed)\b")
_TOTALS = re.compile(r"^=*\s*(?:\d{1,6} [a-z]+,? )+in (?P<seconds>\d+(?:\.\d+)?)s?\b.*$")
_PYTEST = re.compile(
    r"^=+ (?:test session starts|FAILURES|ERRORS|short test summary info) =+$|^platform \w+ -- Python "
    r"|^collected \d+ items?|::test_\w{1,200}\S{0,200} {1,200}(?:PASSED|FAILED)\b"
    r"|^(?:\[gw\d+\] )?(?:\[ *\d+%\] )?(?:PASSED|FAILED|ERROR) \S{1,300}\.py::|^Ran \d+ tests? in \d"
)
# What a build server writes before each line it passes on.
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ")
_UNITTEST = re.compile(r"^(?P<name>test\w*) \((?P<path>[\w.]{1,300})\)(?P<rest>.*)$")
_UNITTEST_WORD = re.compile(r"\.\.\. (?P<word>ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b")
_UNITTEST_FAILURE = re.compile(r"^(?:ERROR|FAIL): (?P<name>test\w*) \([\w.]{1,300}\)$")
_UNITTEST_RAN = re.compile(r"^Ran (?P<ran>\d{1,6}) tests? in \d")
_UNITTEST_END = re.compile(r"^(?:OK|FAILED)(?: \((?P<counts>[a-z =,\d]+)\))?$")
_RAISED = re.compile(r"^(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}(?:: |$)")

_MARKDOWN = re.compile(r"^#{1,2} \w.*\n(?:.*\n){0,20}?(?:\*\*\w|#{2,3} |\| ?-|- \*\*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Printed:
    """What was read from a runner's output."""

    claims: tuple[Claim, ...]
    totals: dict[str, int]
    """passed, failed, skipped, errors: of the last line of totals; empty where there is none."""

    time: str | None
    """The time of the banner, verbatim."""


@dataclass(slots=True)
class _Scan:
    """Walks through the lines; mutable because what a line means depends on those before it."""

    claims: list[Claim] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    time: str | None = None
    pending: tuple[int, Identifier] | None = None
    failure: str | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    ran: int | None = None
    ended: dict[tuple[str, str | None], Outcome] = field(default_factory=dict)
    """The last outcome of each test."""

    def take(self, number: int, line: str) -> None:
        """One more line has been understood, or left alone."""
        if line.startswith("===") and line.endswith("==="):
            self.failure = None
            self._total(line.strip("= "))
        elif _TOTALS.match(line):
            self._total(line)
        elif _heads_failure(line):
            self.failure, self.pending = _function(_PHASE.sub("", line.strip("_ "))), None
        elif self.failure is not None and (error := _ERROR_LINE.match(line)) is not None:
            self.errors.setdefault(self.failure, []).append(error["text"])
        elif self.failure is not None and (took := _TOOK.match(line)) is not None:
            self.took[self.failure] = float(took["seconds"])
        elif self.time is None and (time := _TIME.match(line)) is not None:
            self.time = time["time"]
        elif self._unittest(number, line):
            return
        elif (collection := _COLLECTION.match(line)) is not None:
            error_text = collection["message"] or "the file could not be collected"
            self.claims.append(
                Claim(collection["file"], Outcome.ERROR, number, Weight.PRINTED, error=error_text)
            )
        else:
            self._result(number, line)

    def _unittest(self, number: int, line: str) -> bool:
        """Whether the line is one of unittest's, which has been understood."""
        if (test := _UNITTEST.match(line)) is not None:
            path = [part for part in test["path"].split(".") if part != test["name"]]
            found = Identifier(test["name"], None, tuple(path[-1:]), 0, 0)
            self.pending = (number, found)
            self._unittest_word(test["rest"])  # a test's description may stand before its word
        elif self.pending is not None and self.pending[1].end == 0 and self._unittest_word(line):
            pass
        elif (failure := _UNITTEST_FAILURE.match(line)) is not None:
            self.failure = failure["name"]
        elif self.failure is not None and _RAISED.match(line) is not None:
            self.errors.setdefault(self.failure, []).append(line)
        elif (ran := _UNITTEST_RAN.match(line)) is not None:
            self.ran = int(ran["ran"])
        elif self.ran is not None and (end := _UNITTEST_END.match(line)) is not None:
            counts = {
                key.strip(): int(n)
                for key, n in re.findall(r"(?<![a-z ])([a-z ]++)=(\d{1,6})", end["counts"] or "")
            }
            bad, skipped = counts.get("failures", 0), counts.get("skipped", 0)
            errors = counts.get("errors", 0)
            other = counts.get("expected failures", 0)
            passed = max(0, self.ran - bad - errors - skipped - other)
            self.totals = {"passed": passed, "failed": bad, "skipped": skipped + other, "errors": errors}
        else:
            return False
        return True

    def _unittest_word(self, text: str) -> bool:
        word = _UNITTEST_WORD.search(text)
        if word is None or self.pending is None:
            return False
        self._claim(*self.pending, _UNITTEST_WORDS[word["word"]], None)
        return True

    def _total(self, text: str) -> None:
        counts = {kind.removesuffix("s"): int(count) for count, kind in _COUNT.findall(text)}
        if counts and " in " in text:
            self.totals = {
                "passed": counts.get("passed", 0) + counts.get("xpassed", 0),
                "failed": counts.get("failed", 0),
                "skipped": counts.get("skipped", 0) + counts.get("xfailed", 0),
                "errors": counts.get("error", 0),
            }

    def _result(self, number: int, line: str) -> None:
        identifiers = identifiers_in(line) if "::" in line else ()
        if identifiers and identifiers[0].file is not None:
            first = identifiers[0]
            before, after = line[: first.start], line[first.end :]
            if (call := _CALL.match(line)) is not None:
                self.took[first.name] = float(call["seconds"])
            elif (word := _BEFORE.match(before)) is not None:
                message = after.removeprefix(" - ").strip() if after.startswith(" - ") else None
                self._claim(number, first, word["word"], message)
            elif not before.strip() and (word := _AFTER.search(after)) is not None:
                self._claim(number, first, word["word"] or word["first"], None)
            elif not before.strip():
                self.pending = (number, first)  # its own output follows, then the word
        elif self.pending is not None and (alone := _ALONE.match(line)) is not None:
            self._claim(*self.pending, alone["word"], None)

    def _claim(self, number: int, test: Identifier, word: str, message: str | None) -> None:
        self.pending = None
        if word == "RERUN":
            self.ended[test.name, test.file] = Outcome.FAILED
            self.claims.append(
                Claim(
                    test.name, Outcome.FAILED, number, Weight.EARLIER, test.file, test.classes, retried=True
                )
            )
            return
        before = self.ended.get((test.name, test.file))
        outcome = WORDS[word]
        # A second line with another outcome is a second try, or (after a pass) an error while tearing down.
        again = before is Outcome.FAILED and outcome is Outcome.PASSED
        self.ended[test.name, test.file] = outcome
        self.claims.append(
            Claim(
                test.name, outcome, number, Weight.PRINTED, test.file, test.classes,
                error=message, codes=codes_in(message), retried=again,
            )
        )  # fmt: skip


_UNITTEST_WORDS = {
    "ok": "PASSED",
    "FAIL": "FAILED",
    "ERROR": "ERROR",
    "skipped": "SKIPPED",
    "expected failure": "XFAIL",
    "unexpected success": "FAILED",
}


def _heads_failure(line: str) -> bool:
    """`______ TestEcho.test_echo ______`, at times with a single underscore on one side of a long name."""
    return line.startswith("_") and line.endswith("_") and " " in line.strip("_") and line.strip("_ ") != ""


def _function(name: str) -> str:
    """`TestEcho.test_echo[a.b]` as pytest heads a failure -> `test_echo[a.b]`."""
    bare, bracket, param = name.partition("[")
    return bare.split(".")[-1] + bracket + param


def scan(lines: Iterable[tuple[int, str]]) -> Printed:
    """Claims in the order printed, completed with the errors and durations printed elsewhere."""
    state = _Scan()
    for number, line in lines:
        state.take(number, _STAMP.sub("", line[:LONGEST_LINE]).rstrip())
    claims = []
    for claim in state.claims:
        error = last_line("\n".join(state.errors.get(claim.name, ()))) or claim.error
        took = state.took.get(claim.name, claim.duration_s)
        if claim.outcome in {Outcome.FAILED, Outcome.ERROR}:
            claim = replace(claim, error=error, codes=codes_in(error))  # noqa: PLW2901 - the same claim, completed
        claims.append(replace(claim, duration_s=took))
    return Printed(tuple(claims), state.totals, state.time)


class ConsoleReader:
    """Reads pytest's and unittest's console output."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle that was printed; None where the text is no pytest output."""
        lines = list(
            enumerate((re.sub(r"\x1b\[[0-9;]*m", "", line) for line in document.text.split("\n")), 1)
        )
        if document.name.lower().endswith((".md", ".markdown")) or _MARKDOWN.search(document.text[:2000]):
            return None  # a report with pytest's output pasted into it says more than the output
        if not any(_PYTEST.search(line[:LONGEST_LINE]) for _, line in lines):
            return None
        printed = scan(lines)
        told = tests_of(printed.claims, document)
        tests, warnings = told.tests, told.warnings
        start, zone_warning = start_of(printed.time, None)
        if printed.time and zone_warning:
            warnings = (*warnings, document.warning(None, zone_warning))
        if not tests:
            warnings = (*warnings, document.warning(None, "no test results found"))
        totals = printed.totals
        return Cycle(
            number=None,
            tests=tests,
            sources=(document.name,),
            date=day_in(printed.time or ""),
            passed=totals.get("passed"),
            failed=totals.get("failed"),
            skipped=totals.get("skipped"),
            run_time_text=printed.time,
            run_start=start,
            warnings=(*document.warnings, *warnings),
        )
