"""Keys pressed fast on every widget: the page stays alive and shows the value chosen last.

The test finds widgets by their roles, so it covers a new one at once.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from teaching import open_teacher_page, serve_with_teacher
from test_draw import THREE, draw
from test_fast_keys import assert_alive, only_whole_messages, wait_until_quiet
from test_runs import CHECKBOX, ROW, tick
from untrained import KERAS_WARNING, keep_untrained_runs
from visiting import FIRST_EVALUATION, canvas_of, picture_on_canvas, share_what_takes_long

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BRIEFLY = 1.0
"""Seconds that each widget is hammered on the pages that have many, or wait long for an answer."""
TICKS = 12
MOST_WIDGETS = 40
RUNS = {"dense": "one", "cnn": "another"}
NEWEST = RUNS["cnn"]
CHAPTERS = {"data": "spinbutton", "training": "slider"}
"""Chapters with much to touch, and the role of something that is there when the chapter is."""
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
"""The keys that are pressed again and again, by role."""
VALUE = """widget => widget.getAttribute("aria-valuetext") ?? widget.value ?? widget.checked
  ?? widget.querySelector("[aria-checked=true], input:checked")?.closest("label, button")?.innerText"""


@dataclass(frozen=True)
class Widget:
    """A widget as a screen reader names it."""

    role: str
    name: str

    def on(self, place: Page | Locator) -> Locator:
        """Find it on a page or in a part of it."""
        found = place.get_by_role(self.role, name=self.name, exact=True)  # type: ignore[arg-type]
        return found.first

    def focus(self, place: Page | Locator) -> None:
        """Have it take the keys."""
        widget = self.on(place)
        (widget.get_by_role("radio").first if self.role == "radiogroup" else widget).focus()


@pytest.fixture(scope="module")
def served(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app with a teacher's code, runs and drawings; in the end its log holds no traceback."""
    home = tmp_path_factory.mktemp("hammered")
    share_what_takes_long(home, settings)
    keep_untrained_runs(home, settings, RUNS)
    images, labels = synthesise(20, seed=5)
    with Store(replace(settings, home=home, database=None)) as store:
        for image, label in zip(images, labels, strict=True):
            Drawings(store.database).keep(Drawing.from_ink(image), int(label), "somebody")
    with serve_with_teacher(home) as address:
        yield address
    assert "Traceback" not in (home / "server.log").read_text()


@pytest.fixture(autouse=True)
def _patience(context: BrowserContext) -> None:
    """Wait longer than other tests do: the first page loads TensorFlow, and each model is evaluated."""
    context.set_default_timeout(FIRST_EVALUATION)


class Hammer:
    """Presses the keys of every widget on a page, of each once, also when it comes back."""

    def __init__(self, page: Page, seconds: float = 2.0) -> None:
        """Hammer each widget of this page for so many seconds."""
        self.page, self.seconds = page, seconds
        self.done: set[Widget] = set()

    def hammer_page(self, part: Page | Locator | None = None) -> None:
        """Hammer the widgets of a part of the page, by default of all of it, then what its popovers hold."""
        place = part or self.page
        heading = self.page.get_by_role("heading", level=1).inner_text()
        self._hammer_all(place)
        self._hammer_popovers(place)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.done

    def _hammer_all(self, place: Page | Locator) -> None:
        """Hammer each widget of a place, and those that come with another's value."""
        while rest := [widget for widget in self._widgets_of(place) if widget not in self.done]:
            assert len(self.done) < MOST_WIDGETS, "is it always another name?"
            self._hammer(place, rest[0])
            self.done.add(rest[0])

    def _hammer_popovers(self, place: Page | Locator) -> None:
        """Open each popover, hammer what it holds, and close it."""
        buttons = place.get_by_test_id("stPopoverButton")
        for name in buttons.locator("p").all_inner_texts():
            opener = buttons.filter(has_text=name).first
            if opener.is_disabled():
                continue
            opener.click()
            body = self.page.get_by_role("dialog", name=name)
            body.wait_for()
            self._hammer_all(body)
            expect(body, "the popover stays open while it is in use").to_be_visible()
            self.page.keyboard.press("Escape")
            expect(body).to_have_count(0)

    def _widgets_of(self, place: Page | Locator) -> list[Widget]:
        """List the widgets that can be used now, those in expanders too."""
        place.locator("details:not([open]) > summary").evaluate_all(
            "all => all.forEach(each => each.click())"
        )
        wait_until_quiet(self.page)
        found = []
        for role in KEYS:
            for widget in place.get_by_role(role).all():  # type: ignore[arg-type]
                if widget.is_visible() and widget.is_enabled():
                    named = re.match(rf'- {role} "((?:[^"\\]|\\.)*)"', widget.aria_snapshot())
                    found.append(Widget(role, named[1].replace('\\"', '"') if named else ""))
        return [widget for widget in found if widget.name]

    def _hammer(self, place: Page | Locator, widget: Widget) -> None:
        """Press a widget's keys for a while; then its last value stays, and the page belongs to it."""
        widget.focus(place)
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            for key in KEYS[widget.role]:
                self.page.keyboard.press(key)
        if widget.role == "slider":
            self.page.keyboard.press("End")
        before = widget.on(place).evaluate(VALUE) if widget.on(place).count() else None
        assert_alive(self.page)
        if before is not None and widget.on(place).count():
            assert widget.on(place).evaluate(VALUE) == before, widget
        if widget.role == "slider":
            self._assert_shows_what_a_slow_key_shows(place, widget)

    def _assert_shows_what_a_slow_key_shows(self, place: Page | Locator, slider: Widget) -> None:
        """Check that the page is the same when the slider comes to the same place slowly."""
        shown = self.page.get_by_test_id("stMain").inner_text()
        for key in ("ArrowLeft", "End"):
            slider.focus(place)
            self.page.keyboard.press(key)
            wait_until_quiet(self.page)
        assert self.page.get_by_test_id("stMain").inner_text() == shown, slider


