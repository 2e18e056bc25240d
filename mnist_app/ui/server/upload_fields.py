"""The fields that take files, and how large a file each visitor's page takes.

All fields are shown by this module, because the server refuses every upload that no field on the visitor's
page asks for (`upload_limits.py`).
"""

import threading
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

MEGABYTE = 1024 * 1024
"""Bytes, as Streamlit counts them."""
PHOTO_MEGABYTES = 5
"""Of a camera's photo, which the page takes as a JPEG of the camera's preview."""


class UploadFields:
    """The largest file that each session's page takes. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._page: dict[str, str] = {}
        """The page that each session is on."""
        self._megabytes: dict[str, dict[str, int]] = {}
        """The largest field that each session has been shown, by page."""
        self._anew: dict[str, int] = {}
        """The largest field that each session has been shown since its page last began."""

    def begin_page(self, session: str, page: str) -> None:
        """Note which page a session is on now. Fields of other pages no longer count."""
        with self._lock:
            self._page[session] = page
            self._anew[session] = 0

    def end_page(self, session: str) -> None:
        """Note that all of the page was shown. What it no longer shows does not count either.

        Until then it counts, because a file may be on its way while the page is shown anew.
        """
        with self._lock:
            self._megabytes.setdefault(session, {})[self._page.get(session, "")] = self._anew.get(session, 0)

    def show(self, session: str, megabytes: int) -> None:
        """Note that a field for files of up to `megabytes` is on the session's page."""
        with self._lock:
            fields = self._megabytes.setdefault(session, {})
            page = self._page.get(session, "")
            fields[page] = max(megabytes, fields.get(page, 0))
            self._anew[session] = max(megabytes, self._anew.get(session, 0))

    def most_bytes(self, session: str) -> int:
        """Return the size of the largest file that the session's page takes; 0 where it takes none."""
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
"""Of all sessions of this server."""


def begin_page(page: str) -> None:
    """Note that this page begins for the visitor whose script runs."""
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.begin_page(context.session_id, page)


def end_page() -> None:
    """Note that the page is complete for the visitor whose script runs."""
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.end_page(context.session_id)


def file_field(
    label: str,
    *,
    types: Sequence[str],
    key: str,
    megabytes: int,
    on_change: Callable[[], None],
    help: str | None = None,  # noqa: A002 (Streamlit's own name)
) -> None:
    """Show a field for one file of up to `megabytes`; the arguments are those of `st.file_uploader`."""
    _note(megabytes)
    st.file_uploader(
        label, type=list(types), key=key, max_upload_size=megabytes, on_change=on_change, help=help
    )


def camera_field(label: str, *, key: str, on_change: Callable[[], None]) -> None:
    """Show the place to take a photo; the arguments are those of `st.camera_input`."""
    _note(PHOTO_MEGABYTES)
    st.camera_input(label, key=key, on_change=on_change)


def _note(megabytes: int) -> None:
    context = get_script_run_ctx()
    if context is not None:
        FIELDS.show(context.session_id, megabytes)
