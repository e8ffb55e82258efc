"""What the Markdown template asks of a report beyond its fields: the arithmetic, the choices, the joins.

In: a `Report`. Out: `Inert` pieces and rows, in the order they are printed. Decides what a table row says, how much
of a long list is shown, and which citations a sentence gets; what is left out is counted. The words and their order
are the template's.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rca.contract import Evidence, Report, ReportCause, ReportClose, ReportTest, Why
from rca.model import Outcome
from rca.quote import OPEN, quote
from rca.render import words
from rca.render.inert import Inert, block, code, definition, is_label, prose
from rca.render.moments import ended, moments_of, runs

ROWS = 25
"""Rows of a table before the rest is counted: a ticket is read on a telephone, too. The JSON has them all."""

CITED = 6
"""Citations behind one sentence before the rest is counted."""

_COLOR = re.compile(r"\x1b\[[0-9;]{0,16}m")
"""Colors of a log line: the one kind of escape that says nothing, and three lines long in a drawn traceback."""

_IN_ORDER = (1000, 1001)
"""Close codes of a connection that ended as it should: normal closure, going away."""

_NOTHING = Inert(words.NOTHING)
_IMPACT_WIDTH = 100
_TELLING = 6
"""Letters that a function's name or a message needs before its occurrence in a sentence is no accident."""

_LOW = 0.9
"""An answer's own confidence is printed below this; above it, it would be noise on every line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of failing tests: or of connections, where no test is known."""

    name: Inert
    opened: Inert
    lived: Inert
    closed: Inert
    saw: Inert
    tied: Inert


