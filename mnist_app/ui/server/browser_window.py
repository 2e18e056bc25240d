"""The browser window that opens when the server has started.

Streamlit 1.67 opens one for a plain script, but not for `st.App`. The address follows Streamlit's rules.
"""

import logging
import ssl
import urllib.error
import urllib.request
import webbrowser

from streamlit import cli_util, config
from streamlit.errors import Error as StreamlitError
from streamlit.web.server import server_util

from mnist_app.ui.server.addresses import base_path

PATIENCE = 30.0
"""Seconds to wait for the server's first answer. It listens already, so one request is enough."""

logger = logging.getLogger(__name__)


def open_browser_window() -> None:
    """Open the app in a browser once the server answers, unless it is headless.

    A missing browser is not an error, because the terminal shows the address.
    """
    if config.get_option("server.headless") or not is_healthy():
        return
    try:
        cli_util.open_browser(server_util.get_url(_shown_host()))
    except (OSError, webbrowser.Error, StreamlitError) as error:
        logger.info("No browser could be opened: %s", error)


def is_healthy() -> bool:
    """Return whether this server answers at its own address."""
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    path = f"{base_path()}/_stcore/health"
    host = _listening_host()
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{config.get_option('server.port')}{path}"
    # Without a proxy, and unverified, because the certificate may name another address, the visitors' one.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),
    )
    try:
        with opener.open(address, timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _shown_host() -> str:
    """Return the host of the address that the user sees."""
    if config.is_manually_set("browser.serverAddress"):
        return str(config.get_option("browser.serverAddress"))
    return _listening_host()


def _listening_host() -> str:
    """Return the host at which this machine reaches the server."""
    return server_util.get_display_address(config.get_option("server.address") or "localhost")
