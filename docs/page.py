# ruff: noqa: INP001 - a script beside its pictures, no package
"""Takes the README's pictures of reports: the page in light, in dark, on a telephone; the Markdown as tickets show it.

In: the bundled cycles, by way of the real command. Out: page-light.png, page-dark.png, page-phone.png and ticket.png in
a folder. Decides which cycle and which part of it is shown, and how large; and stands in for GitHub, by the same rules
for Markdown and by colors, borders and measures like its own. `make picture` runs it; it needs Chromium.
"""

import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from click.testing import CliRunner
from markdown_it import MarkdownIt
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


TICKET = Shot("ticket", 1, "light", "body", 900, 900)
LIKE_GITHUB = """
body { max-width: 838px; margin: 0 auto; padding: 24px 16px; color: #1f2328; background: #fff;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, "DejaVu Sans", sans-serif;
  overflow-wrap: break-word }
h1 { font-size: 2em } h2 { font-size: 1.5em }
h1, h2 { margin: 24px 0 16px; padding-bottom: .3em; border-bottom: 1px solid #d1d9e0b3; line-height: 1.25 }
h1 { margin-top: 0 }
a { color: #0969da }
code, pre { font: 85%/1.45 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; border-radius: 6px }
code { padding: .2em .4em; background: #818b981f; white-space: break-spaces }
h1 code { font-size: inherit }
pre { padding: 16px; overflow: auto; background: #f6f8fa }
pre code { padding: 0; background: none; font-size: 100% }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; margin: 16px 0 }
th, td { padding: 6px 13px; border: 1px solid #d1d9e0 }
tr:nth-child(2n) { background: #f6f8fa }
blockquote { margin: 0 0 16px; padding: 0 1em; color: #59636e; border-left: .25em solid #d1d9e0 }
"""


def report_of(cycle: int, form: str, folder: Path) -> Path:
    """Return the file of a bundled cycle's report, made by the command that anybody would type."""
    page = folder / f"cycle-{cycle}.{form}"
    cycles = ROOT / "fixtures" / f"cycle-{cycle}"
    asked = ["why", "--cycle", str(cycle), "--cycles-dir", str(cycles), "--format", form, "-o", str(page)]
    ran = CliRunner().invoke(main, asked)
    if ran.exit_code:
        sys.exit(f"rca {' '.join(asked)} ended with {ran.exit_code}: {ran.stderr}")
    return page


def ticket_of(markdown: Path) -> Path:
    """Return the file of a page that shows the Markdown as an issue would: GitHub's own dialect, its task lists too."""
    body = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(markdown.read_text(encoding="utf-8"))
    )
    body = re.sub(
        r"<li>\[(x| )\]",
        lambda box: f"<li><input type=checkbox disabled {'checked' * (box[1] == 'x')}>",
        body,
    )
    page = markdown.with_suffix(".ticket.html")
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><style>{LIKE_GITHUB}</style>{body}", encoding="utf-8"
    )
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
            page = report_of(one.cycle, "html", Path(place))
            take(chromium, one, page, Path(sys.argv[1]) / f"page-{one.name}.png")
        ticket = ticket_of(report_of(TICKET.cycle, "md", Path(place)))
        take(chromium, TICKET, ticket, Path(sys.argv[1]) / f"{TICKET.name}.png")
        chromium.close()
