"""The host names that the app accepts, if a school has set them."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mnist_app.errors import InvalidSetting
from mnist_app.ui.server.addresses import path_in_app

HEALTH = "/_stcore/health"
"""Path that is answered for any host, because a proxy's health check names no host."""
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_THIS_MACHINE = re.compile(r"(localhost\.?|127\.0\.0\.1|\[::1\])(:[0-9]*)?")
"""The `Host` headers that are always answered, for proxies and checks on the same machine."""


class AllowedHosts:
    """ASGI middleware that refuses requests for other hosts; an empty list allows all.

    A name with a dot at its end is the same host.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        allowed = [f"{host}{dot}" for host in hosts for dot in ("", ".")] or ["*"]
        self._app = app
        self._checked = TrustedHostMiddleware(app, allowed_hosts=allowed, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests for an allowed host or for this machine, and health checks."""
        is_health = scope["type"] == "http" and path_in_app(scope["path"]) == HEALTH
        is_free = is_health or (scope["type"] in ("http", "websocket") and _is_for_this_machine(scope))
        await (self._app if is_free else self._checked)(scope, receive, send)


def _is_for_this_machine(scope: Scope) -> bool:
    return bool(_THIS_MACHINE.fullmatch(Headers(scope=scope).get("host", "").lower()))


def check_hosts(hosts: Sequence[str]) -> None:
    """Check the names of hosts, such as `digits.school.example` or `*.school.example`.

    Raises:
        InvalidSetting: One of them is not a host name.
    """
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise InvalidSetting(
                f"MNIST_APP_ALLOWED_HOSTS has “{host[:80]}”, which is not a host name. List names without "
                "https:// and port, separated by commas, such as digits.school.example,*.school.example."
            )
