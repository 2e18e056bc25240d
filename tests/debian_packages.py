"""What becomes of a test where a program is missing that is a package of Debian."""

import os
from typing import NoReturn

import chromium as browsers
import pytest

NOT_INSTALLABLE = "MNIST_APP_NOT_INSTALLABLE"
"""Variable in which `.ci/run` lists the packages that it could not install."""


def go_without(program: str, package: str) -> NoReturn:
    """Skip a test for want of a program; under CI fail, unless its package could not be installed.

    Args:
        program: The program's name, for people.
        package: Its package on Debian and Ubuntu.
    """
    missing = f"{program} is not installed here: on Debian and Ubuntu it is the package {package}"
    is_excused = package in os.environ.get(NOT_INSTALLABLE, "").split()
    if browsers.in_continuous_integration(os.environ) and not is_excused:
        pytest.fail(f"{missing}, and CI is set.")
    pytest.skip(f"{missing}.")