def main_part(page: Page) -> Locator:
    """Find the page without its sidebar, which is the same on all pages."""
    return page.get_by_test_id("stMain")


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("address", ["train", "class_drawings"])
def test_a_page_survives(served: str, context: BrowserContext, address: str) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(f"{served}/{address}")
        page.get_by_role("heading", level=1).wait_for()
        Hammer(page).hammer_page()


@pytest.mark.timeout(1200)
def test_the_draw_page_survives(served: str, context: BrowserContext) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(served)
        canvas_of(page).wait_for()
        draw(page, THREE)
        page.get_by_test_id("digit").wait_for()
        wait_until_quiet(page)
        drawn = picture_on_canvas(page)
        Hammer(page).hammer_page()
        assert picture_on_canvas(page) == drawn


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings(KERAS_WARNING)
def test_the_runs_page_survives(served: str, context: BrowserContext) -> None:
    with only_whole_messages(context):
        page = open_teacher_page(served, context)  # who may rename and continue all runs
        page.get_by_role("link", name="Runs", exact=True).click()
        tick(page, 0)
        title = page.get_by_role("heading", name=NEWEST)
        title.wait_for()
        hammer = Hammer(page, BRIEFLY)
        hammer.hammer_page(main_part(page))
        assert Widget("textbox", "Name") in hammer.done, "what a popover holds"
        tick_fast(page, 0)
        assert_alive(page)
        ticked = page.locator("canvas tbody tr[aria-selected=true]")
        expect(title).to_have_count(ticked.count())


def tick_fast(page: Page, row: int) -> None:
    """Tick a row's box again and again without waiting for an answer."""
    table = page.get_by_test_id("stDataFrameResizable").first
    for _ in range(TICKS):
        table.click(position={"x": CHECKBOX, "y": ROW * (row + 1) + ROW // 2})


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings(KERAS_WARNING)
def test_the_test_images_page_survives(served: str, context: BrowserContext) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(f"{served}/test_images")
        page.get_by_role("region", name="Test images").wait_for()
        Hammer(page, BRIEFLY).hammer_page(main_part(page))
        # The keys may have chosen images of which there are none.
        expect(page.get_by_text(re.compile(r"images? of (a|an|any) "))).to_be_visible()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_survives(served: str, context: BrowserContext, chapter: str) -> None:
    with only_whole_messages(context):
        page = context.new_page()
        page.goto(f"{served}/learn?chapter={chapter}")
        main_part(page).get_by_role(CHAPTERS[chapter]).first.wait_for()  # type: ignore[arg-type]
        Hammer(page, BRIEFLY).hammer_page(main_part(page))


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings(KERAS_WARNING)
def test_the_teacher_s_page_survives(served: str, context: BrowserContext) -> None:
    with only_whole_messages(context):
        page = open_teacher_page(served, context)
        page.get_by_role("button", name="Save for the class").wait_for()
        Hammer(page, BRIEFLY).hammer_page(main_part(page))
