"""Tasks of the server when it starts and when it stops."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit import runtime

from mnist_app.ui.live.live_sessions import LIVE_SESSIONS
from mnist_app.ui.server.browser_window import open_browser_window
from mnist_app.ui.server.departed_sessions import SECONDS, DepartedSessions
from mnist_app.ui.server.real_peer import keep_real_peer
from mnist_app.ui.server.upload_fields import FIELDS
from mnist_app.ui.streamlit_fixes.repairs import repair_streamlit


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Repair Streamlit and Uvicorn, let the server work, and end the worker when the server stops.

    Uvicorn then ends the process by the signal that stopped it, so functions of `atexit` are never called.

    Raises:
        RuntimeError: Streamlit or Uvicorn has changed what is repaired.
    """
    keep_real_peer()
    repair_streamlit()
    threading.Thread(target=open_browser_window, name="browser window", daemon=True).start()
    try:
        async with tidying():
            yield
    finally:
        await asyncio.to_thread(_end_worker)


@asynccontextmanager
async def tidying(every: float = SECONDS) -> AsyncIterator[None]:
    """Free what departed sessions hold, every few seconds, for as long as the server runs."""
    sessions = DepartedSessions(runtime.get_instance(), [FIELDS.keep_only, LIVE_SESSIONS.keep_only])
    task = asyncio.create_task(sessions.free_for_ever(every))
    try:
        yield
    finally:
        task.cancel()


def _end_worker() -> None:
    """End the worker, so that its run is marked as interrupted before this process ends."""
    from mnist_app.ui.shared import (
        resources,  # with NumPy and all that the first page needs, but the start does not
    )

    resources.end_worker()
