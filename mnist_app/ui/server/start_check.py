"""The settings that must be right before the server starts."""

import sys

from mnist_app.errors import InvalidSetting
from mnist_app.settings import Settings
from mnist_app.ui.trusted_proxies import TrustedProxies

SHORTEST_CODE = 8
"""Characters that the teacher's code has at least."""
WRONG_SETTING = 2
"""The exit code of a server that must not be started again before its settings are mended."""


def stop_unless_right(settings: Settings) -> None:
    """End the program with a message if a setting is wrong, instead of serving with less protection.

    Raises:
        SystemExit: A setting is wrong; the exit code is `WRONG_SETTING`.
    """
    try:
        check(settings)
    except InvalidSetting as error:
        print(error, file=sys.stderr)
        raise SystemExit(WRONG_SETTING) from None


def check(settings: Settings) -> None:
    """Check the settings on which it depends who may do what.

    Raises:
        InvalidSetting: The teacher's code is too short, or a trusted proxy is no address.
    """
    TrustedProxies.read(settings.trusted_proxies)
    if settings.teacher_code is not None and len(settings.teacher_code) < SHORTEST_CODE:
        raise InvalidSetting(
            f"MNIST_APP_TEACHER_CODE is too short: it has {len(settings.teacher_code)} characters and needs "
            f"{SHORTEST_CODE}, so that nobody guesses it. Choose a longer one, or leave it empty to do "
            "without a teacher's page."
        )
