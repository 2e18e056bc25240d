"""In and out of the teacher's page: by the code, for this session alone."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.errors import AppError
from mnist_app.ui import resources, state
from mnist_app.ui.buttons import button
from mnist_app.ui.visitor_address import visitor_address


def show_entry() -> None:
    """The field for the code, which is forgotten as soon as it was compared."""
    st.markdown("This page is for whoever leads the lesson. It opens with the teacher's code.")
    with st.form("entry", clear_on_submit=True, width=420):
        st.text_input("Teacher's code", type="password", autocomplete="off", key=state.CODE_WIDGET)
        st.form_submit_button("Open", type="primary", icon=":material/lock_open:", on_click=_enter)
    if fault := state.entry_fault():
        st.error(fault)


def _enter() -> None:
    """Open the page if it is the code, or have the page say why it stays closed."""
    code = st.session_state[state.CODE_WIDGET]
    access, context = resources.teacher_access(), get_script_run_ctx()
    if access is None or context is None:
        return
    try:
        access.check(code, [context.session_id, visitor_address()])
    except AppError as error:
        state.set_entry_fault(str(error))
        return
    state.set_entry_fault(None)
    state.set_teacher(True)


def show_leave() -> None:
    """The button that ends it."""
    if button(
        "Leave",
        icon=":material/logout:",
        help="Close this page until the code is given again.",
        key="leave",
    ):
        state.set_teacher(False)
        state.set_class_export(None)
        st.query_params.clear()
        st.rerun()
