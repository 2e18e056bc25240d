"""From a move of the pen to changed bars, and from pen-up to the final answer, through the live socket."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Page
from serving import serve

from bench.browsing import Way, chromium, clear, open_draw_page
from bench.measurement import Options, Row
from mnist_app.ink.synthetic.synthesis import write_digit

SEED = 0
DIGITS = 30
WARM_UP = 3
STEP = 16
"""Milliseconds between two moves of the pen: a mouse's 60 in a second."""
SLOW_STEPS = 60
"""Moves of a slowly drawn 3."""

ANSWERED = """
() => {
  const asked = bench.questions.filter((each) => each.answered);
  return asked.length === bench.questions.length && asked.some((each) => each.strokes === bench.strokes);
}
"""
"""Whether every question has been answered, that of the last pen-up too."""


def measure(options: Options) -> list[Row]:
    """Digits drawn at the speed of a hand, with Clear between them."""
    rng = np.random.default_rng(SEED)
    count = 4 if options.quick else DIGITS
    moves: list[float] = []
    ups: list[float] = []
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        page = open_draw_page(browser, server.address, live=True)
        for number in range(WARM_UP + count):
            of_moves, of_up = times_of(page, digit(rng))
            if number >= WARM_UP:
                moves += of_moves
                ups.append(of_up)
        slow = len(times_of(page, three())[0])
    return [
        *rows("pen move to changed bars", moves, 30, 70),
        *rows("pen-up to the final answer", ups, 60, None),
        Row("answers before pen-up of a slowly drawn 3", slow, "", 10, "at least"),
    ]


def rows(figure: str, times: list[float], median: float, high: float | None) -> list[Row]:
    """Median and 95th percentile, in milliseconds."""
    p50, p95 = np.percentile(times, [50, 95])
    return [
        Row(f"{figure}, p50", float(p50), "ms", median, note=f"{len(times)} times"),
        Row(f"{figure}, p95", float(p95), "ms", high),
    ]


def times_of(page: Page, ways: list[Way]) -> tuple[list[float], float]:
    """Draw on the empty canvas, and time the painted answers.

    Returns:
        Milliseconds from each move that was asked about, and from the last pen-up.
    """
    clear(page)
    page.evaluate("bench.questions.length = bench.strokes = 0")
    box = page.evaluate("bench.place()")
    for start, *rest in ways:
        page.mouse.move(box["x"] + start[0], box["y"] + start[1])
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.wait_for_timeout(STEP)
        page.mouse.up()
    page.wait_for_function(ANSWERED)
    questions = page.evaluate("bench.questions")
    moves = [each["answered"] - each["moved"] for each in questions if each["isDrawing"]]
    (last,) = [each for each in questions if each["strokes"] == len(ways) and not each["isDrawing"]][:1]
    return moves, last["answered"] - page.evaluate("bench.penUp")


def digit(rng: np.random.Generator) -> list[Way]:
    """A digit in pixels of the canvas."""
    strokes = write_digit(int(rng.integers(10)), rng)
    return [[(60 + 200 * x, 60 + 200 * y) for x, y in stroke.tolist()] for stroke in strokes]


def three() -> list[Way]:
    """A 3 in one stroke of many points."""
    angles = np.linspace(-0.8, 2.6, SLOW_STEPS // 2), np.linspace(0.1, 3.9, SLOW_STEPS // 2)
    upper = [(110 + 60 * np.sin(angle), 110 - 50 * np.cos(angle)) for angle in angles[0]]
    lower = [(110 + 75 * np.sin(angle), 215 - 60 * np.cos(angle)) for angle in angles[1]]
    return [upper + lower]
