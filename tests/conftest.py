"""What all tests share: the command line as a function, an option for golden files, no settings from outside."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from rca.cli import main

pytest_plugins = ["pytester"]  # tests/pytest_plugin runs pytest inside of tests

settings.register_profile("unhurried", deadline=None)  # a busy machine is slow, and proves nothing by it
settings.register_profile("quick", deadline=None, max_examples=10)  # `make check`; `make test` draws more
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-stories`: write fixtures/cycle-N/expected anew; the diff is to be read like code."""
    parser.addoption(
        "--update-stories", action="store_true", help="rewrite the golden files of fixtures/cycle-N/expected"
    )


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No RCA_* variable of whoever runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("RCA_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT stops a program that the test starts, even where these tests run in a shell's background.

    There the shell has it ignored, and whatever is started inherits that; a handler is not inherited.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def rca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line in an empty folder, `tmp_path`: arguments in, streams and exit code out."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        result = CliRunner().invoke(main, [str(one) for one in arguments], input=stdin, prog_name="rca")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run
