"""The Class drawings page: the gallery, fine-tuning, export and import."""

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.class_drawings.drawing_gallery import show_gallery
from mnist_app.ui.class_drawings.drawing_transfer import show_transfer
from mnist_app.ui.class_drawings.fine_tuning import show_fine_tuning
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.outside_text import show_error, show_warning
from mnist_app.ui.ownership.visitor import may
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.permissions import Action


def show_page() -> None:
    """Show the gallery on the left, and fine-tuning, export and import on the right."""
    if notice := session().take_notice():
        show_warning(notice)
    drawings = resources.drawings().count()
    if not drawings and session().class_drawings.removed is None:
        show_empty()
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_gallery()
    with right:
        show_fine_tuning(drawings)
        st.markdown("#### Export and import")
        show_transfer(has_drawings=drawings > 0)


def show_empty() -> None:
    """Say that no drawing is kept yet, and show how to get some."""
    st.markdown(
        "No drawing has been kept yet. Draw a digit, then answer *Was that right?* below the canvas. Your "
        "drawing is then kept here, and the whole class can train a network with it."
    )
    st.page_link(f"{PAGES}/draw.py", label="Draw a digit", icon=":material/draw:")
    if may(Action.IMPORT_DRAWINGS):
        st.markdown("Or import drawings that were exported before:")
        show_transfer(has_drawings=False)


st.title("Class drawings", anchor=False)
try:
    show_page()
except AppError as error:
    show_error(error)
