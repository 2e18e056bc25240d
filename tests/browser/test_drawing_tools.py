"""The canvas and its buttons in a real Chromium: mouse, pen and fingers, keys, sizes of the screen."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_draw import SEVEN, THREE, Way, draw, expect_answer, place_of
from visiting import PATIENCE, at_rest, canvas_of, open_draw_page, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PALM = (60, 300)


def strokes_of(page: Page, count: int) -> list[dict[str, Any]]:
    """Wait until a run of the page has taken over so many strokes, and return them."""
    end = time.monotonic() + PATIENCE / 1000
    strokes: list[dict[str, Any]] = []
    while time.monotonic() < end:
        at_rest(page)
        kept = json.loads(page.evaluate("sessionStorage.getItem('mnist-app.draw-page')"))
        canvas = kept["canvas"] or {"png": "", "json_data": {"objects": []}}
        strokes = canvas["json_data"]["objects"]
        if len(strokes) == count and canvas["png"] is not None:
            return strokes
        page.evaluate("new Promise(resolve => requestAnimationFrame(resolve))")
    raise AssertionError(f"{len(strokes)} strokes, not {count}")


def steps(way: Way) -> Way:
    """A way with three points between each two."""
    pairs = zip(way, way[1:], strict=False)
    return [(a + (c - a) * k / 4, b + (d - b) * k / 4) for (a, b), (c, d) in pairs for k in (1, 2, 3, 4)]


def fingers(page: Page) -> Callable[..., None]:
    """Return a function that sends a touch event: its kind, and what touches where."""
    devtools, place = page.context.new_cdp_session(page), place_of(page)

    def touch(kind: str, **points: tuple[float, float]) -> None:
        places = []
        for name, point in points.items():
            x, y = place(*point)
            places.append({"x": x, "y": y, "id": ("palm", "finger").index(name)})
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    return touch


def pen(page: Page) -> Callable[..., None]:
    """Return a function that sends an event of a pen: its kind, its place, and the button."""
    devtools, place = page.context.new_cdp_session(page), place_of(page)

    def send(kind: str, point: tuple[float, float], button: str = "left", buttons: int = 1) -> None:
        x, y = place(*point)
        event = {"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1}
        devtools.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen"})

    return send


def write(page: Page, ways: list[Way]) -> None:
    """Draw with a pen."""
    send = pen(page)
    for way in ways:
        send("mouseMoved", way[0], "none", 0)
        send("mousePressed", way[0])
        for point in steps(way):
            send("mouseMoved", point)
        send("mouseReleased", way[-1], buttons=0)


def test_undo_brings_back_what_clear_and_a_digit_drawn_for_someone_replaced(
    app: str, context: BrowserContext
) -> None:
    page = open_draw_page(app, context)
    draw(page, THREE)
    expect_answer(page, 3)
    three = strokes_of(page, len(THREE))
    page.get_by_role("button", name="Draw one for me").click()
    expect(page.get_by_text("The app drew this")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("digit")).to_have_count(0)
    at_rest(page)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("The app drew this")).to_be_visible()
    at_rest(page)
    page.keyboard.press("Control+z")
    expect_answer(page, 3)
    assert [each["path"] for each in strokes_of(page, len(three))] == [each["path"] for each in three]
    page.keyboard.press("Control+y")
    expect(page.get_by_text("The app drew this")).to_be_visible()
    at_rest(page)
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("digit")).to_have_count(0)


def test_undo_at_once_takes_just_the_last_stroke(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    draw(page, SEVEN)
    expect_answer(page, 7)
    at_rest(page)
    draw(page, [[(40, 280), (280, 280)]])
    page.keyboard.press("Control+z")
    expect_answer(page, 7)
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    strokes_of(page, 1)


def test_the_toolbar_of_the_canvas_is_hidden_and_a_stroke_may_begin_at_the_edge(
    app: str, context: BrowserContext
) -> None:
    page = open_draw_page(app, context)
    canvas_of(page).hover(position={"x": 280, "y": 5})
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_have_count(1)
    draw(page, [[(280, 3), (280, 200)]])
    expect(page.get_by_test_id("digit")).to_be_visible()
    (stroke,) = strokes_of(page, 1)
    assert stroke["path"][0][2] == pytest.approx(3, abs=1)


def test_drawing_puts_no_ring_of_focus_around_the_page(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    draw(page, SEVEN)
    expect_answer(page, 7)
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("slider").focus()
    draw(page, [[(40, 280), (280, 280)]])
    expect(page.get_by_role("slider")).to_be_focused()


def test_the_right_button_draws_nothing(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    place = place_of(page)
    page.mouse.move(*place(100, 100))
    page.mouse.down(button="right")
    page.mouse.move(*place(200, 200), steps=5)
    page.mouse.up(button="right")
    draw(page, SEVEN)
    expect_answer(page, 7)
    strokes_of(page, 1)


def test_a_pen_draws_and_its_eraser_does_not(app: str, browser: Browser) -> None:
    with visitor(browser, 820, 1180, touch=True) as context:
        page = open_draw_page(app, context)
        send = pen(page)
        send("mousePressed", (100, 100), "none", 32)
        send("mouseMoved", (200, 200), "none", 32)
        send("mouseReleased", (200, 200), "none", 0)
        write(page, SEVEN)
        expect_answer(page, 7)
        strokes_of(page, 1)


def test_a_palm_that_rests_on_the_canvas_spoils_no_stroke(app: str, browser: Browser) -> None:
    with visitor(browser, 820, 1180, touch=True) as context:
        page = open_draw_page(app, context)
        touch = fingers(page)
        touch("touchStart", palm=PALM)
        write(page, THREE)
        touch("touchMove", palm=(70, 290))
        touch("touchEnd")
        expect_answer(page, 3)
        strokes_of(page, len(THREE))


def test_a_finger_draws_beside_a_palm_and_a_second_finger_changes_nothing(app: str, browser: Browser) -> None:
    with visitor(browser, 820, 1180, touch=True) as context:
        page = open_draw_page(app, context)
        touch = fingers(page)
        touch("touchStart", palm=PALM)
        (way,) = SEVEN
        touch("touchStart", palm=PALM, finger=way[0])
        for point in steps(way):
            touch("touchMove", palm=PALM, finger=point)
        touch("touchEnd")
        expect_answer(page, 7)
        (stroke,) = strokes_of(page, 1)
        xs = [command[1] for command in stroke["path"]]
        assert min(xs) > PALM[0] + 10


def test_the_brush_and_the_drawing_survive_every_way_of_leaving(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    draw(page, SEVEN)
    expect_answer(page, 7)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("22")
    at_rest(page)

    def by_picture() -> None:
        page.get_by_role("radio", name="Picture").click()
        expect(slider).to_have_count(0)
        at_rest(page)
        page.get_by_role("radio", name="Pen").click()

    def by_another_page() -> None:
        page.get_by_role("link", name="Train").click()
        expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
        page.get_by_role("link", name="Draw", exact=True).click()

    def by_a_picture_and_another_page() -> None:
        page.get_by_role("radio", name="Picture").click()
        expect(slider).to_have_count(0)
        at_rest(page)
        by_another_page()
        page.get_by_role("radio", name="Pen").click()

    for leave in (by_picture, by_another_page, by_a_picture_and_another_page, page.reload, by_picture):
        leave()
        expect(slider).to_have_value("22")
        expect_answer(page, 7)
        at_rest(page)


@pytest.mark.parametrize(
    ("width", "height", "side"), [(1920, 1080, 520), (1280, 720, 320), (820, 1180, 280), (640, 360, 280)]
)
def test_the_canvas_has_the_size_that_the_page_has_room_for(
    app: str, browser: Browser, width: int, height: int, side: int
) -> None:
    with visitor(browser, width, height) as context:
        page = open_draw_page(app, context)
        draw(page, THREE)
        expect_answer(page, 3)
        at_rest(page)
        canvas, digit = (part.bounding_box() for part in (canvas_of(page), page.get_by_test_id("digit")))
        assert canvas and digit
        assert canvas["width"] == pytest.approx(side, abs=1)
        assert digit["x"] > canvas["x"] + canvas["width"], "side by side"
        assert digit["y"] >= 0 and digit["y"] + digit["height"] <= height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        place, (corner,) = place_of(page), [[(290, 190), (315, 200)]]
        assert place(*corner[1])[0] < digit["x"]
        draw(page, [corner])
        *_, last = strokes_of(page, len(THREE) + 1)
        assert last["path"][0][1:] == pytest.approx(corner[0], abs=1.5), "coordinates stay 320 × 320"
