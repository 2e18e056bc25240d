"""A real server and a real Chromium, shared by the tests of the pages."""

from collections.abc import Iterator

import pytest
import serving
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from visiting import open_draw_page, serve, share_what_takes_long, visitor

from mnist_app.settings import Settings


@pytest.fixture(scope="session")
def app(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served for all tests."""
    home = tmp_path_factory.mktemp("served")
    share_what_takes_long(home, settings)
    with serve(home) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=serving.CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor at a laptop; fails when the page wrote an error to the console."""
    with visitor(browser, 1280, 720) as laptop:
        yield laptop


@pytest.fixture
def draw_page(app: str, context: BrowserContext) -> Page:
    """The Draw page with its canvas on the screen."""
    return open_draw_page(app, context)
