"""What if and Two models, the views of Look inside that compare, in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from test_draw import SEVEN, THREE, draw, expect_answer
from test_test_images import choose_by_keys
from untrained import KERAS_WARNING, keep_untrained_runs
from visiting import TELEPHONE, at_rest, canvas_of, open_draw_page, serve, visitor

from mnist_app.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = {"dense": "<b>bold</b>", "cnn": "second **too**"}


def look_inside(page: Page, view: str) -> None:
    """Draw a 7 and open a view."""
    draw(page, SEVEN)
    expect(page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    expect_answer(page, 7)
    page.get_by_role("radio", name=view).click()


def pictures(page: Page) -> Locator:
    return page.get_by_role("region", name="The picture as drawn and as altered")


def turn_until_it_flips(page: Page) -> None:
    """By keyboard: what stands below the slider says how far."""
    slider = page.get_by_role("slider", name="Turn")
    said = page.locator(".st-key-what_if_turn").get_by_text(re.compile(r"from \d+° to the right"))
    found = re.search(r"(\d+)° to the right", said.inner_text())
    assert found
    slider.focus()
    for _ in range(int(found[1]) // 3):
        slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", f"{found[1]}° to the right")


def test_a_digit_is_turned_until_it_is_taken_for_another_and_reset(draw_page: Page) -> None:
    look_inside(draw_page, "What if")
    expect(pictures(draw_page)).to_contain_text("Altered:a 7")
    reset = draw_page.get_by_role("button", name="Reset", exact=True)
    expect(reset).to_be_disabled()
    turn_until_it_flips(draw_page)
    expect(pictures(draw_page)).to_contain_text("≠ flipped")
    expect(draw_page.locator(".st-key-what_if_size")).to_contain_text("because of other sliders")
    reset.click()
    expect(pictures(draw_page)).not_to_contain_text("≠ flipped")
    expect(draw_page.get_by_role("slider", name="Turn")).to_have_attribute("aria-valuetext", "0°")


def test_what_is_drawn_next_is_altered_likewise(draw_page: Page) -> None:
    look_inside(draw_page, "What if")
    draw_page.get_by_role("slider", name="Noise").press("ArrowRight")
    expect(draw_page.get_by_role("slider", name="Noise")).to_have_attribute("aria-valuetext", "5 %")
    draw_page.get_by_role("button", name="Clear").click()
    expect(draw_page.get_by_text("Draw a digit, and see here")).to_be_visible()
    canvas_of(draw_page).scroll_into_view_if_needed()
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    expect(pictures(draw_page)).to_contain_text("As drawn:a 3")
    expect(draw_page.get_by_role("slider", name="Noise")).to_have_attribute("aria-valuetext", "5 %")


def test_the_chart_follows_the_slider_that_was_moved_last(draw_page: Page) -> None:
    look_inside(draw_page, "What if")
    charts = draw_page.get_by_role("radiogroup", name="Along the whole slider")
    expect(charts.get_by_role("radio", name="Turn")).to_be_checked()
    draw_page.get_by_role("slider", name="Pen").press("ArrowRight")
    expect(charts.get_by_role("radio", name="Pen")).to_be_checked()
    expect(draw_page.get_by_text("width of the strokes, in pixels more or less than drawn")).to_be_visible()


@pytest.mark.slow
def test_on_a_telephone_the_pictures_stay_in_sight_while_the_last_slider_is_moved(
    app: str, browser: Browser
) -> None:
    with visitor(browser, 390, 844, touch=True, user_agent=TELEPHONE) as context:
        page = open_draw_page(app, context)
        look_inside(page, "What if")
        noise = page.get_by_role("slider", name="Noise")
        noise.press("ArrowRight")
        expect(noise).to_have_attribute("aria-valuetext", "5 %")
        expect(page.get_by_text("noise in %")).to_be_visible()  # the whole view is there
        page.locator(".st-key-what_if_noise").scroll_into_view_if_needed()
        expect(page.locator(".st-key-what_if_noise")).to_be_in_viewport()
        expect(pictures(page)).to_be_in_viewport(ratio=0.9)
        for view, count in (("Two models", 0), ("What if", 1)):
            page.get_by_role("radio", name=view).click()
            expect(pictures(page)).to_have_count(count)
            at_rest(page)
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390


@pytest.fixture(scope="module")
def served(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a run of each of the two presets that are compared first, which learned nothing."""
    home = tmp_path_factory.mktemp("two_models")
    keep_untrained_runs(home, settings, NAMES)
    with serve(home) as address:
        yield address


@pytest.mark.slow
@pytest.mark.filterwarnings(KERAS_WARNING)
def test_a_dense_and_a_convolutional_run_are_compared(served: str, context: BrowserContext) -> None:
    page = open_draw_page(served, context)
    look_inside(page, "Two models")
    compared = page.get_by_role("region", name="What the models say")
    expect(compared).to_contain_text(re.compile("They (dis)?agree: "))
    for name in NAMES.values():
        expect(compared.get_by_role("columnheader", name=name)).to_be_visible()
    expect(compared.get_by_role("row")).to_have_count(11)
    at_rest(page)
    # By keys: a click scrolls the page, which closes the list again.
    choose_by_keys(page, "The other", "Built-in model")
    expect(compared.get_by_role("columnheader", name="Built-in model 7")).to_be_visible()


def test_where_a_run_is_missing_one_is_sent_to_train(draw_page: Page) -> None:
    look_inside(draw_page, "Two models")
    draw_page.get_by_role("link", name="Train the convolutional network").click()
    expect(draw_page.get_by_role("heading", name="Train a network")).to_be_visible()
    expect(draw_page).to_have_url(re.compile(r"/train\?preset=cnn"))
