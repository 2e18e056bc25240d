"""The surroundings of every page: title, style and sidebar."""

import streamlit as st

from mnist_app.settings import ASSETS
from mnist_app.ui.frame import navigation
from mnist_app.ui.frame.model_in_use import show_model_in_use
from mnist_app.ui.frame.person import show_person, show_question
from mnist_app.ui.frame.sign_in import show_sign_out
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.session.browser_storage import ask_browser
from mnist_app.ui.session.session import session
from mnist_app.ui.session.toasts import show_toasts


def configure() -> None:
    """Set the title and icon of the browser's tab, and load the style."""
    st.set_page_config(page_title="Draw a digit", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    st.html(ASSETS / "style.css")


def show_sidebar() -> None:
    """Show the model in use, the visitor's name, and the button to sign out.

    The sidebar also asks the browser for the visitor's token, before a page that may take long. The Draw page
    asks by itself.
    """
    with st.sidebar:
        show_model_in_use()
        show_person()
        show_sign_out()
        if session().page != navigation.ALWAYS_SEEN.name:
            ask_browser()  # last, because anything below it would move when it is removed


def show_link_messages() -> None:
    """Show what the link that opened this tab says wrongly."""
    for message in session().link_messages:
        st.info(escaped(message), icon=":material/build:")


def show_at_the_edge() -> None:
    """Show the toasts, and on narrow screens the sidebar's question, where it moves nothing."""
    show_question()
    show_toasts()
