"""A training on one screen, by keyboard alone: settings, Train, Stop; all that moves is in sight."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from visiting import PATIENCE, at_rest, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINING = 4 * PATIENCE
"""Milliseconds for a worker to load TensorFlow and to begin, on a busy machine."""
MOST_TABS = 80
LIVE = [
    ".st-key-folded_settings",
    ".st-key-run_progress",
    ".st-key-curve_loss",
    ".st-key-curve_accuracy",
    ".st-key-watched_digit .bars",
    "section.first-layer",
    ".st-key-look_back",
]
"""Parts of the page that change while a network trains, and what is used with them."""
FOCUSED = "() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name has the focus."""
    words = re.compile(rf"(^|\n){re.escape(name)}$")
    for _ in range(MOST_TABS):
        if words.search(str(page.evaluate(FOCUSED)).strip()):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} is not reached by Tab")


def assert_in_sight(page: Page) -> None:
    """Check that no part of what is live lies outside of the window, which is not scrolled."""
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    for part in LIVE:
        expect(page.locator(part)).to_be_in_viewport(ratio=1)


def test_by_keyboard_alone_and_without_scrolling(app: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as laptop, visitor(browser, 390, 844, touch=True) as phone:
        page = laptop.new_page()
        page.goto(f"{app}/train?preset=dense&dataset=synthetic")
        expect(page.get_by_role("textbox", name="Epochs")).to_have_value("5")
        at_rest(page)
        tab_to(page, "Epochs")
        page.keyboard.press("Control+a")
        page.keyboard.type("201")
        expect(page.get_by_text("Enter a whole number from 1 to 200.")).to_be_visible()
        train = page.get_by_role("button", name="Train", exact=True)
        expect(train).to_be_disabled()
        page.keyboard.press("Backspace")
        page.keyboard.type("0")
        expect(train).to_be_enabled()
        page.wait_for_url(re.compile("epochs=200"))
        tab_to(page, "Watch a digit")
        page.keyboard.press("Space")
        expect(page.get_by_alt_text("The digit that goes along")).to_be_visible()
        at_rest(page)
        page.keyboard.press("Shift+Tab")
        tab_to(page, "Train")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Dense · 200 epochs · batch 128 · RMSprop 0.001")).to_be_visible()
        expect(page.get_by_text(re.compile(r"Epoch \d+ of 200 · "))).to_be_visible(timeout=TRAINING)
        expect(page.locator(".watched").get_by_test_id("digit")).to_be_visible()
        assert_in_sight(page)

        small = phone.new_page()
        small.goto(page.url)
        expect(small.locator(".st-key-look_back")).to_be_attached()
        at_rest(small)
        small.locator(".st-key-look_back").scroll_into_view_if_needed()
        expect(small.get_by_role("progressbar")).to_be_in_viewport(ratio=1)
        assert small.get_by_test_id("stMain").evaluate("main => main.scrollTop") > 0
        assert small.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390
        small.close()

        tab_to(page, "Stop")
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile(r"Stopped after \d+\.\d epochs\."))).to_be_visible()
        expect(page.get_by_role("button", name="See its mistakes")).to_be_in_viewport(ratio=1)
