"""The question "Was that right?", with buttons that keep a drawing with its label for the class, and undo it.

A drawing is kept only when a visitor presses a button. The store is read when that happens, and once per
session for the count. It is never read before an answer, so that it cannot delay one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mnist_app.errors import AppError, NotAllowed
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.frame.model_in_use import recogniser_in_use
from mnist_app.ui.frame.person import made_something
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.ownership import changes
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.page_memory import Keeping
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted, with_article
from mnist_app.workspace.classroom.pseudonym import writer_of

DIGITS = list(range(10))


def show_keeping(page: DrawPage, verdict: Verdict | None) -> None:
    """Show the question and the digits; without a verdict, only the drawing that was kept last.

    The style sheet reserves the height of the container, so that nothing below it moves.

    Args:
        page: Memory of the Draw page.
        verdict: The answer to the drawing; None if there is none.
    """
    keeping = session().keeping
    # The count needs the visitor's token, which the browser sends.
    if page.is_restored and not keeping.is_counted and recogniser_in_use().is_ready:
        _count(keeping)
    with st.container(key="keeping", gap="xsmall"):
        if verdict is None:
            _show_last(keeping)
        elif page.input_way == "Pen" and page.written is not None:
            st.caption("Only digits that people drew can be kept.")
        else:
            _ask(page, keeping, verdict)
        if keeping.fault:
            show_warning(keeping.fault)


def kept_sentence(page: DrawPage) -> str:
    """Return a sentence for screen readers about how the drawing is kept; "" if it is not kept."""
    label = _kept_label(page)
    return "" if label is None else f"It is kept for the class as {with_article(label)}."


def _kept_label(page: DrawPage) -> int | None:
    """Return the digit that the drawing on the page is kept as; None if it is not kept."""
    keeping = session().keeping
    return keeping.label if keeping.content == content_of(page) else None


def _ask(page: DrawPage, keeping: Keeping, verdict: Verdict) -> None:
    """Show the question or its answer, the ten digits, and how many drawings are kept."""
    answer = verdict.digit
    is_kept = _kept_label(page) is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_kept:
            _show_kept(keeping, "✓ Kept as **{digit}**")
        elif not verdict.is_digit:
            st.markdown("**Is it a digit after all?** Which one?", width="content")
        else:
            st.markdown("**Was that right?**", width="content")
            st.button("Yes", on_click=keep, args=(page, answer, answer), key="keep_yes")
            st.markdown("No, it is …", width="content")
    label = keeping.label if is_kept else None
    if st.session_state.get(Key.IT_IS) != label:
        # Setting the same value again would undo a newer choice in the browser.
        st.session_state[Key.IT_IS] = label
    st.segmented_control(
        "Which digit is it?",
        DIGITS,
        key=Key.IT_IS,
        on_change=_take_digit,
        args=(page, answer),
        label_visibility="collapsed",
        width="stretch",
    )
    st.caption(_count_sentence(keeping.count))


def _show_last(keeping: Keeping) -> None:
    """Offer to undo the last keeping, while there is no answer."""
    if keeping.label is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _show_kept(keeping, "✓ The last one was kept as **{digit}**")
        st.caption(_count_sentence(keeping.count))


def _show_kept(keeping: Keeping, words: str) -> None:
    assert keeping.label is not None
    st.markdown(words.format(digit=with_article(keeping.label)), width="content")
    st.button("Undo", icon=":material/undo:", on_click=undo, key="keep_undo")


def _take_digit(page: DrawPage, answer: int) -> None:
    """Keep the drawing as the chosen digit, or remove it if the visitor has unselected the digit."""
    label: int | None = st.session_state[Key.IT_IS]
    if label is not None:
        keep(page, label, answer)
    else:
        session().keeping.label_before = None
        undo()


def keep(page: DrawPage, label: int, answer: int) -> None:
    """Keep the current drawing for the class, or relabel it if it is kept already.

    Args:
        page: Memory of the Draw page.
        label: The digit that the visitor says it is.
        answer: The digit that the network says it is.
    """
    keeping = session().keeping
    with _explained(keeping):
        drawing = drawing_in_use(page)
        if drawing is None:
            return
        made_something()
        kept = changes.keep_drawing(drawing, label, answer)
        keeping.content, keeping.drawing_id, keeping.label = content_of(page), kept.id, label
        keeping.label_before = None if kept.label_before == label else kept.label_before
    _count(keeping)


def undo() -> None:
    """Undo the last press: remove the drawing, or restore its previous label."""
    keeping = session().keeping
    if keeping.drawing_id is None:
        return
    with _explained(keeping):
        if keeping.label_before is None:
            drawing_id = keeping.drawing_id
            keeping.forget()
            changes.remove_drawing(drawing_id)
        else:
            changes.relabel_drawing(keeping.drawing_id, keeping.label_before)
            keeping.label, keeping.label_before = keeping.label_before, None
    _count(keeping)


def content_of(page: DrawPage) -> bytes | None:
    """Return the drawing's bytes as the browser sent them, which identify it; None without a drawing."""
    if page.input_way == "Pen":
        return page.canvas.png if page.canvas else None
    return page.picture if page.input_way == "Picture" else page.photo


@contextmanager
def _explained(keeping: Keeping) -> Iterator[None]:
    """Store the reason of a failed action in `keeping.fault`, so that the page can show it."""
    keeping.fault = None
    try:
        yield
    except NotAllowed as error:
        session().toasts.append(str(error))  # because the buttons beside which faults are shown may be hidden
    except AppError as error:
        keeping.fault = str(error)


def _count(keeping: Keeping) -> None:
    """Read from the store how many drawings this visitor has kept."""
    keeping.is_counted = True
    try:
        keeping.count = resources.drawings().count(writer=writer_of(session().owner))
    except AppError:  # a press of a button explains the error
        keeping.count = None


def _count_sentence(count: int | None) -> str:
    """Return a sentence that says how many drawings are kept, or how to keep one."""
    if not count:
        return "Press a button to keep your drawing for the class."
    return f"You have kept {counted(count, 'drawing')} for the class."
