"""Check whether the app can run on this interpreter: exit with 0, or print the misfit and exit with 1.

Any Python may be asked, so this file must be valid for Python 2.7 too. Each start of the app runs it, so it
imports nothing that a "yes" does not need.
"""

import os
import sys

NEEDED = "Python 3.11, 3.12 or 3.13 (CPython, 64 bit)"


def misfit():
    """Return why the app, for TensorFlow 2.21, cannot run on this interpreter; "" if it can."""
    version = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return version
    if sys.implementation.name != "cpython":
        return version + " of " + sys.implementation.name
    if sys.maxsize < 2**32:
        return version + ", 32 bit"
    if sys.platform == "darwin" and os.uname().machine == "x86_64":
        return version + " for Macs with Intel processors, for which there is no TensorFlow 2.21"
    if not has_ensurepip():
        return version + " without ensurepip, which on Debian and Ubuntu is in the package python3-venv"
    return ""


def has_ensurepip():
    """Return whether venv can make an environment: Debian puts what it needs into another package."""
    from importlib.machinery import PathFinder

    return PathFinder.find_spec("ensurepip") is not None


if __name__ == "__main__":
    reason = misfit()
    if reason:
        print(reason)
        sys.exit(1)
