"""What is fuzzed: each reader, with what it starts from and the words of its format.

A reader takes bytes as they could lie in a file, and goes on with what it made of them as the program does: a value
that is read and breaks the next stage was not read well. It may raise what a user can act on, and nothing else.
"""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from rca import cycles, known, lql, pipeline, questions, redact, repo, settings, sources, traces, windows
from rca.contract import Report
from rca.errors import RcaError
from rca.known import entries as known_entries, loading as known_loading
from rca.model import Cycle, Window
from rca.render import cycles as drawn_cycles, fit, json as stored, plot, plot_rows, renderer, timeline
from rca.sources import damage, exports, joined, large, packing, recording, timeindex
from rca.sources.files import Files
from tests import build
from tests.fuzz import seeds, words
from tests.traces import made

Take = Callable[[bytes, Path], None]
Seeds = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader."""

    take: Take
    """Reads an input; the folder is empty before the first, and its own."""

    seeds: Seeds
    words: Sequence[str] = ()
    """Pieces of the format that mutation would hardly find by chance."""

    longest: int = 1 << 14
    """Bytes of an input."""


def accepts(reader: Reader, data: bytes, folder: Path) -> None:
    """The reader has taken the input, or refused it in words for its user; anything else is raised."""
    with suppress(RcaError):
        reader.take(data, folder)


# --- cycles ----------------------------------------------------------------------------------------------


def _cycle_in(name: str) -> Take:
    def take(data: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(data)
        cycle = cycles.read_file(path)
        windows.search_of(cycle, timezone(timedelta(hours=-11)))
        windows.run_s(cycle.tests)
        masked = redact.redact_cycle(cycle)
        drawn_cycles.as_json([cycle, masked])
        drawn_cycles.as_text([cycle])

    return take


def _take_folder(data: bytes, folder: Path) -> None:
    """Two files of one folder, parted by a form feed: merged, or told from each other."""
    first, _, second = data.partition(b"\f")
    (folder / "report.md").write_bytes(first)
    (folder / "results.json").write_bytes(second)
    listed = cycles.list_cycles(folder)
    drawn_cycles.as_text(listed)
    cycles.find(folder, 1)


# --- logs ------------------------------------------------------------------------------------------------


def _logs_in(name: str, *, walked: bool = False) -> Take:
    def take(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        source = Files([str(folder if walked else folder / name)])
        pulled = source.pull(questions.everything(None))
        if pulled.first_at and pulled.last_at:
            window = windows.whole(pulled.first_at, pulled.last_at)
            source.pull(questions.probe(window, 60.0))

    return take


class _Large(Files):
    """Reads every file as if it were large: by a time index, or row by row."""

    large = 256


_SMALL: Sequence[tuple[ModuleType, dict[str, Any]]] = (
    (large, {"BLOCK": 1 << 10, "_LONGEST_ENTRY": 1 << 12}),
    (timeindex, {"STEP": 1 << 9, "_PROBES": (1 << 8, 1 << 11)}),
    (joined, {"_NEAR": 1 << 8, "_LONGEST": 1 << 12, "_MOST_ENDS": 4}),
    (exports, {"_LONGEST_LINE": 1 << 12}),
    (packing, {"_CHUNK": 1 << 7}),
    (damage, {"_SLICES": (1 << 8, 1 << 11)}),
)
"""Thresholds of files that are large, for which no input of a fuzzer is long enough."""


def _take_large(data: bytes, folder: Path) -> None:
    """What can answer is looked for as bytes, in an export and packed, by its order and by the time of every entry."""
    with ExitStack() as stack:
        for module, values in _SMALL:
            stack.enter_context(patch.multiple(module, **values))
        for name, content in (("logs.json", data), ("logs.json.gz", gzip.compress(data, 1))):
            (folder / name).write_bytes(content)
            for exhaustive in (False, True):
                source = _Large([str(folder / name)], exhaustive=exhaustive)
                for window in (None, Window(build.after(0), build.after(8), "asked")):
                    with suppress(RcaError):
                        source.pull_all((questions.everything(window), questions.probe(window, 60.0)))


def _take_gzip(data: bytes, folder: Path) -> None:
    """As it is, then as the content of a whole gzip."""
    path = folder / "logs.ndjson.gz"
    for content in (data, gzip.compress(data, 1)):
        path.write_bytes(content)
        with suppress(RcaError):
            Files([str(path)]).pull(questions.everything(None))


def _take_recording(data: bytes, folder: Path) -> None:
    """A manifest, a form feed, and the entries that it names; then other questions than those it was made for."""
    manifest, _, lines = data.partition(b"\f")
    (folder / recording.MANIFEST).write_bytes(manifest)
    (folder / seeds.RECORDED).write_bytes(lines)
    recording.is_masked(folder / recording.MANIFEST)
    found = recording.read(folder)
    for window in (None, Window(build.after(0), build.after(60), "asked")):
        for ask in (questions.everything(window), questions.probe(window, 60.0)):
            found.covers(ask)
            found.pull(ask)


def _take_lql(data: bytes, _folder: Path) -> None:
    query = lql.parse(data.decode("utf-8", "replace"))
    for entry in seeds.lql_entries():
        query.matches(entry)


# --- what logs say ---------------------------------------------------------------------------------------

_STREAMS = 4


def _take_traces(data: bytes, _folder: Path) -> None:
    """The text as one entry, and as entries of a line each: the first byte of each line tells whose and when."""
    text = data.decode("utf-8", "replace")
    traces.parse(text)
    traces.reassemble([made.line(text)])
    lines = []
    at_us = 0
    for number, line in enumerate(text.split("\n")[:400]):
        sort = ord(line[0]) if line else 0
        at_us += (0, 20, 400_000, 2_500_000)[sort // _STREAMS % 4]
        lines.append(
            made.line(
                line[1:] if sort > 0xE000 else line,
                at_us,
                insert_id=f"{number:04d}",
                instance=f"i-{sort % _STREAMS if sort > 0xE000 else 0}",
                stacks=(line,) if sort % 7 == 0 else (),
            )
        )
    traces.reassemble(lines)


def _take_redact(data: bytes, _folder: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    masked = redact.mask(text)
    redact.mask(masked)
    half = len(text) // 2
    redact.redact_raws(
        [{"textPayload": text[:half], "insertId": "a"}, {"textPayload": text[half:], "insertId": "b"}]
    )
    redact.redact_raws([{"jsonPayload": {"message": text, text[:30]: [text]}}])


# --- the user's own files --------------------------------------------------------------------------------


def _take_settings(data: bytes, folder: Path) -> None:
    (folder / settings.FILE).unlink(missing_ok=True)
    lines = data.decode("utf-8", "replace").replace("\0", "").splitlines()
    for name, line in zip(words.SETTINGS, lines, strict=False):
        with suppress(RcaError):
            settings.load(folder, {f"RCA_{name.upper()}": line})
    (folder / settings.FILE).write_bytes(data)
    settings.load(folder, {})


_MANY = 24


def _take_catalogue(data: bytes, folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    found, _ = known_entries.read(text, "own.toml")
    for one in found:
        for _, find in one.finders:
            find(text)
    if not found:
        return
    (folder / "own.toml").write_bytes(data)
    # Each sample is held against each entry: a few of the shipped ones stand for all.
    with patch.object(known_loading, "_shipped", return_value=(known.catalogue()[::_MANY], ())):
        known.as_findings(known.check((str(folder),)))
    for one in found:
        known.as_text(one)


def _page(report: Report) -> None:
    with patch.object(plot, "installed", return_value=False):  # the plots take seconds, and none of them ours
        renderer("html").render(report)


_FORMS: Sequence[Callable[[Report], object]] = (
    renderer("md").render,
    _page,
    lambda report: fit.render(report, "jira"),
    lambda report: fit.render(report, "slack"),
)


def _take_report(data: bytes, _folder: Path) -> None:
    report = stored.loads(data.decode("utf-8", "replace"))
    stored.loads(stored.dumps(report))
    # Drawing takes longest, and mostly in others' libraries: each input is drawn in one of its forms, by its own bytes.
    _FORMS[sum(data) % len(_FORMS)](report)
    plot_rows.picture_of(report)
    timeline.render(report, 80)
    redact.redact(report)


def _source_in(name: str) -> Take:
    def take(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        frames = [build.frame("handle", f"/srv/{name}", line) for line in (1, 7, 10**9)]
        repo.look(folder, 1011, ["oven door is jammed", ""], frames)

    return take


# --- all of it -------------------------------------------------------------------------------------------


def _take_incident(data: bytes, folder: Path) -> None:
    """A cycle's report, a form feed and its logs: all the way to every form of the report."""
    told, _, logs = data.partition(b"\f")
    (folder / "report.md").write_bytes(told)
    (folder / "logs.ndjson").write_bytes(logs)
    try:
        cycle: Cycle | None = cycles.read_file(folder / "report.md")
    except RcaError:
        cycle = None
    source: sources.LogSource = Files([str(folder / "logs.ndjson")])
    report = pipeline.investigate(pipeline.Question(cycle=cycle), source)
    _take_report(stored.dumps(report).encode(), folder)


