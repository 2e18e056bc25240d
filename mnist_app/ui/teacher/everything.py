"""Archives of the whole class: export, import, and the reset that may follow an export."""

import tempfile

import streamlit as st

from mnist_app.errors import AppError, NotAllowed, StorageUnavailable
from mnist_app.ui.frame.dialog_buttons import choose_keep_or
from mnist_app.ui.frame.person import in_words
from mnist_app.ui.outside_text import show_success_or_error, show_warning
from mnist_app.ui.ownership import class_changes
from mnist_app.ui.server.upload_fields import file_field
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.page_memory import ClassExport, ImportResult
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.wording import counted
from mnist_app.workspace.archives.class_archive import ClassContents
from mnist_app.workspace.archives.class_import import Imported

FILE_NAME = "class.zip"
MODEL_NOT_IN_ARCHIVE = (
    "The archive does not hold the model that everyone starts with. Everyone starts with the built-in model."
)
MOST_MEGABYTES = 1_000
"""Largest archive that a page writes, because it is held in the server's memory."""


def show_everything() -> None:
    """Show export and import and, once an export was downloaded, the reset."""
    st.markdown("#### Everything the class has made")
    st.markdown(
        "Runs, networks, drawings, names and the settings here, as one archive that can be imported again. "
        "Keep it as safe as a password."
    )
    with st.container(horizontal=True):
        st.button("Write an archive", icon=":material/archive:", on_click=_write_archive)
        with st.popover("Import an archive", icon=":material/upload:"):
            file_field(
                "An archive of a class",
                types=["zip"],
                key=Key.CLASS_ARCHIVE,
                megabytes=st.get_option("server.maxUploadSize"),
                on_change=_take_archive,
                help="An archive from here or from another server. What is missing here is added. What is "
                "here stays as it is. "
                "Import a larger one on the server: python -m mnist_app class import FILE.",
            )
    page = session().teacher
    if page.import_result:
        show_success_or_error(page.import_result.sentence, page.import_result.is_good)
    if page.export:
        _show_export(page.export)


def _show_export(export: ClassExport) -> None:
    """Offer the archive for download and, after the download, the reset."""
    st.markdown(f"The archive holds {export.sentence}.")
    if export.left_out:
        show_warning(export.left_out)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            f"Download it ({len(export.content) / 1e6:,.1f} MB)",
            export.content,
            FILE_NAME,
            "application/zip",
            type="primary",
            icon=":material/download:",
            on_click=_downloaded,
            key="class_download",
        )
        if export.is_downloaded and button(
            "Reset the class", icon=":material/delete_sweep:", key="reset_class"
        ):
            ask_before_reset()
    if not export.is_downloaded:
        st.caption("Once it is downloaded, the class can be reset.")


def _write_archive() -> None:
    """Export the class into memory, through a temporary file whose size is checked first."""
    from mnist_app.workspace.archives.left_out import left_out_of_class_in_words

    page = session().teacher
    page.import_result, page.export = None, None
    try:
        with tempfile.TemporaryFile() as file:
            exported = class_changes.export_class(file)
            if file.tell() > MOST_MEGABYTES * 1_000_000:
                raise StorageUnavailable(
                    f"The archive would have {file.tell() / 1e6:,.0f} MB, which is too much for a page: "
                    "write it on the server (python -m mnist_app class export FILE)."
                )
            file.seek(0)
            sentence, left_out = (
                contents_in_words(exported.contents),
                left_out_of_class_in_words(exported.left_out),
            )
            page.export = ClassExport(file.read(), exported.archived, sentence, left_out)
    except (AppError, OSError) as error:
        _say(error)


def _say(error: Exception) -> None:
    """Report why an action failed: as the result of an import or, if it is not allowed, as a toast.

    The toast is for visitors who do not see the Teacher page.
    """
    if isinstance(error, NotAllowed):
        session().toasts.append(str(error))
    else:
        session().teacher.import_result = ImportResult(str(error), is_good=False)


def _downloaded() -> None:
    if export := session().teacher.export:
        export.is_downloaded = True


@st.dialog("Reset the class?")
def ask_before_reset() -> None:
    """Show what a reset removes, ask for confirmation, and reset the class."""
    export = session().teacher.export
    if export is None:
        st.rerun()
        return
    st.markdown(
        f"This removes **{export.sentence}**, with curves, networks and the settings of the class. A run "
        "that waits or trains is stopped. Only the archive that you downloaded can bring them back."
    )
    if export.left_out:
        show_warning(export.left_out)
    if choose_keep_or("Reset", icon=":material/delete_sweep:", on_destroy=_reset).is_made:
        st.rerun()


def _reset() -> None:
    """Reset the class, unless something has changed since the export."""
    page = session().teacher
    export = page.export
    if export is None or not export.is_downloaded:
        return
    page.export = None
    try:
        gone = class_changes.reset_class(export.archived)
    except AppError as error:
        _say(error)
        return
    page.begin_rules_form()
    sentence = f"The class is reset. Removed: {contents_in_words(gone)}."
    if export.left_out:
        sentence = f"{sentence} What the archive does not hold is still here."
    page.import_result = ImportResult(sentence, is_good=True)


def _take_archive() -> None:
    """Import the whole uploaded archive; on an error import nothing and store the reason."""
    file, page = st.session_state[Key.CLASS_ARCHIVE], session().teacher
    page.export, page.import_result = None, None
    if file is None:
        return
    try:
        result = class_changes.import_class(file)
        page.begin_rules_form()
    except AppError as error:
        _say(error)
        return
    page.import_result = ImportResult(imported_in_words(result), is_good=True)


def contents_in_words(contents: ClassContents) -> str:
    """Return the contents as counts, such as "3 runs, 12 drawings and 4 names"."""
    if not contents.people:
        return in_words(contents.runs, contents.drawings)
    runs, drawings = counted(contents.runs, "run"), counted(contents.drawings, "drawing")
    return f"{runs}, {drawings} and {counted(contents.people, 'name')}"


def imported_in_words(result: Imported) -> str:
    """Return sentences on what was added and what was here already."""
    sentences = [f"Added: {in_words(result.runs, result.drawings)}."]
    if result.runs_here or result.drawings_here:
        sentences.append(f"Here already: {in_words(result.runs_here, result.drawings_here)}.")
    if result.lacks_start_model:
        sentences.append(MODEL_NOT_IN_ARCHIVE)
    return " ".join(sentences)
