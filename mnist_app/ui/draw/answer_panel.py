"""The answer panel: two components that show the answer and the ladder.

Page runs fill the panel and, while the pen moves, so does the live socket. Both use the same HTML from this
module, so that they cannot differ. Without a socket the panel shows the results of page runs only.
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
from mnist_app.ui.session.draw_page import CANVAS_SIDE, DrawPage
from mnist_app.ui.session.page_memory import LookInside
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
    """Data that the panel's script needs to ask for answers while the pen moves."""

    path: str
    """Path of the socket."""
    ticket: str
    """Secret that admits this tab's socket."""
    drawing: int
    """Number of this page run."""
    strokes: int
    """Number of strokes that this page run knows."""
    revision: int
    """Number of times that the app has put something on the canvas."""
    model: str
    """Model that answers: `shipped`, or the id of a run."""
    brush: int
    """Width of the pen, in pixels of the canvas."""
    side: int = CANVAS_SIDE
    """Side of the canvas, in pixels."""


def show_answer_panel(answer: str, ladder: str, live: Live | None) -> None:
    """Show the answer and, below it, what the network sees.

    Args:
        answer: The answer as HTML.
        ladder: The ladder as HTML; empty if nothing was drawn.
        live: Data for answers while the pen moves; None while no canvas is in use.
    """
    _answer(key="answer_panel", data={"answer": answer, "live": asdict(live) if live else None})
    _ladder(key="ladder", data={"ladder": ladder})


def admit(page: DrawPage, recogniser: Recogniser) -> Live | None:
    """Admit this tab to the live socket.

    Args:
        page: Memory of the Draw page.
        recogniser: Recogniser of the model in use.

    Returns:
        Data for the panel's script; None if the page runs without a browser.
    """
    context = get_script_run_ctx()
    if context is None:
        return None
    objects = page.canvas.objects if page.canvas else []
    respond = partial(live_answer, recogniser, memory=session().look_inside)
    tab = LIVE_SESSIONS.admit(context.session_id, objects, respond)
    return Live(
        path=f"{base_path()}{LIVE_PATH}",
        ticket=tab.ticket,
        drawing=tab.drawing,
        strokes=len(objects),
        revision=page.revision,
        model=session().model_in_use,
        brush=page.brush_width,
    )


def live_answer(recogniser: Recogniser, objects: Objects, memory: LookInside | None = None) -> Answer:
    """Return the network's answer to strokes.

    Args:
        recogniser: Recogniser of the model that the tab uses.
        objects: The strokes as the canvas lists them, unchecked.
        memory: Says whether the map of Most alike is on the page, on which the drawing then moves, too.

    Returns:
        The message for the panel; empty if there is no answer.
    """
    if not recogniser.is_ready:
        return {}
    try:
        centred = preprocess_strokes(strokes_from_canvas({"objects": objects}), CANVAS_SIDE)
        image = scaled_to_one(centred)
        verdict = recogniser.verdict(image)
        place = memory.place_of(image) if memory and memory.place_of else None
    except AppError:  # the page run after pen-up explains the error
        return {}
    answer: dict[str, Any] = {"answer": answer_html(verdict), "image": png_uri(centred)}
    answer["digit"] = verdict.digit if verdict.is_digit else None
    return answer | ({"place": place} if place else {})
