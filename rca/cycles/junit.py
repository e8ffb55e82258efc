"""JUnit XML, as pytest and most other runners write it.

In: a document. Out: a `Cycle`. Decides when each test started: its own `timestamp` where it has one, else the
suite's start plus the durations before it (not exact); and that a time without a zone is the runner's local time.

Sources: pytest `--junit-xml` (xunit1, xunit2); https://github.com/testmoapp/junitxml; Maven surefire's
rerunFailure/flakyFailure elements.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from rca.cycles.claims import Claim, Weight, last_line, test_of, unique_names
from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.header import number_in
from rca.cycles.times import day_in, instant_in
from rca.errors import CycleError
from rca.model import Cycle, Outcome, Test

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LINE = " line"
"""Attribute that carries an element's line; no attribute of a document can hold a space in its name."""

_DEEPEST = 50
_BAD = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
_RETRIES = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")


_MOST_SLACK_S = 120.0
"""A suite that took longer yet than its tests did something else in between: its starts tell nothing then."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One testcase element: a try."""

    claim: Claim
    start: datetime | None
    exact: bool
    zoned: bool
    slack_s: float = 0.0
    """By how much later it may have started, where its start is added up."""


class JUnitReader:
    """Reads JUnit XML."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle of all suites in the document; None where it is no XML of test suites."""
        if not document.text.lstrip().startswith("<"):
            return None
        try:
            root = _parsed(document.raw, document.wide)
        except DefusedXmlException as error:
            raise CycleError(f'"{document.name}" declares XML entities, which a test report never needs: refused',
                             "write it anew with pytest --junit-xml") from error  # fmt: skip
        except (ParseError, ValueError, LookupError, RecursionError) as error:
            if not any(tag in document.text[:5000] for tag in ("<testsuite", "<testcase")):
                return None
            raise CycleError(
                f'"{document.name}" is broken XML: {error}', "was the run killed while writing it?"
            ) from error
        if _tag(root) not in {"testsuites", "testsuite", "testcase"}:
            return None
        return _cycle(root, document)


class _Lines(TreeBuilder):
    """Builds elements that know their line."""

    parser: DefusedXMLParser

    def start(self, tag: str, attrs: dict[str, str]) -> "Element":
        """The element has the line of its opening tag among its attributes, counted from 1."""
        return super().start(tag, {**attrs, _LINE: str(self.parser.parser.CurrentLineNumber)})


def _parsed(raw: bytes, wide: str | None) -> "Element":
    """The root element; entity declarations are refused, so no XML bomb can grow.

    A byte order mark (`wide`) wins over the encoding that the declaration names: a shell that rewrote the file left it.
    """
    builder = _Lines()
    builder.parser = DefusedXMLParser(target=builder, encoding=wide)
    builder.parser.feed(raw)
    root: Element = builder.parser.close()
    return root


def _tag(element: "Element") -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _cycle(root: "Element", document: Document) -> Cycle:
    warnings: list[str] = []
    cases = tuple(_cases(root, (None, False), document, warnings))
    tests = _tests(cases, document)
    starts = [case.start for case in cases if case.start is not None]
    stamps = [value for suite in _suites(root) if (value := suite.get("timestamp"))]
    zoned = bool(cases) and all(case.zoned for case in cases if case.start is not None)
    if starts and not zoned:
        words = "times name no zone: they are the runner's local time, read as if they were UTC"
        warnings.append(document.warning(None, words))
    if not tests:
        warnings.append(document.warning(None, "no test results found"))
    properties = {
        (item.get("name") or "").lower(): item.get("value") or (item.text or "").strip()
        for item in root.iter()
        if _tag(item) == "property"
    }
    names = [suite.get("name") or "" for suite in _suites(root)]
    outcomes = [test.outcome for test in tests]
    first = stamps[0] if stamps else None
    return Cycle(
        number=_number(properties, names),
        tests=tests,
        sources=(document.name,),
        date=day_in(first or ""),
        environment=properties.get("environment") or None,
        target=next((properties[key] for key in ("target", "base_url", "url") if properties.get(key)), None),
        revision=properties.get("revision") or None,
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED) + outcomes.count(Outcome.ERROR),
        skipped=outcomes.count(Outcome.SKIPPED),
        run_time_text=first,
        run_start=min(starts) if starts and zoned else None,
        warnings=(*document.warnings, *warnings),
    )


def _suites(root: "Element") -> Iterator["Element"]:
    return (element for element in root.iter() if _tag(element) in {"testsuites", "testsuite"})


def _number(properties: dict[str, str], names: list[str]) -> int | None:
    for key in ("cycle", "rca_cycle", "iteration"):
        if properties.get(key, "").isdigit():
            return int(properties[key][:6])
    return next((number for name in names if (number := number_in(name)) is not None), None)


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float((value or "").replace(",", ""))  # surefire groups thousands: time="1,234.5"
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None  # noqa: PLR2004 - not NaN, not infinite, under 30 years


