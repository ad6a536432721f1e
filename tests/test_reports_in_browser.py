"""The static report in a real browser, opened from the disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import fakes_reports as fakes
from callguard.reports.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not on the path")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        fakes.write_wav(root / "recordings" / "led bulb #1.wav", 70)
        build(fakes.all_calls(), root / "out")
    return root / "out"


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    yield opened
    opened.close()
    assert troubles == []


def _until(page: Page, condition: str) -> None:
    """Wait for a condition without `wait_for_function`, whose eval the pages' content security policy refuses."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"it never came true: {condition}")


def test_no_page_scrolls_sideways(page: Page, folder: Path) -> None:
    for path in sorted(folder.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name


def test_search_and_outcome_filter_the_queue(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    rows = page.locator("[data-row]:visible")
    assert rows.count() == 6
    page.fill("#search", "MORON a7")
    assert rows.all_inner_texts()[0].count("led-bulb") == 1
    assert rows.count() == 1
    assert page.inner_text("#shown") == "1 of 6 calls"
    page.fill("#search", "nothing like it")
    assert rows.count() == 0
    assert page.is_visible("#none")
    page.fill("#search", "")
    page.select_option("#outcome", "Cannot tell")
    assert rows.count() == 1
    assert page.locator("[data-group]:visible").count() == 1


def test_a_row_leads_to_its_call_and_back(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.locator("[data-row]", has_text="led-bulb").click()
    assert page.inner_text("h1").endswith("May end under the policy")
    page.get_by_role("link", name="All calls").click()
    assert page.inner_text("h1") == "Call report"


def test_a_lines_time_moves_the_recording_and_the_line_is_marked(page: Page, folder: Path) -> None:
    page.goto((folder / "calls" / "led-bulb.html").as_uri())
    line = page.locator("#t6")
    line.locator("button.time").click()
    _until(page, "document.getElementById('audio').readyState >= 2 && !document.getElementById('audio').seeking")
    start_s = float(line.get_attribute("data-start") or "nan")
    assert start_s <= page.evaluate("document.getElementById('audio').currentTime") < start_s + 5
    page.wait_for_selector("#t6[aria-current=true]")
    assert page.locator("[aria-current=true]").count() == 1


def test_a_bar_jumps_to_its_line_with_the_keyboard(page: Page, folder: Path) -> None:
    page.goto((folder / "calls" / "led-bulb.html").as_uri())
    page.locator(".lanes a[data-turn='6']").first.focus()
    page.keyboard.press("Enter")
    _until(page, "document.activeElement.id === 't6'")
    assert page.url.endswith("#t6")


def test_a_missing_recording_says_so(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "calls" / "led-bulb.html").as_uri())
    page.evaluate("document.getElementById('audio').src = 'gone.wav'; document.getElementById('audio').load()")
    page.locator("#t1 button.time").click()
    page.wait_for_selector("#audio-trouble:not([hidden])")
    page.close()
