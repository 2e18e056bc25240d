"""The server's own address on the internet, which it need not know and asks nobody for.

Streamlit 1.67 looks for it when a page of another site connects: it asks an address on the internet, for two
seconds where there is none, and serves nobody meanwhile. The connection is refused in any case.
"""

from streamlit import net_util


def ask_nobody_for_address() -> None:
    """Have Streamlit do without it. May be called any number of times."""
    net_util.get_external_ip = _unknown


def _unknown() -> None:
    """In place of the address."""
