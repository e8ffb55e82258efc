"""The lab's services, broken as its scenarios break them: the site that closed comes first, and is read rightly."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from rca.model import Frame
from rca.repo import Match, Says, look
from tests.lab.scenario import all_scenarios, line_of, write_out
from tests.repo.applying import applied


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario, the reason that its clients saw, and what is true of the place that gave it."""

    reason: str
    path: str
    call: str
    says: Says
    caught: bool = True
    adds: str | None = None
    """What the change adds."""


LOGS = 'log.exception("closing with 1011")'
CASES = {
    "cycle-5": Case(
        "Internal error",
        "parley/ws/gateway.py",
        'socket.close(1011, "Internal error")',
        Says.NOTHING,
        adds=LOGS,
    ),
    "websockets-swallowed": Case(
        "try again", "tidewatch/hub.py", 'socket.close(1011, "try again")', Says.NOTHING, adds=LOGS
    ),
    "node-silent": Case(
        "server error",
        "src/seat.js",
        "this.ws.close(1011, 'server error')",
        Says.NOTHING,
        adds="log.error({ err }, 'closing with 1011');",
    ),
    "node-pino-caught": Case(
        "server error", "src/seat.js", "this.ws.close(1011, 'server error')", Says.TRACEBACK
    ),
    "tornado-one-line": Case(
        "failed", "service.py", 'self.close(1011, "failed")', Says.EXCEPTION, adds="log.exception("
    ),
    "tornado-setting-missing": Case(
        "could not serve", "service.py", 'self.close(1011, "could not serve")', Says.TRACEBACK
    ),
    "starlette-quiet-cause": Case(
        "stream torn",
        "mooring/endpoints/streams.py",
        'websocket.close(1011, "stream torn")',
        Says.EXCEPTION,
        adds="log.exception(",
    ),
    "websockets-task-died": Case(
        "ledger unattended",
        "tidewatch/hub.py",
        'visit.socket.close(1011, "ledger unattended")',
        Says.FIXED_TEXT,
        caught=False,
    ),
    "late-traceback": Case(
        "Internal error", "parley/ws/gateway.py", 'socket.close(1011, "Internal error")', Says.HANDED_ON
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_site_that_closed_comes_first(name: str, tmp_path: Path) -> None:
    """It is the place that the scenario broke; what its handler tells the log is what the scenario logs."""
    case = CASES[name]
    write_out(all_scenarios()[name], tmp_path)
    site = look(tmp_path / "app", 1011, [case.reason], []).sites[0]
    assert (site.path, site.call, site.match) == (case.path, case.call, Match.EXACT)
    assert case.call in (tmp_path / "app" / case.path).read_text(encoding="utf-8").splitlines()[site.line - 1]
    assert (site.says, site.handler is not None) == (case.says, case.caught)
    if case.adds is None:
        assert site.change is None
    else:
        before = (tmp_path / "app" / case.path).read_text(encoding="utf-8").splitlines()
        after = applied(tmp_path / "app", case.path, site.change).splitlines()
        assert [line.strip() for line in after if line not in before] == [
            next(line.strip() for line in after if case.adds in line and line not in before)
        ]


PLACES = sorted(name for name, one in all_scenarios().items() if one.expected.place)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
def test_the_frame_that_raised_is_found(name: str, tmp_path: Path) -> None:
    """The place that the label names is shown as it stands in the checkout, whatever folder the container used."""
    scenario = all_scenarios()[name]
    place = scenario.expected.place
    assert place is not None
    write_out(scenario, tmp_path)
    line = line_of(place, tmp_path / "app")
    code = (tmp_path / "app" / place.file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
    quoted = None if place.file.endswith(".js") else code  # Node's traces quote no code
    asked = Frame(f"/workspace/{place.file}", line, place.function, quoted, in_app=True)
    (one,) = look(tmp_path / "app", 1011, [], [asked]).frames
    assert (one.path, one.line, one.confirmed) == (place.file, line, quoted is not None)
    assert one.snippet is not None
    assert one.snippet.lines[line - one.snippet.first].strip().startswith(code[:80])
