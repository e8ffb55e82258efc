"""A comparison of two reports as one HTML page, in the style and under the rules of the report's own page.

In: a `Comparison`. Out: a page without a script. Decides nothing that `rca.render.html` and `rca.render.diff` do not.
"""

import jinja2
from markupsafe import Markup, escape

from rca import resources
from rca.comparison import Comparison
from rca.errors import TemplateError
from rca.render.diff import View
from rca.render.html import environment, policy
from rca.render.inert import plain

_NAME = "diff.html.j2"


def as_html(comparison: Comparison) -> str:
    """Return the comparison as an HTML page that ends in a line feed.

    Raises:
        TemplateError: the template is missing, or prints a value that no filter made safe.
    """
    style = resources.text("templates", "five_whys.html.css")
    anchors = frozenset(one.id for one in comparison.evidence)
    try:
        made = (
            environment(anchors)
            .get_template(_NAME)
            .render(
                comparison=comparison,
                view=View(comparison),
                title=escape(plain(comparison.headline).replace("`", "")),
                policy=Markup(policy(style, "")),  # noqa: S704 - hashes
                style=Markup(style),  # noqa: S704 - our own file
            )
        )
    except jinja2.TemplateError as wrong:
        raise TemplateError(f"the page's template is broken: {wrong}", f"templates/{_NAME}") from wrong
    return made.rstrip("\n") + "\n"
