"""What the tests of the pages look at, and what they draw."""

import json

import numpy as np
from streamlit.testing.v1 import AppTest

from mnist_app.ui.parts.canvas_controls import message_of, written_strokes
from mnist_app.ui.session.draw_page import CanvasMessage
from mnist_app.ui.session.session import SESSION_KEY, Session


def session_of(test: AppTest) -> Session:
    """Return what the tab knows, to be read or changed between runs of its page, or before the first."""
    if SESSION_KEY not in test.session_state:
        test.session_state[SESSION_KEY] = Session()
    known: Session = test.session_state[SESSION_KEY]
    return known


def html(test: AppTest) -> str:
    """All HTML of our own on the page."""
    bodies = [element.proto.body for element in test.get("html")]
    panels = [json.loads(each.proto.mixed.json or each.proto.json) for each in test.get("bidi_component")]
    return "".join(
        [*bodies, *(panel.get(part, "") for panel in panels for part in ("answer", "ladder", "map"))]
    )


def drawn(digit: int) -> CanvasMessage:
    """What the canvas says when this digit is on it."""
    return message_of(written_strokes(digit, 20, np.random.default_rng(5)))
