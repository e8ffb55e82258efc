"""The page in a real browser: it opens quietly, can be read by everybody, and its picture answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no stubs
from playwright.sync_api import Browser, Page

from tests.render.page import CYCLES
from tests.render.reports import ALL

pytestmark = pytest.mark.slow

PAGES = (*CYCLES, *ALL)
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
Opened = Callable[..., Page]


def shown(page: Page, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
    """What a script finds on the page."""
    return page.evaluate(script)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_word(opened: Opened, name: str) -> None:
    """Neither the console nor the policy complains, and nothing is loaded."""
    page = opened(name)
    assert page.title()
    assert page.locator("h1").count() == 1


def test_the_policy_is_in_force(chromium: Browser, pages: Callable[[str], Path], tmp_path: Path) -> None:
    """What got onto the page in spite of all would not run, format or load: the policy stops it, and says so."""
    smuggled = (
        "<script>document.title = 'owned'</script><p id='own' style='color: red' onclick='document.title = 1'>x</p>"
        "<img src='https://evil.example/x.png'></main>"
    )
    path = tmp_path / "tampered.html"
    path.write_text(pages("found").read_text(encoding="utf-8").replace("</main>", smuggled), encoding="utf-8")
    with chromium.new_context() as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        page.locator("#own").click()
        assert page.title().startswith("Why cycle 7 failed")
        assert shown(page, "getComputedStyle(document.getElementById('own')).color") != "rgb(255, 0, 0)"
    broken = [
        directive
        for directive in ("script-src", "style-src", "img-src")
        if any(directive in one for one in said)
    ]
    assert broken == ["script-src", "style-src", "img-src"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["cycle-1", "cycle-4", "cycle-6", "found", "unknown"])
def test_everybody_can_read_it(opened: Opened, name: str, scheme: str) -> None:
    """The checker finds nothing to complain of, contrast included, in light and in dark, everything unfolded."""
    page = opened(name, color_scheme=scheme)
    shown(page, "document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]] == []


def test_dark_is_dark_and_light_is_light(opened: Opened) -> None:
    """The reader's preference decides on paper and ink."""
    paper = "getComputedStyle(document.body).backgroundColor"
    assert shown(opened("found", color_scheme="dark"), paper) == "rgb(13, 17, 23)"
    assert shown(opened("found", color_scheme="light"), paper) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", PAGES)
