"""Measured on whole days: every format, other faults, other tools, three times as many entries."""

from dataclasses import replace

from tests.bench.answers import RIGHT
from tests.bench.cases import DAY, ONCE, Row, Section, Target, row_of
from tests.bench.formats import written
from tests.bench.ground import ROUND_NS, Ground, label_of, say
from tests.bench.measure import middle, ratio

MOST_GROWN = 1.1
"""Times the peak of the smaller, where memory should not grow."""

_MORE = 3
_DAY_NS = 86_400_000_000_000


def day(ground: Ground) -> Section:
    """The day in every format, and the tools that a user could take instead."""
    folder = ground.folder(ground.seed)
    paths = [written(folder, case.form) for case in DAY]
    commands = [ground.why(folder, path, case) for path, case in zip(paths, DAY, strict=True)]
    others = [one for one in ground.rivals if one.version]
    costs, yardsticks = ground.measured(folder, [*commands, *(one.command for one in others)])
    rows = [Row("yardstick: `orjson.loads` of every line", "", middle(yardsticks), 1.0)]
    for case, path, found in zip(DAY, paths, costs, strict=False):
        answer = ground.answer(folder, path, case)
        rows.append(row_of(case.name, case.target, middle(found), ratio(found, yardsticks), answer))
    tools = [
        row_of(f"{one.name} {one.version}", Target(), middle(found), ratio(found, yardsticks), "none")
        for one, found in zip(others, costs[len(DAY) :], strict=True)
    ]
    lacking = ", ".join(one.name for one in ground.rivals if not one.version)
    label = label_of(folder)
    share = sum(end - start + 2 * ROUND_NS for start, end in label["runs"]) / _DAY_NS
    text = (
        f"24 hours, {label['entries']:,} entries, {(folder / 'logs.ndjson').stat().st_size / 1e6:.0f} MB as NDJSON; "
        f"seed {ground.seed}, the fault of the recording `{label['id']}`. Six runs of the suite fail; they, and three "
        f"minutes before and after each, are {share:.1%} of the day. Last come other tools, the windows typed in by "
        "hand: they print the entries of the windows, and find neither the windows nor a cause."
        f"{f' Not installed here: {lacking}.' if lacking else ''}"
    )
    return Section("A day of logs", text, (*rows, *tools))


def seeds(ground: Ground) -> Section:
    """Other faults, once each."""
    rows = []
    for seed in ground.wanted.seeds[1:]:
        folder = ground.folder(seed)
        yardstick = ground.yardstick(folder)
        for case in DAY:
            if (case.form, case.cycle) not in ONCE or case.options:
                continue
            logs = written(folder, case.form)
            cost = ground.bench.run(ground.why(folder, logs, case))
            name = f"seed {seed}, `{label_of(folder)['id']}`: {case.name}"
            answer = ground.answer(folder, logs, case)
            rows.append(row_of(name, case.target, cost, cost.cpu_s / yardstick.cpu_s, answer))
            say(f"{name}: {answer}")
    return Section("Other faults", "Days of the same size by other seeds; each was run once.", tuple(rows))


def growth(ground: Ground) -> Section:
    """The same windows in a larger day."""
    rows = []
    for many in (1, _MORE):
        folder = ground.folder(ground.seed, many * ground.wanted.entries)
        logs = folder / "logs.ndjson"
        costs, yardsticks = ground.measured(folder, [ground.why(folder, logs, DAY[0])])
        answer = ground.answer(folder, logs, DAY[0])
        name = f"NDJSON, {label_of(folder)['entries']:,} entries"
        rows.append(row_of(name, Target(), middle(costs[0]), ratio(costs[0], yardsticks), answer))
    less, more = rows
    assert less.ratio is not None
    assert more.ratio is not None
    met = more.ratio < less.ratio and more.cost.peak_mib <= MOST_GROWN * less.cost.peak_mib
    met = met and less.answer == more.answer == RIGHT
    note = f"{more.cost.peak_mib / less.cost.peak_mib:.2f} of the peak"
    last = replace(more, target=f"ratio falls, ≤ {MOST_GROWN:g} of the peak", met=met, note=note)
    text = f"The same windows, with {_MORE} times as many entries in the rest of the day."
    return Section("Growth", text, (less, last))
