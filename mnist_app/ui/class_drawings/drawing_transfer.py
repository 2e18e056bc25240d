"""Export of the class's drawings to a zip, and import from one."""

import streamlit as st

from mnist_app.errors import AppError, NotAllowed
from mnist_app.ui.outside_text import show_success_or_error, show_warning
from mnist_app.ui.ownership import changes
from mnist_app.ui.ownership.visitor import ask, may
from mnist_app.ui.server.upload_fields import file_field
from mnist_app.ui.session.buttons import when_known
from mnist_app.ui.session.page_memory import ImportResult
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted
from mnist_app.workspace.archives.drawing_archive import MAX_BYTES, sort_out
from mnist_app.workspace.archives.left_out import left_out_in_words
from mnist_app.workspace.classroom.permissions import Action

FILE_NAME = "class-drawings.zip"


def show_transfer(has_drawings: bool) -> None:
    """Show the buttons to export and import, and their last results.

    Args:
        has_drawings: Whether there are drawings to export.
    """
    with st.container(horizontal=True):
        if has_drawings and may(Action.EXPORT_DRAWINGS):
            st.download_button(
                "Export all",
                changes.on_export_of_drawings(),
                FILE_NAME,
                "application/zip",
                icon=":material/download:",
                help="All drawings with their labels as one zip. It names people only by the names that they "
                "gave themselves.",
                key="export_drawings",
                on_click=note_left_out,
            )
        if may(Action.IMPORT_DRAWINGS):
            _offer_import()
    if left_out := session().class_drawings.left_out:
        show_warning(left_out)


def note_left_out() -> None:
    """Store a warning about drawings that the archive leaves out. The browser fetches the archive itself."""
    page = session().class_drawings
    try:
        ask(Action.EXPORT_DRAWINGS)
        _, left_out = sort_out(resources.drawings().find())
    except AppError as error:
        page.left_out = str(error)
    else:
        page.left_out = left_out_in_words(left_out)


def _offer_import() -> None:
    with st.popover("Import", icon=":material/upload:"):
        file_field(
            "A zip that was exported here or on another server",
            types=["zip"],
            key=Key.DRAWINGS_ARCHIVE,
            megabytes=MAX_BYTES // 1_000_000,
            on_change=take_archive,
            help="Its drawings are added. Those that are here already are left out.",
        )
        result = session().class_drawings.import_result
        if result is not None:
            show_success_or_error(result.sentence, result.is_good)


@when_known
def take_archive() -> None:
    """Import all drawings of the uploaded zip; on an error import none and store the reason."""
    file, page = st.session_state[Key.DRAWINGS_ARCHIVE], session().class_drawings
    if file is None:
        page.import_result = None
        return
    try:
        result = changes.import_drawings(file)
    except NotAllowed as error:
        session().toasts.append(str(error))
        return
    except AppError as error:
        page.import_result = ImportResult(str(error), is_good=False)
        return
    sentence = f"Added: {counted(result.added, 'drawing')}."
    if result.already_here:
        sentence = f"{sentence} Here already: {result.already_here:,}."
    page.import_result = ImportResult(sentence, is_good=True)
