"""The memory of sessions whose browsers have left, and its release.

Streamlit 1.67 keeps a session for `server.disconnectedSessionTTL` seconds, in case its browser comes back.
After that, it forgets the session only when another browser leaves. Until then, the session's uploads stay in
memory, and its event loop keeps three file descriptors open. Without new visitors, up to 128 sessions stay
like this for ever.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from mnist_app.ui.streamlit_fixes.patched import changed

SECONDS = 5.0
"""Seconds between two looks."""

logger = logging.getLogger(__name__)


class DepartedSessions:
    """Frees the uploads of sessions without a browser, and ends these sessions later."""

    def __init__(self, runtime: Runtime, keep_only: Sequence[Callable[[set[str]], None]] = ()) -> None:
        """Prepare for a runtime.

        Args:
            runtime: Streamlit's runtime.
            keep_only: Functions that get the ids of the known sessions, and forget all others.

        Raises:
            RuntimeError: This version of Streamlit keeps sessions or uploads in another way.
        """
        sessions, uploads = runtime._session_mgr, runtime.uploaded_file_mgr
        storage = getattr(sessions, "_session_storage", None)
        if not (
            isinstance(sessions, WebsocketSessionManager)
            and isinstance(storage, MemorySessionStorage)
            and isinstance(uploads, MemoryUploadedFileManager)
            and hasattr(sessions, "_storage_lock")
            and hasattr(getattr(storage, "_cache", None), "expire")
            and hasattr(uploads, "file_storage")
        ):
            raise changed("how it keeps sessions or uploads", __name__)
        self._sessions, self._storage, self._uploads = sessions, storage, uploads
        self._keep_only = keep_only
        self._gone: set[str] = set()
        """Sessions with uploads but without a browser at the last look."""

    async def free_for_ever(self, every: float) -> None:
        """Call `free` every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                self.free()
            except Exception:
                logger.exception("The memory of ended sessions could not be freed.")

    def free(self) -> None:
        """Free the uploads of sessions that had no browser at two looks, and end sessions whose time is over.

        It must be called in the server's event loop.
        """
        gone = {
            each for each in list(self._uploads.file_storage) if not self._sessions.is_active_session(each)
        }
        for session in gone & self._gone:
            self._uploads.remove_session_files(session)
        self._gone = gone
        with self._sessions._storage_lock:
            over = self._storage._cache.expire()  # type: ignore[attr-defined]  # its own class, which can
        for _, information in over:
            information.session.shutdown()
        here = {each.session.id for each in self._sessions.list_sessions()}
        for forget_others in self._keep_only:
            forget_others(here)
