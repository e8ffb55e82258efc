"""The sections -> BENCHMARKS.md."""

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.bench.cases import Row, Section
from tests.bench.ground import Ground

_LIBRARIES = (
    "orjson",
    "msgspec",
    "pandas",
    "google-re2",
    "google-cloud-logging",
    "grpcio",
    "click",
    "jinja2",
)
_HEAD = """\
# Benchmarks

Made by `make bench`; `make bench BENCH_N=100000` tries it on a tenth. Each figure is that of a whole process, from
start-up to the written report: CPU (user and system) and peak memory as the kernel counts them, {how}. A
ratio is that of a case's CPU to the yardstick's, run right before it: a process that calls `orjson.loads` on every
line of the day as NDJSON, and does nothing else. A target is met only where the answer is right: the true cause stands
first, in its category, with an entry cited that shows it.

The data are made: a recorded case's own life fills a day of 24 hours (requests, lines with and without severity, JSON
lines, the platform's own, deploys, WebSockets that live up to an hour), its fault fails six runs of the suite; other
errors, a failed deploy and another client's good run stand beside it. `python -m tests.bench make --help` makes one.
"""
_TABLE = (
    "| case | CPU ÷ yardstick | CPU | peak | target | met | answer |\n"
    "| --- | ---: | ---: | ---: | --- | --- | --- |\n"
)


def told(sections: Sequence[Section], lacking: Sequence[str], ground: Ground) -> str:
    """The paper; it says which sections it lacks."""
    parts = [_HEAD.format(how=_how(ground.wanted.times)), _machine(ground, lacking)]
    parts += [_section(section) for section in sections]
    return "\n".join(parts)


def _how(times: int) -> str:
    return f"the median of {times} runs" if times > 1 else "of one run only, so they swing by some tenths"


def _machine(ground: Ground, lacking: Sequence[str]) -> str:
    cpu = _first(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo")) or platform.machine()
    memory = int(_first(r"^MemTotal:\s*(\d+) kB$", Path("/proc/meminfo")) or 0) / (1 << 20)
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    tools = ", ".join(f"{one.name} {one.version}" for one in ground.rivals if one.version)
    seeds = ", ".join(map(str, ground.wanted.seeds))
    missing = f"- Not measured this time: {', '.join(lacking)}\n" if lacking else ""
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return (
        f"- Machine: {os.cpu_count()} cores ({cpu}), {memory:.0f} GiB; {system}\n"
        f"- Python {platform.python_version()}; {libraries}\n- Beside it: {tools or 'nothing'}\n- Seeds: {seeds}\n"
        f"{missing}"
    )


def _first(pattern: str, path: Path) -> str | None:
    if not path.exists():
        return None
    found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def _section(section: Section) -> str:
    text = f"{section.text}\n\n" if section.text else ""
    return f"## {section.title}\n\n{text}{_TABLE}{''.join(_row(row) for row in section.rows)}"


def _row(row: Row) -> str:
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    name = f"{row.name} ({row.note})" if row.note else row.name
    answer = f"**{row.answer}**" if row.answer.startswith("WRONG") else row.answer
    cells = (name, ratio, f"{row.cost.cpu_s:.2f} s", f"{row.cost.peak_mib:.0f} MiB", row.target, met, answer)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
