"""The app's own routes, beside Streamlit's.

Starlette asks them before the pages, so a route hides a page of the same name. Streamlit's checks of origin,
XSRF and sign-in belong to its own handlers: a route here must make them itself. Nor is
`server.baseUrlPath` put in front of a route.
"""

from starlette.routing import BaseRoute, WebSocketRoute

from mnist_app.ui.live.live_socket import LiveSocket
from mnist_app.ui.server.addresses import base_path

LIVE_PATH = "/live"
"""Where the page asks while the pen moves, below the path that the app is served at."""


def routes() -> list[BaseRoute]:
    """Return the routes, below the path that the app is served at."""
    return [WebSocketRoute(f"{base_path()}{LIVE_PATH}", LiveSocket())]
