"""The middleware around Streamlit and all routes."""

from starlette.middleware import Middleware

from mnist_app.settings import Settings
from mnist_app.ui.server.allowed_hosts import AllowedHosts
from mnist_app.ui.server.closed_addresses import ClosedAddresses
from mnist_app.ui.server.security_headers import SecurityHeaders
from mnist_app.ui.server.upload_limits import UploadLimits


def middleware_of(settings: Settings) -> list[Middleware]:
    """Return the middleware for these settings, outermost first."""
    return [
        Middleware(
            SecurityHeaders,
            frame_ancestors=settings.frame_ancestors,
            trusted_proxies=settings.trusted_proxies,
        ),
        Middleware(AllowedHosts, hosts=settings.allowed_hosts),
        Middleware(ClosedAddresses, metrics=settings.metrics, sign_in=settings.sign_in),
        Middleware(UploadLimits),
    ]
