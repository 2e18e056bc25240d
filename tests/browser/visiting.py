"""How the tests of the pages visit the app: a server, a visitor with a screen, and the canvas."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import serving
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from mnist_app.settings import Settings
from mnist_app.ui.session.widgets import Key

TELEPHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Mobile Safari"
"""What the browser of a telephone calls itself."""
PATIENCE = 120_000
"""Milliseconds to wait for what must come. Machines that test are slow and busy."""
FIRST_EVALUATION = 240_000
"""Milliseconds for a page that loads TensorFlow and the test images, and asks a model about each."""
expect.set_options(timeout=PATIENCE)
SHARED = ("datasets", "evaluations")
"""Folders of a home in which is what takes long to make and is the same for all tests."""


def share_what_takes_long(home: Path, settings: Settings) -> None:
    """Let a home have the data sets and the answers to test images that the tests' own home has."""
    for name in SHARED:
        (settings.home / name).mkdir(exist_ok=True)
        (home / name).symlink_to(settings.home / name, target_is_directory=True)


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """The app on a port of its own; its address."""
    with serving.serve(home) as server:
        yield server.address


def is_fault(message: ConsoleMessage) -> bool:
    """Whether the console says that something is wrong.

    A page opened by its own address asks for Streamlit's endpoints below that address first, in vain.
    """
    return message.type == "error" and not re.search("//[^/]+/[^/]+/_stcore/", message.location["url"])


@contextmanager
def visitor(
    browser: Browser, width: int, height: int, touch: bool = False, user_agent: str | None = None
) -> Iterator[BrowserContext]:
    """A visitor with a screen of that size."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, user_agent=user_agent
    )
    context.set_default_timeout(PATIENCE)
    errors: list[str] = []
    context.on("console", lambda message: errors.append(message.text) if is_fault(message) else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert not errors, errors


def at_rest(page: Page) -> None:
    """Wait until the page is there to its end: the server is not at work on what was done last.

    A page that was just opened runs again when the browser has told who visits, which closes an open list.
    """
    expect(page.get_by_test_id("stSidebar").locator(f".st-key-{Key.BROWSER}")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def open_draw_page(app: str, context: BrowserContext) -> Page:
    """Open the Draw page and wait for its canvas."""
    page = context.new_page()
    page.goto(app)
    canvas_of(page).wait_for()
    return page


def canvas_of(page: Page) -> Locator:
    """The canvas, by its role and label."""
    return page.get_by_role("img", name="Drawing area")


def picture_on_canvas(page: Page) -> str:
    """Return the pixels on the canvas as a PNG in a data URI."""
    to_uri = "canvas => canvas.parentElement.querySelector('.dc-canvas').toDataURL()"
    picture = canvas_of(page).evaluate(to_uri)
    assert isinstance(picture, str)
    return picture
