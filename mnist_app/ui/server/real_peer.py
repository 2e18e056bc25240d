"""The other end of each connection, which Uvicorn must not replace by what a header says.

Uvicorn 0.54 believes `X-Forwarded-For` and `X-Forwarded-Proto` of any connection from this machine, and gives
the app the header's address as if it were the connection's. A proxy on this machine that passes its visitors'
own headers on would let each of them choose an address. Which proxies are believed is a setting of this app.
"""

from typing import Any

from uvicorn import config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mnist_app.ui.streamlit_fixes.patched import check_patched

_original = ProxyHeadersMiddleware.__call__


def keep_real_peer() -> None:
    """Have Uvicorn leave the connection's address and scheme alone. May be called any number of times.

    Raises:
        RuntimeError: Uvicorn does this in another way now.
    """
    check_patched(config.Config.load, ("self",), {"ProxyHeadersMiddleware"}, __name__)
    parameters = ("self", "scope", "receive", "send")
    check_patched(_original, parameters, {"app", "get_trusted_client_address"}, __name__)
    if getattr(config, "ProxyHeadersMiddleware", None) is not ProxyHeadersMiddleware:
        raise RuntimeError(f"Uvicorn reads X-Forwarded-For elsewhere now, and {__name__} must follow.")
    ProxyHeadersMiddleware.__call__ = _pass_on  # type: ignore[method-assign]


async def _pass_on(self: ProxyHeadersMiddleware, scope: Any, receive: Any, send: Any) -> None:
    """In place of the middleware's own work."""
    await self.app(scope, receive, send)
