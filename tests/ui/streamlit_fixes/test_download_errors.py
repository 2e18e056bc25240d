"""A download that fails when its button is pressed: the visitor is told why, and no fault is logged."""

import logging
from collections.abc import Callable
from typing import Any

import event_loops
import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from mnist_app.errors import NotAllowed, StorageUnavailable
from mnist_app.ui.streamlit_fixes import download_errors
from mnist_app.ui.streamlit_fixes.download_errors import FAILED, tell_download_errors


def pressed(read: Callable[[], bytes]) -> BackendOperationResponse:
    """Streamlit's answer to the press of a download button."""
    tell_download_errors()
    manager = MediaFileManager(storage=MemoryMediaFileStorage("/media"))
    file_id = manager.add_deferred(read, "text/plain", "a place on the page")
    request = BackendOperationRequest(request_id="this one")
    request.deferred_file.file_id = file_id
    return event_loops.run(DeferredFileHandler(lambda: manager).handle(request, "a session"))


def failing(error: Exception) -> Callable[[], bytes]:
    def read() -> bytes:
        raise error

    return read


@pytest.mark.parametrize("error", [NotAllowed("It is hidden."), StorageUnavailable("The store is away.")])
def test_an_error_that_the_app_explains_is_told_and_not_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = pressed(failing(error))
    assert (answer.request_id, answer.error_msg) == ("this one", str(error))
    assert not [record for record in caplog.records if record.exc_info]


def test_a_fault_of_the_program_is_logged_and_its_words_are_kept_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = pressed(failing(ZeroDivisionError("inner matters")))
    assert answer.error_msg == FAILED
    assert [record.message for record in caplog.records if record.exc_info] == ["A download failed."]


def test_a_file_that_can_be_made_has_an_address() -> None:
    answer = pressed(lambda: b"content")
    assert not answer.error_msg and answer.deferred_file.url.startswith("/media/")


def test_a_streamlit_that_makes_downloads_in_another_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(self: Any, request: Any, session_id: str) -> None:
        """As it might be in another version."""

    monkeypatch.setattr(download_errors, "ORIGINAL", handle)
    with pytest.raises(RuntimeError, match="download_errors depends"):
        tell_download_errors()
