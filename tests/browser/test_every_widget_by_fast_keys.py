"""Every widget of a page under a hail of keys: the page stays alive and shows the value chosen last.

The widgets are found by their roles, so that a new one is tested as soon as it is there.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from teaching import serve_with_teacher
from test_draw import THREE, draw
from test_fast_keys import assert_alive, only_whole_messages, wait_until_quiet
from untrained import KERAS_WARNING, keep_untrained_runs
from visiting import canvas_of, share_what_takes_long

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 2.0
"""How long each widget is hammered."""
MOST_WIDGETS = 40
KEYS = {
    "slider": ["Home", *["ArrowRight"] * 11],
    "spinbutton": [*["ArrowUp"] * 3, *["ArrowDown"] * 3],
    "tab": ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"],
    "radiogroup": ["ArrowRight", "Space", "ArrowLeft", "Space"],
    "checkbox": ["Space", "Space"],
    "switch": ["Space", "Space"],
    "combobox": ["ArrowDown", "ArrowDown", "Enter"],
    "textbox": ["a", "b", "Backspace", "Backspace"],
}
"""What is pressed again and again, by role."""


@dataclass(frozen=True)
class Widget:
    """A widget as somebody finds it who listens to the page."""

    role: str
    name: str

    def on(self, page: Page) -> Locator:
        """Where it is on the page."""
        found = page.get_by_role(self.role, name=self.name, exact=True)  # type: ignore[arg-type]
        return found.first

    def focus(self, page: Page) -> None:
        """Have it take the keys."""
        widget = self.on(page)
        (widget.get_by_role("radio").first if self.role == "radiogroup" else widget).focus()


@pytest.fixture(scope="module")
def served(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a teacher's code, runs and drawings; its log tells of no fault in the end."""
    home = tmp_path_factory.mktemp("hammered")
    share_what_takes_long(home, settings)
    keep_untrained_runs(home, settings, {"dense": "one", "cnn": "another"})
    images, labels = synthesise(20, seed=5)
    with Store(replace(settings, home=home, database=None)) as store:
        for image, label in zip(images, labels, strict=True):
            Drawings(store.database).keep(Drawing.from_ink(image), int(label), "somebody")
    with serve_with_teacher(home) as address:
        yield address
    assert "Traceback" not in (home / "server.log").read_text()


def widgets_of(page: Page) -> list[Widget]:
    """The widgets that can be used now."""
    page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach(each => each.click())")
    wait_until_quiet(page)
    found = []
    for role in KEYS:
        for widget in page.get_by_role(role).all():  # type: ignore[arg-type]
            if widget.is_visible() and widget.is_enabled():
                named = re.match(rf'- {role} "((?:[^"\\]|\\.)*)"', widget.aria_snapshot())
                found.append(Widget(role, named[1].replace('\\"', '"') if named else ""))
    return [widget for widget in found if widget.name]


VALUE = """widget => widget.getAttribute("aria-valuetext") ?? widget.value ?? widget.checked
  ?? widget.querySelector("[aria-checked=true], input:checked")?.closest("label, button")?.innerText"""


def hammer(page: Page, widget: Widget) -> None:
    """Press the widget's keys for a while; then its last value stays, and the page belongs to it."""
    widget.focus(page)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for key in KEYS[widget.role]:
            page.keyboard.press(key)
    if widget.role == "slider":
        page.keyboard.press("End")
    before = widget.on(page).evaluate(VALUE) if widget.on(page).count() else None
    assert_alive(page)
    if before is not None and widget.on(page).count():
        assert widget.on(page).evaluate(VALUE) == before, widget
    if widget.role == "slider":
        assert_shows_what_a_slow_key_shows(page, widget)


def assert_shows_what_a_slow_key_shows(page: Page, slider: Widget) -> None:
    """Check that the page is the same when the slider comes to the same place slowly."""
    shown = page.get_by_test_id("stMain").inner_text()
    for key in ("ArrowLeft", "End"):
        slider.focus(page)
        page.keyboard.press(key)
        wait_until_quiet(page)
    assert page.get_by_test_id("stMain").inner_text() == shown, slider


def hammer_all(page: Page) -> None:
    """Hammer each widget of a page, and those that come with another's value."""
    heading = page.get_by_role("heading", level=1).inner_text()
    done: set[Widget] = set()
    while rest := [widget for widget in widgets_of(page) if widget not in done]:
        assert len(done) < MOST_WIDGETS, "is it always another name?"
        hammer(page, rest[0])
        done.add(rest[0])
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert done


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("address", ["train", "class_drawings"])
def test_a_page_survives(served: str, context: BrowserContext, address: str) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(f"{served}/{address}")
        page.get_by_role("heading", level=1).wait_for()
        hammer_all(page)


@pytest.mark.timeout(1200)
def test_the_draw_page_survives(served: str, context: BrowserContext) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(served)
        canvas_of(page).wait_for()
        draw(page, THREE)
        page.get_by_test_id("digit").wait_for(timeout=240_000)
        hammer_all(page)
