"""The visitor in the sidebar: a name of their own choosing, and the deletion of all their things.

The app asks for the name once, when the visitor first makes something, and does not hold that up.
"""

from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError, RunNotFound
from mnist_app.ui.frame.dialog_buttons import choose_keep_or
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.session.browser_storage import keep_identity
from mnist_app.ui.session.buttons import button, when_known
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted
from mnist_app.workspace.classroom.person_name import LONGEST_PERSON

LABEL = "Your name (for the class to see)"


def show_person() -> None:
    """Show the question for a name, if it is due, and the fields to change the name or delete everything."""
    identity = session().identity
    identity.is_question_shown = identity.is_asked
    if identity.is_asked:
        with st.container(border=True):
            _show_field(_decline)
    with st.expander("You", icon=":material/person:"):  # a popover would stay open above the dialog
        if not identity.is_asked:
            _show_field()
        st.caption("Your name appears on your runs and drawings. This browser remembers it.")
        if button(
            "Delete my runs and drawings", icon=":material/delete:", width="stretch", key="delete_mine"
        ):
            identity.is_deleting = True
    if identity.is_deleting:  # in each run of the page, or the end of a training would close the dialog
        ask_before_deleting_mine()
    if identity.message:
        st.info(escaped(identity.message))
    keep_identity()


def show_question() -> None:
    """Show the same question on the page. The style hides it where the sidebar is seen."""
    identity = session().identity
    if identity.is_asked:
        with st.container(border=True, key="name_question"):
            if identity.message:
                st.text(identity.message)
            _show_field(_decline, Key.PERSON_NAME_ON_PAGE)
    identity.message = None


def made_something() -> None:
    """Put the visitor's name on what they have made. Ask for the name, once, if there is none.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    identity = session().identity
    known = changes.introduce_visitor()
    if known:
        identity.name = known  # which may have been given in another tab
    identity.is_asked = identity.name is None


def ask_if_due() -> None:
    """Run the whole page again if the sidebar, which is already shown, must ask for a name or show another.

    The browser tells the name within the Draw page's fragment, which cannot change the sidebar.
    """
    identity = session().identity
    has_another_name = identity.name is not None and identity.name != identity.name_in_field
    if has_another_name or (identity.is_asked and not identity.is_question_shown):
        st.rerun()


def _show_field(on_decline: Callable[[], None] | None = None, key: str = Key.PERSON_NAME) -> None:
    """Show a field for the name with a button to save it and, where it is asked for, one to decline."""
    _restore_name()
    st.session_state.setdefault(key, st.session_state[Key.PERSON_NAME])
    with st.form(f"form_of_{key}", border=False):
        st.text_input(LABEL, max_chars=LONGEST_PERSON, key=key)
        with st.container(horizontal=True, gap="xsmall"):
            st.form_submit_button("Save", on_click=_save, args=(key,))
            if on_decline:
                st.form_submit_button("Rather not", type="tertiary", on_click=on_decline)


def _restore_name() -> None:
    """Have the field show the visitor's name where that has changed or the field has forgotten it."""
    identity, name = session().identity, session().person
    if identity.name_in_field != name or Key.PERSON_NAME not in st.session_state:
        identity.name_in_field = name
        st.session_state[Key.PERSON_NAME] = identity.proposed if identity.name is None else name


@when_known
def _save(key: str) -> None:
    """Save the name in the field as the visitor's, or say why that is impossible."""
    identity = session().identity
    try:
        identity.name = changes.rename_visitor(st.session_state[key])
    except AppError as error:
        identity.message = str(error)
        return
    identity.is_asked, identity.is_new_to_browser = False, True


@when_known
def _decline() -> None:
    identity = session().identity
    identity.name, identity.is_asked, identity.is_new_to_browser = "", False, True


def _close_dialog() -> None:
    session().identity.is_deleting = False


@st.dialog("Delete your runs and drawings?", on_dismiss=_close_dialog)
def ask_before_deleting_mine() -> None:
    """Say how much would be deleted, and delete it on confirmation."""
    try:
        mine = resources.people().belongings(session().owner)
    except AppError as error:
        show_error(error)
        return
    what = in_words(mine.runs, mine.drawings)
    if mine.runs or mine.drawings:
        st.markdown(
            f"This deletes **{what}**, their curves and models, and your name. A run that waits or trains is "
            "stopped. What others made stays. This cannot be undone."
        )
    else:
        st.markdown("You have no runs and no drawings here. This deletes your name, if you gave one.")
    if choose_keep_or("Delete", on_destroy=_delete_mine, on_keep=_close_dialog).is_made:
        st.rerun()


def _delete_mine() -> None:
    """Delete all the visitor's things and make them a new visitor, or say why that is impossible."""
    _close_dialog()
    try:
        gone = changes.delete_belongings_of_visitor()
        _forget_run_in_address()
    except AppError as error:
        session().identity.message = str(error)
        return
    session().become_somebody_new()
    session().identity.message = f"Deleted: {in_words(gone.runs, gone.drawings)}."


def in_words(runs: int, drawings: int) -> str:
    """Return a count of runs and drawings in words, such as "1 run and 12 drawings"."""
    return f"{counted(runs, 'run')} and {counted(drawings, 'drawing')}"


def _forget_run_in_address() -> None:
    """Remove the run from the address if it was deleted."""
    try:
        resources.store().run(st.query_params.get("run", ""))
    except RunNotFound:
        st.query_params.pop("run", None)
