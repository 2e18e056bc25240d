"""Exchanging what a home holds for something else, so that one of both is whole at any moment.

What was there goes into `before-restore.part`, which is renamed `before-restore.whole` once all of it is
there. Then what comes is put in place and tried, and `before-restore.whole` is renamed `replaced.part`: from
that moment on what came is what holds. A process that is killed before leaves one of the first two folders,
from which `take_back` puts back what was there.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

BEFORE = "before-restore.whole"
"""The folder in the home where what was there lies, all of it, until what came is tried."""
LEAVING = "before-restore.part"
"""The same while entries go into it or come back from it: all that is in the home then is what was there."""
COMING = "restore.part"
"""The folder in the home where what comes is made ready."""
REPLACED = "replaced.part"
"""What was there, once nobody needs it any more."""


def is_broken_off(home: Path) -> bool:
    """Whether a process was killed while it exchanged what a home holds."""
    return (home / BEFORE).exists() or (home / LEAVING).exists()


def exchange(home: Path, names: Sequence[str], check: Callable[[], None]) -> None:
    """Exchange the entries of those names for those in `COMING`.

    All is within the home, which may be a volume of its own or in a folder that cannot be written to.

    Args:
        home: The folder.
        names: What may be in it and in `COMING`; all else is left alone.
        check: Tries what came; whatever it raises has all taken back.

    Raises:
        OSError: Something cannot be moved; what was there is back in place, or `is_broken_off` says that it
            is not.
    """
    (home / LEAVING).mkdir()
    try:
        _move(names, home, home / LEAVING)
        os.rename(home / LEAVING, home / BEFORE)
        _move(names, home / COMING, home)
        check()
        os.rename(home / BEFORE, home / REPLACED)
    except BaseException:
        take_back(home, names)
        raise
    shutil.rmtree(home / REPLACED, ignore_errors=True)


def take_back(home: Path, names: Sequence[str]) -> None:
    """Put back what was there before an exchange that was not completed, if there was one.

    Raises:
        OSError: Something cannot be moved.
    """
    shutil.rmtree(home / REPLACED, ignore_errors=True)
    if (home / BEFORE).exists():
        (home / COMING).mkdir(exist_ok=True)
        for name in names:
            _remove(home / COMING / name)
        _move(names, home, home / COMING)
        os.rename(home / BEFORE, home / LEAVING)
    if (home / LEAVING).exists():
        _move(names, home / LEAVING, home)
        (home / LEAVING).rmdir()


def _move(names: Sequence[str], source: Path, target: Path) -> None:
    for name in names:
        if (source / name).exists():
            os.rename(source / name, target / name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
