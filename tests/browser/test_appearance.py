"""What can be seen, and where: nothing lies under the bar, below the fold or in the wrong colours."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from test_draw import SEVEN, draw, expect_answer
from visiting import canvas_of, open_draw_page, visitor

from mnist_app.settings import ASSETS
from mnist_app.ui.parts.terms import with_explanations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
INK = {"light": "rgb(29, 33, 38)", "dark": "rgb(236, 235, 230)"}
"""The colour of text in both themes."""


def test_at_a_laptop_the_whole_draw_page_is_in_sight(draw_page: Page) -> None:
    expect(draw_page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    title = draw_page.get_by_role("heading", name="Draw a digit")
    keeping = draw_page.get_by_text("to keep your drawing for the class")
    for part in (title, canvas_of(draw_page), keeping, draw_page.get_by_role("radio", name="Most alike")):
        expect(part).to_be_in_viewport(ratio=1)
    at_its_top = "({x, y}) => document.elementFromPoint(x + 5, y + 1).closest('h1') !== null"
    assert draw_page.evaluate(at_its_top, title.bounding_box()), "nothing lies over the title"
    draw_page.get_by_role("button", name="Main menu").click(trial=True)


MIXED = """() => {
  window.mixed = false;
  const has = (selector) => [...document.querySelectorAll(selector)].some((each) => each.checkVisibility());
  const look = () => { window.mixed ||= has(".maps") && has(".st-key-what_mattered_words"); };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""Watches whether a part of each of two views is shown at once."""


def test_a_view_of_look_inside_is_never_mixed_with_the_one_before(draw_page: Page) -> None:
    expect(draw_page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    draw_page.get_by_role("radio", name="Each layer").click()
    maps, words = draw_page.locator(".maps"), draw_page.locator(".st-key-what_mattered_words")
    expect(maps).to_be_visible()
    draw_page.evaluate(MIXED)
    draw_page.get_by_role("radio", name="What mattered").click()
    expect(words).to_be_visible()
    expect(maps).to_have_count(0)
    assert not draw_page.evaluate("window.mixed")


def test_on_a_tablet_held_upright_the_page_has_three_quarters(app: str, browser: Browser) -> None:
    with visitor(browser, 820, 1180, touch=True) as context:
        page = open_draw_page(app, context)
        sidebar = page.get_by_test_id("stSidebar").bounding_box()
        assert sidebar and sidebar["width"] < 820 / 3.5
        page.get_by_test_id("stSidebar").hover()
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
        expect(page.get_by_role("link", name="Train")).not_to_be_in_viewport()


def test_at_twice_the_size_nothing_scrolls_sideways(app: str, browser: Browser) -> None:
    with visitor(browser, 640, 360) as context:
        page = open_draw_page(app, context)
        for path, heading in (("", "Draw a digit"), ("/train", "Train a network"), ("/learn", "Learn")):
            page.goto(f"{app}{path}")
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 640


@pytest.mark.parametrize("theme", INK)
def test_what_explains_a_term_has_the_colours_of_where_it_stands(browser: Browser, theme: str) -> None:
    """In a popover, too, which stands outside of what tells the browser the theme."""
    with visitor(browser, 640, 360) as context:
        page = context.new_page()
        style = (ASSETS / "style.css").read_text(encoding="utf-8")
        text = with_explanations("Many [[epochs]].")
        page.set_content(f"<style>{style}</style><p style='color: {INK[theme]}'>{text}</p>")
        page.get_by_role("button", name="epochs").click()
        note = page.get_by_role("note")
        expect(note).to_be_visible()
        paper, ink = (lightness(note, of) for of in ("backgroundColor", "color"))
        assert (paper > 0.9 and ink < 0.4) if theme == "light" else (paper < 0.4 and ink > 0.9)


def lightness(part: Locator, of: str) -> float:
    """From 0 (black) to 1 (white), of a colour that the style gives in oklch."""
    colour = part.evaluate("(e, of) => getComputedStyle(e)[of]", of)
    return float(re.findall(r"^oklch\(([\d.]+)", colour)[0])


def test_who_wants_little_motion_sees_little(app: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as context:
        page = open_draw_page(app, context)
        page.emulate_media(reduced_motion="reduce")
        seconds = "e => parseFloat(getComputedStyle(e).transitionDuration)"
        assert page.get_by_test_id("stSidebar").evaluate(seconds) < 0.01
