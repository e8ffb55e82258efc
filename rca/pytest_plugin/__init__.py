"""pytest's side of `rca`: `pytest --rca-cycle 4` records the run as cycle 4, in cycle-4.json.

In: a run of tests. Out: the file that `rca.cycles.recorded` reads: each test's exact times, how it ended, the close
that it saw, and the trace ids that it handed to the service. Decides that nothing is recorded unless asked, and
that every try of a test has a trace of its own.

pytest imports this module in every run on a machine that has `rca`: it loads nothing but what pytest has loaded.
"""

import os
from pathlib import Path

import pytest

TRACE_IDS = pytest.StashKey[list[str]]()
"""Where a test's item keeps the trace ids that its running try was given."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options are known; without `--rca-cycle` they do nothing."""
    group = parser.getgroup("rca", "recording a test cycle for rca")
    group.addoption(
        "--rca-cycle",
        type=int,
        metavar="N",
        help="record this run as cycle N, in cycle-N.json (readable by you alone: it holds errors as they are)",
    )
    group.addoption("--rca-dir", metavar="DIR", default=".", help="where cycle-N.json goes (default: here)")
    for name, metavar, what in (
        ("target", "URL", "the URL of the service under test"),
        ("environment", "NAME", "the environment it runs in"),
        ("revision", "NAME", "the Cloud Run revision under test"),
    ):
        said = f"write down {what} (default: ${_variable(name)})"
        group.addoption(f"--rca-{name}", metavar=metavar, help=said)


def _variable(name: str) -> str:
    return f"RCA_{name.upper()}"


def pytest_configure(config: pytest.Config) -> None:
    """What records is registered where it was asked for; a run without `--rca-cycle` has no hook of ours."""
    number = config.getoption("--rca-cycle")
    if number is None or config.getoption("--collect-only"):
        return
    if number < 0:
        raise pytest.UsageError(f"--rca-cycle: {number} is no number of a cycle")
    from rca.pytest_plugin.witness import Witness  # noqa: PLC0415 - only where a cycle is recorded

    # pytest-xdist's own mark of a worker: it tells the controller what happened, and writes nothing.
    told: dict[str, str] | None = getattr(config, "workerinput", None)
    config.pluginmanager.register(Witness(told["workerid"] if told else None), "rca-witness")
    if told is None:
        from rca.pytest_plugin.recorder import Recorder  # noqa: PLC0415 - as above

        folder = _folder(config)
        facts = {
            name: config.getoption(f"--rca-{name}") or os.environ.get(_variable(name)) or None
            for name in ("environment", "target", "revision")
        }
        config.pluginmanager.register(Recorder(number, folder, facts), "rca-recorder")


def _folder(config: pytest.Config) -> Path:
    """The folder of the file, made where it was not there: that it cannot be is better known before the tests run."""
    folder = Path(config.invocation_params.dir, config.getoption("--rca-dir"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"--rca-dir: cannot make {folder}: {error.strerror}") from error
    return folder


def headers(traceparent: str) -> dict[str, str]:
    """The headers that hand a trace to the service, for any client that takes a mapping.

    websockets: `connect(url, additional_headers=headers(traceparent))`, before version 14 `extra_headers=`;
    httpx: `AsyncClient(headers=...)`; aiohttp: `ClientSession(headers=...)`.
    """
    return {"traceparent": traceparent}


@pytest.fixture
def traceparent(request: pytest.FixtureRequest) -> str:
    """A W3C traceparent of a trace that is this try of this test's alone, recorded beside its result.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header; 01 asks for the trace to be sampled.
    """
    # From the system, never from `random`: plugins seed that anew for each test, and every test would have one trace.
    trace_id, span_id = os.urandom(16).hex(), os.urandom(8).hex()
    request.node.stash.setdefault(TRACE_IDS, []).append(trace_id)
    return f"00-{trace_id}-{span_id}-01"


@pytest.fixture
def rca_headers(traceparent: str) -> dict[str, str]:
    """The headers that hand this test's trace to the service."""
    return headers(traceparent)
