"""The Test images page in a real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from visiting import FIRST_EVALUATION, at_rest, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_test_images(app: str, context: BrowserContext) -> Page:
    """Walk to the page and wait for the images."""
    page = context.new_page()
    page.goto(app)
    if page.viewport_size and page.viewport_size["width"] < 700:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Test images").click()
    expect(page.get_by_role("region", name="Test images")).to_be_visible(timeout=FIRST_EVALUATION)
    return page


def numbers(page: Page) -> list[str]:
    """The hundred numbers of the confusion matrix, row by row."""
    expect(page.locator(".mark-text.role-mark text")).to_have_count(100)
    at_rest(page)
    return page.locator(".mark-text.role-mark text").all_text_contents()


def choose_by_keys(page: Page, name: str, option: str) -> None:
    """Type the beginning of an option, and take it as soon as the open list marks it.

    Streamlit opens no list for a key that comes before it has shown the focus, and drops an Enter that comes
    before the list.
    """
    choice = page.get_by_role("combobox", name=name)
    choice.focus()
    expect(choice).to_have_attribute("data-focused", "true")
    page.keyboard.type(option)
    expect(choice).to_have_attribute("aria-activedescendant", re.compile("option"))
    expect(page.locator("[role=option][data-focused]")).to_contain_text(option)
    page.keyboard.press("Enter")


def test_a_click_on_a_cell_shows_its_images(app: str, context: BrowserContext) -> None:
    page = open_test_images(app, context)
    counts = numbers(page)
    cell = next(place for place, count in enumerate(counts) if count and place % 11)
    truth, answer = divmod(cell, 10)
    page.locator(".mark-text.role-mark text").nth(cell).click()
    expect(page.get_by_text(f"of a {truth} that the network took for a {answer}")).to_be_visible()
    images = page.get_by_role("region", name="Test images").get_by_role("img")
    expect(images).to_have_count(int(counts[cell]))
    for image in images.all():
        expect(image).to_have_attribute("alt", re.compile(f"an? {truth}, taken for an? {answer}"))
        assert image.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"


def test_the_images_are_reached_by_keyboard_and_paged(app: str, context: BrowserContext) -> None:
    page = open_test_images(app, context)
    at_rest(page)
    choose_by_keys(page, "The image is", "7")
    expect(page.get_by_text("of a 7 that")).to_be_visible()
    at_rest(page)
    choose_by_keys(page, "The network says", "any")
    expect(page.get_by_text(re.compile(r"^1 to 50 of [\d,]+$"))).to_be_visible()
    images = page.get_by_role("region", name="Test images").get_by_role("img")
    expect(images).to_have_count(50)
    first = images.first.get_attribute("alt")
    page.get_by_role("button", name=re.compile("next", re.IGNORECASE)).click()
    expect(page.get_by_text(re.compile(r"^51 to 100 of [\d,]+$"))).to_be_visible()
    expect(images.first).not_to_have_attribute("alt", first or "")


def test_the_page_fits_a_telephone(app: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_test_images(app, context)
        numbers(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for place in (page.locator(".mark-text.role-mark").first, page.locator(".image-grid")):
            box = place.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
