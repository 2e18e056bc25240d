"""The first layer on the Train page in a real Chromium: it changes while the network trains, and is kept."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from visiting import PATIENCE, at_rest, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINING = 4 * PATIENCE
"""Milliseconds for a worker to load TensorFlow and to begin, on a busy machine."""


def pictures_after(page: Page, epochs: str) -> Locator:
    """The pictures after so many epochs, which is a pattern."""
    return page.get_by_role("img", name=re.compile(rf"24 of 128 neurons after {epochs} epochs"))


def pictures_shown(page: Page) -> str:
    return str(page.locator("section.first-layer").get_attribute("style"))


def look_back_to_the_beginning(page: Page) -> str:
    """Move the slider to its left end, and return the pictures there."""
    at_rest(page)
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(pictures_after(page, r"0\.00")).to_be_visible()
    for measure in ("loss", "accuracy"):
        expect(page.locator(f".st-key-curve_{measure} .mark-rule.role-mark line")).to_have_count(1)
    return pictures_shown(page)


def test_it_forms_while_the_network_trains_and_look_back_shows_it_as_it_was(
    app: str, browser: Browser
) -> None:
    with visitor(browser, 1280, 720) as laptop:
        page = laptop.new_page()
        page.goto(f"{app}/train?preset=dense&dataset=synthetic&epochs=200")
        at_rest(page)
        page.get_by_role("button", name="Train", exact=True).click()
        expect(pictures_after(page, r"[1-9]\d*\.\d\d")).to_be_visible(timeout=TRAINING)
        learning = pictures_shown(page)
        expect(page.locator("section.first-layer")).not_to_have_attribute("style", learning)
        untrained = look_back_to_the_beginning(page)
        assert untrained != learning and "--weights:url(" in untrained
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text(re.compile(r"Stopped after \d+\.\d epochs\."))).to_be_visible(
            timeout=TRAINING
        )
        expect(pictures_after(page, r"[1-9]\d*\.\d\d")).to_be_visible()
        assert pictures_shown(page) != untrained
        assert look_back_to_the_beginning(page) == untrained
