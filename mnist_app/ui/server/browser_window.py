"""Opening the app in the user's browser when the server has started.

Streamlit 1.67 does so for a plain script only, not for `st.App`. The address follows the same rules as there.
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
"""Seconds to wait for the server's first answer. It is listening already, so one request is enough."""

logger = logging.getLogger(__name__)


def open_browser_window() -> None:
    """Open the app in a browser once the server answers, unless it is headless.

    A machine without a browser is no fault: whoever started the server reads the address in the terminal.
    """
    if config.get_option("server.headless") or not is_healthy():
        return
    try:
        cli_util.open_browser(server_util.get_url(_shown_host()))
    except (OSError, webbrowser.Error, StreamlitError) as error:
        logger.info("No browser could be opened: %s", error)


def is_healthy() -> bool:
    """Ask this server, at the address that it listens on, whether it is ready."""
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    path = f"{base_path()}/_stcore/health"
    host = _listening_host()
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{config.get_option('server.port')}{path}"
    # Not by way of a proxy. The certificate names the address that visitors use, which may be another one.
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
    """The host in the address that the user sees."""
    if config.is_manually_set("browser.serverAddress"):
        return str(config.get_option("browser.serverAddress"))
    return _listening_host()


def _listening_host() -> str:
    """The host that the server listens on, as this machine reaches it."""
    return server_util.get_display_address(config.get_option("server.address") or "localhost")
