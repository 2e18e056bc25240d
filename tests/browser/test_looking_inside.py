"""Look inside in a real Chromium: each layer, and what mattered."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from test_draw import SEVEN, THREE, draw, expect_answer
from test_live_answers import draw_slowly
from untrained import KERAS_WARNING, keep_untrained_runs
from visiting import (
    FIRST_EVALUATION,
    at_rest,
    canvas_of,
    open_draw_page,
    serve,
    share_what_takes_long,
    visitor,
)

from mnist_app.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def look_inside(page: Page, view: str = "Each layer") -> None:
    """Draw a 7, and open a view."""
    draw(page, SEVEN)
    page.get_by_test_id("digit").wait_for()
    page.get_by_role("radio", name=view).click()


def maps_of(page: Page) -> Locator:
    return page.get_by_role("group", name=re.compile(r"\d+ maps of \d+ by \d+"))


def test_pointing_at_a_map_shows_its_filter_and_asks_the_server_nothing(draw_page: Page) -> None:
    look_inside(draw_page)
    maps = maps_of(draw_page).get_by_role("button", name=re.compile(r"^Map \d+"))
    expect(maps).to_have_count(32)
    at_rest(draw_page)
    sent: list[object] = []
    draw_page.on(
        "request", lambda request: None if request.url.startswith("data:") else sent.append(request.url)
    )
    maps.nth(3).hover()
    opened = maps_of(draw_page).get_by_role("note")
    expect(opened).to_be_visible()
    expect(opened.get_by_role("img", name="The weights of filter 3")).to_be_visible()
    draw_page.get_by_role("heading", name="Draw a digit").hover()
    expect(opened).to_have_count(0)
    assert not sent


def test_a_map_can_be_chosen_by_keyboard(draw_page: Page) -> None:
    look_inside(draw_page)
    third = maps_of(draw_page).get_by_role("button", name=re.compile("^Map 2[: ]"))
    third.focus()
    draw_page.keyboard.press("Enter")
    opened = maps_of(draw_page).get_by_role("note")
    expect(opened).to_contain_text("Map 2")
    draw_page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(third).to_be_focused()


def test_it_stays_open_and_keeps_its_view_while_one_draws_clears_and_walks_about(draw_page: Page) -> None:
    look_inside(draw_page, "What mattered")
    expect(draw_page.get_by_role("img", name=re.compile("blue ink speaks for a 7"))).to_be_visible()
    draw_page.get_by_role("button", name="Clear").click()
    expect(draw_page.get_by_text("Draw a digit, and see here")).to_be_visible()
    canvas_of(draw_page).scroll_into_view_if_needed()
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    picture = draw_page.get_by_role("img", name=re.compile("blue ink speaks for a 3"))
    expect(picture).to_be_visible()
    draw_page.get_by_role("link", name="Train", exact=True).click()
    expect(draw_page.get_by_role("heading", name="Train a network")).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).click()
    expect(picture).to_be_visible()
    expect(draw_page.get_by_role("radio", name="What mattered")).to_be_checked()


def test_the_answer_is_compared_with_another_digit(draw_page: Page) -> None:
    look_inside(draw_page, "What mattered")
    draw_page.get_by_role("radiogroup", name="Why a 7 and not …").get_by_role("radio", name="1").click()
    expect(draw_page.get_by_text("how far the 7 is ahead of the 1")).to_be_visible()


@pytest.mark.slow
def test_on_a_telephone_nothing_scrolls_sideways_and_maps_can_be_tapped(app: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_draw_page(app, context)
        look_inside(page)
        first = maps_of(page).get_by_role("button").first
        first.tap()
        opened = maps_of(page).get_by_role("note")
        expect(opened).to_be_visible()
        for part, least in ((first.bounding_box(), 44), (opened.bounding_box(), 200)):
            assert part and part["width"] >= least and part["x"] >= 0 and part["x"] + part["width"] <= 390
        page.keyboard.press("Escape")
        ink = page.get_by_role("img", name=re.compile("blue ink speaks for"))
        for view, seen in (("What mattered", ink), ("Each layer", first)):
            page.get_by_role("radio", name=view).click()
            expect(seen).to_be_visible()
            at_rest(page)
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390


@pytest.fixture(scope="module")
def served(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The app with a run of each of the two explained presets; the ids of these, which learned nothing."""
    home = tmp_path_factory.mktemp("look_inside")
    share_what_takes_long(home, settings)
    ids = keep_untrained_runs(home, settings, {"dense": "", "cnn": ""})
    with serve(home) as address:
        yield address, ids


def open_with(address: str, ids: dict[str, str], preset: str, context: BrowserContext) -> Page:
    """The Draw page with the model of a preset's run."""
    page = open_draw_page(address, context)
    expect(page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    page.goto(f"{address}/train?run={ids[preset]}")
    button = page.get_by_role("button", name="Draw with it")
    button.wait_for()
    at_rest(page)
    button.click()
    canvas_of(page).wait_for()
    return page


@pytest.mark.slow
@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize(("preset", "groups"), [("dense", 0), ("cnn", 2)])
def test_the_layers_of_both_explained_presets(
    served: tuple[str, dict[str, str]], context: BrowserContext, preset: str, groups: int
) -> None:
    page = open_with(*served, preset, context)
    look_inside(page)
    neurons = page.get_by_role("list", name="The most active neurons").get_by_role("listitem")
    expect(neurons).to_have_count(10)
    expect(maps_of(page)).to_have_count(groups)
    expect(page.get_by_text("there are no maps to see")).to_have_count(1 if preset == "dense" else 0)
    page.get_by_role("radio", name="What mattered").click()
    expect(page.get_by_role("img", name=re.compile("blue ink speaks for"))).to_be_visible()


@pytest.mark.filterwarnings(KERAS_WARNING)
def test_the_drawing_moves_on_the_map_with_the_pen_and_the_view_survives_a_refresh(
    served: tuple[str, dict[str, str]], context: BrowserContext
) -> None:
    page = open_with(*served, "dense", context)
    look_inside(page, "Most alike")
    images = page.locator(".st-key-most_alike").get_by_role("img", name=re.compile("^Test image"))
    expect(images).to_have_count(10, timeout=FIRST_EVALUATION)
    at_rest(page)
    page.get_by_role("button", name="Clear").click()
    ring = page.locator(".digit-map .drawing")
    expect(ring).to_have_attribute("visibility", "hidden")
    at_rest(page)
    canvas_of(page).scroll_into_view_if_needed()
    draw_slowly(page, SEVEN)
    expect(ring).not_to_have_attribute("visibility", "hidden")
    expect(images).to_have_count(0)
    page.mouse.up()
    expect(images).to_have_count(10)
    at_rest(page)
    page.reload()
    expect(images).to_have_count(10)
    expect(page.get_by_role("radio", name="Most alike")).to_be_checked()
