"""Streamlit's addresses that this app closes, because they reveal the server's load or run its pages."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

METRICS = "/_stcore/metrics"
"""Path of the number of sessions and their memory."""
CLOSED = ("/_stcore/script-health-check", "/_stcore/agent")
"""Paths that are always closed: the first runs the page script, the second is the agent API."""
SIGN_IN = ("/auth/login", "/auth/logout", "/oauth2callback")
"""Paths for signing in and out. Without a provider, Streamlit logs an error at each request."""


class ClosedAddresses:
    """ASGI middleware that answers 404 for every path that contains a closed one."""

    def __init__(self, app: ASGIApp, metrics: bool, sign_in: bool) -> None:
        """Close all addresses that these settings do not open.

        Args:
            app: The application that answers at open addresses.
            metrics: Whether the server publishes its load.
            sign_in: Whether visitors sign in.
        """
        self._app = app
        self._closed = (*CLOSED, *(() if metrics else (METRICS,)), *(() if sign_in else SIGN_IN))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests to open addresses."""
        if scope["type"] == "http" and any(closed in scope["path"].lower() for closed in self._closed):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
