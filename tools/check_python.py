"""Can the app run on this interpreter? Exits with 0, or prints what this one is and exits with 1.

Any Python may be asked, so this file keeps to what Python 2.7 can read too. Each start of the app asks,
so nothing is imported that is not needed for a yes.
"""

import os
import sys

NEEDED = "Python 3.11, 3.12 or 3.13 (CPython, 64 bit)"


def misfit():
    """What this interpreter is that the app, for TensorFlow 2.21, cannot run on; "" where it can."""
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
    """Whether an environment can be made: Debian keeps what venv needs for that in another package."""
    from importlib.machinery import PathFinder

    return PathFinder.find_spec("ensurepip") is not None


if __name__ == "__main__":
    reason = misfit()
    if reason:
        print(reason)
        sys.exit(1)
