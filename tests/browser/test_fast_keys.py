"""Keys pressed faster than the server answers: the page stays alive and shows what was chosen last.

Streamlit's cache of messages killed such a page within seconds; `global.minCachedMessageSize` in
`.streamlit/config.toml` turns the cache off.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from test_draw import THREE, draw, expect_answer
from visiting import open_draw_page, picture_on_canvas

pytestmark = pytest.mark.browser
SECONDS = 4.0
"""How long keys are pressed; without the setting a page was dead after 2 to 10 seconds."""
QUIET = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  if (!window.quiet) {
    window.quiet = {since: performance.now()};
    const changed = () => { window.quiet.since = performance.now(); };
    new MutationObserver(changed).observe(app, {attributes: true, childList: true, subtree: true});
  }
  return app.dataset.testScriptState === "notRunning" && performance.now() - window.quiet.since > 700;
}"""
"""Whether the page is there to its end and stays as it is for longer than a slider holds its value back."""


def wait_until_quiet(page: Page) -> None:
    """Wait until the server has answered what was done last."""
    page.wait_for_function(QUIET)


def sweep(page: Page, slider: str) -> None:
    """Go from one end of a slider towards the other, again and again, without waiting for an answer."""
    page.get_by_role("slider", name=slider, exact=True).focus()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for key in ("Home", *["ArrowRight"] * 11):
            page.keyboard.press(key)
    page.keyboard.press("Home")


@contextmanager
def only_whole_messages(context: BrowserContext) -> Iterator[None]:
    """Check that no message refers to an earlier one, which the browser may have forgotten by then."""
    kinds: list[str | None] = []

    def hear(frame: str | bytes) -> None:
        message = ForwardMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        kinds.append(message.WhichOneof("type"))

    def listen(page: Page) -> None:
        def follow(socket: WebSocket) -> None:
            if "/_stcore/stream" in socket.url:
                socket.on("framereceived", hear)

        page.on("websocket", follow)

    context.on("page", listen)
    yield
    assert "delta" in kinds and "ref_hash" not in kinds


def assert_alive(page: Page) -> None:
    """Check that the page shows no error dialog or exception once the server has answered everything."""
    wait_until_quiet(page)
    expect(page.locator("[role=dialog]:not([data-testid=stPopoverBody])")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def open_with_three(app: str, context: BrowserContext) -> Page:
    """The Draw page with a 3 that has been read."""
    page = open_draw_page(app, context)
    draw(page, THREE)
    expect(page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    expect_answer(page, 3)
    return page


def test_fast_keys_on_the_brush_leave_the_drawing_and_a_page_that_draws(
    app: str, context: BrowserContext
) -> None:
    with only_whole_messages(context):
        page = open_with_three(app, context)
        wait_until_quiet(page)
        drawn = picture_on_canvas(page)
        sweep(page, "Brush size")
        assert_alive(page)
    assert picture_on_canvas(page) == drawn
    expect_answer(page, 3)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("digit")).to_have_count(0)


@pytest.mark.slow
def test_fast_keys_in_what_if_leave_the_answer_to_the_last_position(
    app: str, context: BrowserContext
) -> None:
    with only_whole_messages(context):
        page = open_with_three(app, context)
        page.get_by_role("radio", name="What if").click()
        pictures = page.get_by_role("region", name="The picture as drawn and as altered")
        expect(pictures).to_contain_text("Altered:a 3")
        sweep(page, "Size")
        assert_alive(page)
    shown = pictures.inner_html()
    slider = page.get_by_role("slider", name="Size", exact=True)
    slider.press("End")
    wait_until_quiet(page)
    assert pictures.inner_html() != shown
    slider.press("Home")
    wait_until_quiet(page)
    assert pictures.inner_html() == shown


@pytest.mark.slow
@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_that_is_held_presses_a_button_once(draw_page: Page, key: str) -> None:
    draw_page.evaluate(
        "document.addEventListener('click', () => { window.clicks = (window.clicks ?? 0) + 1 }, true)"
    )
    draw_page.get_by_role("button", name="Draw one for me").focus()
    for _ in range(10):
        draw_page.keyboard.down(key)
    draw_page.keyboard.up(key)
    wait_until_quiet(draw_page)
    assert draw_page.evaluate("window.clicks") == 1
