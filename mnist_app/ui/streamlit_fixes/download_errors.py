"""The repair that shows visitors why a download failed.

Streamlit 1.67 makes some files only when their button is pressed. For any error it logs a traceback, and
tells the visitor only that the file could not be made. With this repair, an error that the app can explain is
shown beside the button and not logged.
"""

import asyncio
import logging

from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse, DeferredFileResponsePayload
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager

from mnist_app.errors import AppError
from mnist_app.ui.streamlit_fixes.patched import check_patched

logger = logging.getLogger(__name__)
FAILED = "This file could not be made. Try again in a moment."
ORIGINAL = DeferredFileHandler.handle


def tell_download_errors() -> None:
    """Make Streamlit say why a download failed. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    uses = {"deferred_file", "to_thread", "_get_media_file_mgr", "execute_deferred"}
    check_patched(ORIGINAL, ("self", "request", "session_id"), uses, __name__)
    check_patched(MediaFileManager.execute_deferred, ("self", "file_id"), {"_deferred_callables"}, __name__)
    DeferredFileHandler.handle = _handle  # type: ignore[assignment,method-assign]


async def _handle(
    handler: DeferredFileHandler, request: BackendOperationRequest, session_id: str
) -> BackendOperationResponse:
    """Replace `DeferredFileHandler.handle`, which makes the file on another thread."""
    try:
        manager = handler._get_media_file_mgr()
        url = await asyncio.to_thread(manager.execute_deferred, request.deferred_file.file_id)
    except Exception as error:
        return BackendOperationResponse(request_id=request.request_id, error_msg=_told(error))
    return BackendOperationResponse(
        request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url)
    )


def _told(error: Exception) -> str:
    """Return the message for the visitor, and log an error that the app cannot explain."""
    if isinstance(error.__cause__, AppError):
        return str(error.__cause__)
    logger.error("A download failed.", exc_info=error)
    return FAILED
