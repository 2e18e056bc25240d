"""The app in Firefox and in WebKit: a drawing is answered while the pen moves, undone and cleared."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from other_engines import Actions, Engine, firefox, webkit
from test_draw import THREE, Way
from waiting import until

from mnist_app.ui.session.draw_page import CANVAS_SIDE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CANVAS = """[...document.querySelectorAll(".st-key-canvas_place *")]
  .flatMap(each => [...(each.shadowRoot?.querySelectorAll("canvas.upper-canvas") ?? [])])[0]"""
DIGIT = "document.querySelector('.live-answer [data-testid=digit]')?.textContent"
IS_AHEAD = "document.querySelector('.live-answer').ariaBusy === 'true'"
"""Whether the answer is one to a drawing that no run of the page knows yet."""
PRESS = {"type": "pointerDown", "button": 0}
RELEASE = {"type": "pointerUp", "button": 0}
CONTROL, DELETE = "\ue009", "\ue017"
PAGES = {
    "train": "Train a network",
    "runs": "Runs",
    "test_images": "Test images",
    "class_drawings": "Class drawings",
    "learn": "Learn",
}


@pytest.fixture(params=[firefox, webkit], ids=["Firefox", "WebKit"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Start a browser."""
    start: Callable[[Path], AbstractContextManager[Engine]] = request.param
    with start(tmp_path) as started:
        yield started


def mouse(*actions: dict[str, object]) -> Actions:
    """Return input of the mouse."""
    return [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}]


def keys(*pressed: str) -> Actions:
    """Return input of keys that are pressed in this order, and then released."""
    downs = [{"type": "keyDown", "value": key} for key in pressed]
    ups = [{"type": "keyUp", "value": key} for key in reversed(pressed)]
    return [{"type": "key", "id": "keys", "actions": [*downs, *ups]}]


def moves(engine: Engine, way: Way) -> list[dict[str, object]]:
    """Return the mouse's moves along a stroke on the canvas."""
    left, top, width = engine.evaluate(
        f"(box => [box.left, box.top, box.width])(({CANVAS}).getBoundingClientRect())"
    )
    scale = width / CANVAS_SIDE
    return [
        {"type": "pointerMove", "x": round(left + scale * x), "y": round(top + scale * y), "duration": 50}
        for x, y in way
    ]


def test_a_drawing_is_answered_while_the_pen_moves_and_undone_and_cleared(app: str, engine: Engine) -> None:
    engine.open(app)
    until(lambda: engine.evaluate(f"Boolean({CANVAS})"))
    for way in THREE:
        first, *rest = moves(engine, way)
        engine.perform(mouse(first, PRESS, *rest, RELEASE))
    until(lambda: engine.evaluate(DIGIT) == "3" and not engine.evaluate(IS_AHEAD), 240)
    engine.perform(keys(DELETE))
    until(lambda: engine.evaluate(DIGIT) is None)
    upper, lower = (moves(engine, way) for way in THREE)
    engine.perform(mouse(upper[0], PRESS, *upper[1:], RELEASE))
    engine.perform(mouse(lower[0], PRESS, *lower[1:]))
    until(lambda: engine.evaluate(DIGIT) == "3" and engine.evaluate(IS_AHEAD))
    engine.perform(mouse(RELEASE))
    until(lambda: engine.evaluate(DIGIT) == "3" and not engine.evaluate(IS_AHEAD))
    engine.perform(keys(CONTROL, "z"))
    until(lambda: engine.evaluate("!document.querySelector('.st-key-canvas_redo button').disabled"))
    until(lambda: engine.evaluate(DIGIT) not in (None, "3"))


def test_every_page_opens(app: str, engine: Engine) -> None:
    for path, title in PAGES.items():
        engine.open(f"{app}/{path}")
        until(lambda title=title: engine.evaluate("document.querySelector('h1')?.textContent") == title)
