"""The repair that drops the messages of Streamlit's menu for developers.

Streamlit 1.67 hides this menu from visitors, but obeys its messages from anybody. One of them, "clear cache",
removes what all sessions share. The server would start another worker each time, and forget who has given
wrong codes, so that anybody could guess the teacher's code without waiting.
"""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession

from mnist_app.ui.streamlit_fixes.patched import check_patched

OF_PAGES = {
    "rerun_script",
    "stop_script",
    "file_urls_request",
    "backend_operation_request",
    "app_heartbeat",
}
"""The messages that pages send."""
ORIGINAL = AppSession.handle_backmsg


def drop_developer_messages() -> None:
    """Make every session obey only the messages that pages send. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    uses = {"WhichOneof", "_handle_rerun_script_request", "_handle_clear_cache_request"}
    check_patched(ORIGINAL, ("self", "msg"), uses, __name__)
    AppSession.handle_backmsg = _handle_backmsg  # type: ignore[assignment,method-assign]


def _handle_backmsg(session: AppSession, msg: BackMsg) -> None:
    if msg.WhichOneof("type") in OF_PAGES:
        ORIGINAL(session, msg)
