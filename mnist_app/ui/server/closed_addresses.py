"""Streamlit's addresses that no page of this app needs: they tell of the server, or run its pages."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

METRICS = "/_stcore/metrics"
"""How many sessions there are and what memory they use."""
CLOSED = ("/_stcore/script-health-check", "/_stcore/agent")
"""Running the page script, and the agent API."""
SIGN_IN = ("/auth/login", "/auth/logout", "/oauth2callback")
"""Signing in and out. Streamlit logs an error at each call where no provider is configured."""


class ClosedAddresses:
    """ASGI middleware that answers 404 at closed addresses, whatever stands around them."""

    def __init__(self, app: ASGIApp, metrics: bool, sign_in: bool) -> None:
        """Close what these settings do not open.

        Args:
            app: What answers at open addresses.
            metrics: Whether to tell how busy the server is.
            sign_in: Whether visitors sign in.
        """
        self._app = app
        self._closed = (*CLOSED, *(() if metrics else (METRICS,)), *(() if sign_in else SIGN_IN))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is not closed."""
        if scope["type"] == "http" and any(closed in scope["path"].lower() for closed in self._closed):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
