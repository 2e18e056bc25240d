"""The browser's component: it stores what a reload must not lose, and speaks to screen readers.

The visitor's token and name are in the browser's `localStorage`, and the drawing in the tab's
`sessionStorage`. The component reports when the canvas has appeared: to load TensorFlow earlier would delay
the canvas. It names the canvas for screen readers, and has a live region that stays in the page while its
sentence changes.
"""

import base64
import binascii
import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_app.errors import InvalidSetting, UnreadableDrawing
from mnist_app.ink.strokes import strokes_from_canvas
from mnist_app.settings import ASSETS
from mnist_app.ui.session.draw_page import BRUSHES, INPUT_WAYS, CanvasMessage, DrawPage
from mnist_app.ui.session.drawing_in_use import png_of
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key, set_draw_widgets
from mnist_app.workspace.classroom.person_name import check_person

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
MAX_KEPT_CHARACTERS = 3_000_000
"""This app never stores more. Browsers store about five million."""

_SCRIPT = (ASSETS / "browser.js").read_text(encoding="utf-8")
_component = st.components.v2.component(
    "mnist_app.browser",
    html='<div role="status" aria-live="polite" class="only-heard"></div>',
    css=".only-heard { position: absolute; width: 1px; height: 1px; clip-path: inset(50%); }",
    js=_SCRIPT,
)
_identity_component = st.components.v2.component("mnist_app.identity", js=_SCRIPT)


def show_browser(page: DrawPage, sentence: str, on_waiting: Callable[[], None] | None) -> None:
    """Have the browser store what is drawn, and say a sentence to screen readers.

    Args:
        page: restored from the browser's first answer, and stored in the browser from then on.
        sentence: spoken whenever it changes.
        on_waiting: called in a run of its own as soon as the canvas is on the screen, and again after each
            run in which it was given; None when nothing is waited for.
    """
    _show(page, as_kept(page) if page.is_restored else None, sentence, on_waiting)


def ask_browser() -> None:
    """Ask the browser for its token, name and drawing, until it has answered.

    Then the component is removed, because a message that it sends while the visitor changes pages can make
    Streamlit show the wrong page.
    """
    page = session().draw
    if not page.is_restored:
        _show(page, None, "", None)


def keep_identity() -> None:
    """Have the browser store a token or name that did not come from it."""
    if session().identity.is_new_to_browser:
        new = {"owner": session().owner, "person": session().identity.name}
        _identity_component(key="identity_kept", data={"identity": new})


def _show(page: DrawPage, keep: str | None, sentence: str, on_waiting: Callable[[], None] | None) -> None:
    page.turn += 1
    _component(
        key=Key.BROWSER,
        data={
            "keep": keep,
            "sentence": sentence,
            "turn": page.turn,
            "waiting": page.turn if on_waiting else 0,
            "owner": session().owner,
        },
        default={"kept": None},
        on_kept_change=_take_over,
        on_waiting_change=on_waiting or (lambda: None),
    )


def _take_over() -> None:
    """Take over the browser's first answer, then call what waited for it."""
    known = session()
    if not known.is_known:
        take_over(known.draw, st.session_state[Key.BROWSER].get("kept"))
        acts, known.waiting_acts = known.waiting_acts, []
        for act in acts:
            act()


def take_over(page: DrawPage, answer: object) -> None:
    """Take over the token, the name and the drawing in an answer of the browser, if valid."""
    kept = answer if isinstance(answer, dict) else {}
    token = kept.get("owner")
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        session().owner = token
    _restore_person(kept.get("person"))
    restore(page, kept.get("text"))


def _restore_person(name: object) -> None:
    """Take over the name that the browser stored, if it is valid and the visitor gave none before it came."""
    identity = session().identity
    if isinstance(name, str) and identity.name is None:
        with contextlib.suppress(InvalidSetting):
            identity.name = check_person(name)


def as_kept(page: DrawPage) -> str:
    """Return what a reload must not lose, as the text that the browser stores."""
    return json.dumps(
        {
            "canvas": page.canvas and {"png": _text(page.canvas.png), "json_data": page.canvas.json_data},
            "brush_width": page.brush_width,
            "input_way": page.input_way,
            "picture": page.picture and _text(page.picture),
            "photo": page.photo and _text(page.photo),
            "written": page.written,
            "model": session().chosen_model,
            "look_inside": session().look_inside.view,
        }
    )


def restore(page: DrawPage, kept: object) -> None:
    """Take over the valid parts of what the browser stored. The text comes from outside."""
    page.is_restored = True
    values = _parse(kept)
    canvas = values.get("canvas")
    if isinstance(canvas, dict) and isinstance(canvas.get("json_data"), dict):
        png = _bytes(canvas.get("png")) or _picture(canvas["json_data"])
        page.canvas = CanvasMessage(png, canvas["json_data"]) if png else None
        page.begin_canvas()
    brush_width = values.get("brush_width")
    if type(brush_width) is int and BRUSHES[0] <= brush_width <= BRUSHES[1]:
        page.brush_width = brush_width
    if values.get("input_way") in INPUT_WAYS:
        page.input_way = values["input_way"]
    written = values.get("written")
    if type(written) is int and 0 <= written <= 9:
        page.written = written
    if isinstance(values.get("model"), str):
        session().chosen_model = values["model"]
    if isinstance(values.get("look_inside"), str):
        session().look_inside.view = values["look_inside"]
    page.picture, page.photo = _bytes(values.get("picture")), _bytes(values.get("photo"))
    set_draw_widgets(page)


def _picture(json_data: dict[str, Any]) -> bytes | None:
    """Return the picture of strokes that were kept before a page run knew them; None if they are invalid."""
    try:
        strokes = strokes_from_canvas(json_data)
        return png_of(strokes) if strokes else None
    except UnreadableDrawing:
        return None


def _parse(kept: object) -> dict[str, Any]:
    if not isinstance(kept, str) or len(kept) > MAX_KEPT_CHARACTERS:
        return {}
    try:
        values = json.loads(kept)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: object) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None
