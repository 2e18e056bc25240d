"""Every repair of a library says so where the library has changed what it replaces."""

from collections.abc import Callable
from pkgutil import iter_modules
from types import ModuleType, SimpleNamespace
from typing import Any

import event_loops
import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from uvicorn import config

from mnist_app.ui import streamlit_fixes
from mnist_app.ui.server import real_peer
from mnist_app.ui.server.departed_sessions import DepartedSessions
from mnist_app.ui.shared.lifespan import lifespan
from mnist_app.ui.streamlit_fixes import (
    developer_messages,
    download_errors,
    forged_values,
    keras_session,
    own_address,
    repairs,
    stale_requests,
)
from mnist_app.ui.streamlit_fixes.patched import check_patched

REPAIRS: list[tuple[ModuleType, Callable[[], None]]] = [
    (developer_messages, developer_messages.drop_developer_messages),
    (download_errors, download_errors.tell_download_errors),
    (forged_values, forged_values.refuse_forged_values),
    (keras_session, keras_session.keep_keras_session),
    (own_address, own_address.ask_nobody_for_address),
    (stale_requests, stale_requests.drop_stale_requests),
    (real_peer, real_peer.keep_real_peer),
]
each_repair = pytest.mark.parametrize(("module", "repair"), REPAIRS, ids=lambda each: each.__name__)


@each_repair
def test_a_repair_knows_what_it_replaces(module: ModuleType, repair: Callable[[], None]) -> None:
    repair()
    repair()  # the second time it finds its own function there


@each_repair
@pytest.mark.parametrize("other", [None, lambda: None, lambda self, key, *, strict: None])
def test_a_repair_fails_where_the_library_has_changed(
    module: ModuleType, repair: Callable[[], None], other: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORIGINAL", other)
    with pytest.raises(RuntimeError, match=f"{module.__name__} depends.*requirements.txt"):
        repair()


@each_repair
def test_a_server_does_not_start_where_the_library_has_changed(
    module: ModuleType, repair: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORIGINAL", None)

    async def start() -> None:
        async with lifespan(SimpleNamespace()):  # type: ignore[arg-type]  # it is not asked for anything
            raise AssertionError("The server serves without a repair.")

    with pytest.raises(RuntimeError, match=f"{module.__name__} depends"):
        event_loops.run(start())


def test_every_repair_is_tried_here() -> None:
    folder = {f"{streamlit_fixes.__name__}.{each.name}" for each in iter_modules(streamlit_fixes.__path__)}
    others = {check_patched.__module__, repairs.__name__}
    assert folder - others | {real_peer.__name__} == {module.__name__ for module, _ in REPAIRS}


def test_a_function_with_the_same_parameters_that_works_in_another_way_is_another() -> None:
    def here(self: Any, k: str) -> Any:
        return self.states[k]

    check_patched(here, ("self", "k"), {"states"}, "this test")
    with pytest.raises(RuntimeError, match="here, on which this test depends"):
        check_patched(here, ("self", "k"), {"states", "deserializer"}, "this test")


def test_a_uvicorn_that_reads_the_header_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ProxyHeadersMiddleware", object)
    with pytest.raises(RuntimeError, match="where it reads X-Forwarded-For"):
        real_peer.keep_real_peer()


def runtime() -> Any:
    """What Streamlit's runtime keeps sessions and uploads in."""
    uploads = MemoryUploadedFileManager("/upload")
    sessions = WebsocketSessionManager(MemorySessionStorage(), uploads, SimpleNamespace(), lambda: None)  # type: ignore[arg-type]  # no script is run
    return SimpleNamespace(_session_mgr=sessions, uploaded_file_mgr=uploads)


def test_sessions_that_are_kept_as_ever_are_found() -> None:
    DepartedSessions(runtime()).free()


@pytest.mark.parametrize(
    ("place", "attribute"),
    [
        ("_session_mgr", "_storage_lock"),
        ("_session_mgr", "_session_storage"),
        ("_session_mgr._session_storage", "_cache"),
        ("uploaded_file_mgr", "file_storage"),
    ],
)
def test_sessions_that_are_kept_elsewhere_are_told(place: str, attribute: str) -> None:
    changed = runtime()
    owner = changed
    for name in place.split("."):
        owner = getattr(owner, name)
    delattr(owner, attribute)
    with pytest.raises(RuntimeError, match="departed_sessions depends"):
        DepartedSessions(changed)
