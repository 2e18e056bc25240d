"""The gallery of the class's drawings, by digit and by person, with removal and undo.

Pupils may remove their own drawings. The teacher may remove all of them.
"""

import html
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ink.preprocess import preprocess
from mnist_app.ui.frame.dialog_buttons import choose_keep_or
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.ownership.visitor import may
from mnist_app.ui.parts.choices import choose_page, replace_lost_choice, to_first_page
from mnist_app.ui.parts.images import Pixels, crisp_image, to_pixels
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted, with_article
from mnist_app.workspace.classroom.permissions import Action
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.drawings.outcomes import Writer

DRAWINGS_SHOWN = 24
EVERYBODY = ""


def show_gallery() -> None:
    """Show the choice of person and digit, and a page of up to `DRAWINGS_SHOWN` drawings."""
    writers = resources.drawings().writers()
    importers = importers_of(writers)
    names = names_of(writers, importers)
    writer = _choose_person(writers, names)
    digit = _choose_digit(resources.drawings().count_per_digit(writer=writer))
    _offer_to_put_back()
    count = resources.drawings().count(label=digit, writer=writer)
    if count == 0:
        st.markdown("There are no drawings of this kind.")
        return
    first = choose_page(count, DRAWINGS_SHOWN, Key.DRAWINGS_PAGE)
    shown = resources.drawings().find(label=digit, writer=writer, limit=DRAWINGS_SHOWN, offset=first)
    with st.container(horizontal=True, gap="xsmall", key="gallery"):
        for each in shown:
            _show_drawing(each, names.get(each.writer, ""), importers.get(each.writer, ""))


def names_of(writers: list[Writer], importers: Mapping[str, str]) -> dict[str, str]:
    """Return a name for each writer: "You", the person's name, or a number.

    The name of the importer is added to imported drawings, because a zip may hold any name.

    Args:
        writers: The people who drew.
        importers: Names of the importers, by `Writer.id`.

    Returns:
        Names by `Writer.id`.
    """
    own = writer_of(session().owner)
    names = {}
    for number, each in enumerate(writers, start=1):
        name = "You" if each.id == own else each.person or f"Person {number}"
        names[each.id] = f"{name}, imported by {importers[each.id]}" if each.id in importers else name
    return names


def importers_of(writers: list[Writer]) -> dict[str, str]:
    """Return the importer's name by `Writer.id`, for the writers whose drawings were imported."""
    own = writer_of(session().owner)
    names = resources.people().names_of({each.importer for each in writers if each.importer})
    return {
        each.id: _importer_in_words(each.importer, own, names)
        for each in writers
        if each.importer is not None
    }


def _importer_in_words(importer: str, own: str, names: Mapping[str, str]) -> str:
    if not importer:
        return "the command line"
    return "you" if importer == own else names.get(importer, "somebody without a name")


def _choose_person(writers: list[Writer], names: Mapping[str, str]) -> str | None:
    """Show the choice of a writer, and return its `Writer.id`; None for everybody."""
    replace_lost_choice(Key.DRAWN_BY, names, EVERYBODY)
    titles = {each.id: f"{names[each.id]} ({each.count:,})" for each in writers}
    chosen = st.selectbox(
        "Drawn by",
        [EVERYBODY, *titles],
        format_func=lambda writer: titles.get(writer, "everybody"),
        key=Key.DRAWN_BY,
        persist_state="session",
        on_change=to_first_page,
        args=(Key.DRAWINGS_PAGE,),
        width=260,
    )
    return chosen or None


def _choose_digit(counts: list[int]) -> int | None:
    """Show the choice of a digit with the number of drawings of each, and return it; None for all digits."""
    chosen: int | None = st.segmented_control(
        "Digit, and how many drawings there are of it",
        list(range(len(counts))),
        format_func=lambda digit: f"**{digit}** · {counts[digit]:,}",
        key=Key.DRAWINGS_OF,
        persist_state="session",
        on_change=to_first_page,
        args=(Key.DRAWINGS_PAGE,),
        help="Choose a digit to see only its drawings. Choose it again to see all.",
    )
    return chosen


