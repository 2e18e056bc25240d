"""The repair that keeps Streamlit from asking the internet for the server's own address.

Streamlit 1.67 does so when a page of another site connects. Without internet this takes two seconds, in which
it serves nobody. The connection is refused in any case.
"""

from streamlit import net_util

from mnist_app.ui.streamlit_fixes.patched import check_patched

ORIGINAL = getattr(net_util, "get_external_ip", None)


def ask_nobody_for_address() -> None:
    """Make Streamlit work without its address on the internet. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    check_patched(ORIGINAL, (), {"_make_blocking_http_get"}, __name__)
    net_util.get_external_ip = _unknown


def _unknown() -> None:
    """Replace `get_external_ip`."""