class View:
    """A report as the template sees it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.failing = tuple(test for test in report.tests if test.name in report.failing_tests)
        self.passing = tuple(test for test in report.tests if test.outcome is Outcome.PASSED)
        self.skipped = tuple(test for test in report.tests if test.outcome is Outcome.SKIPPED)
        self.flaky = tuple(test for test in report.tests if test.flaky)
        self._ids = frozenset(one.id for one in report.evidence if is_label(one.id))
        self.day = _common_day(report)
        self._known = _known(report)

    def subject(self) -> Inert:
        """What the report is about: `cycle 1`, `the run of 2026-11-22`, `the service`."""
        cycle = self._report.cycle
        if cycle is not None and cycle.number is not None:
            return Inert(f"cycle {cycle.number}")
        if cycle is not None and cycle.date is not None:
            return Inert(f"the run of {cycle.date}")
        return Inert("this run" if cycle is not None else "the service")

    def explained(self, cause: ReportCause) -> Inert:
        """How much of the failing a cause explains."""
        return Inert(words.of_failing(len(cause.tests), len(self._report.failing_tests)))

    def rows(self) -> tuple[Row, ...]:
        """The failing tests with their sockets; without tests, the connections that ended."""
        closes = (*self._report.closes, *self._report.refused)
        if self.failing:
            return tuple(
                self._row(test, [c for c in closes if test.name in c.tests]) for test in self.failing[:ROWS]
            )
        return tuple(self._row(None, [close]) for close in self._abnormal()[:ROWS])

    def rows_left(self) -> Inert:
        """How many rows the table leaves out; empty when none."""
        left = len(self.failing or self._abnormal()) - ROWS
        noun = "failing test" if self.failing else "connection"
        return Inert(f"{words.count(left, f'more {noun}')} in the JSON report." if left > 0 else "")

    def _abnormal(self) -> list[ReportClose]:
        ends = (*self._report.closes, *self._report.refused)
        return [end for end in ends if end.cause or end.code not in _IN_ORDER]

    def _row(self, test: ReportTest | None, closes: Sequence[ReportClose]) -> Row:
        own = [test.id] if test is not None and test.id in self._ids else []
        if test is None:
            name, saw = _coded(closes[0].connection), _NOTHING
        else:
            name, saw = code(test.name, 80, cell=True), _coded(_unqualified(test.error), 120)
        ties = list(dict.fromkeys(close.tie for close in closes if close.tie))
        cited = self.cite("", [one for close in closes for one in close.evidence]).strip()
        opened = [words.clock(close.opened_at, self.day) for close in closes]
        tied = " ".join(filter(None, [cited, "; ".join(prose(tie, cell=True) for tie in ties)]))
        return Row(
            name=name,
            opened=Inert(words.listed(opened, 3) if closes else "no socket found"),
            lived=Inert(words.listed([words.life(close.lifetime_s) for close in closes], 3) or words.NOTHING),
            closed=Inert(words.listed(list(dict.fromkeys(map(ended, closes))), 3) or words.NOTHING),
            saw=Inert(saw + "".join(f" [{one}]" for one in own)),
            tied=Inert(tied or words.NOTHING),
        )

    def names(self, tests: Sequence[ReportTest | str]) -> Inert:
        """Test names in a line, those past the twelfth counted."""
        plain = [test if isinstance(test, str) else test.name for test in tests]
        return Inert(words.listed([code(name, 80) for name in plain], 12))

    def cite(self, answer: str, evidence: Sequence[str]) -> Inert:
        """The citations of a sentence that carries none itself, with a space before them.

        Where the sentence cites, it says which of its evidence it rests on; the rest is in the JSON.
        """
        if any(f"[{one}]" in answer for one in self._ids):
            return Inert("")
        known = [one for one in dict.fromkeys(evidence) if one in self._ids]
        more = f" and {len(known) - CITED} more" if len(known) > CITED else ""
        return Inert("".join(f" [{one}]" for one in known[:CITED]) + more)

    def sureness(self, why: Why) -> Inert:
        """How sure an answer is, where a reader should hesitate."""
        unsure = why.status != "unknown" and why.confidence < _LOW
        return Inert(f" (confidence {why.confidence:.2f})" if unsure else "")

    def where(self, cause: ReportCause) -> Inert:
        """The in-app frames in columns, outermost first, then the chain, root first; empty without either."""
        frames = cause.frames or ((cause.frame,) if cause.frame else ())
        places = [f"{frame.file}:{frame.line}" if frame.line else frame.file for frame in frames]
        functions = [frame.function or "" for frame in frames]
        wide = [min(48, max(map(len, column), default=0)) for column in (places, functions)]
        lines = [
            f"{place:<{wide[0]}}  {function:<{wide[1]}}  {(frame.code or '').strip()}"
            for place, function, frame in zip(places, functions, frames, strict=True)
        ]
        for i, one in enumerate(cause.chain):
            lines.append(" ".join(one.split()) if i == 0 else f"  then {' '.join(one.split())}")
        # Of a traceback cut short, not even a name may be left.
        told = [line for line in lines if line.strip()]
        return block("\n".join(told)) if told else Inert("")

    def ruled(self) -> tuple[tuple[Inert, Inert], ...]:
        """What is not the cause, and why: what was ruled out, then suspects that lost and were not told of yet."""
        ruled = self._report.ruled_out
        cited = {item.evidence for item in ruled if item.evidence}
        told = "\n".join(item.what for item in ruled)
        rows = [(item.what, item.why, item.evidence) for item in ruled]
        rows += [
            (cause.summary, cause.why_not or "outweighed", cause.evidence)
            for cause in self._report.alternatives
            if cause.evidence not in cited and not (cause.message and cause.message in told)
        ]
        shown = [
            (self.own(what, cell=True), Inert(prose(why, cell=True) + self.cite(why, evidence)))
            for what, why, evidence in rows[:ROWS]
        ]
        if len(rows) > ROWS:
            shown.append((Inert(f"{len(rows) - ROWS} more"), Inert("in the JSON report")))
        return tuple(shown)

    def moments(self) -> tuple[tuple[Inert, Inert, Inert], ...]:
        """The timeline's rows: time, kind, what; runs of the same are one, a long one is folded in its middle."""
        rows = []
        for first, last, times in runs(moments_of(self._report)):
            again = f" ({times} times until {words.clock(last.at)})" if times > 1 else ""
            what = f"{prose(first.text, cell=True)}{again}{self.cite(first.text, first.evidence)}"
            rows.append((Inert(words.clock(first.at, self.day)), prose(first.kind, cell=True), Inert(what)))
        if len(rows) <= ROWS + 1:
            return tuple(rows)
        head = ROWS // 2
        left = Inert(f"… {len(rows) - 2 * head} more, in `rca timeline` …")
        return (*rows[:head], (Inert(""), Inert(""), left), *rows[-head:])

    def asked_before(self, query: str) -> int:
        """The number of the first question that gives this query."""
        return next(i for i, why in enumerate(self._report.whys, 1) if why.next_query == query)

    def evidence(self, one: Evidence) -> tuple[Inert, ...]:
        """One row of the evidence table: id as it is cited, time, instance, log, entry."""
        place = f"{one.file}:{one.line}" if one.line else one.file
        home = _coded(one.insert_id or place)
        log = " ".join(filter(None, [(one.log or "").rpartition("/")[2], one.severity]))
        text = code(_first_lines(one.text), cell=True)
        return (
            Inert(f"[{one.id}]") if one.id in self._ids else _coded(one.id),
            Inert(words.clock(one.timestamp, self.day, digits=6)),
            _coded(one.instance and one.instance[-6:]),
            _coded(log or (None if one.kind == "entry" else one.kind)),
            Inert(f"{text} · {home}"),
        )

    def links(self) -> tuple[Inert, ...]:
        """The definitions that make each citation a link: `[E1]: https://…`."""
        return tuple(filter(None, (definition(one.id, one.url) for one in self._report.evidence)))

    def own(self, text: str, *, cell: bool = False) -> Inert:
        """A sentence about a cause; exceptions and places in it are shown as code where it does not quote them."""
        if self._known and OPEN not in text:
            text = self._known.sub(lambda found: quote(found[0], 300), text)
        return prose(text, cell=cell)

    def impact(self) -> Inert:
        """The impact as the cycle states it, wrapped."""
        lines = (self._report.impact or "").splitlines()
        return block("\n".join(textwrap.fill(line, _IMPACT_WIDTH) if line.strip() else "" for line in lines))

    def facts(self) -> Inert:
        """What the report rests on, in a line: cycle, service, what was read of the logs and whether that was all."""
        line = " · ".join(self._facts())
        return Inert(f"{line[0].upper()}{line[1:]}.")

    def _facts(self) -> Iterator[str]:
        cycle, pull = self._report.cycle, self._report.pull
        if cycle is not None:
            yield from [f"cycle {cycle.number}"] if cycle.number is not None else []
            yield from [f"{cycle.date}"] if cycle.date is not None else []
            yield from (code(told) for told in (cycle.environment, cycle.target) if told)
        if pull.services:
            yield f"service {words.listed([code(service) for service in pull.services], 3)}"
        if pull.revisions:
            yield f"revision {words.listed([code(revision) for revision in pull.revisions], 3)}"
        when = words.span(pull.first_at, pull.last_at)
        source = f"from {code(pull.source)}" if pull.source else ""
        read = ", ".join(filter(None, [words.count(pull.entries, "entry", "entries"), when, source]))
        whole = {True: "complete", False: "**known to have a gap**", None: "whether that is all is not known"}
        yield f"logs read: {read}; {whole[pull.complete]}"

    def masked(self) -> Inert:
        """What was masked, counted by kind."""
        counts = [f"{number} {kind}" for kind, number in sorted(self._report.redactions.items()) if number]
        same = "; one secret has one mask throughout" if counts else ""
        return prose((", ".join(counts) or "nothing") + same)


