"""Every question that is asked of the logs, in words, filled in, with its link and what it can cost.

In: the shipped query files, and what is known of the run: services, project, the stretch of time. Out: `Listed`
values. Decides which parameters can be filled before any log is read; the others stay as they are written.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rca import questions, resources
from rca.links import logs_explorer
from rca.lql import parse
from rca.questions import Ask

_ORDER = {
    "probe": "once, where the time of the run is not known",
    "window": "once for each stretch that is read whole",
    "failures": "instead of that, where no run of the tests can be made out",
    "first_occurrence": "once, where a long span was searched",
    "host": "once, where the service is not known",
    "arrived": "once more, where the stretch is less than a day old",
    "between": "once, by rca doctor",
    "oldest": "once, by rca doctor",
    "revision": "once, by rca doctor",
    "around": "by hand, from a report",
    "socket": "by hand, from a report",
    "deploys": "by hand, from a report",
}
_SAMPLE: Mapping[str, resources.Value] = {
    "string": "a sample",
    "strings": ("a", "b"),
    "timestamp": datetime(2026, 1, 31, tzinfo=UTC),
    "number": 1,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One question."""

    name: str
    question: str
    """What the file's header asks."""

    when: str
    text: str
    """The query as it would be sent; parameters that only the logs can fill stand as `{name}`."""

    url: str | None
    """Logs Explorer with this query; None without a project, or while parameters are open."""

    most_calls: int | None
    """Read calls that it can cost at most; None where `rca` does not send it."""


def listed(
    ask: Ask | None,
    services: tuple[str, ...],
    project: str | None,
    most_calls: int,
    wanted: str | None = None,
) -> tuple[Listed, ...]:
    """All questions in the order in which they are asked; `ask` is the first of a run, if one is known.

    Raises `QueryError` where `wanted`, the user's own filter, is none.
    """
    if wanted:
        parse(wanted)
    asks = [
        ask
        if ask is not None and ask.name == name
        else Ask(name, resources.body(resources.text("queries", f"{name}.lql")), None)
        for name in _order()
    ]
    return tuple(
        _listed(one.name, questions.whole_query(one, services, wanted), project, most_calls) for one in asks
    )


def _order() -> list[str]:
    known = list(_ORDER)
    return known + sorted(set(_names()) - set(known) - {"services", "any_service"})


def _names() -> list[str]:
    folder = resources.path("queries", "window.lql").parent
    return [path.stem for path in folder.glob("*.lql")]


def _listed(name: str, text: str, project: str | None, most_calls: int) -> Listed:
    source = resources.text("queries", f"{name}.lql")
    is_open = any(f"{{{parameter}}}" in text for parameter in resources.parameters(source))
    one_page = {"first_occurrence", "host", "between", "oldest", "revision"}
    by_hand = _ORDER.get(name, "by hand").startswith("by hand")
    return Listed(
        name=name,
        question=resources.question(source),
        when=_ORDER.get(name, "by hand"),
        text=text,
        url=None if is_open else logs_explorer(text, project),
        most_calls=None if by_hand else 1 if name in one_page else most_calls,
    )


def check() -> tuple[str, ...]:
    """The names of all query files, each of which was filled with samples and parsed.

    Raises `QueryError` or `TemplateError` for the first that is wrong.
    """
    names = sorted(_names())
    for name in names:
        source = resources.text("queries", f"{name}.lql")
        samples = {parameter: _SAMPLE[kind] for parameter, kind in resources.parameters(source).items()}
        parse(resources.filled(f"{name}.lql", **samples))
    return tuple(names)


def as_text(questions_asked: Sequence[Listed]) -> str:
    """Each question with its query as it is sent, its link, and the read calls it costs at most."""
    return "\n".join(_told(one) for one in questions_asked)


def _told(one: Listed) -> str:
    cost = "not sent by rca" if one.most_calls is None else f"read calls at most: {one.most_calls}"
    cost += ", but for pages that come empty" if one.most_calls == 1 else ""
    query = textwrap.indent(one.text.rstrip("\n"), "    ")
    lines = [f"{one.name}: {one.question}", f"  {one.when}; {cost}", query]
    return "\n".join([*lines, *([f"  {one.url}"] if one.url else [])]) + "\n"
