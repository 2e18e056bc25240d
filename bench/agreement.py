"""Whether the last live answer to a drawing says the same as the page's own answer after it.

The live answer is to strokes that the page's script made as the canvas makes them. The page's own answer is
to those that the canvas sent.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Page
from serving import serve

from bench.browsing import Way, chromium, open_draw_page
from bench.live import digit
from bench.measurement import Options, Row

SEED = 1
DRAWINGS = 2000
CUT_SHORT = 3
"""Every third drawing ends early, so that networks are not sure, or see no digit."""

DEFINE = """
(() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    if (this.url.includes("/live?")) {
      bench.asked = JSON.parse(text).strokes.length;
      bench.answered = null;
      const hear = ({ data }) => (bench.answered = JSON.parse(data).answer);
      this.addEventListener("message", hear, { once: true });
    }
    return send.call(this, text);
  };
  const said = (section) => ({
    digit: section.querySelector(".digit")?.textContent,
    isSure: !section.querySelector(".sure").textContent.startsWith("Not sure"),
    bars: section.outerHTML,
  });
  // All at once, as events: the canvas and the page's script hear them as they hear a mouse's.
  bench.drawAtOnce = (ways) => {
    bench.asked = bench.answered = null;
    const canvas = bench.canvases()[0];
    const box = canvas.getBoundingClientRect();
    for (const way of ways) {
      const tell = (type, [x, y]) => {
        const place = { clientX: box.x + x, clientY: box.y + y, bubbles: true, composed: true, view: window };
        canvas.dispatchEvent(new MouseEvent(type, place));
      };
      tell("mousedown", way[0]);
      for (const point of way.slice(1)) tell("mousemove", point);
      tell("mouseup", way.at(-1));
    }
    bench.drawn = ways.length;
  };
  // Whether the browser keeps the whole drawing with its picture: what a run of the page knows.
  const isKept = () => {
    const { canvas } = JSON.parse(sessionStorage.getItem("mnist-app.draw-page"));
    return canvas?.png && canvas.json_data.objects.length === bench.drawn;
  };
  bench.isAnswered = () => {
    // A question may follow a run of the page that knows all strokes; it brings none.
    const isLive = bench.answered !== null && [bench.drawn, 0].includes(bench.asked);
    return isLive && isKept() && document.querySelector(".live-answer").ariaBusy === "false";
  };
  bench.both = () => {
    const live = document.createElement("template");
    live.innerHTML = bench.answered;
    return [said(live.content.firstChild), said(document.querySelector(".live-answer section"))];
  };
})();
"""


def measure(options: Options) -> list[Row]:
    """Digits and parts of digits, each drawn on an empty canvas."""
    rng = np.random.default_rng(SEED)
    count = 6 if options.quick else DRAWINGS
    same = exact = sure = 0
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        page = open_draw_page(browser, server.address, live=True)
        page.evaluate(DEFINE)
        for number in range(count):
            ways = digit(rng)
            live, own = answers_to(page, ways if number % CUT_SHORT else begun(ways))
            same += (live["digit"], live["isSure"]) == (own["digit"], own["isSure"])
            exact += live["bars"] == own["bars"]
            sure += bool(own["isSure"] and own["digit"] != "?")
    note = f"{count:,} drawings, {sure:,} read for sure; {exact:,} with the same ten bars"
    return [Row("last live answer as the page's own", 100 * same / count, "%", 99.8, "at least", note)]


def begun(ways: list[Way]) -> list[Way]:
    """Return the first half of a digit's first stroke."""
    first = ways[0]
    return [first[: max(2, len(first) // 2)]]


def answers_to(page: Page, ways: list[Way]) -> tuple[dict[str, object], dict[str, object]]:
    """Return the last live answer and the page's own to a drawing on an empty canvas."""
    page.evaluate("bench.forget()")
    page.keyboard.press("Delete")
    page.wait_for_function("bench.isCleared()")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.evaluate("ways => bench.drawAtOnce(ways)", [[list(point) for point in way] for way in ways])
    page.wait_for_function("bench.isAnswered()")
    live, own = page.evaluate("bench.both()")
    return live, own
