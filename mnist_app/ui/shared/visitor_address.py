"""The network address of the visitor whose page is being built."""

import streamlit as st

from mnist_app.ui.server.trusted_proxies import THIS_MACHINE
from mnist_app.ui.shared import resources


def visitor_address() -> str:
    """Return the address that this tab is visited from, also behind the school's proxies.

    Limits go by it: a machine has one address, whatever its headers say. A whole class may share one, too.

    Returns:
        An IPv4 address or the /64 network of an IPv6 address; 127.0.0.1 for this machine.

    Raises:
        InvalidSetting: `MNIST_APP_TRUSTED_PROXIES` is malformed.
    """
    # Streamlit says None for this machine, and in AppTest, without a connection, an object of another kind.
    found = st.context.ip_address
    peer = found if isinstance(found, str) else str(THIS_MACHINE)
    return resources.trusted_proxies().visitor_behind(peer, st.context.headers.get_all("X-Forwarded-For"))
