"""The fields that take files, and the size limit of each visitor's page.

Only this module may show such fields, because the server refuses every upload that no field on the visitor's
page asks for (`upload_limits.py`).
"""

import threading
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

MEGABYTE = 1024 * 1024
"""Bytes of a megabyte, as Streamlit counts."""
PHOTO_MEGABYTES = 5
"""Largest size of a camera's photo, which the browser sends as a JPEG of the preview."""


class UploadFields:
    """The size limit of each session's page. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._page: dict[str, str] = {}
        """The current page of each session."""
        self._megabytes: dict[str, dict[str, int]] = {}
        """Size limit of each session's largest field, by page."""
        self._anew: dict[str, int] = {}
        """Size limit of the largest field that each session has been shown since its page run began."""

    def begin_page(self, session: str, page: str) -> None:
        """Note the beginning of a page run. Fields of other pages no longer count."""
        with self._lock:
            self._page[session] = page
            self._anew[session] = 0

    def end_page(self, session: str) -> None:
        """Note the end of a page run. Fields that it did not show no longer count.

        They count until then, because an upload may be in progress during the run.
        """
        with self._lock:
            self._megabytes.setdefault(session, {})[self._page.get(session, "")] = self._anew.get(session, 0)

    def show(self, session: str, megabytes: int) -> None:
        """Note that the session's page shows a field for files of up to `megabytes`."""
        with self._lock:
            fields = self._megabytes.setdefault(session, {})
            page = self._page.get(session, "")
            fields[page] = max(megabytes, fields.get(page, 0))
            self._anew[session] = max(megabytes, self._anew.get(session, 0))

    def most_bytes(self, session: str) -> int:
        """Return the size limit of the session's page; 0 if it takes no files."""
        with self._lock:
            page = self._page.get(session, "")
            return self._megabytes.get(session, {}).get(page, 0) * MEGABYTE

    def keep_only(self, sessions: set[str]) -> None:
        """Forget all other sessions."""
        with self._lock:
            self._page = {each: page for each, page in self._page.items() if each in sessions}
            self._anew = {each: size for each, size in self._anew.items() if each in sessions}
            self._megabytes = {each: sizes for each, sizes in self._megabytes.items() if each in sessions}


FIELDS = UploadFields()
"""The fields of all sessions of this server."""


def begin_page(page: str) -> None:
    """Note that a page run begins in the current session."""
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.begin_page(context.session_id, page)


def end_page() -> None:
    """Note that the page run of the current session is complete."""
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.end_page(context.session_id)


def file_field(
    label: str,
    *,
    types: Sequence[str] | None,
    key: str,
    megabytes: int,
    on_change: Callable[[], None],
    help: str | None = None,  # noqa: A002 (Streamlit's own name)
) -> None:
    """Show a field for one file of up to `megabytes`, with the arguments of `st.file_uploader`.

    Args:
        label: Name of the field.
        types: Endings of the files that it takes. None for any: then the app itself says why it refuses one.
        key: Key of the field.
        megabytes: Size limit of a file.
        on_change: Callback for a new file and for none.
        help: Explanation of the field.
    """
    _note(megabytes)
    st.file_uploader(
        label,
        type=None if types is None else list(types),
        key=key,
        max_upload_size=megabytes,
        on_change=on_change,
        help=help,
    )


def camera_field(label: str, *, key: str, on_change: Callable[[], None]) -> None:
    """Show the camera, with the arguments of `st.camera_input`."""
    _note(PHOTO_MEGABYTES)
    st.camera_input(label, key=key, on_change=on_change)


def _note(megabytes: int) -> None:
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.show(context.session_id, megabytes)
