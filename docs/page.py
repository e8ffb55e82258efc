# ruff: noqa: INP001 - a script beside its pictures, no package
"""Takes pictures of the HTML report as a browser shows it: in light, in dark, on a telephone. They are in the README.

In: the bundled cycles, by way of the real command. Out: page-light.png, page-dark.png and page-phone.png in a folder.
Decides which cycle and which part of its page is shown, and how large. `make picture` runs it; it needs Chromium.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from click.testing import CliRunner
from playwright.sync_api import Browser, sync_playwright

from rca.cli import main

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of which cycle, from which element of its page on, how large in pixels."""

    name: str
    cycle: int
    scheme: Literal["light", "dark"]
    begins: str
    width: int
    height: int
    scale: float = 1.0


SHOTS = (
    Shot("light", 1, "light", "body", 1000, 940),
    Shot("dark", 3, "dark", "#timeline", 1000, 700),
    Shot("phone", 1, "light", "body", 360, 700, 1.5),
)


def page_of(cycle: int, folder: Path) -> Path:
    """Return the file of a bundled cycle's page, made by the command that anybody would type."""
    page = folder / f"cycle-{cycle}.html"
    cycles = ROOT / "fixtures" / f"cycle-{cycle}"
    asked = ["why", "--cycle", str(cycle), "--cycles-dir", str(cycles), "--format", "html", "-o", str(page)]
    ran = CliRunner().invoke(main, asked)
    if ran.exit_code:
        sys.exit(f"rca {' '.join(asked)} ended with {ran.exit_code}: {ran.stderr}")
    return page


def take(browser: Browser, shot: Shot, page: Path, target: Path) -> None:
    """The picture is in the file."""
    with browser.new_context(
        color_scheme=shot.scheme,
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=shot.scale,
    ) as context:
        opened = context.new_page()
        opened.goto(page.as_uri())
        opened.locator(shot.begins).evaluate("(one) => one.scrollIntoView()")
        opened.screenshot(path=target)


if __name__ == "__main__":
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"no browser is installed: one of {', '.join(BROWSERS)}")
    # Chromium's sandbox does not start under root, as builds in containers run.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found, args=flags)
        for one in SHOTS:
            take(chromium, one, page_of(one.cycle, Path(place)), Path(sys.argv[1]) / f"page-{one.name}.png")
        chromium.close()
