"""The cycle as its runner tells it: pytest's own JUnit file (clock shifted, names rewritten), a Markdown report."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import defusedxml.ElementTree
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.lab.scenario import LAB, Scenario

_TITLES = {"http": "HTTP", "websocket": "WebSocket", "mcp": "MCP"}
_STAMP = re.compile(r'timestamp="([^"]+)"')
_HOST = re.compile(r'hostname="[^"]*"')


@dataclass(frozen=True, slots=True)
class Row:
    """One test as a report lists it."""

    name: str
    title: str
    module: str
    passed: bool
    duration_s: float
    error: str


def title_of(name: str) -> str:
    """`test_mcp_servers` as a person writes it: "MCP Servers"."""
    words = name.removeprefix("test_").split("_")
    return " ".join(_TITLES.get(word, word.capitalize()) for word in words)


def shift(junit: str, skew_s: float) -> str:
    """The junit file as a runner writes it whose clock is `skew_s` ahead."""

    def moved(found: re.Match[str]) -> str:
        return f'timestamp="{(datetime.fromisoformat(found[1]) + timedelta(seconds=skew_s)).isoformat()}"'

    return _HOST.sub('hostname="runner"', _STAMP.sub(moved, junit))


def rows(junit: str) -> tuple[Row, ...]:
    """The tests of a junit file, in its order."""
    found = []
    for case in defusedxml.ElementTree.fromstring(junit).iter("testcase"):
        bad = next((child for child in case if child.tag in ("failure", "error")), None)
        message = (bad.get("message") or "").split("\n", 1)[0] if bad is not None else ""
        name = case.get("name") or ""
        found.append(
            Row(
                name=name,
                title=title_of(name),
                module=(case.get("classname") or "").rpartition(".")[2],
                passed=bad is None,
                duration_s=float(case.get("time") or 0),
                error=re.sub(r"^[\w.]*\.(\w+: )", r"\1", message),
            )
        )
    return tuple(found)


def report(scenario: Scenario, junit: str) -> str:
    """The report a person wrote of the cycle, from the suite's own results."""
    found = _STAMP.search(junit)
    if found is None:
        raise ValueError("the junit file has no timestamp")
    folder = LAB / "reports"
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown of our own making, not HTML
    )
    environment.filters["percent"] = lambda part, whole: f"{100 * part / whole:.1f}%"
    tests = rows(junit)
    groups: dict[str, list[Row]] = {}
    for row in tests:
        groups.setdefault(row.module.removeprefix("test_").replace("_", " ").capitalize(), []).append(row)
    return environment.get_template("long.md.j2" if scenario.day else "short.md.j2").render(
        cycle=scenario.cycle,
        at=datetime.fromisoformat(found[1]),
        times=scenario.report_times,
        groups=groups,
        failed=[row for row in tests if not row.passed],
        tests=tests,
        service=scenario.service,
    )
