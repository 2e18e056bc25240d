"""Keeping drawings on the Draw page, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from test_draw import SEVEN, THREE, draw, expect_answer
from visiting import at_rest, canvas_of, open_draw_page, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_click_keeps_a_drawing_another_takes_it_back_and_nothing_moves(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    yes = draw_page.get_by_role("button", name="Yes")
    expect(yes).to_be_in_viewport()
    at_rest(draw_page)
    before = [canvas_of(draw_page).bounding_box(), draw_page.get_by_test_id("digit").bounding_box()]
    yes.click()
    expect(draw_page.get_by_text("Kept as a 7")).to_be_visible()
    expect(draw_page.get_by_role("status")).to_contain_text("It is kept for the class as a 7.")
    expect(draw_page.get_by_text("You have kept 1 drawing")).to_be_visible()
    at_rest(draw_page)
    after = [canvas_of(draw_page).bounding_box(), draw_page.get_by_test_id("digit").bounding_box()]
    assert after == before
    digits = draw_page.get_by_role("radiogroup", name="Which digit is it?")
    expect(digits.get_by_role("radio", name="7")).to_be_checked()
    digits.get_by_role("radio", name="1").click()
    expect(draw_page.get_by_text("Kept as a 1")).to_be_visible()
    undo = draw_page.locator(".st-key-keeping").get_by_role("button", name="Undo")  # the canvas has one, too
    undo.click()
    expect(draw_page.get_by_text("Kept as a 7")).to_be_visible()
    undo.click()
    expect(draw_page.get_by_text("Was that right?")).to_be_visible()
    expect(draw_page.get_by_text("Press a button to keep your drawing for the class.")).to_be_visible()


def test_after_a_refresh_they_are_still_counted(draw_page: Page) -> None:
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    draw_page.get_by_role("button", name="Yes").click()
    expect(draw_page.get_by_text("Kept as a 3")).to_be_visible()
    draw_page.reload()
    expect_answer(draw_page, 3)
    expect(draw_page.get_by_text(re.compile("You have kept 1 drawing"))).to_be_visible()


@pytest.mark.slow
def test_on_a_telephone_the_question_follows_the_bars_with_room_for_fingers(
    app: str, browser: Browser
) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_draw_page(app, context)
        draw(page, SEVEN)
        expect_answer(page, 7)
        at_rest(page)
        bars = page.get_by_role("list", name="Probability of each digit").bounding_box()
        ladder = page.get_by_role("region", name="What the network sees").bounding_box()
        digits = page.get_by_role("radiogroup", name="Which digit is it?")
        box = digits.bounding_box()
        assert bars and ladder and box
        assert bars["y"] < box["y"] < ladder["y"]
        for digit in digits.get_by_role("radio").all():
            target = digit.bounding_box()
            assert target and target["width"] >= 44 and target["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
