"""What the page asks of a report beyond what a ticket's Markdown does: evidence in full, suspects side by side.

In: a `Report`. Out: `Inert` pieces in the order they are printed. Decides how much of a long list the page shows, which
evidence has an address on it, and what is folded away. What both formats say is decided in `rca.render.view`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from rca.contract import Evidence, Report, ReportCause, Verdict
from rca.model import Signal
from rca.render import words
from rca.render.inert import Inert, code, is_label, plain, prose
from rca.render.view import View

SUSPECTS, CITED, CARDS = 6, 12, 400
"""At most so many are shown: suspects side by side, entries below a why, evidence on the page."""

_FOLDED = 4
"""Lines of an entry that stand on the page; more are folded."""

_TONES = {"ERROR": "bad", "CRITICAL": "bad", "ALERT": "bad", "EMERGENCY": "bad", "WARNING": "warn"}


@dataclass(frozen=True, slots=True)
class Card:
    """One piece of evidence as the page shows it."""

    of: Evidence
    id: Inert
    anchored: bool
    """Whether citations lead here: they lead to the first of an id."""

    time: Inert
    log: Inert
    tone: Inert
    facts: tuple[tuple[Inert, Inert], ...]
    first: Inert
    folded: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    """One column of the comparison."""

    name: Inert
    confidence: Inert
    outcome: Inert
    won: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one signal says of one suspect."""

    weight: Inert
    hint: Inert
    tone: Inert


class Page:
    """A report as the page's template sees it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.view = View(report)
        self.cards = tuple(self._cards())
        self.left = max(0, len(report.evidence) - CARDS)
        self.anchors = frozenset(str(card.id) for card in self.cards if card.anchored)
        self._by_id = {str(card.id): card for card in self.cards if card.anchored}
        self._weighed = [one for one in (*report.causes, *report.alternatives) if one.signals or one.why_not]

    def title(self) -> Markup:
        """The page's name, in plain words."""
        found = plain(self._report.headline).replace("`", "")
        if self._report.verdict is not Verdict.NOTHING_FAILED:
            found = f"Why {plain(self.view.subject())} failed: {found}"
        return escape(found)

    def tone(self) -> Inert:
        """The color of the answer."""
        return Inert(
            {"cause_found": "bad", "unknown": "warn", "nothing_failed": "good"}[self._report.verdict]
        )

    def actions(self) -> tuple[str, ...]:
        """What to do next; for an unknown, the answer itself says what would settle it."""
        settled = self._report.verdict is Verdict.UNKNOWN and self._report.settle
        return () if settled else self._report.next_actions

    def cited(self, evidence: Sequence[str]) -> tuple[Card, ...]:
        """The evidence behind a sentence, each once."""
        known = [self._by_id[one] for one in dict.fromkeys(evidence) if one in self._by_id]
        return tuple(known[:CITED])

    def _cards(self) -> Iterator[Card]:
        seen: set[str] = set()
        for one in self._report.evidence[:CARDS]:
            anchored = is_label(one.id) and one.id not in seen
            seen.add(one.id)
            log = " ".join(filter(None, [(one.log or "").rpartition("/")[2], one.severity]))
            lines = one.text.splitlines()
            yield Card(
                of=one,
                id=Inert(one.id) if anchored else code(one.id, 40),
                anchored=anchored,
                time=Inert(words.clock(one.timestamp, self.view.day, digits=6) if one.timestamp else ""),
                log=code(log or one.kind, 60),
                tone=Inert(_TONES.get(one.severity or "", "plain")),
                facts=tuple(self._facts(one)),
                first=code(next(filter(str.strip, lines), ""), 120),
                folded=len(lines) > _FOLDED,
            )

    def _facts(self, one: Evidence) -> Iterator[tuple[Inert, Inert]]:
        home = f"{one.file}:{one.line}" if one.file and one.line else one.file
        told = {
            "service": one.service,
            "revision": one.revision,
            "instance": one.instance and f"…{one.instance[-6:]}",
            "trace": one.trace,
            "insertId": one.insert_id,
            "file": home,
        }
        for name, value in told.items():
            if value:
                yield Inert(name), code(value, 80)

    def suspects(self) -> tuple[Suspect, ...]:
        """What was considered: the causes, then those that lost."""
        return tuple(
            Suspect(
                name=code(_name(one), 70),
                confidence=Inert(words.confidence(one.confidence, calibrated=one.calibrated)),
                outcome=prose(one.why_not) if one.why_not else Inert("the cause"),
                won=not one.why_not,
            )
            for one in self._weighed[:SUSPECTS]
        )

    def more_suspects(self) -> int:
        """How many do not stand side by side."""
        return max(0, len(self._weighed) - SUSPECTS)

    def comparison(self) -> tuple[tuple[Inert, tuple[Weighed, ...]], ...]:
        """Each signal with what it says of each suspect, in the order the signals come in."""
        shown = self._weighed[:SUSPECTS]
        names = dict.fromkeys(signal.name for one in shown for signal in one.signals)
        by_name = [{signal.name: signal for signal in one.signals} for one in shown]
        return tuple(
            (prose(name), tuple(_weighed(signals.get(name)) for signals in by_name)) for name in names
        )


def _name(cause: ReportCause) -> str:
    return f"{cause.exception}: {cause.message}" if cause.exception else cause.message


def _weighed(signal: Signal | None) -> Weighed:
    if signal is None:
        return Weighed(Inert(words.NOTHING), Inert(""), Inert("none"))
    if not signal.contributes:
        return Weighed(Inert("not counted"), prose(signal.hint), Inert("none"))
    tone = "for" if signal.weight > 0 else "against" if signal.weight < 0 else "even"
    return Weighed(Inert(f"{signal.weight:+.1f}"), prose(signal.hint), Inert(tone))
