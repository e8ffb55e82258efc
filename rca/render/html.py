"""The report as one HTML file: no network, readable on a telephone, printable, in light and in dark.

In: a `Report`. Out: a page. Decides its content-security policy and how a template may print: what comes from a report
becomes `Inert` Markdown first, as in a ticket, and only the few things that such text can be (words, code, emphasis, a
citation) become elements. So what a log says can neither run nor format here either, and there is one set of rules.
"""

import base64
import hashlib
from collections.abc import Callable, Container
from functools import lru_cache, partial

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from rca import resources
from rca.contract import Evidence, Report
from rca.errors import TemplateError
from rca.render import plot, words
from rca.render.html_view import Page
from rca.render.inert import Inert, block, code, definition, prose

_NAME = "five_whys.html.j2"
Cut = Callable[[Inert], Markup]


def render(report: Report) -> str:
    """Return the report as an HTML page that ends in a line feed.

    Raises:
        TemplateError: the template is missing, or prints a value that no filter made safe.
    """
    page = Page(report)
    style, script = (resources.text("templates", f"five_whys.html.{kind}") for kind in ("css", "js"))
    drawn = plot.picture(report) if plot.installed() else None
    try:
        text = (
            environment(page.anchors)
            .get_template(_NAME)
            .render(
                report=report,
                page=page,
                view=page.view,
                policy=Markup(policy(style, script)),  # noqa: S704 - hashes
                style=Markup(style),  # noqa: S704 - our own file
                script=Markup(script),  # noqa: S704 - as above
                picture=Markup(drawn.inline()) if drawn else None,  # noqa: S704 - rebuilt from allowed elements
                not_drawn=Inert(words.listed(drawn.left_out, 4)) if drawn else Inert(""),
                hint=None if plot.installed() else Inert(plot.HINT),
            )
        )
    except jinja2.TemplateError as wrong:
        raise TemplateError(f"the page's template is broken: {wrong}", f"templates/{_NAME}") from wrong
    return text.rstrip("\n") + "\n"


def policy(style: str, script: str) -> str:
    """Return the page's content-security policy: this style, this script, and nothing else at all."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            # The empty icon that keeps a browser from asking a server for one.
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=4)
def environment(anchors: frozenset[str]) -> jinja2.Environment:
    """Return the template engine of the page: strict, escaping, and refusing text without a filter.

    `anchors`: the citations that have evidence on the page; each becomes a link to it.
    """
    inline = partial(_inline, anchors=anchors)
    made = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(lambda name: resources.text("templates", name)),
        finalize=partial(_safe_only, inline=inline),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        prose=_of_text(prose, inline),
        code=_of_text(code, inline),
        block=_of_text(block, _fenced),
        whole=_of_text(partial(block, whole=True), _fenced),
        cell=partial(_cell, inline=inline),
        fenced=_fenced,
        address=_address,
        confidence=lambda cause: Inert(words.confidence(cause.confidence, calibrated=cause.calibrated)),
        count=lambda number, noun, plural="": Inert(words.count(number, noun, plural)),
        number=lambda value: Inert(f"{value:.2f}"),
        signed=lambda value: Inert(f"{value:+.1f}"),
    )
    return made


class _Narrow(MarkdownIt):
    """A reader of Markdown that knows of no address outside the page."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        """Whether a text may lead there."""
        return url.startswith("#")


_MARKDOWN = _Narrow("zero").enable(["escape", "backticks", "emphasis", "link", "entity"])
"""Reads what `Inert` text can hold; where a text slips through, there is no rule here that would make it more."""

_FENCES = MarkdownIt("zero").enable("fence")


def _inline(text: Inert, anchors: Container[str]) -> Markup:
    """Return inert Markdown as HTML within a line; a citation with evidence is a link to it."""
    references = {one: {"href": f"#{one}", "title": ""} for one in _cited(text) if one in anchors}
    return Markup(_MARKDOWN.renderInline(text, {"references": references}))  # noqa: S704 - of the rules above


def _cited(text: str) -> set[str]:
    """Return what stands in brackets in a text, each once."""
    return {piece.partition("]")[0] for piece in text.split("[")[1:]}


def _fenced(text: Inert) -> Markup:
    return Markup(_FENCES.render(text))  # noqa: S704 - a fence, and what is in it escaped


def _cell(value: object, inline: Cut) -> Markup:
    """Return a cell of a Markdown table, in which pipes are escaped even in code, as the words it shows."""
    if isinstance(value, Inert):
        return inline(Inert(value.replace("\\|", "|")))
    raise TemplateError(f"the template prints {value!r:.80} as a cell", "cells come from the view")


def _address(one: Evidence) -> Markup:
    """Return where the console shows an entry; empty where that is not known, or leads elsewhere."""
    return escape(definition(one.id, one.url).partition(": ")[2])


def _of_text(make: Callable[[str], Inert], show: Cut) -> Callable[[object], Markup]:
    """Return a filter that takes text alone: an undefined name or a None in a template is an error, not a word."""

    def apply(value: object) -> Markup:
        if isinstance(value, str):
            return show(make(value))
        # Turning an undefined value into text raises jinja2's own error, which names it.
        raise TemplateError(f"the template prints {value!s:.80} as text", "guard it with `{% if %}`")

    return apply


def _safe_only(value: object, inline: Cut) -> object:
    """Return what may be printed; refuse text that no filter has made safe."""
    if isinstance(value, Inert):
        return inline(value)
    if isinstance(value, Markup | int | jinja2.Undefined):
        return value
    raise TemplateError(f"the template prints {value!r:.80} without a filter", "add `| prose` or `| code`")
