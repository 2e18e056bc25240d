"""List of the other Pythons on this machine that the app supports, one of each version.

    python tools/other_pythons.py

It prints a path a line, the oldest version first, without the version that runs it. `.ci/run` runs the tests
on each.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import set_up

CHECK = Path(__file__).resolve().parent / "check_python.py"
VERSIONS = ("3.11", "3.12", "3.13")
"""The versions that the README promises."""


def other_pythons(environment: Mapping[str, str]) -> list[Path]:
    """Return an interpreter of each supported version but this one, if there is any."""
    found = (next(filter(fits, candidates(version, environment)), None) for version in VERSIONS)
    return [
        python for python in found if python and set_up.version_of(python) != sys.implementation.cache_tag
    ]


def candidates(version: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield possible paths of an interpreter: on the path, or where pyenv installs it."""
    on_path = shutil.which(f"python{version}", path=environment.get("PATH", ""))
    if on_path:
        yield Path(on_path)
    root = environment.get("PYENV_ROOT") or f"{environment.get('HOME', '')}/.pyenv"
    yield from sorted(Path(root).glob(f"versions/{version}.*/bin/python{version}"))


def fits(python: Path) -> bool:
    """Return whether this runs and is a Python that the app supports; a link of pyenv's may be neither."""
    try:
        asked = subprocess.run([str(python), "-S", str(CHECK)], capture_output=True, check=False)
    except OSError:
        return False
    return asked.returncode == 0


if __name__ == "__main__":
    for each in other_pythons(os.environ):
        print(each)
