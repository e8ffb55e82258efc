"""A headless Chromium, as Debian packages it, and the pages of the bundled cycles."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from rca.render import html
from tests.render.page import bundled
from tests.render.reports import ALL

NAMES = ("chromium", "chromium-browser", "google-chrome")
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, for the tests of a module: while it is driven, an event loop runs that others must not meet."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    # Chromium's sandbox does not start under root, as builds in containers run.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a bundled cycle, or of a report written by hand, as a file; each is made once."""
    folder = tmp_path_factory.mktemp("pages")

    def made(name: str) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(html.render(ALL[name] if name in ALL else bundled(name)), encoding="utf-8")
        return path

    return made


@pytest.fixture
def opened(chromium: Browser, pages: Callable[[str], Path]) -> Iterator[Opened]:
    """Opens a page by its name; afterwards, nothing was said on its console and nothing was asked of a network."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(name: str, **how: Any) -> Page:  # noqa: ANN401 - playwright's options
        context = chromium.new_context(**{"viewport": {"width": 1000, "height": 800}, **how})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else wrong.append(asked.url),
        )
        page.goto(pages(name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
