"""The Draw page in a real Chromium, as a visitor meets it."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from visiting import TELEPHONE, at_rest, canvas_of, open_draw_page, serve, visitor

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke
from mnist_app.ui.session.draw_page import CANVAS_SIDE

pytestmark = pytest.mark.browser

Way = list[tuple[float, float]]
THREE: list[Way] = [
    [(100, 95), (135, 62), (185, 60), (210, 90), (200, 125), (160, 148), (140, 150)],
    [(140, 150), (190, 160), (218, 195), (205, 240), (160, 265), (115, 258), (92, 232)],
]
SEVEN: list[Way] = [[(92, 75), (150, 75), (222, 72), (195, 130), (168, 190), (148, 262)]]
EIGHT: list[Way] = [
    [(208, 92), (178, 62), (138, 66), (122, 100), (148, 138), (190, 170), (208, 212)]
    + [(190, 252), (150, 262), (116, 238), (116, 200), (150, 160), (190, 130), (210, 95)]
]

HOUSE: list[Way] = [
    [(90, 150), (160, 70), (230, 150), (90, 150), (90, 250), (230, 250), (230, 150)],
    [(140, 250), (140, 200), (180, 200), (180, 250)],
]


def place_of(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """Return a function from the canvas's 320 × 320 pixels to the screen, where it may have another size."""
    canvas_of(page).scroll_into_view_if_needed()  # a click may have scrolled the page
    box = canvas_of(page).bounding_box()
    assert box
    scale = box["width"] / CANVAS_SIDE
    return lambda x, y: (box["x"] + scale * x, box["y"] + scale * y)


def draw(page: Page, ways: list[Way]) -> None:
    """Draw with the mouse; points are in pixels of the canvas."""
    place = place_of(page)
    for first, *rest in ways:
        page.mouse.move(*place(*first))
        page.mouse.down()
        for point in rest:
            page.mouse.move(*place(*point), steps=4)
        page.mouse.up()


def expect_answer(page: Page, digit: int) -> None:
    """Wait for the answer of a page run, which comes after that of the live socket."""
    expect(page.locator(".live-answer[aria-busy=false]").get_by_test_id("digit")).to_have_text(str(digit))


def what_is_answered(page: Page) -> tuple[str, str | None]:
    """The answer in words, and the picture of what was drawn, once both are there to their end."""
    at_rest(page)
    answer = page.get_by_role("region", name="Answer").inner_text()
    return answer, page.get_by_alt_text("What was drawn").get_attribute("src")


def picture_of(ways: list[Way]) -> bytes:
    """A PNG of the drawing, dark ink on light paper."""
    ink = Drawing.from_strokes([Stroke(np.array(way), 20.0) for way in ways], 320).pixels[..., 0]
    file = io.BytesIO()
    Image.fromarray(255 - ink).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("ways", "digit"),
    [
        (THREE, 3),
        pytest.param(SEVEN, 7, marks=pytest.mark.slow),
        pytest.param(EIGHT, 8, marks=pytest.mark.slow),
    ],
)
def test_a_digit_drawn_with_the_mouse_is_read(draw_page: Page, ways: list[Way], digit: int) -> None:
    draw(draw_page, ways)
    expect_answer(draw_page, digit)
    expect(
        draw_page.get_by_role("list", name="Probability of each digit").get_by_role("listitem")
    ).to_have_count(10)


def test_what_is_no_digit_is_said_to_be_none(draw_page: Page) -> None:
    draw(draw_page, HOUSE)
    answer = draw_page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("This does not look like a digit.")
    expect(draw_page.get_by_test_id("digit")).to_have_text("?")


def test_an_empty_canvas_invites_and_predicts_nothing(draw_page: Page) -> None:
    expect(draw_page.get_by_role("region", name="Answer")).to_contain_text("Any digit from 0 to 9")
    expect(draw_page.get_by_test_id("digit")).to_have_count(0)


