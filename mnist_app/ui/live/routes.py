"""The app's own routes, beside Streamlit's.

Starlette tries them before the pages, so a route hides a page of the same name. Streamlit checks origin, XSRF
and sign-in only in its own handlers, so a route here must make these checks itself. It must also add
`server.baseUrlPath` itself.
"""

from starlette.routing import BaseRoute, WebSocketRoute

from mnist_app.ui.live.live_socket import LiveSocket
from mnist_app.ui.server.addresses import base_path

LIVE_PATH = "/live"
"""Path of the live answers, below the app's base path."""


def routes() -> list[BaseRoute]:
    """Return the routes, with the app's base path."""
    return [WebSocketRoute(f"{base_path()}{LIVE_PATH}", LiveSocket())]
