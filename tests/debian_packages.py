"""What becomes of a test where a program is missing that is a package of Debian."""

import os
from typing import NoReturn

import pytest

INSTALLED = "MNIST_APP_INSTALLED"
"""Variable in which `.ci/run` lists the packages that it has found or installed."""


def go_without(program: str, package: str) -> NoReturn:
    """Skip a test for want of a program; fail if `.ci/run` has found or installed its package.

    Args:
        program: The program's name, for people.
        package: Its package on Debian and Ubuntu.
    """
    missing = f"{program} is not installed here: on Debian and Ubuntu it is the package {package}"
    if package in os.environ.get(INSTALLED, "").split():
        pytest.fail(f"{missing}, and {INSTALLED} says that it is.")
    pytest.skip(f"{missing}.")