def test_clear_empties_canvas_and_answer(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    draw_page.get_by_role("button", name="Clear").click()
    expect(draw_page.get_by_test_id("digit")).to_have_count(0)
    draw(draw_page, THREE)  # at once: no stroke may be lost
    expect_answer(draw_page, 3)


@pytest.mark.slow
def test_clear_takes_a_stroke_that_was_not_yet_read(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    draw_page.get_by_role("button", name="Clear").click()
    expect(draw_page.get_by_role("status")).to_have_text(re.compile("Any digit from 0 to 9"))
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)


def test_undo_takes_the_last_stroke_back_and_redo_brings_it_again(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    draw_page.get_by_role("button", name="Undo").click()
    expect(draw_page.get_by_test_id("digit")).to_have_count(0)
    draw_page.get_by_role("button", name="Redo").click()
    expect_answer(draw_page, 7)


def test_a_refresh_finds_drawing_and_answer_as_they_were(draw_page: Page) -> None:
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    before = what_is_answered(draw_page)
    draw_page.reload()
    expect_answer(draw_page, 3)
    assert what_is_answered(draw_page) == before


@pytest.mark.slow
def test_a_stroke_can_be_added_after_a_refresh(draw_page: Page) -> None:
    draw(draw_page, THREE[:1])
    draw_page.get_by_test_id("digit").wait_for()
    draw_page.reload()
    draw_page.get_by_test_id("digit").wait_for()
    draw(draw_page, THREE[1:])
    expect_answer(draw_page, 3)


def test_another_page_and_back_finds_drawing_and_answer_as_they_were(draw_page: Page) -> None:
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    before = what_is_answered(draw_page)
    draw_page.get_by_role("link", name="Train").click()
    expect(draw_page.get_by_role("heading", name="Train a network")).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).click()
    canvas_of(draw_page).wait_for()
    expect_answer(draw_page, 3)
    assert what_is_answered(draw_page) == before


@pytest.mark.slow
def test_a_request_that_comes_too_late_does_not_empty_the_page_that_was_chosen(draw_page: Page) -> None:
    draw(draw_page, THREE)
    expect_answer(draw_page, 3)
    link = draw_page.get_by_role("link", name="Train").element_handle()
    button = draw_page.get_by_role("button", name="Draw one for me").element_handle()
    draw_page.evaluate("([link, button]) => { link.click(); button.click(); }", [link, button])
    expect(draw_page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    draw_page.get_by_role("link", name="Draw", exact=True).click()
    expect_answer(draw_page, 3)


@pytest.mark.slow
def test_a_drawing_that_was_moved_and_scaled_is_read_as_it_looks(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    kept = json.loads(draw_page.evaluate("sessionStorage.getItem('mnist-app.draw-page')"))
    (stroke,) = kept["canvas"]["json_data"]["objects"]
    stroke |= {"scaleX": 1.1, "scaleY": 1.1, "angle": 8, "left": stroke["left"] + 20}
    kept["canvas"]["png"] = None
    draw_page.evaluate("kept => sessionStorage.setItem('mnist-app.draw-page', kept)", json.dumps(kept))
    draw_page.reload()
    expect_answer(draw_page, 7)
    shown = canvas_of(draw_page).evaluate("it => it.parentElement.querySelector('.lower-canvas').toDataURL()")
    drawing = Drawing.from_canvas(base64.b64decode(shown.split(",")[1]), kept["canvas"]["json_data"], 320)
    rendered = Drawing.from_strokes(drawing.strokes, 320)
    difference = np.abs(drawing.pixels[..., 0].astype(int) - rendered.pixels[..., 0])
    assert difference.sum() < 0.1 * drawing.pixels[..., 0].sum()


@pytest.mark.slow
def test_draw_one_for_me_works_by_keyboard_alone(draw_page: Page) -> None:
    button = draw_page.get_by_role("button", name="Draw one for me")
    for _ in range(40):
        if button.evaluate("element => element === document.activeElement"):
            break
        draw_page.keyboard.press("Tab")
    expect(button).to_be_focused()
    draw_page.keyboard.press("Enter")
    written = draw_page.get_by_text(re.compile(r"The app drew this \d"))
    written.wait_for()
    expect(draw_page.get_by_test_id("digit")).to_have_text(re.compile(r"\d"))


@pytest.mark.slow
def test_a_digit_written_for_someone_can_be_drawn_on_and_survives_a_refresh(draw_page: Page) -> None:
    draw_page.get_by_role("button", name="Draw one for me").click()
    draw_page.get_by_test_id("digit").wait_for()
    as_drawn = draw_page.get_by_alt_text("What was drawn")
    before = as_drawn.get_attribute("src")
    draw_page.reload()
    expect(as_drawn).to_have_attribute("src", before or "")
    draw(draw_page, [[(20, 20), (40, 30)]])
    expect(as_drawn).not_to_have_attribute("src", before or "")


def test_a_picture_is_read_and_survives_a_refresh(draw_page: Page) -> None:
    draw_page.get_by_role("radio", name="Picture").click()
    file = {"name": "three.png", "mimeType": "image/png", "buffer": picture_of(THREE)}
    draw_page.locator("input[type=file]").set_input_files([file])
    expect_answer(draw_page, 3)
    draw_page.reload()
    expect_answer(draw_page, 3)
    expect(draw_page.get_by_role("radio", name="Picture")).to_be_checked()


@pytest.mark.slow
def test_files_of_another_kind_take_the_answer_away_and_do_not_pile_up(draw_page: Page) -> None:
    draw_page.get_by_role("radio", name="Picture").click()
    field = draw_page.locator("input[type=file]")
    field.set_input_files([{"name": "3.png", "mimeType": "image/png", "buffer": picture_of(THREE)}])
    expect_answer(draw_page, 3)
    for name in ("first.pdf", "second.pdf"):
        field.set_input_files([{"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}])
        expect(draw_page.get_by_test_id("stFileChipName")).to_have_text([name])
        expect(draw_page.get_by_role("alert")).to_contain_text("not a picture that can be read here")
        expect(draw_page.get_by_test_id("digit")).to_have_count(0)


BAD_PICTURES = {
    "not an image": (b"GIF? no, text", "not a picture that can be read"),
    "cut off": (picture_of(THREE)[:400], "damaged or cut off"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_a_bad_picture_gets_a_sentence_and_what_was_there_stays(draw_page: Page, kind: str) -> None:
    data, sentence = BAD_PICTURES[kind]
    draw(draw_page, SEVEN)
    expect_answer(draw_page, 7)
    draw_page.get_by_role("radio", name="Picture").click()
    file = {"name": "picture.png", "mimeType": "image/png", "buffer": data}
    draw_page.locator("input[type=file]").set_input_files([file])
    expect(draw_page.get_by_role("alert")).to_contain_text(sentence)
    draw_page.get_by_role("radio", name="Pen").click()
    expect_answer(draw_page, 7)


def test_a_blank_picture_gets_a_sentence(draw_page: Page) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(blank, "PNG")
    draw_page.get_by_role("radio", name="Picture").click()
    file = {"name": "blank.png", "mimeType": "image/png", "buffer": blank.getvalue()}
    draw_page.locator("input[type=file]").set_input_files([file])
    expect(draw_page.get_by_role("region", name="Answer")).to_contain_text("There is no ink in this picture")


def test_the_answer_is_said_to_people_who_listen(draw_page: Page) -> None:
    draw(draw_page, SEVEN)
    expect(draw_page.get_by_role("status")).to_contain_text("This looks like a 7")


def test_nothing_is_asked_of_another_server(app: str, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = open_draw_page(app, context)
    draw(page, THREE)
    expect_answer(page, 3)
    foreign = [address for address in asked if not address.startswith((app, "data:", "blob:"))]
    assert not foreign


def test_a_finger_on_a_tablet_draws_and_does_not_scroll(app: str, browser: Browser) -> None:
    with visitor(browser, 820, 600, touch=True) as context:
        page = open_draw_page(app, context)
        box = canvas_of(page).bounding_box()
        assert box
        devtools = context.new_cdp_session(page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        def scrolled() -> float:
            tops = "[...document.querySelectorAll('*')].reduce((sum, each) => sum + each.scrollTop, 0)"
            return float(page.evaluate(tops))

        before = scrolled()
        for start, *rest in SEVEN:
            touch("touchStart", start)
            for last, point in zip([start, *rest], rest, strict=False):
                for step in (0.25, 0.5, 0.75, 1.0):
                    x, y = (a + (b - a) * step for a, b in zip(last, point, strict=True))
                    touch("touchMove", (x, y))
            touch("touchEnd")
        expect_answer(page, 7)
        assert scrolled() == before


@pytest.mark.slow
def test_on_a_telephone_the_list_of_pages_closes_behind_the_one_that_was_chosen(
    app: str, browser: Browser
) -> None:
    with visitor(browser, 390, 844, touch=True, user_agent=TELEPHONE) as context:
        page = open_draw_page(app, context)
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("link", name="Train").tap()
        expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
        expect(page.get_by_role("link", name="Train")).not_to_be_in_viewport()


def test_canvas_and_answer_share_the_screen_of_a_telephone(app: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_draw_page(app, context)
        draw(page, SEVEN)
        expect_answer(page, 7)
        at_rest(page)
        canvas, digit = (part.bounding_box() for part in (canvas_of(page), page.get_by_test_id("digit")))
        assert canvas and digit
        assert canvas["x"] >= 0 and canvas["x"] + canvas["width"] <= 390
        assert canvas["y"] >= 0 and digit["y"] + digit["height"] <= 844
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_a_digit_drawn_while_the_network_warms_up_is_answered(browser: Browser, tmp_path: Path) -> None:
    with serve(tmp_path) as address, visitor(browser, 1280, 720) as context:
        page = open_draw_page(address, context)
        draw(page, THREE)
        expect_answer(page, 3)
