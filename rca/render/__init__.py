"""Report -> text: one small interface, one module a format.

In: a `Report`. Out: its text. Decides only which module renders which format; a renderer reads the report and
nothing else, so a saved report gives the same text on any machine.
"""

from typing import Protocol

from rca.contract import Report
from rca.errors import UsageError


class Renderer(Protocol):
    """What every format offers."""

    def render(self, report: Report) -> str:
        """Return the report as text that ends in a line feed."""
        ...


FORMATS = ("md", "json", "html")


def renderer(fmt: str) -> Renderer:
    """Return the renderer of a format.

    Raises:
        UsageError: there is none of that name.
    """
    # Imported here: whoever wants JSON need not load a template engine, and a terminal feels the difference.
    if fmt == "md":
        from rca.render import markdown  # noqa: PLC0415 - see above

        return markdown
    if fmt == "html":
        from rca.render import html  # noqa: PLC0415 - see above

        return html
    if fmt == "json":
        from rca.render import json  # noqa: PLC0415 - see above

        return json
    raise UsageError(f'there is no format "{fmt}"', f"one of: {', '.join(FORMATS)}")
