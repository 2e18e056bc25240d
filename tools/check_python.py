"""Can the app run on this interpreter? Exits with 0, or prints what this one is and exits with 1.

Any Python may be asked, so this file keeps to what Python 2.7 can read too.
"""

import platform
import struct
import sys

NEEDED = "Python 3.11, 3.12 or 3.13 (CPython, 64 bit)"


def misfit():
    """What this interpreter is that the app, for TensorFlow 2.21, cannot run on; "" where it can."""
    version = platform.python_version()
    if platform.python_implementation() != "CPython":
        return platform.python_implementation() + " " + version
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return version
    if struct.calcsize("P") != 8:
        return version + ", 32 bit"
    if platform.system() == "Darwin" and platform.machine() == "x86_64":
        return version + " for Macs with Intel processors, for which there is no TensorFlow 2.21"
    if not has_venv():
        return version + " without venv, which on Debian and Ubuntu is the package python3-venv"
    return ""


def has_venv():
    """Whether an environment can be made: Debian keeps ensurepip, which venv needs, in another package."""
    from importlib.util import find_spec

    return find_spec("ensurepip") is not None


if __name__ == "__main__":
    reason = misfit()
    if reason:
        print(reason)
        sys.exit(1)
