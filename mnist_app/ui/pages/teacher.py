"""The Teacher page: visitors, trainings, the settings of the class, archives, links and the leaderboard."""

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.lesson_offer import show_lesson_offer
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.teacher.entry import show_entry, show_leave
from mnist_app.ui.teacher.everything import show_everything
from mnist_app.ui.teacher.leaderboard import VIEW, open_leaderboard, show_leaderboard
from mnist_app.ui.teacher.links import show_drawings_link, show_lesson_link
from mnist_app.ui.teacher.rules import show_rules
from mnist_app.ui.teacher.trainings import show_trainings
from mnist_app.ui.teacher.visitors import show_visitors


def show_page() -> None:
    """Show visitors and trainings, then the settings of the class, archives and links."""
    resources.supervisor().ensure_started()
    with st.container(horizontal=True):
        st.button("Show the leaderboard", icon=":material/leaderboard:", on_click=open_leaderboard)
        show_leave()
    show_lesson_offer()
    with st.container(key="teacher_columns"):
        visitors, trainings = st.columns([2, 3], gap="large")
        rules, links = st.columns([3, 2], gap="large")
    with visitors:
        show_visitors()
    with trainings:
        show_trainings()
    with rules:
        show_rules()
        show_everything()
    with links:
        show_lesson_link()
        show_drawings_link()


is_leaderboard = session().is_teacher and st.query_params.get("view") == VIEW
if not is_leaderboard:
    st.title("Teacher", anchor=False)
try:
    if is_leaderboard:
        show_leaderboard()
    elif session().is_teacher:
        show_page()
    else:
        show_entry()
except AppError as error:
    show_error(error)
