"""The repair of Uvicorn that keeps each connection's real peer.

Uvicorn 0.54 trusts `X-Forwarded-For` and `X-Forwarded-Proto` of any connection from this machine, and
replaces the connection's address by the header's. Behind a proxy on this machine that passes on visitors'
headers, every visitor could choose an address. This app has a setting of its own for the trusted proxies.
"""

from typing import Any

from uvicorn import config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mnist_app.ui.streamlit_fixes.patched import changed, check_patched

ORIGINAL = ProxyHeadersMiddleware.__call__


def keep_real_peer() -> None:
    """Make Uvicorn keep the connection's address and scheme. Further calls have no effect.

    Raises:
        RuntimeError: Uvicorn has changed what is replaced.
    """
    check_patched(config.Config.load, ("self",), {"ProxyHeadersMiddleware"}, __name__)
    parameters = ("self", "scope", "receive", "send")
    check_patched(ORIGINAL, parameters, {"app", "get_trusted_client_address"}, __name__)
    if getattr(config, "ProxyHeadersMiddleware", None) is not ProxyHeadersMiddleware:
        raise changed("where it reads X-Forwarded-For", __name__)
    ProxyHeadersMiddleware.__call__ = _pass_on  # type: ignore[method-assign]


async def _pass_on(self: ProxyHeadersMiddleware, scope: Any, receive: Any, send: Any) -> None:
    """Replace `ProxyHeadersMiddleware.__call__`."""
    await self.app(scope, receive, send)
