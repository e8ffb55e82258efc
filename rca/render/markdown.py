"""The report as Markdown, for an incident ticket: `templates/five_whys.md.j2`, filled.

In: a `Report`. Out: GitHub-flavored Markdown that also reads as plain text. Decides how a template may print: nothing
reaches the page but numbers and `Inert` text, so one that forgets a filter is refused, not printed. What its rows
say is decided in `rca.render.view`.
"""

from collections.abc import Callable
from functools import cache, partial

import jinja2

from rca import resources
from rca.contract import Report
from rca.errors import TemplateError
from rca.render import words
from rca.render.inert import Inert, block, code, prose
from rca.render.view import View


def render(report: Report) -> str:
    """Return the report as Markdown that ends in one line feed.

    Raises:
        TemplateError: the template is missing, or prints a value that no filter made safe.
    """
    try:
        return (
            environment()
            .get_template("five_whys.md.j2")
            .render(report=report, view=View(report))
            .rstrip("\n")
            + "\n"
        )
    except jinja2.TemplateError as wrong:
        raise TemplateError(
            f"the report's template is broken: {wrong}", "templates/five_whys.md.j2"
        ) from wrong


@cache
def environment() -> jinja2.Environment:
    """Return the template engine as every template of ours gets it: strict, and refusing text without a filter."""
    made = jinja2.Environment(
        # HTML escaping would be wrong in code spans; `finalize` holds the line instead.
        autoescape=False,  # noqa: S701 - see above
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(lambda name: resources.text("templates", name)),
        finalize=_inert_only,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        prose=_of_text(prose),
        code=_of_text(code),
        block=_of_text(block),
        whole=_of_text(partial(block, whole=True)),
        cell=_of_text(partial(prose, cell=True)),
        confidence=lambda cause: Inert(words.confidence(cause.confidence, calibrated=cause.calibrated)),
        count=lambda number, noun: Inert(words.count(number, noun)),
        signed=lambda number: Inert(f"{number:+.1f}"),
    )
    return made


def _of_text(make: Callable[[str], Inert]) -> Callable[[object], Inert]:
    """Return a filter that takes text alone: an undefined name or a None in a template is an error, not a word."""

    def apply(value: object) -> Inert:
        if isinstance(value, str):
            return make(value)
        # Turning an undefined value into text raises jinja2's own error, which names it.
        raise TemplateError(f"the template prints {value!s:.80} as text", "guard it with `{% if %}`")

    return apply


def _inert_only(value: object) -> object:
    """Return what may be printed as it stands; refuse text that no filter has made safe."""
    if isinstance(value, Inert | int | jinja2.Undefined):
        return value
    raise TemplateError(f"the template prints {value!r:.80} without a filter", "add `| prose` or `| code`")
