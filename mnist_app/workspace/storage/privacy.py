"""Permissions of the store and of the home. Earlier versions let everybody on the machine read both."""

import contextlib
import os
import stat
from pathlib import Path

from mnist_app.settings import Settings
from mnist_app.workspace.storage.shared_files import local_folder
from mnist_app.workspace.storage.sqlite_store import BESIDE

_PRIVATE_FOLDERS = ("models", "checkpoints", "evaluations", "copies")
_OWN_NAMES = {*_PRIVATE_FOLDERS, "datasets", "keras", "before-restore", "lost+found"}
_OWN_BEGINNINGS = ("runs.sqlite", "before-restore.", "restore.", "replaced.")


def make_store_private(file: Path) -> None:
    """Let only its owner use a store and SQLite's files beside it, unless a group shares its folder."""
    _make_private(file.parent, [Path(f"{file}{end}") for end in BESIDE])


def make_home_private(settings: Settings) -> None:
    """Let only its owner use the home.

    A home that also holds other things stays open, and its folders of models and answers become private. A
    home that is shared through a group stays as it is, and so does one with the files that servers share.
    """
    home = settings.home
    with contextlib.suppress(OSError):  # there may be no home where the store is elsewhere
        if not _holds_shared_files(settings):
            folders = [home / name for name in _PRIVATE_FOLDERS if not (home / name).is_symlink()]
            is_only_ours = all(_is_ours(path.name) for path in home.iterdir())
            _make_private(home, [home] if is_only_ours else folders)


def _make_private(folder: Path, paths: list[Path]) -> None:
    """Let only the owner use the paths in a folder, or the folder itself, unless a group shares the folder.

    A path stays as it is where it belongs to somebody else, on a file system without modes, and on Windows.
    """
    if os.name == "nt" or _is_shared(folder):
        return
    for path in paths:
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)


def _is_shared(folder: Path) -> bool:
    """Return whether new files get the folder's group, or another group than ours may write to the folder."""
    status = folder.stat()
    is_for_other_group = status.st_mode & stat.S_IWGRP and status.st_gid != os.getegid()
    return bool(status.st_mode & stat.S_ISGID or is_for_other_group)


def _is_ours(name: str) -> bool:
    return name in _OWN_NAMES or name.startswith(_OWN_BEGINNINGS)


def _holds_shared_files(settings: Settings) -> bool:
    folder = None if settings.files is None else local_folder(settings.files)
    return folder is not None and folder.resolve().is_relative_to(settings.home.resolve())