def _show_drawing(drawing: KeptDrawing, name: str, importer: str) -> None:
    """Show a drawing as the network sees it, with a button to remove it if the visitor may."""
    with st.container(key=f"drawing-{drawing.id}", width=84, gap=None):
        st.html(drawing_html(drawing, name, importer))
        if may(Action.REMOVE_DRAWING, drawing.owner) and button(
            f"Remove this {drawing.label}",
            icon=":material/close:",
            type="tertiary",
            key=f"remove-{drawing.id}",
        ):
            ask_before_removing(drawing, name, importer)


def drawing_html(drawing: KeptDrawing, name: str, importer: str) -> str:
    """Return the image with its label, its writer, and the network's answer if that was wrong.

    Args:
        drawing: The drawing.
        name: Name of the person who drew it; it is escaped.
        importer: Name of the person who imported it; it is escaped, and ignored if the drawing was made here.
    """
    words = f"{with_article(drawing.label).capitalize()}, drawn by {name}"
    said = "" if drawing.answer in (None, drawing.label) else f" <small>read as {drawing.answer}</small>"
    if drawing.importer is not None:
        said += f" <small>imported by {html.escape(importer)}</small>"
    return (
        f'<figure class="drawing">{crisp_image(_pixels(drawing), words, side=84)}'
        f"<figcaption><b>{drawing.label}</b>{said}</figcaption></figure>"
    )


@lru_cache(maxsize=4000)
def _pixels(drawing: KeptDrawing) -> Pixels:
    """Return the network's input as pixels (28, 28), 0 to 255; all black if the drawing cannot be read."""
    try:
        return to_pixels(preprocess(drawing.to_drawing()).image)
    except AppError:
        return np.zeros((28, 28), np.uint8)


@st.dialog("Remove this drawing?")
def ask_before_removing(drawing: KeptDrawing, name: str, importer: str) -> None:
    """Ask for confirmation, and remove the drawing or more of the same import or person."""
    st.html(drawing_html(drawing, name, importer))
    st.text(f"Kept as {with_article(drawing.label)}, drawn by {name}.")
    choice = choose_keep_or("Remove")
    try:
        if choice.is_destroyed:
            removed = changes.remove_drawing(drawing.id)
            session().class_drawings.removed, session().class_drawings.message = removed, None
        is_done = _remove_more(drawing)
    except AppError as error:
        show_error(error)
        return
    if choice.is_made or is_done:
        st.rerun()


def _remove_more(drawing: KeptDrawing) -> bool:
    """Offer to remove all drawings of the same import, or all of the same owner.

    Returns:
        Whether drawings were removed.

    Raises:
        NotAllowed: The drawings belong to somebody else.
    """
    batch = drawing.import_id
    with_it = 0 if batch is None else resources.drawings().count(import_id=batch)
    of_owner = resources.drawings().count(owner=drawing.owner)
    if batch and with_it > 1:
        is_import_wanted = st.button(f"Remove all {with_it:,} of this import", key="remove_import")
        if is_import_wanted:
            _say_removed(changes.remove_import(batch))
            return True
    whose = "the same person" if drawing.importer is None else "the same importer"
    if of_owner > max(with_it, 1):
        is_person_wanted = st.button(f"Remove all {of_owner:,} of {whose}", key="remove_person")
        if is_person_wanted:
            _say_removed(changes.remove_drawings_of(drawing.owner))
            return True
    if max(with_it, of_owner) > 1:
        st.caption("When you remove many at once, you cannot put them back.")
    return False


def _say_removed(count: int) -> None:
    """Have the page say how many drawings were removed: some may have come while the dialog was open."""
    page = session().class_drawings
    page.removed, page.message = None, f"Removed {counted(count, 'drawing')}."


def _offer_to_put_back() -> None:
    """Offer to restore the drawing that was removed last, or say what became of it."""
    removed = session().class_drawings.removed
    if message := session().class_drawings.message:
        st.info(escaped(message))
    if removed is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"A drawing of {with_article(removed.label)} was removed.", width="content")
            st.button("Undo", icon=":material/undo:", on_click=put_back, key="put_back")


def put_back() -> None:
    """Restore the drawing that was removed last."""
    page = session().class_drawings
    if page.removed is None:
        return
    try:
        is_back = changes.put_drawing_back(page.removed)
    except AppError as error:
        session().notice = str(error)
        return
    page.removed = None
    page.message = None if is_back else "That drawing is here already: it has been kept again."
