"""Scenario -> Recording: starts the service, lets the crowd and the suite at it, keeps what was logged."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.entries import LogEntry, Scribe, Served, received, seeded
from tests.lab.front import Backend, Front, WireClose
from tests.lab.instance import Instance, Program, free_port
from tests.lab.rewrite import Rewriter
from tests.lab.scenario import Scenario, Strike, write_out
from tests.lab.traffic import Crowd

_SUITE_IP = "198.51.100.23"
_ALMANAC = "10.24.8.6:7070"
_STORE = "10.24.8.3:6379"
_WISH = re.compile(r"\{(?P<kind>refused|silent)(?::(?P<address>[\d.]+:\d+))?\}")
_BREATH_S = 0.4
_RETRY_S = 3.0


@dataclass(frozen=True, slots=True)
class Recording:
    """One run as it was: entries by receiveTimestamp, the junit text, what passed on the wire."""

    entries: tuple[LogEntry, ...]
    junit: str | None
    closes: tuple[WireClose, ...]
    suite_ns: tuple[int, int]
    instances: tuple[str, ...]
    app: Path
    """The app's folder as it ran; gone when the recorder is."""


class Recorder:
    """Holds the folders of one recording; use as a context manager."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        # Two scenarios of one seed must not share ids.
        self._dice = seeded(seed + zlib.crc32(scenario.name.encode()))
        self._root = Path(tempfile.mkdtemp(prefix="lab-"))
        self.app = self._root / "app"
        self._runner = self._root / "runner"
        write_out(scenario, self._root)
        self._entries: list[LogEntry] = []
        self._scribe = Scribe(scenario.service, self._dice)
        self.rewrite = Rewriter.for_machine()
        self.rewrite.add_folder(self.app, "/app")
        self.rewrite.add_folder(self._runner, "/runner")
        if "LAB_NODE_MODULES" in os.environ:
            self.rewrite.add_folder(Path(os.environ["LAB_NODE_MODULES"]), "/app/node_modules")
        self._front = Front(self._dice, self._note_request)
        self._instances: list[Instance] = []
        self._scribes: dict[str, Scribe] = {}
        self._endings: list[asyncio.Task[int]] = []
        self._ears: list[socket.socket] = []
        self._watches: list[asyncio.Task[None]] = []
        self._tests_begun = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for ear in self._ears:
            ear.close()
        shutil.rmtree(self._root)

    def _note_request(self, served: Served) -> None:
        if served.remote_ip == _SUITE_IP:
            self._tests_begun.set()
        scribe = self._scribes.get(served.instance, self._scribe)
        self._entries.append(scribe.request(served))

    def _program(self) -> Program:
        command = self.scenario.command
        environment = {key: self._addressed(key, value) for key, value in self.scenario.environment.items()}
        return Program(
            command=command if command[0] == "node" else (self._python(), "-m", *command),
            folder=self.app,
            environment={
                "PARLEY_LOG": self.scenario.dialect,
                "GOOGLE_CLOUD_PROJECT": self.scenario.service.project,
                "K_REVISION": self.scenario.service.revision,
                "PYTHONDONTWRITEBYTECODE": "1",
                "TZ": "UTC",
                **({"NODE_PATH": os.environ["LAB_NODE_MODULES"]} if command[0] == "node" else {}),
                **environment,
            },
        )

    def _addressed(self, key: str, value: str) -> str:
        """`value` with an address of the loopback for what it asks for; the logs will call it by a name."""
        found = _WISH.search(value)
        if found is None:
            return value
        port = free_port()
        if found["kind"] == "silent":
            port = self._silent()
        host, _, as_port = (found["address"] or (_STORE if key == "PARLEY_STORE" else _ALMANAC)).partition(
            ":"
        )
        self.rewrite.add_address(port, host, int(as_port))
        return _WISH.sub(f"127.0.0.1:{port}", value)

    def _python(self) -> str:
        """The interpreter that runs the app; its folder will be called that of a container's."""
        other = os.environ.get(self.scenario.interpreter)
        if other is None:
            return sys.executable
        self.rewrite.add_folder(Path(other).parent.parent, "/usr/local")
        return other

    def _silent(self) -> int:
        """A port that accepts connections, by the kernel alone, and never answers."""
        ear = socket.create_server(("127.0.0.1", 0), backlog=500)
        self._ears.append(ear)
        return int(ear.getsockname()[1])

    async def _start_instance(
        self, program: Program, reason: str, revision: str = "", told: Mapping[str, str] | None = None
    ) -> None:
        scribe = self._scribe
        if revision:
            scribe = Scribe(replace(self.scenario.service, revision=revision), self._dice)
        instance = Instance(scribe, self.rewrite, self._entries.append, self._dice)
        self._scribes[instance.id] = scribe
        instance.traces = self.scenario.traces
        self.rewrite.add_own(instance.port)
        self._instances.append(instance)
        # Each instance has chores of its own.
        chores = {"PARLEY_SEED": str(self._dice.randrange(1 << 30)), **(told or {})}
        if len(self._instances) == 1:
            chores |= self.scenario.one_instance
        alone = replace(program, environment={**program.environment, **chores})
        if await instance.start(alone, reason):
            self._front.backends.append(Backend(instance.id, instance.port))
            self._watches.append(asyncio.create_task(self._watch(instance)))

    async def _watch(self, instance: Instance) -> None:
        """An instance that ended unasked was replaced, as the platform does."""
        await instance.ended()
        left = [backend for backend in self._front.backends if backend.instance != instance.id]
        if len(left) < len(self._front.backends):
            self._front.backends = left
            await self._start_instance(self._shared, "AUTOSCALING")

    async def _start(self) -> None:
        self._front.timeout_s = self.scenario.request_timeout_s
        self._front.refusal = self.scenario.refusal or self._front.refusal
        await self._front.open()
        address = f"127.0.0.1:{self._front.port}"
        self.rewrite.add(rf"http://{address}", f"https://{self.scenario.service.host}")
        self.rewrite.add(rf"ws://{address}", f"wss://{self.scenario.service.host}")
        self._shared = program = self._program()
        reasons = ("DEPLOYMENT_ROLLOUT", "AUTOSCALING", "AUTOSCALING")
        await asyncio.gather(
            *(self._start_instance(program, reasons[n]) for n in range(self.scenario.instances))
        )
        if self.scenario.starts and len(self._front.backends) != self.scenario.instances:
            lines = [entry.get("textPayload") or str(entry.get("jsonPayload")) for entry in self._entries]
            raise RuntimeError("the service did not start:\n" + "\n".join(lines[-25:]))

    async def _strike(self) -> None:
        begun = time.monotonic() + self.scenario.lead_s
        for strike in sorted(self.scenario.strikes, key=lambda strike: strike.after_s):
            if strike.after_s > 0 and not self._tests_begun.is_set():
                # On a busy machine pytest takes its time before it sends the first request.
                await self._tests_begun.wait()
                begun = time.monotonic()
            await asyncio.sleep(max(0.0, begun + strike.after_s - time.monotonic()))
            reason = "DEPLOYMENT_ROLLOUT" if strike.revision else "AUTOSCALING"
            await asyncio.gather(
                *(
                    self._start_instance(self._shared, reason, strike.revision, strike.environment)
                    for _ in range(strike.successors)
                )
            )
            for index in strike.instances:
                self._strike_down(self._instances[index], strike)

    def _strike_down(self, instance: Instance, strike: Strike) -> None:
        self._front.backends = [b for b in self._front.backends if b.instance != instance.id]
        if strike.says:
            instance.say(strike.says, "ERROR")
        instance.signal(signal.Signals(strike.signal))
        self._endings.append(asyncio.create_task(instance.ended()))

    async def _keep_trying(self) -> None:
        """While nothing starts, the platform tries again, as long as there are requests."""
        while True:
            await asyncio.sleep(_RETRY_S)
            await self._start_instance(self._shared, "AUTOSCALING")

    async def _run_suite(self) -> tuple[str, tuple[int, int]]:
        junit = self._runner / "junit.xml"
        begun = time.time_ns()
        process = await asyncio.create_subprocess_exec(
            *_pytest(junit),
            *self.scenario.suite_options,
            cwd=self._runner,
            env={
                **{key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "GIT"))},
                "E2E_BASE_URL": f"http://127.0.0.1:{self._front.port}",
                "E2E_LAB_CLIENT": f"{_SUITE_IP};test",
                "TZ": "UTC",
                "PYTHONDONTWRITEBYTECODE": "1",
                **self.scenario.suite_environment,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode not in (0, 1):
            raise RuntimeError(f"pytest did not run the suite:\n{output.decode(errors='replace')[-3000:]}")
        text = self.rewrite(junit.read_text(encoding="utf-8"))
        return text, (begun, time.time_ns())

    async def _stop(self) -> None:
        """Every instance was told to end, and has."""
        self._front.backends = []
        for instance in self._instances:
            instance.signal(signal.SIGTERM)
        await asyncio.gather(*(instance.ended() for instance in self._instances))

    async def record(self, *, suite: bool = True, quiet_s: float = 0.0) -> Recording:
        """The service ran with its crowd; with the suite, or for `quiet_s` seconds without. No process is left."""
        try:
            return await self._record(suite=suite, quiet_s=quiet_s)
        finally:
            for watch in self._watches:
                await _over(watch)
            await self._front.close()
            await asyncio.gather(*(instance.cut() for instance in self._instances))

    async def _record(self, *, suite: bool, quiet_s: float) -> Recording:
        await self._start()
        crowd = Crowd(f"http://127.0.0.1:{self._front.port}", self.scenario.traffic, self._dice)
        crowd.start()
        junit: str | None = None
        span = (time.time_ns(), time.time_ns())
        if suite:
            junit, span = await self._test()
        else:
            await asyncio.sleep(quiet_s)
        await crowd.send_home()
        if not suite:
            await self._stop()
        await asyncio.sleep(_BREATH_S)  # the last lines are read
        kept = list(self._entries)
        if self.scenario.edit_entries:
            kept = self.scenario.edit_entries(kept)
        return Recording(
            entries=tuple(sorted(kept, key=received)),
            junit=junit,
            closes=tuple(self._front.closes),
            suite_ns=span,
            instances=tuple(instance.id for instance in self._instances),
            app=self.app,
        )

    async def _test(self) -> tuple[str, tuple[int, int]]:
        """The suite ran, with what the scenario does beside it; its junit text, start and end are returned."""
        beside = [asyncio.create_task(self._strike())]
        await asyncio.sleep(self.scenario.lead_s)
        if not self.scenario.starts:
            beside.append(asyncio.create_task(self._keep_trying()))
        junit, span = await self._run_suite()
        await asyncio.sleep(self.scenario.tail_s)
        for task in beside:
            await _over(task)
        return junit, span


async def _over(task: asyncio.Task[None]) -> None:
    """The task was stopped; what it failed with, if it did, is raised."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _pytest(junit: Path) -> Sequence[str]:
    """The command that runs the suite, free of this project's own settings and plugins."""
    without = ("randomly", "cacheprovider", "hypothesispytest")
    return (
        *(sys.executable, "-m", "pytest", "e2e", "-q", "--tb=short", "-c", "/dev/null", "--rootdir=."),
        *(part for plugin in without for part in ("-p", f"no:{plugin}")),
        f"--junit-xml={junit}",
    )
