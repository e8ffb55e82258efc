"""The wheel: built as a release is, installed where nothing else of the project is, and used from there."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from rca import __version__

ROOT = Path(__file__).parent.parent
ROUNDS_S = 300

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.skipif(
        not os.environ.get("CHECK_ALL"),
        reason="builds the wheel and installs it from the package index: `make check-all` runs it",
    ),
]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command wrote on standard output; it ended well."""
    # Neither the checkout nor the settings of whoever runs the tests may reach what is tested.
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("RCA_", "PYTHON", "VIRTUAL_ENV"))
    }
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command],
        cwd=cwd,
        env=kept,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=ROUNDS_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the pinned backend of this environment."""
    out = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", out, ROOT)
    run(sys.executable, *build, cwd=out)
    (built,) = out.glob("cloudrun_rca-*.whl")
    return built


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout, with a fresh environment that holds the wheel and what it says it needs."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=True)
    # The versions are the pins', without their hashes: pip takes those for every package or for none, and the
    # wheel was built a moment ago. Which packages are needed is for the wheel's own metadata to say.
    pins = re.findall(
        r"^\S+==[^\s;\\]+", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE
    )
    (folder / "pins.txt").write_text("\n".join(pins), encoding="utf-8")
    install = ("-m", "pip", "install", "--quiet", "--constraint", "pins.txt", wheel)
    run(folder / "env/bin/python", *install, cwd=folder)
    return folder


def test_holds_what_ships(wheel: Path) -> None:
    """Inside are the code, its data files, every query and template, the demo's cycle, the licence, and no test."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, wanted in (("queries", "*.lql"), ("templates", "*.j2"), ("fixtures/cycle-1", "*.*")):
        shipped = {f"rca/{folder}/{path.name}" for path in (ROOT / folder).glob(wanted) if path.is_file()}
        assert shipped
        assert shipped <= names
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rca").rglob("*.toml")}
    assert data | {"rca/py.typed"} <= names
    assert any(re.fullmatch(r"cloudrun_rca-[^/]+/licenses/LICENSE", name) for name in names)
    assert all(name.startswith(("rca/", "cloudrun_rca-")) for name in names)


def test_tells_its_version(home: Path) -> None:
    """The installed command knows which version it is."""
    assert run(home / "env/bin/rca", "--version", cwd=home) == f"rca {__version__}\n"


def test_demo_runs_from_any_folder(home: Path) -> None:
    """The installed command explains the bundled cycle 1, with the cause that its label gives."""
    report = run(home / "env/bin/rca", "demo", cwd=home)
    assert "**Root cause" in report
    assert "WebSocketState is not JSON serializable" in report


def test_needs_nothing_unsaid(home: Path) -> None:
    """Every package that the wheel names is there, in a version it accepts."""
    assert "No broken requirements found" in run(home / "env/bin/python", "-m", "pip", "check", cwd=home)
