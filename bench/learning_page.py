"""The Learn page: from a key pressed on a slider to the first change beside it, as the page shows it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Locator, Page
from serving import serve

from bench.browsing import chromium, new_page
from bench.measurement import Options, Row

CHAPTERS = (
    ("layers", "cnn"),
    ("layers", "dense"),
    ("loss", "cnn"),
    ("training", "cnn"),
    ("testing", "dense"),
)
"""Chapters with sliders, and the network for which each is opened."""
SLIDERS = 4
"""Sliders that are moved in a chapter."""
TIMES = 6
PAUSE = 400
"""Milliseconds between two keys."""
IS_AT_END = """
(slider) => Number(slider.ariaValueNow ?? slider.value) >= Number(slider.ariaValueMax ?? slider.max)
"""
WATCH = """
() => {
  const watch = (window.keyBench = { pressed: null, taken: null });
  document.addEventListener("keydown", () => (watch.pressed = performance.now()), true);
  const isElsewhere = (change) => {
    const element = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    return element && !element.closest('[data-testid="stSlider"], [data-testid="stStatusWidget"]');
  };
  new MutationObserver((changes) => {
    if (watch.pressed === null || !changes.some(isElsewhere)) return;
    watch.taken = performance.now() - watch.pressed;
    watch.pressed = null;
  }).observe(document.querySelector('[data-testid="stMain"]'), {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["src", "style"],
  });
}
"""


def measure(options: Options) -> list[Row]:
    """Return median and maximum over the sliders of several chapters."""
    times = 2 if options.quick else TIMES
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        taken: list[float] = []
        for chapter, preset in CHAPTERS[:1] if options.quick else CHAPTERS:
            page = new_page(browser)
            page.goto(f"{server.address}/learn?chapter={chapter}&preset={preset}")
            taken += times_of(page, times)
            page.close()
    note = f"{len(taken)} keys on the sliders of {len(CHAPTERS)} chapters"
    return [
        Row(
            "Learn, from a key on a slider to the change, p50", float(np.median(taken)), "ms", 300, note=note
        ),
        Row("Learn, from a key on a slider to the change, slowest", max(taken), "ms", 300),
    ]


def times_of(page: Page, times: int) -> list[float]:
    """Return the milliseconds of each key press on each of the chapter's first sliders."""
    sliders = page.get_by_role("slider")
    sliders.first.wait_for()
    page.wait_for_timeout(5 * PAUSE)  # until the page is at rest: what it loads itself is not to be taken
    page.evaluate(WATCH)
    return [
        time_of(page, sliders.nth(place))
        for place in range(min(SLIDERS, sliders.count()))
        for _ in range(times)
    ]


def time_of(page: Page, slider: Locator) -> float:
    """Return the milliseconds from a key press on the slider to the first change elsewhere."""
    key = "ArrowLeft" if slider.evaluate(IS_AT_END) else "ArrowRight"
    page.evaluate("keyBench.taken = keyBench.pressed = null")
    slider.press(key)
    taken = float(page.wait_for_function("keyBench.taken").json_value())
    page.wait_for_timeout(PAUSE)
    return taken
