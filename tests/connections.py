"""Connections to SQLite that this process has open: who forgets to close one is told, on every Python.

Python 3.13 and later warn of a connection that is dropped without being closed; earlier ones say nothing,
so that the same fault showed on one Python only. Warnings are errors in tests.
"""

import contextlib
import sqlite3
import traceback
import warnings
import weakref
from collections.abc import Iterator
from typing import Any
from unittest import mock

from mnist_app.settings import PROJECT

_made: "weakref.WeakSet[WatchedConnection]" = weakref.WeakSet()


class WatchedConnection(sqlite3.Connection):
    """A connection that warns when it is dropped without being closed, and knows who opened it."""

    is_open = False  # until it is: SQLite may refuse a file

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.opened_by = _frames_of_ours()
        super().__init__(*arguments, **options)
        self.is_open = True
        _made.add(self)

    def close(self) -> None:
        super().close()
        self.is_open = False

    def __del__(self) -> None:
        if self.is_open:
            self.close()
            text = f"unclosed database, opened by\n{self.opened_by}"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Let every connection that is opened meanwhile be a `WatchedConnection`."""
    connect = sqlite3.connect

    def connect_watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return connect(*arguments, **{"factory": WatchedConnection, **options})

    with (
        mock.patch.object(sqlite3, "connect", connect_watched),
        mock.patch.object(sqlite3.dbapi2, "connect", connect_watched),
    ):
        yield


@contextlib.contextmanager
def none_left_open() -> Iterator[None]:
    """Fail if a connection that was opened within is open at the end; garbage collection closes none."""
    before = set(_made)
    yield
    left = [each.opened_by for each in list(_made) if each.is_open and each not in before]
    assert not left, f"{len(left)} connections were left open; the first was opened by\n{left[0]}"


def _frames_of_ours() -> str:
    """What called, without the libraries."""
    stack = traceback.extract_stack()[:-2]
    return "".join(traceback.format_list([frame for frame in stack if _is_ours(frame.filename)]))


def _is_ours(file: str) -> bool:
    return file.startswith(str(PROJECT)) and "site-packages" not in file
