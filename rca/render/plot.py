"""The timeline as a picture: SVG for the page and for tickets, PNG for tickets that show nothing else.

In: a `Report`. Out: a picture that needs no network and no font of its own. Decides what becomes of a report without
times, or an installation without the extra `plot`: altair, which lays out, and vl-convert, which draws.
"""

from importlib.util import find_spec

from rca.contract import Report
from rca.errors import RcaError
from rca.render.plot_rows import Mark, picture_of
from rca.render.plot_svg import Drawn, rebuilt

HINT = "pip install altair vl-convert-python"

_SCALE = 2
"""Pixels of a PNG for each of the SVG: sharp on a telephone."""


def installed() -> bool:
    """Whether a picture can be drawn."""
    return find_spec("altair") is not None and find_spec("vl_convert") is not None


def needed() -> None:
    """Pass where a picture can be drawn.

    Raises:
        RcaError: the extra is missing.
    """
    if not installed():
        raise RcaError("the picture needs altair and vl-convert, which are not installed", HINT)


def svg(report: Report) -> bytes:
    """Return the timeline as an SVG file, without links.

    Raises:
        RcaError: the extra is missing, or nothing has a time.
    """
    return _drawn(report).standalone().encode()


def png(report: Report) -> bytes:
    """Return the timeline as a PNG file; raises as `svg`."""
    drawn = _drawn(report).standalone()
    import vl_convert  # noqa: PLC0415 - 80 MB

    return bytes(vl_convert.svg_to_png(drawn, scale=_SCALE))


def _drawn(report: Report) -> Drawn:
    found = picture(report)
    if found is None:
        raise RcaError("nothing in this report has a time: there is no timeline to draw")
    return found


def picture(report: Report) -> Drawn | None:
    """Return the timeline drawn; None where nothing has a time.

    Raises:
        RcaError: the extra is missing.
    """
    needed()
    planned = picture_of(report)
    if planned is None:
        return None
    import vl_convert  # noqa: PLC0415 - as above

    from rca.render.plot_chart import WIDTH, chart  # noqa: PLC0415 - altair, slow to load

    keys: dict[str, Mark] = {}
    spec = chart(planned, keys).to_dict()
    # No address is allowed: the picture is made of what is in the report.
    made = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return rebuilt(made, keys, planned, WIDTH)
