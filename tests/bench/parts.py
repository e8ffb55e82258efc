"""Measured apart from whole days: the API, a window of thousands of crashes, what starting up costs."""

import sys
from dataclasses import replace
from pathlib import Path

from tests.bench.answers import RIGHT, held
from tests.bench.api import Api, Pull, each_ms
from tests.bench.cases import DAY, Row, Section, Target, row_of
from tests.bench.crash_loop import crash_loop
from tests.bench.days import MOST_GROWN
from tests.bench.ground import RCA, Ground, label_of, stamp
from tests.bench.making import Size, made
from tests.bench.measure import ROOT, middle, ratio

_API_ENTRIES = 100_000
_API_MS = 0.1
_TRACES = 5000
_LINEAR = 2.2
"""Times the CPU of half the entries: twice, and some room for chance."""

_SMALL = (
    ("`rca --help`", (*RCA, "--help"), 0.15),
    ("`import rca`", (sys.executable, "-c", "import rca"), 0.05),
)


def api(ground: Ground) -> Section:
    """Pulls of two sizes, and the calls of two questions."""
    entries = min(_API_ENTRIES, ground.wanted.entries)
    folder = made(Size(entries, entries, ground.seed), ground.wanted.data).resolve()
    server, times = Api(folder / "logs.ndjson", ground.bench), ground.wanted.times
    day = stamp(label_of(folder)["runs"][0][0])[:10]
    spans = [("--since", f"{day}T06:00:00Z", "--until", f"{day}T{end}:00:00Z") for end in ("08", "14")]
    less, more = (server.pull((*RCA, "pull", *span), times) for span in spans)
    each, grown = each_ms(less, more), more.cost.peak_mib / less.cost.peak_mib
    enough = each <= _API_MS and grown <= MOST_GROWN and more.calls <= more.most_calls
    rows = [
        Row(f"`rca pull`, {less.entries:,} entries", "", less.cost, note=_calls(less)),
        Row(
            f"`rca pull`, {more.entries:,} entries",
            f"≤ {_API_MS:g} ms an entry, flat",
            more.cost,
            met=enough,
            note=f"{each:.2f} ms for each entry more, {grown:.2f} of the peak; {_calls(more)}",
        ),
        *(_asked(ground, server, folder, how) for how in ("exact", "dated")),
    ]
    text = (
        "A server of the protocol on the loopback, in another process: the client's CPU alone. Calls are to be no more "
        "than ⌈entries/1000⌉, one for each slice and probe, and one."
    )
    return Section("From the API", text, tuple(rows))


def _asked(ground: Ground, server: Api, folder: Path, how: str) -> Row:
    """`rca why` against the server."""
    out = ground.bench.place / "report.json"
    out.unlink(missing_ok=True)
    cycle = ("--cycles-dir", str(folder / how), "--cycle", "1")
    pull = server.pull((*RCA, "why", *cycle, "--format", "json", "-o", str(out)), 1)
    answer = held(out, label_of(folder))
    times = "exact times" if how == "exact" else "a date-only cycle"
    met = pull.calls <= pull.most_calls and answer == RIGHT
    name = f"`rca why`, {times}, {pull.entries:,} entries"
    return Row(name, f"≤ {pull.most_calls} calls", pull.cost, met=met, answer=answer, note=_calls(pull))


def _calls(pull: Pull) -> str:
    return f"{pull.calls} calls, {pull.questions} slices and probes"


def crash_loops(ground: Ground) -> Section:
    """A window in which no instance starts, and half of it."""
    rows = []
    for traces in (_TRACES // 2, _TRACES):
        folder = crash_loop(traces, ground.seed, ground.wanted.data).resolve()
        logs, case = folder / "logs.ndjson", DAY[0]
        costs, yardsticks = ground.measured(folder, [ground.why(folder, logs, case)])
        target = Target(cpu_s=15, peak_mib=400) if traces == _TRACES else Target()
        name = f"{label_of(folder)['entries']:,} entries, {traces:,} traces"
        answer = ground.answer(folder, logs, case)
        rows.append(row_of(name, target, middle(costs[0]), ratio(costs[0], yardsticks), answer))
    half, whole = rows
    grown = whole.cost.cpu_s / half.cost.cpu_s
    met = bool(whole.met) and grown <= _LINEAR
    last = replace(whole, target=f"{whole.target}, linear", met=met, note=f"{grown:.2f} times the half's CPU")
    return Section(
        "A crash loop in one window", "No instance starts; each dies with its traceback.", (half, last)
    )


def start(ground: Ground) -> Section:
    """What it costs where there is little to read."""
    times = ground.wanted.times
    bundled = {
        folder.name: middle([ground.bench.run(_bundled(folder)) for _ in range(times)])
        for folder in sorted((ROOT / "fixtures").glob("cycle-*"))
    }
    dearest = max(bundled, key=lambda name: bundled[name].cpu_s)
    name = f"`rca why` on the dearest bundled cycle, `{dearest}`"
    rows = [row_of(name, Target(cpu_s=1.2), bundled[dearest], None, "")]
    for name, command, most in _SMALL:
        cost = middle([ground.bench.run(command) for _ in range(times)])
        rows.append(row_of(name, Target(cpu_s=most), cost, None, ""))
    return Section("Where there is little to read", "", tuple(rows))


def _bundled(folder: Path) -> tuple[str, ...]:
    logs = next(folder.glob("logs.ndjson*"))
    cycle = ("--cycles-dir", str(folder), "--cycle", folder.name.removeprefix("cycle-"))
    return (*RCA, "why", *cycle, "--logs", str(logs), "-o", "report.md")
