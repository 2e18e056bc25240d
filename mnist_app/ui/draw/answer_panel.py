"""The answer panel: what the network says, shown by page runs and, while the pen moves, by the live socket.

Two small components of our own, the answer and the ladder. Their HTML is made here for both ways, so that it
cannot differ. Without a socket the panel works all the same, and shows what page runs give it.
"""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.errors import AppError
from mnist_app.ink.preprocess import preprocess_strokes, scaled_to_one
from mnist_app.ink.strokes import strokes_from_canvas
from mnist_app.settings import ASSETS
from mnist_app.ui.live.live_sessions import LIVE_SESSIONS, Answer, Objects
from mnist_app.ui.live.routes import LIVE_PATH
from mnist_app.ui.parts.answer import answer_html
from mnist_app.ui.parts.images import png_uri
from mnist_app.ui.server.addresses import base_path
from mnist_app.ui.session.page_memory import CANVAS_SIDE, DrawPage
from mnist_app.ui.session.session import session
from mnist_app.ui.shared.recogniser import Recogniser

_SCRIPT = (ASSETS / "answer_panel.js").read_text(encoding="utf-8")
_answer = st.components.v2.component(
    "mnist_app.answer_panel",
    html=('<div class="live-answer"></div><p class="on-the-way" data-words="on the way: {digits}"></p>'),
    js=_SCRIPT,
    isolate_styles=False,
)
_ladder = st.components.v2.component(
    "mnist_app.ladder", html='<div class="live-ladder"></div>', js=_SCRIPT, isolate_styles=False
)


@dataclass(frozen=True)
class Live:
    """What the page needs to ask while the pen moves."""

    path: str
    """Of the socket."""
    ticket: str
    """Lets this tab's socket in."""
    drawing: int
    """The number of this page run."""
    strokes: int
    """How many strokes this page run knows."""
    revision: int
    """How often something was put on the canvas."""
    model: str
    """The model that answers: the built-in one, or a run's id."""
    brush: int
    """The pen's width in pixels of the canvas."""
    side: int = CANVAS_SIDE
    """Pixels of the canvas's side."""


def show_answer_panel(answer: str, ladder: str, live: Live | None) -> None:
    """Show the answer and, below it, what the network sees.

    Args:
        answer: The answer as HTML.
        ladder: What the network sees as HTML; empty where nothing was drawn.
        live: What the panel needs to follow the pen; None where nothing is drawn on the canvas.
    """
    _answer(key="answer_panel", data={"answer": answer, "live": asdict(live) if live else None})
    _ladder(key="ladder", data={"ladder": ladder})


def admit(page: DrawPage, recogniser: Recogniser) -> Live | None:
    """Let this tab ask while the pen moves, and return how; None where a page is run without a browser."""
    context = get_script_run_ctx()
    if context is None:
        return None
    objects = page.canvas.objects if page.canvas else []
    tab = LIVE_SESSIONS.admit(context.session_id, objects, partial(live_answer, recogniser))
    return Live(
        path=f"{base_path()}{LIVE_PATH}",
        ticket=tab.ticket,
        drawing=tab.drawing,
        strokes=len(objects),
        revision=page.revision,
        model=session().model_in_use,
        brush=page.brush_width,
    )


def live_answer(recogniser: Recogniser, objects: Objects) -> Answer:
    """Return what the network says of strokes, as the panel takes it; empty where it says nothing.

    Args:
        recogniser: Of the model that the tab uses.
        objects: The strokes as the canvas lists them; they come from outside.
    """
    if not recogniser.is_ready:
        return {}
    try:
        centred = preprocess_strokes(strokes_from_canvas({"objects": objects}), CANVAS_SIDE)
        verdict = recogniser.verdict(scaled_to_one(centred))
    except AppError:  # the page's own run, which follows, says what is the matter
        return {}
    answer: dict[str, Any] = {"answer": answer_html(verdict), "image": png_uri(centred)}
    return answer | {"digit": verdict.digit if verdict.is_digit else None}
