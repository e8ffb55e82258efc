"""An instance of the service: a real process whose lines become entries, with what the platform says of it."""

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.entries import LogEntry, Scribe
from tests.lab.rewrite import Rewriter

_LINE_LIMIT = 1 << 20
_READY_WITHIN_S = 20.0
_STARTING = {
    "MANUAL_OR_CUSTOMER_MIN_INSTANCE": "Instance started because of customer-configured min-instances or"
    " manual scaling.",
    "AUTOSCALING": "Instance started due to configured scaling factors (e.g. CPU utilization, request"
    " throughput, etc.) or no existing capacity for current traffic.",
    "DEPLOYMENT_ROLLOUT": "Instance started due to traffic shifting between revisions due to deployment,"
    " traffic split adjustment, or deployment health check.",
}
_CUT_AFTER = 6
"""Lines of a traceback that a collector keeps together when it cuts: in the middle of the third frame."""

_TRACE_START = re.compile(r"\s*(\+ )?(Exception Group )?Traceback \(most recent call last\):")


def free_port() -> int:
    """A port on the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Program:
    """What an instance runs: the command (`{port}` filled in), its folder and environment."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


class Instance:
    """One process, from its start to its end."""

    def __init__(
        self, scribe: Scribe, rewrite: Rewriter, tell: Callable[[LogEntry], None], dice: random.Random
    ) -> None:
        self._scribe = scribe
        self._rewrite = rewrite
        self._tell = tell
        self.id = f"00{dice.getrandbits(472):0118x}"
        self.port = free_port()
        self.process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._last_ns = 0
        self._told_end = False
        self.traces = "lines"

    async def start(self, program: Program, reason: str) -> bool:
        """The process listens, and True is returned; False where it ended or never listened."""
        self.say(f"Starting new instance. Reason: {reason} - {_STARTING[reason]}")
        environment = {**os.environ, **program.environment, "PYTHONUNBUFFERED": "1"}
        environment.pop("PYTHONPATH", None)
        self.process = await asyncio.create_subprocess_exec(
            *(part.replace("{port}", str(self.port)) for part in program.command),
            cwd=program.folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        for stream, reader in (("stdout", self.process.stdout), ("stderr", self.process.stderr)):
            assert reader is not None
            self._readers.append(asyncio.create_task(self._read(stream, reader)))
        container = f"{self._scribe.service.name}-1"
        if await self._listens():
            self.say(
                f'Default STARTUP TCP probe succeeded after 1 attempt for container "{container}" on port 8080.'
            )
            return True
        await self.ended()
        self.say(
            f'Default STARTUP TCP probe failed 1 time consecutively for container "{container}" on port 8080.'
            " The instance was not started. Connection failed with status CANCELLED.",
            "ERROR",
        )
        return False

    async def _listens(self) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and self.process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.03)
                continue
            writer.close()
            return True
        return False

    def say(self, text: str, severity: str = "INFO") -> None:
        """The platform has said this of the instance."""
        self._tell(self._scribe.platform(self.id, self._now(), text, severity))

    def _now(self) -> int:
        # Lines written at once are read at once; they still have an order, some microseconds apart.
        self._last_ns = max(time.time_ns(), self._last_ns + 21_000)
        return self._last_ns

    async def _read(self, stream: str, reader: asyncio.StreamReader) -> None:
        block: list[str] = []
        while raw := await reader.readline():
            text = self._rewrite(raw.decode("utf-8", "replace").rstrip("\r\n"))
            if self.traces == "lines" or not (block or _TRACE_START.match(text)):
                self._write(stream, text)
                continue
            block.append(text)
            if not _trace_goes_on(block):
                self._write_trace(stream, block)
                block = []
        self._write_trace(stream, block)

    def _write_trace(self, stream: str, lines: list[str]) -> None:
        joined = lines if self.traces == "joined" else lines[:_CUT_AFTER]
        if joined:
            self._tell(self._scribe.trace_block(stream, self.id, self._now(), "\n".join(joined)))
        for text in lines[len(joined) :]:
            self._write(stream, text)

    def _write(self, stream: str, text: str) -> None:
        entry = self._scribe.line(stream, self.id, self._now(), text)
        if entry is not None:
            self._tell(entry)

    def signal(self, number: signal.Signals) -> None:
        """The process was sent a signal, if it still runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def ended(self) -> int:
        """The process has ended by itself or by a signal; its exit code, which the platform tells of."""
        assert self.process is not None
        code = await self.process.wait()
        await asyncio.gather(*self._readers)
        if self._told_end:
            return code
        self._told_end = True
        if code < 0:
            if -code not in (signal.SIGTERM, signal.SIGKILL):
                self.say(f"Uncaught signal: {-code}", "WARNING")
        else:
            self.say(f"Container called exit({code}).", "WARNING" if code else "INFO")
        return code

    async def cut(self) -> None:
        """The process is gone and nothing was written of it: the recording had stopped."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                # The whole group: a server's own workers hold the pipes open, and would outlive it.
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
        for task in self._readers:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _trace_goes_on(block: list[str]) -> bool:
    """Whether a traceback's next line belongs to it still: its last line is not the exception's."""
    last = block[-1]
    return last.startswith((" ", "Traceback")) or not last.strip() or last.endswith("exception occurred:")
