"""The server's settings, read and checked once at its start."""

import os
import sys
from dataclasses import dataclass

from mnist_app.errors import InvalidSetting
from mnist_app.settings import TEACHER_CODE, Settings
from mnist_app.ui.server.allowed_hosts import check_hosts
from mnist_app.ui.server.content_policy import check_frame_ancestors
from mnist_app.ui.server.trusted_proxies import TrustedProxies

SHORTEST_CODE = 8
"""Fewest characters of the teacher's code."""
WRONG_SETTING = 2
"""Exit code for a wrong setting: a restart without a change is of no use."""


@dataclass
class _Started:
    settings: Settings | None = None


_started = _Started()


def start() -> None:
    """Read and check the settings, and remove the teacher's code from the environment.

    Programs that the server starts, such as a browser or a worker, inherit the environment.

    Raises:
        SystemExit: A setting is wrong. A message names it, and the exit code is `WRONG_SETTING`.
    """
    try:
        settings = Settings.from_environment()
        check(settings)
    except InvalidSetting as error:
        print(error, file=sys.stderr)
        raise SystemExit(WRONG_SETTING) from None
    os.environ.pop(TEACHER_CODE, None)
    _started.settings = settings


def server_settings() -> Settings:
    """Return the settings of this server. Without a server, as in tests, read the environment."""
    return _started.settings or Settings.from_environment()


def check(settings: Settings) -> None:
    """Check the settings on which security depends.

    Raises:
        InvalidSetting: The teacher's code is too short, or a trusted proxy, an allowed host or a site that
            may frame the app is malformed.
    """
    check_hosts(settings.allowed_hosts)
    check_frame_ancestors(settings.frame_ancestors)
    TrustedProxies.read(settings.trusted_proxies)
    if settings.teacher_code is not None and len(settings.teacher_code) < SHORTEST_CODE:
        raise InvalidSetting(
            f"{TEACHER_CODE} is too short: it has {len(settings.teacher_code)} characters and needs at least "
            f"{SHORTEST_CODE}, so that nobody guesses it. Choose a longer one, or leave it empty to have no "
            "teacher's page."
        )
