"""What surrounds a run fails it: a closed pipe, a full disk, a read-only folder, no home, an odd terminal."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from rca.errors import Exit
from tests import build

pytestmark = pytest.mark.slow

WHY = ("why", "--cycle", "1", "--cycles-dir", "incident")
PATIENCE_S = 60


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """A working folder with an incident, whose logs are not in ASCII."""
    folder = tmp_path / "incident"
    folder.mkdir()
    build.write_incident(folder)
    logs = folder / "logs.ndjson"
    logs.write_text(logs.read_text("utf-8").replace(build.CAUSE, f"{build.CAUSE} für Brötchen 面粉"), "utf-8")
    return tmp_path


def ran(
    place: Path, *arguments: str, before: Sequence[str] = (), more: Mapping[str, str | None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The program's end, run in the place by `before`, with `more` in its environment; None takes a variable out."""
    changed = {**{name: None for name in os.environ if name.startswith("RCA_")}, **(more or {})}
    environment = {**os.environ, **changed}
    return subprocess.run(  # noqa: S603 - our own program
        [*before, sys.executable, "-m", "rca", *arguments],
        cwd=place,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )


def full(kib: int) -> tuple[str, ...]:
    """A program run by this writes so many KiB to a file, and no more: to it, the disk is full."""
    return ("bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash")


@pytest.mark.parametrize("arguments", [WHY, ("cycles", "--cycles-dir", "incident"), ("--help",)])
def test_a_closed_pipe_ends_it_quietly(place: Path, arguments: tuple[str, ...]) -> None:
    """Whoever reads no further hears nothing more: no traceback, and an exit code of the table."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "rca", *arguments],
        cwd=place, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    os.close(writer)
    assert ended.returncode in {Exit.OK, Exit.FAILED}
    assert not ended.stderr.replace("rca: reading logs …\n".encode(), b"")


@pytest.mark.parametrize(
    "more",
    [
        {"HOME": None, "USER": None},
        {"HOME": "/nonexistent/home"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0"},
        {"COLUMNS": "20", "TERM": "dumb"},
    ],
    ids="-".join,
)
def test_the_environment_changes_no_report(place: Path, more: dict[str, str | None]) -> None:
    """Without a home, in a C locale or in a narrow terminal it is the same report, to the byte."""
    ended = ran(place, *WHY, more=more)
    assert ended.returncode == Exit.OK, ended.stderr
    assert ended.stdout == ran(place, *WHY).stdout
    assert "für Brötchen 面粉" in ended.stdout.decode()


@pytest.mark.parametrize("columns", ["1", "20", "-3", "many", "9" * 20])
def test_any_terminal_shows_the_timeline(place: Path, columns: str) -> None:
    """However narrow or wide a terminal says that it is, a timeline is drawn."""
    ended = ran(place, "timeline", *WHY[1:], more={"COLUMNS": columns})
    assert ended.returncode == Exit.OK, ended.stderr
    assert max(map(len, ended.stdout.decode().splitlines())) <= 1000


def test_a_pipe_is_a_log_where_it_is_named_and_none_in_a_folder(place: Path) -> None:
    """Named, it is read to its end; in a folder of logs it is passed over and told of, and nobody waits for it."""
    content, pipe = (place / "incident" / "logs.ndjson").read_bytes(), place / "pipe" / "logs.ndjson"
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    named = ran(place, *WHY, "--logs", "pipe/logs.ndjson")
    assert named.stdout == ran(place, *WHY, "--logs", "incident/logs.ndjson").stdout
    (pipe.parent / "more.ndjson").write_bytes(content)
    folder = ran(place, *WHY, "--logs", "pipe")
    assert folder.returncode == Exit.OK, folder.stderr
    assert b"passed over: logs.ndjson" in folder.stdout


def test_on_a_full_disk_a_report_is_as_it_was_or_absent(place: Path) -> None:
    """A report that cannot be written whole leaves the one before, or none, and nothing beside it."""
    out = place / "out"
    out.mkdir()
    (out / "old.md").write_text("the one before")
    for name in ("old.md", "new.md"):
        ended = ran(place, *WHY, "-o", f"out/{name}", before=full(1), more={"PYTHONDONTWRITEBYTECODE": "1"})
        assert ended.returncode == Exit.FAILED
        assert f"cannot write out/{name}: File too large" in ended.stderr.decode()
        assert b"Traceback" not in ended.stderr
    assert [(one.name, one.read_text()) for one in out.iterdir()] == [("old.md", "the one before")]


def test_a_read_only_folder_takes_no_report_and_still_tells_it(place: Path) -> None:
    """On standard output the report is given, or what would be attached; a file is refused, and none is sent unkept."""
    as_others = (
        ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
    )  # root may write anywhere
    place.chmod(0o555)
    try:
        told = ran(place, *WHY, before=as_others)
        refused = ran(place, *WHY, "-o", "new.md", before=as_others)
        attach = ("attach", *WHY[1:], "--to", "webhook:http://127.0.0.1:9/x")
        unkept = ran(place, *attach, before=as_others)
        shown = ran(place, *attach, "--dry-run", before=as_others)
    finally:
        place.chmod(0o755)
    assert (told.returncode, refused.returncode, unkept.returncode) == (Exit.OK, Exit.FAILED, Exit.FAILED)
    assert b"cannot write new.md: Permission denied" in refused.stderr
    assert b"cannot keep the report" in unkept.stderr
    assert (shown.returncode, json.loads(shown.stdout)["verdict"]) == (Exit.OK, "cause_found"), shown.stderr
    assert [one.name for one in place.iterdir()] == ["incident"]


@pytest.mark.parametrize("arguments", [WHY, ("cycles", "--cycles-dir", "incident"), ("--help",)])
def test_a_closed_standard_output_is_said(place: Path, arguments: tuple[str, ...]) -> None:
    """Nobody takes silence for a report, and nothing that is opened meanwhile takes a closed stream's place."""
    ended = ran(place, *arguments, before=("bash", "-c", 'exec "$@" <&- >&-', "bash"))
    assert ended.returncode == Exit.FAILED
    assert b"rca: standard output is closed\ntry: " in ended.stderr
    kept = ran(place, *WHY, "-o", "why.md", before=("bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash"))
    assert kept.returncode == Exit.OK
    assert (place / "why.md").read_bytes() == ran(place, *WHY).stdout


def test_a_folder_of_logs_is_read_whole_or_not_at_all(place: Path) -> None:
    """A subfolder that may not be listed is no smaller a loss than a file that may not be read."""
    (place / "sink" / "shut").mkdir(parents=True)
    (place / "sink" / "logs.ndjson").write_bytes((place / "incident" / "logs.ndjson").read_bytes())
    (place / "sink" / "shut").chmod(0)
    as_others = (
        ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    )  # root may look anywhere
    try:
        refused = ran(place, *WHY, "--logs", "sink", before=as_others)
    finally:
        (place / "sink" / "shut").chmod(0o755)
    assert (refused.returncode, refused.stdout) == (Exit.FAILED, b"")
    assert b"cannot read sink/shut: Permission denied\ntry: " in refused.stderr
