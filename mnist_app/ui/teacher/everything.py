"""All that the class has made: taken away as one archive, brought back from one, and removed."""

import tempfile

import streamlit as st

from mnist_app.errors import AppError, NotAllowed, StorageUnavailable
from mnist_app.ui.frame.person import in_words
from mnist_app.ui.outside_text import escaped, show_success_or_error, show_warning
from mnist_app.ui.ownership import class_changes
from mnist_app.ui.server.upload_fields import file_field
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.page_memory import ClassExport, ImportResult
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.workspace.archives.class_archive import ClassContents
from mnist_app.workspace.archives.class_import import Imported

FILE_NAME = "class.zip"
MOST_MEGABYTES = 1_000
"""Of an archive that a page writes: it is in the server's memory meanwhile."""


def show_everything() -> None:
    """Export, import and, once an export of what is here now was downloaded, reset."""
    st.markdown("#### Everything the class has made")
    st.markdown(
        "Runs, networks, drawings, names and what is set here, as one archive that can be imported again. "
        "Keep it as you keep passwords."
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
                help="Written here or on another server. What it has and this server has not is added; "
                "what is here stays as it is. "
                "A larger one is imported on the server: python -m mnist_app class import FILE.",
            )
    page = session().teacher
    if page.import_result:
        show_success_or_error(page.import_result.sentence, page.import_result.is_good)
    if page.export:
        _show_export(page.export)


def _show_export(export: ClassExport) -> None:
    """The archive to be downloaded and, after that, the way to a reset."""
    st.markdown(f"The archive has {export.sentence}.")
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
    """Write one into memory, by way of a file that nobody sees."""
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
    """Say why something came to nothing: on the teacher's page, or where that is not open."""
    if isinstance(error, NotAllowed):
        st.toast(escaped(error))
    else:
        session().teacher.import_result = ImportResult(str(error), is_good=False)


def _downloaded() -> None:
    if export := session().teacher.export:
        export.is_downloaded = True


@st.dialog("Reset the class?")
def ask_before_reset() -> None:
    """Say how much goes, and remove it when that is what is wanted."""
    export = session().teacher.export
    if export is None:
        st.rerun()
        return
    st.markdown(
        f"**{export.sentence}** go, with curves, networks and what is set for the class; a run that waits or "
        "trains is stopped. The archive that you downloaded brings them back, and nothing else does."
    )
    if export.left_out:
        show_warning(export.left_out)
    with st.container(horizontal=True):
        is_done = st.button("Reset", type="primary", icon=":material/delete_sweep:", on_click=_reset)
        is_kept = st.button("Keep", key="keep_class")
    if is_done or is_kept:
        st.rerun()


def _reset() -> None:
    """Remove all, unless something has changed since the export."""
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
    sentence = f"The class is reset: {contents_in_words(gone)} were removed."
    if export.left_out:
        sentence += " What the archive does not hold is still here."
    page.import_result = ImportResult(sentence, is_good=True)


def _take_archive() -> None:
    """An archive was given: bring all that is in it or, with a reason, nothing."""
    file, page = st.session_state[Key.CLASS_ARCHIVE], session().teacher
    page.export, page.import_result = None, None
    if file is None:
        return
    try:
        result = class_changes.import_class(file)
    except AppError as error:
        _say(error)
        return
    page.import_result = ImportResult(imported_in_words(result), is_good=True)


def contents_in_words(contents: ClassContents) -> str:
    """So much: "3 runs, 12 drawings and the names of 4 people"."""
    made = in_words(contents.runs, contents.drawings)
    if not contents.people:
        return made
    names = "the name of 1 person" if contents.people == 1 else f"the names of {contents.people:,} people"
    return f"{made.replace(' and ', ', ')} and {names}"


def imported_in_words(result: Imported) -> str:
    """What was added, and what was here already."""
    here = result.runs_here + result.drawings_here
    start = (
        " The model that everyone starts with is not in the archive: everyone starts with the shipped model."
        if result.lacks_start_model
        else ""
    )
    were_here = f" {in_words(result.runs_here, result.drawings_here)} were here already." if here else ""
    return f"{in_words(result.runs, result.drawings)} were added.{were_here}{start}"
