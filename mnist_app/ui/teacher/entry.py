"""Entry to the Teacher page by the teacher's code, and leaving it. Both apply to one session."""

from functools import partial
from math import ceil

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.teacher_access import Answer, TeacherAccess
from mnist_app.ui.shared.visitor_address import visitor_address

_REFRESH_SECONDS = 1.0
_LONGEST_CODE = 200
"""Largest number of characters in the field."""


def show_entry() -> None:
    """Show the field for the code, or the time that a given code must still wait."""
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
    """Show the field for the code. It is cleared on submission."""
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


@partial(fragment, every=_REFRESH_SECONDS)
def _show_waiting(access: TeacherAccess, session_id: str) -> None:
    """Show how long the code must wait, until it is checked."""
    if _hear_answer(access, session_id) is not Answer.WAITING:
        st.rerun()
    seconds = ceil(access.wait(session_id))
    st.info(f"Wrong codes were given, so yours has to wait: about {seconds} seconds. Stay on this page.")


def _give() -> None:
    """Submit the code. It is checked at once unless wrong codes have been given."""
    access, session_id = resources.teacher_access(), _session_id()
    if access is None:
        return
    access.give(st.session_state[Key.TEACHER_CODE], session_id, visitor_address())
    _hear_answer(access, session_id)


def _hear_answer(access: TeacherAccess, session_id: str) -> Answer:
    """Return the result of giving a code, and apply it.

    A right code makes the visitor a teacher. A wrong one leaves a message for the page.
    """
    answer, page = access.answer(session_id), session().teacher
    if answer is Answer.RIGHT:
        page.entry_fault = None
        session().is_teacher = True
    elif answer is Answer.WRONG:
        page.entry_fault = _wrong_code(access.wait(session_id))
    return answer


def _wrong_code(wait: float) -> str:
    """Return a sentence that the code is wrong, and how long the next one must wait.

    Args:
        wait: Seconds; a wait of up to `_REFRESH_SECONDS` is not mentioned.
    """
    told = "That is not the teacher's code."
    return told if wait <= _REFRESH_SECONDS else f"{told} The next one is checked after {ceil(wait)} seconds."


def _session_id() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def show_leave() -> None:
    """Show the button that closes the Teacher page in this session."""
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
