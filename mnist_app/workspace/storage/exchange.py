"""Exchange of a home's contents, in steps that a killed process leaves repairable.

1. The old contents move into `before-restore.part`, which is then renamed `before-restore.whole`.
2. The new contents move into the home and are tried.
3. `before-restore.whole` is renamed `replaced.part`. From now on the new contents count.

A process that is killed before step 3 leaves one of the first two folders. `take_back` then restores the old
contents from it.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

BEFORE = "before-restore.whole"
"""The folder in the home with all of the old contents, until the new ones have been tried."""
LEAVING = "before-restore.part"
"""The same while entries move into it or back. Everything else in the home is then old, too."""
COMING = "restore.part"
"""The folder in the home in which the new contents are prepared."""
REPLACED = "replaced.part"
"""The folder of the old contents once they are not needed any more."""


def is_broken_off(home: Path) -> bool:
    """Return whether a process was killed while it exchanged the contents of a home."""
    return (home / BEFORE).exists() or (home / LEAVING).exists()


def exchange(home: Path, names: Sequence[str], check: Callable[[], None]) -> None:
    """Exchange entries of a home for those of the same names in `COMING`.

    Everything happens within the home, because it may be a volume of its own, or in a folder that cannot be
    written to.

    Args:
        home: The folder.
        names: The entries to exchange; all others stay.
        check: Tries the new contents. If it raises an error, the old contents are restored.

    Raises:
        OSError: An entry cannot be moved. The old contents are back in place unless `is_broken_off`.
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
    """Restore the old contents after an exchange that was interrupted, if there was one.

    Raises:
        OSError: An entry cannot be moved.
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
