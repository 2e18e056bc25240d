"""The Draw page: a digit by pen, picture or camera, the network's answer, and views that explain it."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from mnist_app.errors import AppError, EmptyDrawing, ModelUnavailable
from mnist_app.ink.preprocess import Ladder, preprocess
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.draw.answer_panel import admit, show_answer_panel
from mnist_app.ui.draw.canvas import hear_canvas, show_canvas
from mnist_app.ui.draw.keeping import kept_sentence, show_keeping
from mnist_app.ui.draw.pictures import lends_camera, show_camera, show_upload
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.model_in_use import recogniser_in_use, verdict_on
from mnist_app.ui.frame.person import ask_if_due
from mnist_app.ui.lesson_link.class_rules import is_shown
from mnist_app.ui.look_inside.frame import choose_view, show_look_inside
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.parts import answer
from mnist_app.ui.parts.canvas_controls import show_canvas_controls
from mnist_app.ui.parts.ladder import ladder_html
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.session.browser_storage import show_browser
from mnist_app.ui.session.draw_page import INPUT_WAYS, DrawPage
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.page_address import page_address
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key, set_draw_widgets

INVITATIONS = {
    "Pen": (
        "Any digit from 0 to 9",
        "Draw on the black square. The answer follows your pen.",
    ),
    "Picture": (
        "A picture of one digit",
        "Ink on paper, chalk on a board, any colours: the ink is found by itself.",
    ),
    "Camera": (
        "A photo of one digit",
        "Hold a sheet with one digit before the camera and take a photo.",
    ),
}
WARMING_UP = "The network is still warming up."
EXPLANATION = """
- **The bars** are the ten numbers that the network gives for a picture, one for each digit from 0 to 9. They
  lie between 0 and 100 % and add up to 100 %: they are called [[probabilities]].
- **Sure** is the largest of them. It says how strongly this network prefers its answer to the nine others.
  It is not a promise: a network can be sure and wrong. Below 80 % the answer is **not sure**, and the two
  likeliest digits are named.
- **This does not look like a digit** is said by a second, smaller network. It has learned to tell digits from
  letters, faces, scribbles and other drawings, and errs at times. The ten bars cannot say it: they add up to
  100 % whatever you draw.
- **What the network sees** is not your drawing but the last picture of the row: 28 × 28 numbers between 0
  (black) and 1 (white). Your strokes are drawn anew with a pen as wide as the one in the pictures that the
  network learned from; the digit is cut out, scaled to fit 20 × 20 and placed so that its centre of mass is
  in the middle, as was done with those. So it does not matter where you draw, how large, or how thick.
- **Look inside** shows how the answer comes about: what each layer makes of your drawing, which ink mattered,
  what would change the answer, and which [[test images]] are most like your drawing to the network.
"""


@dataclass(frozen=True)
class Outcome:
    """The content of the page's right-hand side."""

    html: str
    """The answer, or the message that replaces it."""
    sentence: str
    """The same for screen readers."""
    ladder: Ladder | None = None
    """Steps from the drawing to the network's input; None if nothing was drawn."""
    verdict: Verdict | None = None
    """The networks' answer; None if there is none."""


@fragment
def show_page() -> None:
    """Show everything below the title. Drawing reruns only this fragment."""
    page = session().draw
    page.is_news_due = False
    sides, browser = st.container(horizontal=True, gap="large", key="two_sides"), st.container()
    with sides:
        with st.container(key="way_in", gap="xsmall"):  # must fit into a window of 1280 × 720
            show_way_in(page)
        place = st.container(key="outcome")
        if is_shown("look_inside"):
            choose_view(page)  # before the browser is asked to keep the choice
        is_warm = recogniser_in_use().is_ready
        outcome = find_outcome(page)
        if session().model_in_use != session().model_in_sidebar:
            st.rerun()  # the whole page, because the sidebar shows the model in use
        ask_if_due()
        # The browser stores the drawing before the answer appears, so that a refresh after it loses nothing.
        with browser:
            said = f"{kept_sentence(page)} {outcome.sentence}".strip()
            show_browser(page, said, on_waiting=None if is_warm else wait_for_network)
        with place:
            if notice := session().take_notice():
                show_warning(notice)
            show_outcome(page, outcome)
        if is_shown("keep_drawings"):
            show_keeping(page, outcome.verdict)
        explain_numbers()
    if is_shown("look_inside"):
        show_look_inside(outcome.ladder, outcome.verdict)


def show_way_in(page: DrawPage) -> None:
    """Show the choice between pen, picture and camera, and the input of the chosen one."""
    ways = [way for way in INPUT_WAYS if way == "Pen" or is_shown(way.lower())]
    if page.input_way not in ways:
        page.input_way = "Pen"
        set_draw_widgets(page)
    if len(ways) > 1:
        st.session_state.setdefault(Key.INPUT_WAY, page.input_way)
        chosen = st.segmented_control(
            "Way in", ways, key=Key.INPUT_WAY, required=True, label_visibility="collapsed"
        )
        page.input_way = chosen or page.input_way
    if page.input_way == "Pen":
        show_canvas(page)
        show_canvas_controls(page, partial(hear_canvas, page))
    elif page.input_way == "Picture":
        show_upload(page)
    else:
        show_camera(page)


def show_outcome(page: DrawPage, outcome: Outcome) -> None:
    """Show the answer and, below it, the ladder."""
    live = admit(page, recogniser_in_use()) if page.input_way == "Pen" and page.is_restored else None
    show_answer_panel(outcome.html, ladder_html(outcome.ladder) if outcome.ladder else "", live)


def find_outcome(page: DrawPage) -> Outcome:
    """Return the answer, or a message if there is no drawing or no answer."""
    try:
        drawing = drawing_in_use(page)
        if drawing is None:
            has_way = page.input_way != "Camera" or lends_camera(page_address())
            heading, text = INVITATIONS[page.input_way if has_way else "Picture"]
            return message(heading, text if recogniser_in_use().is_ready else f"{text} {WARMING_UP}")
        return answer_to(preprocess(drawing))
    except EmptyDrawing as error:
        return message("No ink", str(error))
    except AppError as error:
        return message("No answer", str(error))


def answer_to(ladder: Ladder) -> Outcome:
    """Return the network's answer, or a message if it is not ready or not available."""
    if not recogniser_in_use().is_ready:
        text = f"{WARMING_UP} Your digit is read as soon as it is ready."
        return message("One moment", text, ladder)
    try:
        verdict = verdict_on(ladder.image)
    except ModelUnavailable as error:
        return message("No answer", str(error), ladder)
    return Outcome(answer.answer_html(verdict), answer.sentence(verdict), ladder, verdict)


def message(heading: str, text: str, ladder: Ladder | None = None) -> Outcome:
    """Return a message that replaces the answer."""
    return Outcome(answer.message_html(heading, text), f"{heading}. {text}", ladder)


def explain_numbers() -> None:
    """Show an expander with explanations of the page's numbers and pictures."""
    with st.container(key="numbers_explained"), st.expander("What do these numbers and pictures mean?"):
        show_text(EXPLANATION)


def wait_for_network() -> None:
    """Load TensorFlow, and wait up to a second for the network. Called when the canvas is on the screen."""
    recogniser_in_use().wait(1.0)


st.title("Draw a digit", anchor=False)
show_page()
