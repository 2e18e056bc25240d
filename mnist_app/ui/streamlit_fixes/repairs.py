"""All repairs of Streamlit."""

from mnist_app.ui.streamlit_fixes.developer_messages import drop_developer_messages
from mnist_app.ui.streamlit_fixes.download_errors import tell_download_errors
from mnist_app.ui.streamlit_fixes.forged_values import refuse_forged_values
from mnist_app.ui.streamlit_fixes.keras_session import keep_keras_session
from mnist_app.ui.streamlit_fixes.own_address import ask_nobody_for_address
from mnist_app.ui.streamlit_fixes.stale_requests import drop_stale_requests

REPAIRS = (
    ask_nobody_for_address,
    drop_developer_messages,
    drop_stale_requests,
    keep_keras_session,
    refuse_forged_values,
    tell_download_errors,
)


def repair_streamlit() -> None:
    """Apply every repair. The server calls this once, at its start.

    Raises:
        RuntimeError: Streamlit has changed what a repair replaces. The message names both, and says what to
            do.
    """
    for repair in REPAIRS:
        repair()