def test_a_telephone_never_scrolls_sideways(opened: Opened, name: str) -> None:
    """At 360 pixels the page is no wider than the screen: what is wide scrolls in its own frame."""
    page = opened(name, **PHONE)
    shown(page, "document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert shown(page, "document.documentElement.scrollWidth") == 360
    beyond = """[...document.body.querySelectorAll('*')]
        .filter((one) => one.getBoundingClientRect().right > 361 && !one.closest('.scroll, .picture, thead'))
        .map((one) => one.outerHTML.slice(0, 200))"""
    assert shown(page, beyond) == []


@pytest.mark.parametrize("name", CYCLES)
def test_every_citation_lands_on_its_evidence(opened: Opened, name: str) -> None:
    """Whoever follows a citation sees the entry it names, marked as the target."""
    page = opened(name)
    shown(page, "document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    # A click on each link in turn, then where the browser says it is, and where that stands on the screen.
    landed = shown(
        page,
        """[...new Map([...document.querySelectorAll('main a[href^="#"]')].map((a) => [a.getAttribute('href'), a]))]
            .map(([place, a]) => {
                a.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
                const target = document.querySelector(':target');
                return [place, target && '#' + target.id, target && target.getBoundingClientRect().top];
            })""",
    )
    assert [place for place, _, _ in landed if place[1] in "ETS"]
    for place, target, top in landed:
        assert target == place
        assert -1 <= top < 800


def test_a_picture_s_mark_leads_to_its_evidence(opened: Opened) -> None:
    """A click on a cause in the picture shows the entry that tells of it."""
    page = opened("cycle-1")
    mark = page.locator("svg g[class*=large] a path:visible").last
    wanted = mark.locator("..").get_attribute("href")
    mark.click()
    assert shown(page, "location.hash") == wanted
    assert page.locator(":target").is_visible()


def test_the_keyboard_reaches_everything(opened: Opened) -> None:
    """Tab comes by every link, button and fold of the page; Enter unfolds, and follows."""
    page = opened("found")
    wanted = shown(
        page,
        """[...document.querySelectorAll('a[href], button, summary')].filter((one) =>
            one.checkVisibility() && !one.closest('details:not([open]) > :not(summary)')).length""",
    )
    reached: set[str] = set()
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        at = """(() => { const all = [...document.querySelectorAll('a[href], button, summary')];
            return String(all.indexOf(document.activeElement)); })()"""
        reached.add(shown(page, at))
    assert len(reached - {"-1"}) == wanted
    summary = page.locator(".why summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".why details").first.get_attribute("open") is not None


def test_what_has_the_focus_shows(opened: Opened) -> None:
    """Who moves with the keyboard sees where they are."""
    page = opened("found")
    page.keyboard.press("Tab")
    assert shown(page, "getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_mark_says_what_it_is(opened: Opened) -> None:
    """Pointing at a mark, or reaching it by keyboard, shows its words below the picture as well."""
    page = opened("cycle-1")
    page.locator("svg g[class*=large] a[aria-label*=' cause: '] path:visible").first.hover()
    by_pointer = page.locator(".said").text_content() or ""
    assert "Live session error" in by_pointer
    page.locator("svg g[class*=large] a:has(rect:visible)").first.focus()
    assert (page.locator(".said").text_content() or "") != by_pointer


def _place_of(page: Page, nth: int) -> float:
    box = page.locator("svg g[class*=large] a path:visible").nth(nth).bounding_box()
    assert box
    return box["x"]


def test_the_picture_zooms_in_time(opened: Opened) -> None:
    """Zooming in draws moments apart and writes a finer axis; marks keep their size; back is back."""
    page = opened("cycle-1")
    axis = "[...document.querySelectorAll('svg g[class*=large] .role-axis-label text')].map((one) => one.textContent)"
    width = "document.querySelector('svg g[class*=large] a rect').getBoundingClientRect().width"
    before, labels = shown(page, width), shown(page, axis)
    height = "document.querySelector('svg g[class*=large] a rect').getBoundingClientRect().height"
    tall = shown(page, height)
    page.get_by_role("button", name="Everything").click()
    assert shown(page, width) < before / 3
    assert shown(page, "document.querySelectorAll('svg .beyond:not([style*=none])').length") == 0
    page.get_by_role("button", name="Failing part").click()
    assert shown(page, width) == pytest.approx(before, abs=0.5)
    page.get_by_role("button", name="Earlier").click()
    page.get_by_role("button", name="Zoom in").click()
    assert shown(page, axis) != labels
    assert shown(page, height) == pytest.approx(tall, abs=0.5)


def test_a_wheel_with_ctrl_zooms_where_the_pointer_is(opened: Opened) -> None:
    """The moment under the pointer stays there; a wheel alone scrolls the page on."""
    page = opened("cycle-1")
    page.locator(".picture").scroll_into_view_if_needed()
    mark = page.locator("svg g[class*=large] a path:visible").first
    box = mark.bounding_box()
    assert box
    before = shown(page, "document.querySelector('svg g[class*=large] a rect').getAttribute('width')")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(
        "(before) => document.querySelector('svg g[class*=large] a rect').getAttribute('width') !== before",
        arg=before,
    )
    after = mark.bounding_box()
    assert after
    assert after["x"] == pytest.approx(box["x"], abs=3)


def test_the_picture_is_panned_by_dragging(opened: Opened) -> None:
    """Whoever drags the picture to the right sees what was before."""
    page = opened("cycle-1")
    page.locator(".picture").scroll_into_view_if_needed()
    frame = page.locator("svg g[class*=large1] .background").first.bounding_box()
    assert frame
    before = _place_of(page, 0)
    page.mouse.move(frame["x"] + 100, frame["y"] + frame["height"] - 4)
    page.mouse.down()
    page.mouse.move(frame["x"] + 160, frame["y"] + frame["height"] - 4)
    page.mouse.up()
    assert _place_of(page, 0) == pytest.approx(before + 60, abs=4)


def test_without_its_script_the_page_is_whole(opened: Opened) -> None:
    """Where scripts are off everything can be read and unfolded; no button stands there that does nothing."""
    page = opened("cycle-1", java_script_enabled=False)
    assert page.locator("svg.timeline").is_visible()
    assert not page.get_by_role("button").first.is_visible()
    page.locator(".why summary").first.click()
    assert page.locator(".why .cited").first.is_visible()


def test_print_shows_what_is_folded(opened: Opened) -> None:
    """On paper everything is unfolded, in dark ink on white, without buttons; on the screen it folds again."""
    page = opened("cycle-1", color_scheme="dark")
    page.emulate_media(media="print")
    shown(page, "dispatchEvent(new Event('beforeprint'))")
    assert shown(page, "document.querySelectorAll('details:not([open])').length") == 0
    assert shown(page, "getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("button").first.is_visible()
    shown(page, "dispatchEvent(new Event('afterprint'))")
    assert shown(page, "document.querySelectorAll('details:not([open])').length") > 0
    assert page.pdf(format="A4").startswith(b"%PDF")
