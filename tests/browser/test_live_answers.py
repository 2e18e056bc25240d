"""The answer follows the pen: in a real Chromium, from the first point to the last."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect
from test_draw import SEVEN, THREE, Way, draw, expect_answer
from visiting import at_rest, canvas_of, open_draw_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIRST_ANSWER = 240_000
"""Milliseconds for TensorFlow and the networks, on a busy machine."""
NOTES = """() => {
    window.notes = [];
    const note = () => {
        const digit = document.querySelector('[data-testid="digit"]')?.textContent;
        if (digit && document.querySelector('.live-answer').ariaBusy === 'true') window.notes.push(digit);
    };
    new MutationObserver(note).observe(
        document.querySelector('.live-answer'),
        { subtree: true, childList: true, characterData: true, attributes: true },
    );
}"""
"""Notes what the panel shows at each change while it is ahead of the page's own runs."""


def asked(page: Page) -> list[dict[str, list[object]]]:
    """The questions that the page sends from now on; a list that grows."""
    questions: list[dict[str, list[object]]] = []

    def listen(socket: WebSocket) -> None:
        if "/live?" in socket.url:
            socket.on("framesent", lambda frame: questions.append(json.loads(frame)))

    page.on("websocket", listen)
    return questions


def page_answer(page: Page) -> Locator:
    """The digit that a run of the page gives, when no stroke is ahead of it."""
    return page.locator(".live-answer[aria-busy=false]").get_by_test_id("digit")


def warm(page: Page) -> None:
    """Wait until the network answers, and leave an empty canvas."""
    page.get_by_role("button", name="Draw one for me").click()
    expect(page_answer(page)).to_be_visible(timeout=FIRST_ANSWER)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("digit")).to_have_count(0)
    at_rest(page)


def draw_slowly(page: Page, ways: list[Way], between: Callable[[], None] = lambda: None) -> None:
    """Draw and wait for the page after each of the mouse's steps; the pen stays down after the last."""
    canvas_of(page).scroll_into_view_if_needed()  # a click may have scrolled the page
    box = canvas_of(page).bounding_box()
    assert box
    for number, way in enumerate(ways):
        page.mouse.move(box["x"] + way[0][0], box["y"] + way[0][1])
        page.mouse.down()
        for before, after in zip(way, way[1:], strict=False):
            for step in range(1, 5):
                x, y = (a + (b - a) * step / 4 for a, b in zip(before, after, strict=True))
                page.mouse.move(box["x"] + x, box["y"] + y)
                between()
        if number < len(ways) - 1:
            page.mouse.up()


def answers_before_pen_up(page: Page) -> list[str]:
    noted: list[str] = page.evaluate("window.notes")
    return noted


def frame(page: Page) -> Callable[[], None]:
    """Waits until the page has been painted."""
    return lambda: page.evaluate("new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))")


def test_a_slowly_drawn_three_is_answered_while_the_pen_moves(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    warm(page)
    page.evaluate(NOTES)
    draw_slowly(page, THREE, frame(page))
    # The pen is still down: no run of the page has seen the second stroke.
    expect(page.get_by_test_id("digit")).to_have_text("3")
    assert len(answers_before_pen_up(page)) >= 10
    page.mouse.up()
    expect_answer(page, 3)
    expect(page.get_by_text(re.compile(r"on the way: ([\d], )+3$"))).to_be_visible()


def test_the_page_asks_about_just_what_the_canvas_sends(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    questions = asked(page)
    page.goto(app)
    canvas_of(page).wait_for()
    warm(page)
    draw(page, THREE)
    expect_answer(page, 3)
    kept = json.loads(page.evaluate("sessionStorage.getItem('mnist-app.draw-page')"))
    sent = [stroke["path"] for stroke in kept["canvas"]["json_data"]["objects"]]
    last = [stroke["path"] for stroke in questions[-1]["strokes"]]  # type: ignore[index]
    for of_canvas, of_question in zip(sent[-len(last) :], last, strict=True):
        assert [command[0] for command in of_canvas] == [command[0] for command in of_question]
        numbers = [number for command in of_canvas for number in command[1:]]
        assert [number for command in of_question for number in command[1:]] == pytest.approx(
            numbers, abs=0.006
        )


def test_clear_undo_and_another_brush_are_followed(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    warm(page)
    draw(page, THREE)
    expect_answer(page, 3)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("digit")).to_have_count(0)
    draw_slowly(page, SEVEN, frame(page))
    expect(page.get_by_test_id("digit")).to_have_text("7")  # the 3 is forgotten
    page.mouse.up()
    expect_answer(page, 7)
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    at_rest(page)
    draw(page, [[(120, 165), (215, 165)]])
    expect(page_answer(page)).to_be_visible()
    at_rest(page)


def test_a_refresh_keeps_what_was_drawn_and_live_answers_build_on_it(
    app: str, context: BrowserContext
) -> None:
    page = open_draw_page(app, context)
    warm(page)
    draw(page, THREE[:1])
    expect(page_answer(page)).to_be_visible()
    at_rest(page)
    page.reload()
    canvas_of(page).wait_for()
    expect(page_answer(page)).to_be_visible()
    draw_slowly(page, THREE[1:], frame(page))
    expect(page.get_by_test_id("digit")).to_have_text("3")
    page.mouse.up()
    expect_answer(page, 3)


def test_without_the_socket_the_page_works_as_before(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.route_web_socket(lambda url: "/live?" in url, lambda socket: socket.close())
    page.goto(app)
    canvas_of(page).wait_for()
    draw(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("button", name="Clear").click()
    draw(page, THREE)
    expect_answer(page, 3)