READERS: dict[str, Reader] = {
    "cycle-text": Reader(_cycle_in("report.md"), seeds.of_cycles(".md"), words.MARKDOWN),
    "cycle-console": Reader(_cycle_in("run.log"), seeds.of_cycles(".txt"), words.CONSOLE),
    "cycle-csv": Reader(_cycle_in("rows.csv"), seeds.of_cycles(".csv"), words.MARKDOWN),
    "cycle-json": Reader(_cycle_in("results.json"), seeds.of_cycles(".json"), words.CYCLE_JSON),
    "cycle-junit": Reader(_cycle_in("junit.xml"), seeds.of_cycles(".xml"), words.JUNIT),
    "cycle-folder": Reader(_take_folder, seeds.of_folders, (*words.MARKDOWN, *words.CYCLE_JSON)),
    "logs": Reader(_logs_in("logs.json"), seeds.of_logs, words.LOGS),
    "logs-large": Reader(_take_large, seeds.of_logs, words.LOGS),
    "logs-text": Reader(_logs_in("logs.txt"), seeds.of_printed_logs, words.PRINTED),
    "logs-folder": Reader(_logs_in("logs.yaml", walked=True), seeds.of_printed_logs, words.PRINTED),
    "logs-gzip": Reader(_take_gzip, seeds.of_gzips, words.LOGS),
    "recording": Reader(_take_recording, seeds.of_recordings, words.LOGS),
    "lql": Reader(_take_lql, seeds.of_filters, words.LQL, longest=1 << 12),
    "traces": Reader(_take_traces, seeds.of_traces, words.TRACES),
    "redact": Reader(_take_redact, seeds.of_secrets, words.SECRETS, longest=1 << 13),
    "settings": Reader(_take_settings, seeds.of_settings, words.TOML, longest=1 << 12),
    "catalogue": Reader(_take_catalogue, seeds.of_catalogues, words.CATALOGUE),
    "report": Reader(_take_report, seeds.of_reports, words.REPORT, longest=1 << 16),
    "repo-python": Reader(_source_in("live.py"), seeds.of_sources(".py"), words.PYTHON),
    "repo-node": Reader(_source_in("live.ts"), seeds.of_sources(".js"), words.NODE),
    "incident": Reader(_take_incident, seeds.of_incidents, (*words.MARKDOWN, *words.LOGS), longest=1 << 15),
}