def _known(report: Report) -> re.Pattern[str] | None:
    """Return a pattern for the exceptions and places that the report's causes name, longest first."""
    names: set[str] = set()
    for cause in (*report.causes, *report.alternatives):
        short = (cause.exception or "").rpartition(".")[2]
        names |= (
            {f"{cause.exception}: {cause.message}", f"{short}: {cause.message}"} if cause.exception else set()
        )
        names |= {cause.message} if len(cause.message) >= _TELLING else set()
        if cause.frame is not None:
            names |= {cause.frame.file, f"{cause.frame.file}:{cause.frame.line}"}
            function = cause.frame.function or ""
            names |= {function} if len(function) >= _TELLING else set()
    ordered = sorted(filter(None, names), key=lambda name: (-len(name), name))
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in ordered)) if ordered else None


def _coded(text: str | None, limit: int = 160) -> Inert:
    return code(text, limit, cell=True) if text else _NOTHING


def _unqualified(error: str | None) -> str | None:
    """Return an error without the modules before its class: a cell is narrow, the evidence has the whole."""
    return error and re.sub(r"^(?:\w{1,60}\.){1,8}(?=\w{1,60}:)", "", error)


def _first_lines(text: str) -> str:
    """Return the first line of an entry, and the last of a stack trace, which names the exception; no colors."""
    lines = [line for line in _COLOR.sub("", text).splitlines() if line.strip()] or [text]
    return lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"


def _common_day(report: Report) -> date:
    """Return the day that all times of the report fall on, so that it is said once; else a day that none falls on."""
    times = [one.timestamp for one in report.evidence] + [close.opened_at for close in report.closes]
    days = {at.date() for at in times if at is not None} | {moment.at.date() for moment in report.timeline}
    return days.pop() if len(days) == 1 else date.min
