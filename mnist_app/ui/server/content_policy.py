"""The content security policy: what a page may load, run and connect to, and which sites may frame it."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from streamlit import file_util

from mnist_app.errors import InvalidSetting

SCROLL_TO_TOP = """document.querySelector('[data-testid="stMain"]').scrollTo(0, 0);"""
"""The app's only inline script. Its text must not vary, because the policy contains its hash."""
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?")


def content_policy(host: str, frame_ancestors: Sequence[str]) -> str:
    """Return the policy as a header's value.

    Args:
        host: The request's `Host` header. To some browsers, a WebSocket of the same host is not `'self'`.
        frame_ancestors: Origins of other sites that may show the app in a frame.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    rules = [
        "default-src 'self'",
        # The page imports the scripts of components from blob: addresses.
        f"script-src 'self' blob: {' '.join(inline_scripts())}",
        # The page and its charts set style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self'{sockets}",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        " ".join(["frame-ancestors 'self'", *frame_ancestors]),
    ]
    return "; ".join(rules)


@cache
def inline_scripts() -> tuple[str, ...]:
    """Return the hashes of all inline scripts, Streamlit's and ours, in the form of the policy."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = [*_INLINE_SCRIPT.findall(page), SCROLL_TO_TOP]
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return tuple(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


def check_frame_ancestors(origins: Sequence[str]) -> None:
    """Check origins of sites, such as `https://moodle.school.example`.

    Raises:
        InvalidSetting: One of them is not an origin.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidSetting(
                f"MNIST_APP_FRAME_ANCESTORS has “{origin[:80]}”, which is not a site's address. List sites "
                "that may show the app in a frame, with commas, such as https://moodle.school.example."
            )
