"""The app in a Chromium that measures the times itself, inside the page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chromium import NONE_HERE, find_chromium
from playwright.sync_api import Browser, Page, sync_playwright
from serving import CHROMIUM_ARGUMENTS

from bench.measurement import NotHere

PATIENCE = 60_000
"""Milliseconds to wait for an expected change."""

Way = Sequence[tuple[float, float]]
"""A stroke: points in pixels of the canvas."""

SEVEN: list[Way] = [[(92, 75), (150, 75), (222, 72), (195, 130), (168, 190), (148, 262)]]

WATCH = """
(() => {
  const wallClock = () => performance.timeOrigin + performance.now();
  const bench = (window.bench = { canvasShown: null, penUp: null, changes: [] });

  bench.canvases = () =>
    [...document.querySelectorAll(".st-key-canvas_place *")]
      .flatMap((each) => [...(each.shadowRoot?.querySelectorAll("canvas.upper-canvas") ?? [])])
      .filter((canvas) => canvas.getBoundingClientRect().width > 0);
  bench.place = () => bench.canvases()[0].getBoundingClientRect().toJSON();
  const awaitCanvas = () => {
    if (bench.canvases().length) requestAnimationFrame(() => (bench.canvasShown = wallClock()));
    else requestAnimationFrame(awaitCanvas);
  };
  requestAnimationFrame(awaitCanvas);

  let shown = null;
  const look = () => {
    const time = performance.now();
    const section = document.querySelector('section[aria-label="Answer"]');
    const html = section ? section.outerHTML : null;
    if (html === shown) return;
    shown = html;
    const digit = section?.querySelector('[data-testid="digit"]')?.textContent ?? null;
    bench.changes.push({ time, digit });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });

  const onPenUp = (event) => {
    if (event.composedPath().some((each) => each.tagName === "CANVAS")) bench.penUp = performance.now();
  };
  document.addEventListener("pointerup", onPenUp, true);

  bench.questions = [];
  bench.strokes = 0;
  let moved = 0;
  let isDrawing = false;
  const note = (type, drawing) =>
    document.addEventListener(
      type,
      () => {
        moved = performance.now();
        bench.strokes += type === "mouseup" && isDrawing ? 1 : 0;
        isDrawing = drawing ?? isDrawing;
      },
      true,
    );
  note("mousedown", true);
  note("mousemove");
  note("mouseup", false);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    if (this.url.includes("/live?")) {
      const question = { moved, isDrawing, strokes: bench.strokes, answered: null };
      bench.questions.push(question);
      const painted = () => requestAnimationFrame(() => (question.answered = performance.now()));
      this.addEventListener("message", painted, { once: true });
    }
    return send.call(this, text);
  };

  bench.forget = () => {
    bench.penUp = null;
    bench.changes.splice(0, bench.changes.length - 1);
  };
  bench.isCleared = () => {
    const canvas = bench.canvases()[0].parentElement.querySelector("canvas.lower-canvas");
    const colours = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const isBlack = () => colours.every((value, index) => value === (index % 4 === 3 ? 255 : 0));
    return bench.changes.at(-1).digit === null && isBlack();
  };
  bench.firstDigit = () =>
    bench.penUp && bench.changes.find((each) => each.time > bench.penUp && each.digit !== null);
})();
"""
"""Script that defines `bench` in the page: when the canvas appeared (`canvasShown`, wall clock, ms), when
the pen last went up on it (`penUp`), and each change of the answer with its digit, if any. Also the
`questions` to the live socket: when the mouse last moved before each, and when its answer was painted."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium without a window; raise `NotHere` if there is none."""
    path = find_chromium()
    if path is None:
        raise NotHere(f"{NONE_HERE}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def new_page(browser: Browser, live: bool = False) -> Page:
    """Open an empty, watched page for a new visitor.

    Without `live` it gets no answers while the pen moves, only those of the page's runs.
    """
    # The conditions that a page is asked for are texts, which the app's policy lets no page run.
    page = browser.new_page(viewport={"width": 1280, "height": 720}, bypass_csp=True)
    page.set_default_timeout(PATIENCE)
    page.add_init_script(WATCH)
    if not live:
        page.route_web_socket(lambda url: "/live?" in url, lambda socket: socket.close())
    return page


def open_draw_page(browser: Browser, address: str, live: bool = False) -> Page:
    """Open the Draw page, and wait for its first answer, to a 7; `live` as for `new_page`."""
    page = new_page(browser, live)
    page.goto(address)
    page.wait_for_function("bench.canvasShown !== null")
    draw(page, SEVEN)
    page.wait_for_function("bench.firstDigit()")
    return page


def draw(page: Page, ways: Sequence[Way], pause: float = 0) -> None:
    """Draw with the mouse, with `pause` milliseconds between pen-up and the next pen-down."""
    box = page.evaluate("bench.place()")
    for index, (start, *rest) in enumerate(ways):
        if pause and index:
            page.wait_for_timeout(pause)
        page.mouse.move(box["x"] + start[0], box["y"] + start[1])
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.up()


def clear(page: Page) -> None:
    """Press Clear and wait until the canvas is empty and no digit is there."""
    page.evaluate("bench.forget()")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("bench.isCleared()")
