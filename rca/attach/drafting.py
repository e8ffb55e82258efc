"""What is sent: a title, a body, labels, and the marker by which a later run finds it again.

In: a report. Out: a `Draft`. Decides the marker's form and its place: the body's first line, where nothing from a log
can stand, since the report begins with words of ours and shows all others as code.
"""

from dataclasses import dataclass

from rca.contract import Report
from rca.quote import cut
from rca.render import fit, json
from rca.render.inert import plain
from rca.render.view import View

_TITLE_LIMIT = 200
"""GitHub takes 256 characters of a title; nobody reads as many."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it is sent."""

    body: str
    title: str = ""
    """Of a new issue."""

    labels: tuple[str, ...] = ()
    marker: str = ""
    """The body's first line; empty where a place keeps no posts of ours."""


def draft(report: Report, cycle: int, *, labels: tuple[str, ...] = ()) -> Draft:
    """Return the report as GitHub gets it: Markdown that fits, its marker first."""
    mark = marker(report, cycle)
    body = f"{mark}\n\n{fit.render(report, 'github', spare=fit.units(mark) + 2)}"
    return Draft(body.rstrip("\n"), title(report), labels, mark)


def as_json(report: Report) -> Draft:
    """Return the report as a webhook gets it."""
    return Draft(json.render(report), title(report))


def marker(report: Report, cycle: int) -> str:
    """Return the line that tells whose report a post is: a cycle is known by its number and its date."""
    day = report.cycle.date if report.cycle is not None else None
    return f"<!-- rca: cycle={cycle}{'' if day is None else f' date={day}'} -->"


def is_marked(body: str | None, mark: str) -> bool:
    """Whether a post begins with the marker; the same words anywhere else are a quotation, or a forgery."""
    return bool(mark) and (body or "").replace("\r\n", "\n").startswith(f"{mark}\n")


def title(report: Report) -> str:
    """Return the title of an issue about the report, in plain words."""
    headline = plain(report.headline)
    about = (
        headline if report.verdict == "nothing_failed" else f"Why {View(report).subject()} failed: {headline}"
    )
    return cut(about, _TITLE_LIMIT)
