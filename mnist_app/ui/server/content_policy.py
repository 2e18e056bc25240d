"""The content security policy: what a page of this app may load, run and connect to, and who may frame it."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from streamlit import file_util

from mnist_app.errors import InvalidSetting

SCROLL_TO_TOP = """document.querySelector('[data-testid="stMain"]').scrollTo(0, 0);"""
"""The only script that stands in a page of ours. Its text never varies, because the policy names its hash."""
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?")


def content_policy(host: str, frame_ancestors: Sequence[str]) -> str:
    """Return the policy as a header's value.

    Args:
        host: The request's `Host` header. To some browsers a websocket of the same host is not `'self'`.
        frame_ancestors: Origins of other sites that may show the app in a frame.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    rules = [
        "default-src 'self'",
        # The scripts of components are texts, which the page imports from blob: addresses.
        f"script-src 'self' blob: {' '.join(inline_scripts())}",
        # The page and its charts set styles within elements.
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
    """Return the hashes of the scripts in Streamlit's own page and in ours, as the policy names them."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = [*_INLINE_SCRIPT.findall(page), SCROLL_TO_TOP]
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return tuple(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


def check_frame_ancestors(origins: Sequence[str]) -> None:
    """
    Raises:
        InvalidSetting: One of them is no origin, such as `https://moodle.school.example`.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidSetting(
                f"MNIST_APP_FRAME_ANCESTORS has “{origin[:80]}”, which is no origin. List the sites that may "
                "show the app in a frame, with commas, such as https://moodle.school.example."
            )
