"""A run that is stopped by hand, or by a build server: what was pulled is kept, told of, and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from rca.errors import Exit
from rca.sources import recording
from tests.cloud.clients import SERVERS
from tests.cloud.effects import short_pages, slow
from tests.cloud.faults import Plan, always
from tests.cloud.logs import Logs, read_entries

pytestmark = pytest.mark.slow

CYCLE = Path(__file__).parents[2] / "fixtures" / "cycle-2"
PATIENCE_S = 60


def rca(folder: Path, *arguments: str, before: Sequence[str] = ()) -> subprocess.Popen[str]:
    """The program, run in a folder by `before`; in a group of its own, so that it alone is stopped."""
    command = [*before, sys.executable, "-m", "rca", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RCA_")}
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_reports_on_what_it_has_and_is_gone_on_with(
    tmp_path: Path, transport: str, kind: signal.Signals
) -> None:
    """The report says what is missing (exit code 4); the next run asks only for the rest, and is whole."""
    logs = Logs(read_entries(CYCLE / "logs.ndjson"), project="demo")
    place = ("--cycle", "2", "--cycles-dir", str(CYCLE), "--project", "demo", "--format", "json")
    with SERVERS[transport](logs, Plan(always(slow(0.3), short_pages(100)))) as server:
        running = rca(tmp_path, "why", *place, "--endpoint", server.endpoint)
        until = time.monotonic() + PATIENCE_S
        while len(server.calls) < 4 and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(kind)
        output, complaint = running.communicate(timeout=PATIENCE_S)
        assert running.returncode == Exit.INCOMPLETE, complaint
        pull = json.loads(output)["pull"]
        asked = len(server.calls)
        whole = rca(tmp_path, "why", *place, "--endpoint", server.endpoint)
        output, complaint = whole.communicate(timeout=PATIENCE_S)
        more = len(server.calls) - asked
    assert (pull["complete"], "stopped by hand" in pull["warnings"][0]) == (False, True)
    assert 100 <= pull["entries"] < 985
    assert whole.returncode == Exit.OK, complaint
    report = json.loads(output)
    assert (report["pull"]["complete"], report["pull"]["entries"]) == (True, 985)
    assert more <= 10 - 3 + 1


def test_killed_or_two_at_once_a_recording_is_whole(tmp_path: Path) -> None:
    """Whenever `pull` is killed, a recording is whole or is not there; two at once leave one; the next run has all."""
    logs = Logs(read_entries(CYCLE / "logs.ndjson"), project="demo")
    place = ("--cycle", "2", "--cycles-dir", str(CYCLE), "--project", "demo")
    with SERVERS["grpc"](logs, Plan(always(slow(0.05), short_pages(300)))) as server:
        live = (*place, "--endpoint", server.endpoint, "--refresh")
        for calls in (1, 2, 3, 4, None):
            running = rca(tmp_path, "pull", *live)
            until, before = time.monotonic() + PATIENCE_S, len(server.calls)
            while calls is not None and len(server.calls) < before + calls and time.monotonic() < until:
                time.sleep(0.005)
            while calls is None and running.poll() is None and not list(tmp_path.rglob("logs-*")):
                time.sleep(0.001)  # killed as it writes
            running.kill()
            running.communicate()
            for manifest in tmp_path.rglob(recording.MANIFEST):
                assert sum(map(len, (one.raws for one in recording.read(manifest).fetches)))
        for one in [rca(tmp_path, "pull", *live, "--redact"), rca(tmp_path, "pull", *live, "--no-redact")]:
            _, complaint = one.communicate(timeout=PATIENCE_S)
            assert one.returncode == Exit.OK, complaint
        (manifest,) = tmp_path.rglob(recording.MANIFEST)
        assert len(list(manifest.parent.glob("logs-*.ndjson"))) == 1
    offline = rca(tmp_path, "why", *place[:4], "--logs", str(manifest.parent), "--format", "json")
    output, complaint = offline.communicate(timeout=PATIENCE_S)
    assert offline.returncode == Exit.OK, complaint
    assert json.loads(output)["pull"]["entries"] == 985


def test_on_a_full_disk_the_recording_is_as_it_was(tmp_path: Path) -> None:
    """A recording that cannot be written leaves none, or the one before, and nothing beside it; `why` still reports."""
    logs = Logs(read_entries(CYCLE / "logs.ndjson"), project="demo")
    full = ("env", "PYTHONDONTWRITEBYTECODE=1", "bash", "-c", 'ulimit -f 20; exec "$@"', "bash")

    def kept() -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}

    with SERVERS["grpc"](logs, Plan()) as server:
        place = (
            "--cycle",
            "2",
            "--cycles-dir",
            str(CYCLE),
            "--project",
            "demo",
            "--endpoint",
            server.endpoint,
        )
        for done in (False, True):
            before = kept()
            assert (recording.MANIFEST in before) is done
            for command, code in (("pull", Exit.FAILED), ("why", Exit.OK)):
                running = rca(tmp_path, command, *place, "--refresh", before=full)
                _, complaint = running.communicate(timeout=PATIENCE_S)
                assert running.returncode == code, complaint
                assert "what was pulled is not kept" in complaint
            assert kept() == before | {".gitignore": b"*\n"}
            rca(tmp_path, "pull", *place).communicate(timeout=PATIENCE_S)
