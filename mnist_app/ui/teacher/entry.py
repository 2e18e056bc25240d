"""In and out of the teacher's page: by the code, for this session alone."""

from math import ceil

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.outside_text import show_error
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.teacher_access import Answer, TeacherAccess
from mnist_app.ui.shared.visitor_address import visitor_address

_REFRESH_SECONDS = 1.0
_LONGEST_CODE = 200
"""Characters that the field takes."""


def show_entry() -> None:
    """Show the field for the code, or how long the code that was given still waits."""
    access, session_id = resources.teacher_access(), _session_id()
    if access is None:
        return
    st.markdown("This page is for the teacher. It opens with the teacher's code.")
    answer = _hear_answer(access, session_id)
    if answer is Answer.RIGHT:
        st.rerun()
    elif answer is Answer.WAITING:
        _show_waiting(access, session_id)
    else:
        _show_field()


def _show_field() -> None:
    """Show the field for the code, which is forgotten as soon as it was given."""
    with st.form("entry", clear_on_submit=True, width=420):
        st.text_input(
            "Teacher's code",
            type="password",
            autocomplete="off",
            max_chars=_LONGEST_CODE,
            key=Key.TEACHER_CODE,
        )
        st.form_submit_button("Open", type="primary", icon=":material/lock_open:", on_click=_give)
    if fault := session().teacher.entry_fault:
        show_error(fault)


@st.fragment(run_every=_REFRESH_SECONDS)
def _show_waiting(access: TeacherAccess, session_id: str) -> None:
    """Tell how long the code waits, until there is an answer."""
    if _hear_answer(access, session_id) is not Answer.WAITING:
        st.rerun()
    seconds = ceil(access.wait(session_id))
    st.info(f"Wrong codes were given, so yours has to wait: about {seconds} seconds. Stay on this page.")


def _give() -> None:
    """Have the code compared, at once where nobody has guessed."""
    access, session_id = resources.teacher_access(), _session_id()
    if access is None:
        return
    access.give(st.session_state[Key.TEACHER_CODE], session_id, visitor_address())
    _hear_answer(access, session_id)


def _hear_answer(access: TeacherAccess, session_id: str) -> Answer:
    """Open the page for the right code; have it say what is wrong with another one."""
    answer, page = access.answer(session_id), session().teacher
    if answer is Answer.RIGHT:
        page.entry_fault = None
        session().is_teacher = True
    elif answer is Answer.WRONG:
        page.entry_fault = _wrong_code(access.wait(session_id))
    return answer


def _wrong_code(wait: float) -> str:
    """Say that a code is wrong, and what the next one has to wait if it is worth telling."""
    told = "That is not the teacher's code."
    return told if wait <= _REFRESH_SECONDS else f"{told} The next one is checked after {ceil(wait)} seconds."


def _session_id() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def show_leave() -> None:
    """Show the button that closes the teacher's page."""
    if button(
        "Leave",
        icon=":material/logout:",
        help="Close this page until the code is given again.",
        key="leave",
    ):
        session().is_teacher = False
        session().teacher.export = None
        st.query_params.clear()
        st.rerun()
