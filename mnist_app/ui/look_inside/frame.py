"""The frame of Look inside: the choice of a view, and messages for when there is no answer."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ink.preprocess import Ladder
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.model_in_use import recogniser_in_use
from mnist_app.ui.look_inside.each_layer import show_each_layer
from mnist_app.ui.look_inside.inside import Inside
from mnist_app.ui.look_inside.most_alike import show_empty_map, show_most_alike
from mnist_app.ui.look_inside.two_models import show_two_models
from mnist_app.ui.look_inside.what_if import show_what_if
from mnist_app.ui.look_inside.what_mattered import show_what_mattered
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import MOST_ALIKE
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key

View = Callable[[Inside], None]
VIEWS: dict[str, View] = {
    "Each layer": show_each_layer,
    "What mattered": show_what_mattered,
    "What if": show_what_if,
    MOST_ALIKE: show_most_alike,
    "Two models": show_two_models,
}
"""Views by their titles. Only the chosen one is computed."""
NOTHING_DRAWN = "Draw a digit, and see here what the network does with it."
WARMING_UP = "The network is warming up. You can look inside as soon as it has answered."
NO_ANSWER = "The network gave no answer, so there is nothing to look into. What went wrong is said above."


def choose_view(page: DrawPage) -> None:
    """Show the choice of a view. A press on the open one closes it."""
    with st.container(key="look_inside_choice"):
        if not page.is_restored:
            return  # the browser may still say which view was open
        memory = session().look_inside
        # A default, because each rerun sends it. A value set once would be lost: as the canvas appears, it
        # requests the next rerun before the browser has shown this one.
        memory.view = st.segmented_control(
            "Look inside",
            list(VIEWS),
            default=memory.view if memory.view in VIEWS else None,
            key=Key.LOOK_INSIDE_VIEW,
        )


@partial(fragment, control="look_inside")
def show_look_inside(ladder: Ladder | None, verdict: Verdict | None) -> None:
    """Show the open view. While none is open, nothing is computed.

    Args:
        ladder: The steps from the drawing to the network's input; None if nothing was drawn.
        verdict: The network's answer; None if there is none.
    """
    if session().draw.is_news_due:
        st.rerun()
    session().look_inside.place_of = None
    view = session().look_inside.view
    if view is None:
        return
    with st.container(key="views" if verdict else "no_views"):
        _show_views(view, ladder, verdict)


def _show_views(chosen: str, ladder: Ladder | None, verdict: Verdict | None) -> None:
    """Show the chosen view in a container of its own.

    The style sheet hides the containers of the other views, so that their old content is out of sight at
    once while this view is computed.
    """
    for place, view in enumerate(VIEWS):
        with st.container(key=f"view-{place}-{'shown' if view == chosen else 'away'}"):
            if view == chosen:
                _show_view(view, ladder, verdict)


def _show_view(view: str, ladder: Ladder | None, verdict: Verdict | None) -> None:
    """Show the view, or a sentence if there is nothing to show."""
    recogniser, model = recogniser_in_use(), session().model_in_use
    try:
        if ladder is None and view == MOST_ALIKE and recogniser.is_ready:
            show_empty_map(recogniser, model)
        elif ladder is None:
            st.markdown(NOTHING_DRAWN)
        elif verdict is None:
            st.markdown(NO_ANSWER if recogniser.is_ready else WARMING_UP)
        else:
            VIEWS[view](Inside(ladder.image, verdict, recogniser, model))
    except AppError as error:
        show_warning(error)
