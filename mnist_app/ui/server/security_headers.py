"""Security headers of every response: what browsers may load, guess, frame and send to other sites."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnist_app.ui.server.content_policy import content_policy
from mnist_app.ui.server.trusted_proxies import TrustedProxies


class SecurityHeaders:
    """ASGI middleware that adds the headers, and `Secure` to cookies under https."""

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str], trusted_proxies: Sequence[str]) -> None:
        self._app = app
        self._frame_ancestors = frame_ancestors
        self._proxies = TrustedProxies.read(trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Headers(scope=scope)
        is_started = False

        async def add(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                headers = MutableHeaders(scope=message)
                self._protect(headers, request.get("host", ""))
                if self._is_secure(scope, request):
                    _secure_cookies(message)
            await send(message)

        try:
            await self._app(scope, receive, add)
        except Exception:
            if not is_started:  # Starlette would answer without the headers
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, add)
            raise

    def _protect(self, headers: MutableHeaders, host: str) -> None:
        headers["Content-Security-Policy"] = content_policy(host, self._frame_ancestors)
        headers["X-Content-Type-Options"] = "nosniff"
        # Addresses contain the ids of runs and lessons, which other sites need not know.
        headers["Referrer-Policy"] = "same-origin"
        if not self._frame_ancestors:  # this header cannot name other sites
            headers["X-Frame-Options"] = "SAMEORIGIN"

    def _is_secure(self, scope: Scope, request: Headers) -> bool:
        """Return whether the browser uses https, with this server or with a trusted proxy."""
        if scope["scheme"] == "https":
            return True
        peer = scope["client"][0] if scope.get("client") else ""
        said = request.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        return said == "https" and self._proxies.trusts(peer)


def _secure_cookies(message: Message) -> None:
    """Mark the cookies of a response, so that browsers send them only over https."""
    message["headers"] = [
        (name, value + b"; Secure" if name.lower() == b"set-cookie" and not _is_marked(value) else value)
        for name, value in message["headers"]
    ]


def _is_marked(cookie: bytes) -> bool:
    return b"secure" in [part.strip().lower() for part in cookie.split(b";")[1:]]
