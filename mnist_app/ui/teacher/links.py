"""Links on the Teacher page: the lesson link for the class, and the way to the class's drawings."""

import streamlit as st

from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.lesson_link.lesson_address import show_lesson_address
from mnist_app.ui.lesson_link.training_link import read_lesson
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.wording import counted


def show_lesson_link() -> None:
    """Show the address that opens the Train page with the settings last chosen there in this tab."""
    st.markdown("#### A lesson link")
    st.markdown(
        "It opens **Train** with the settings that you last chose there in this tab. It also carries the "
        "limits, pages, controls and model that are saved here. For a pupil it sets one tab. You are asked "
        "whether to use it for the whole class."
    )
    config = session().train.lesson or read_lesson({})[0]
    settings = resources.class_settings()
    show_lesson_address(settings.fit(config), settings)
    st.page_link(f"{PAGES}/train.py", label="Choose settings", icon=":material/model_training:")


def show_drawings_link() -> None:
    """Show how many drawings the class has kept, with a link to them."""
    count = resources.drawings().count()
    st.markdown("#### The class's drawings")
    st.markdown(
        f"Kept: {counted(count, 'drawing')}. You can remove each of them on the page **Class drawings**, and "
        "put it back."
    )
    st.page_link(f"{PAGES}/class_drawings.py", label="Class drawings", icon=":material/groups:")
