"""From pen-up to the new digit by a run of the page: canvas, server and network, without the live socket."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Page
from serving import serve

from bench.browsing import Way, chromium, clear, draw, open_draw_page
from bench.measurement import Options, Row
from mnist_app.ink.synthetic.synthesis import write_digit

SEED = 0
DIGITS = 50
SEQUENCES = 25
WARM_UP = 3
PAUSE = 250
"""Milliseconds between pen-up and the next pen-down, for strokes in quick succession."""
DEBOUNCE = 200
"""Milliseconds that the canvas waits after pen-up; an earlier answer is to an earlier stroke."""
QUIET = 1500
"""Milliseconds without another answer after which the last one counts as the last."""

LAST_ANSWER = f"""
() => {{
  const [before, last] = bench.changes.slice(-2);
  if (!bench.penUp || performance.now() - Math.max(bench.penUp, last.time) < {QUIET}) return null;
  return {{ milliseconds: last.time - bench.penUp, changed: before.digit !== last.digit }};
}}
"""
"""Script that waits until nothing changes: the time of the last answer, and whether its digit is new."""


def measure(options: Options) -> list[Row]:
    """Measure digits of one stroke with Clear between them, then digits of three strokes."""
    digits, sequences = (5, 3) if options.quick else (DIGITS, SEQUENCES)
    rng = np.random.default_rng(SEED)
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        page = open_draw_page(browser, server.address)
        single = [time_of_stroke(page, one_stroke_digit(rng)) for _ in range(WARM_UP + digits)][WARM_UP:]
        last = [time_of_last_stroke(page, nine(rng)) for _ in range(sequences)]
    return rows("pen-up to new digit", single, f"{DEBOUNCE} ms are the canvas's own wait") + rows(
        f"the same, last of three strokes {PAUSE} ms apart",
        [time for time in last if time is not None],
        f"of {len(last)}, those where the last stroke changed the digit",
    )


def rows(figure: str, times: list[float], note: str) -> list[Row]:
    """Return median and 95th percentile, in milliseconds."""
    if not times:
        return [Row(figure, note="No time was measured: no last stroke changed the digit.")]
    median, high = np.percentile(times, [50, 95])
    return [
        Row(f"{figure}, p50", float(median), "ms", 270, note=f"{len(times)} times; {note}"),
        Row(f"{figure}, p95", float(high), "ms"),
    ]


def time_of_stroke(page: Page, stroke: Way) -> float:
    """Return the milliseconds from pen-up to the first answer on an empty canvas."""
    clear(page)
    draw(page, [stroke])
    page.wait_for_function("bench.firstDigit()")
    return float(page.evaluate("bench.firstDigit().time - bench.penUp"))


def time_of_last_stroke(page: Page, ways: list[Way]) -> float | None:
    """Return the milliseconds from the last pen-up to the last answer; None unless that changed the digit.

    The first answer will not do, because the answer to the stroke before may come after the last pen-up.
    """
    clear(page)
    draw(page, ways, PAUSE)
    answer = page.wait_for_function(LAST_ANSWER).json_value()
    is_of_last_stroke = answer["changed"] and answer["milliseconds"] >= DEBOUNCE
    return float(answer["milliseconds"]) if is_of_last_stroke else None


def one_stroke_digit(rng: np.random.Generator) -> Way:
    """Return a digit written in one stroke, in pixels of the canvas."""
    while True:
        strokes = write_digit(int(rng.integers(10)), rng)
        if len(strokes) == 1:
            return [(60 + 200 * x, 60 + 200 * y) for x, y in strokes[0].tolist()]


def nine(rng: np.random.Generator) -> list[Way]:
    """Return a 9 in three strokes: two halves of a ring, which alone is a 0, and the line down."""
    radius = rng.uniform(40, 55)
    x, y = rng.uniform(130, 190), rng.uniform(80, 110)
    left, right = (
        [
            (x + side * radius * np.sin(angle), y - radius * np.cos(angle))
            for angle in np.linspace(0, np.pi, 15)
        ]
        for side in (-1, 1)
    )
    down = [(x + radius, y + 15 * step) for step in range(12)]
    return [left, right, down]