def _cases(
    element: "Element",
    clock: tuple[datetime | None, bool],
    document: Document,
    warnings: list[str],
    depth: int = 0,
) -> Iterator[_Case]:
    """The test cases under an element in document order, each with its start.

    Args:
        element: A suite, or a lone test case.
        clock: When the element starts, and whether a zone was stated.
        document: For warnings.
        warnings: Receives what was not understood.
        depth: Of suites around it.
    """
    if depth > _DEEPEST:
        warnings.append(document.warning(None, f"suites nested deeper than {_DEEPEST} are not read"))
        return
    stamp = element.get("timestamp")
    own = instant_in(stamp)
    if own[0] is None and stamp:
        warnings.append(document.warning(_line(element), f'timestamp "{stamp[:60]}" is not understood'))
    now, zoned = own if own[0] is not None else clock
    slack_s = _unaccounted_s(element)
    for child in [element] if _tag(element) == "testcase" else element:
        if _tag(child) == "testsuite":
            yield from _cases(child, (now, zoned), document, warnings, depth + 1)
        elif _tag(child) == "testcase":
            if not child.get("name"):
                warnings.append(document.warning(_line(child), "a testcase without a name is not read"))
                continue
            case = replace(_case(child, now, zoned=zoned), slack_s=slack_s)
            if now is not None:
                now += timedelta(seconds=case.claim.duration_s or 0.0)
            yield case


def _unaccounted_s(suite: "Element") -> float:
    """Seconds of a suite's own time that its tests' durations leave: collection, imports, a slow machine."""
    whole = _seconds(suite.get("time")) if _tag(suite) == "testsuite" else None
    durations = [_seconds(case.get("time")) for case in suite.iter() if _tag(case) == "testcase"]
    return min(max(0.0, (whole or 0.0) - sum(one or 0.0 for one in durations)), _MOST_SLACK_S)


def _line(element: "Element") -> int:
    return int(element.get(_LINE) or 0)


def _case(element: "Element", clock: datetime | None, *, zoned: bool) -> _Case:
    parts = {_tag(child): child for child in element}
    outcome, error, text = Outcome.PASSED, None, ""
    for child in element:
        if _tag(child) in _BAD and (outcome is Outcome.PASSED or _tag(child) != "skipped"):
            outcome = _BAD[_tag(child)]
            message, body = child.get("message") or "", "".join(child.itertext())
            error = last_line(message) or last_line(body) or child.get("type") or "no message"
            text = f"{message}\n{body}"
    own, own_zoned = instant_in(element.get("timestamp"))
    classes = tuple((element.get("classname") or "").split("."))
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    claim = Claim(
        name=str(element.get("name")),
        outcome=outcome,
        line=_line(element),
        weight=Weight.PRINTED,
        file=element.get("file") or None,
        classes=classes if classes != ("",) else (),
        duration_s=_seconds(element.get("time")),
        error=error if bad else None,
        codes=tuple(dict.fromkeys((*_raised_codes(text), *codes_in(error)))) if bad else (),
        retried=any(tag in parts for tag in _RETRIES),
    )
    return _Case(
        claim, own if own is not None else clock, own is not None, own_zoned if own is not None else zoned
    )


def _raised_codes(text: str) -> tuple[int, ...]:
    """Close codes in the lines that name an exception: the source shown around them may hold any number."""
    lines = [
        line for line in text.split("\n") if line.startswith("E ") or "Error: " in line or "Closed" in line
    ]
    return codes_in("\n".join(lines)[:20_000])


def _tests(cases: tuple[_Case, ...], document: Document) -> tuple[Test, ...]:
    """One test an id, by its last try; earlier tries make it flaky if they ended otherwise."""
    tries: dict[tuple[str, str | None, tuple[str, ...]], list[_Case]] = {}
    for case in cases:
        tries.setdefault((case.claim.name, case.claim.file, case.claim.classes), []).append(case)
    names = unique_names(
        tuple((name, None, (".".join(classes),) if classes else ()) for name, _, classes in tries)
    )
    tests = []
    for name, same in zip(names, tries.values(), strict=True):
        last = same[-1]
        test = test_of(last.claim, name, document)
        good = {case.claim.outcome in {Outcome.PASSED, Outcome.SKIPPED} for case in same}
        tests.append(
            replace(
                test,
                flaky=last.claim.retried or len(good) > 1,
                started_at=last.start,
                start_exact=last.exact and last.zoned,
                start_slack_s=0.0 if last.exact else last.slack_s,
            )
        )
    return tuple(tests)
