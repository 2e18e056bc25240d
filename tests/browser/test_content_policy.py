"""The content security policy in a real Chromium: it stops what it should, and no page needs what it stops.

Chromium writes each violation to the console as an error, on which every test of a page fails.
"""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_draw import SEVEN, draw, expect_answer, picture_of
from test_test_images import numbers, open_test_images
from visiting import at_rest

pytestmark = pytest.mark.browser
LISTEN = """() => {
  window.violations = [];
  const note = event => window.violations.push(event.effectiveDirective);
  document.addEventListener("securitypolicyviolation", note);
}"""


PAGES = {
    "train": "Train a network",
    "runs": "Runs",
    "class_drawings": "Class drawings",
    "learn": "Learn",
}
"""The title of each page, by its address. Test images has a test of its own, because it takes long."""


def open_page(page: Page, address: str, heading: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
    at_rest(page)


@pytest.mark.slow
def test_no_page_asks_for_what_the_policy_forbids(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    for path, heading in PAGES.items():
        open_page(page, f"{app}/{path}", heading)
    open_page(page, app, "Draw a digit")
    draw(page, SEVEN)
    expect_answer(page, 7)
    for view in ("Each layer", "What mattered", "What if", "Two models"):
        page.get_by_role("radio", name=view).click()
        at_rest(page)
    page.get_by_role("radio", name="Picture").click()
    file = {"name": "seven.png", "mimeType": "image/png", "buffer": picture_of(SEVEN)}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("the picture in use")).to_be_visible()
    page.get_by_role("radio", name="Camera").click()
    at_rest(page)


def test_charts_are_drawn_without_evaluating_text(app: str, context: BrowserContext) -> None:
    page = open_test_images(app, context)
    assert len(numbers(page)) == 100


SCRIPT = "document.createElement('script')"
FRAME = "document.createElement('iframe')"
ATTEMPTS = {
    "setTimeout('window.ran = true')": "script-src",
    f"document.head.append(Object.assign({SCRIPT}, {{text: 'window.ran = true'}}))": "script-src-elem",
    f"document.head.append(Object.assign({SCRIPT}, {{src: 'https://other.invalid/'}}))": "script-src-elem",
    "new Image().src = 'https://other.invalid/a.png'": "img-src",
    "fetch('https://other.invalid/').catch(() => 0)": "connect-src",
    "try { new WebSocket('wss://other.invalid/') } catch {}": "connect-src",
    f"document.body.append(Object.assign({FRAME}, {{src: 'https://other.invalid/'}}))": "frame-src",
}
"""What a text from outside might do in a page, and the rule that stops it."""


def test_what_came_from_outside_would_load_and_run_nothing(app: str, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(app)
        page.get_by_test_id("stApp").wait_for()
        page.evaluate(LISTEN)
        for number, (attempt, directive) in enumerate(ATTEMPTS.items()):
            page.evaluate(f"() => {{ {attempt} }}")
            page.wait_for_function("number => window.violations.length > number", arg=number)
            assert page.evaluate("window.violations")[number] == directive
        assert not page.evaluate("window.ran")
