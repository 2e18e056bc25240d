"""The server's own address on the internet, which it need not know and asks nobody for.

Streamlit 1.67 looks for it when a page of another site connects: it asks an address on the internet, for two
seconds where there is none, and serves nobody meanwhile. The connection is refused in any case.
"""

from streamlit import net_util

from mnist_app.ui.streamlit_fixes.patched import check_patched

_original = getattr(net_util, "get_external_ip", None)


def ask_nobody_for_address() -> None:
    """Have Streamlit do without it. May be called any number of times.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    check_patched(_original, (), {"_make_blocking_http_get"}, __name__)
    net_util.get_external_ip = _unknown


def _unknown() -> None:
    """Replace the look-up of the address."""
