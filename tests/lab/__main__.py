"""The fault lab: records scenarios, scores `rca` on the recordings, fits what decides. `list` names the scenarios."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from tests.lab import batch
from tests.lab.cycle_files import rows
from tests.lab.day import DAYS, RATE, lay_day
from tests.lab.export import write
from tests.lab.recorder import Recorder, Recording
from tests.lab.scenario import Scenario, all_scenarios
from tests.lab.vary import varied

_TRIES = 3


class FaultMissing(Exception):  # noqa: N818 - it says what happened
    """The scenario's fault failed no test, however often it was tried: the recording would be of nothing."""


def record(scenario: Scenario, out: Path, seed: int) -> int:
    """The scenario was recorded into `out`; the number of entries is returned. Without its fault nothing is written."""
    scenario = varied(scenario, seed)
    for _ in range(_TRIES):
        with Recorder(scenario, seed) as recorder:
            recording = asyncio.run(recorder.record())
            if not _happened(scenario, recording):
                continue
            if not scenario.day:
                write(scenario, recording, recording.entries, out)
                return len(recording.entries)
            with tempfile.TemporaryDirectory() as folder:
                write(scenario, recording, recording.entries, Path(folder))
                return lay_day(Path(folder), out, seed=seed)
    raise FaultMissing(f"{scenario.name}: no test failed in {_TRIES} recordings, so its fault did not happen")


def _happened(scenario: Scenario, recording: Recording) -> bool:
    """Whether a fault that should fail tests has failed one."""
    if scenario.expected.category == "unknown":
        return True
    return any(not row.passed for row in rows(recording.junit or "<testsuites/>"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the scenarios")
    asked = commands.add_parser("record", help="record one")
    asked.add_argument("name")
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=1)
    asked = commands.add_parser("day", help="lay a day of 24 h round one; its report tells the date only")
    asked.add_argument("name", nargs="?", help="the scenario to record for it")
    asked.add_argument("--from", dest="folder", type=Path, help="a case that was recorded, instead")
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rate", type=float, default=RATE, help="entries a minute, on the day's average")
    asked.add_argument("--plain", action="store_true", help="write logs.ndjson, not packed")
    asked = commands.add_parser("record-all", help="record all whose servers are here")
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    asked.add_argument("--jobs", type=int, default=3)
    asked = commands.add_parser("score", help="hold the answers on recorded cases against their labels")
    asked.add_argument("folders", type=Path, nargs="+")
    asked.add_argument(
        "--alterations", action="store_true", help="also with one help after another taken away"
    )
    asked.add_argument("--out", type=Path, help="write the scorecard, its rows and its picture there")
    asked = commands.add_parser("fit", help="fit the ranking's weights and the confidence")
    asked.add_argument("folders", type=Path, nargs="+")
    asked.add_argument("--alterations", action="store_true", help="fit the confidence on altered cases, too")
    asked.add_argument("--cache", type=Path, default=Path("build/lab/weighed"))
    return parser


def main() -> int:
    """The command was carried out; the exit code is returned."""
    parser = _parser()
    options = parser.parse_args()
    known = all_scenarios()
    if options.command == "list":
        sys.stdout.write("".join(f"{name:24} {scenario.title}\n" for name, scenario in sorted(known.items())))
        sys.stdout.write(
            "".join(f"{f'day {name}':28} {known[name].title}, in a day of 24 h\n" for name in DAYS)
        )
        return 0
    if options.command == "record-all":
        outcomes = batch.record_all(options.out, options.seeds, options.jobs)
        sys.stderr.write(batch.told(outcomes))
        return int(any(one.state == "failed" for one in outcomes))
    if options.command == "score":
        return _score(options.folders, options.out, altered=options.alterations)
    if options.command == "fit":
        from tests.lab import fit  # noqa: PLC0415 - scipy is needed for nothing else

        sys.stdout.write(fit.report(options.folders, options.cache, altered=options.alterations))
        return 0
    if options.command == "day" and (options.name is None) == (options.folder is None):
        parser.error("name a scenario, or with --from a folder that holds a recorded case")
    if options.name is not None:
        if options.name not in known:
            parser.error(f"no scenario {options.name!r}; there are {', '.join(sorted(known))}")
        if lacking := batch.missing(known[options.name]):
            parser.error(f"{options.name} needs {', '.join(lacking)}")
    try:
        count = (
            _day(known, options)
            if options.command == "day"
            else record(known[options.name], options.out, options.seed)
        )
    except FaultMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{options.name or options.folder}: {count} entries in {options.out}\n")
    return 0


def _day(known: Mapping[str, Scenario], options: argparse.Namespace) -> int:
    """A day round the case that was recorded, or is now, lies in `out`; the number of its entries is returned."""
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.folder is None:
            record(replace(known[options.name], day=False), folder, options.seed)
        return lay_day(folder, options.out, rate=options.rate, seed=options.seed, plain=options.plain)


def _score(folders: list[Path], out: Path | None, *, altered: bool) -> int:
    """The scorecard stands on standard output, and with its rows and picture in `out`."""
    from tests.lab import measures, picture, score  # noqa: PLC0415 - recording needs none of it
    from tests.lab.alter import ALTERATIONS  # noqa: PLC0415 - as above
    from tests.lab.baselines import baselines  # noqa: PLC0415 - as above, and Drain
    from tests.lab.scorecard import AS_RECORDED, scorecard  # noqa: PLC0415 - as above

    cases = score.cases_in(*folders)
    if not cases:
        sys.stderr.write(f"no labelled case below {', '.join(map(str, folders))}\n")
        return 1
    processes = os.cpu_count() or 1
    found = score.score(cases, ALTERATIONS if altered else ALTERATIONS[:1], processes)
    plain = baselines(cases, processes)
    card = scorecard(found, plain)
    sys.stdout.write(card)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "scorecard.md").write_text(card, encoding="utf-8")
        lines = [json.dumps(asdict(row), ensure_ascii=False) for row in (*found, *plain)]
        (out / "rows.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
        recorded = [row for row in found if row.alteration == AS_RECORDED]
        drawn = picture.svg(measures.answers(recorded), len(recorded))
        (out / "confidence.svg").write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
