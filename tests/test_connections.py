"""A connection to SQLite that is not closed is noticed, on every Python that runs the tests."""

import gc
import sqlite3
import warnings
from pathlib import Path

import connections
import pytest


class Holder:
    """Something that refers to itself, as SQLAlchemy's pools do: only garbage collection drops it."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file)
        self.itself = self


def test_a_connection_that_is_dropped_open_is_told(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        sqlite3.connect(tmp_path / "a.sqlite")
        Holder(tmp_path / "b.sqlite")
        gc.collect()
    about = [str(each.message) for each in told if each.category is ResourceWarning]
    assert len([text for text in about if text.startswith("unclosed database")]) == 2


def test_a_connection_that_is_closed_is_not_told(tmp_path: Path) -> None:
    with connections.none_left_open():
        sqlite3.connect(tmp_path / "a.sqlite").close()
        with pytest.raises(sqlite3.OperationalError):
            sqlite3.connect(tmp_path / "no folder" / "a.sqlite")


def test_a_connection_that_is_left_open_is_counted(tmp_path: Path) -> None:
    told = r"(?s)1 connections were left open.*test_connections\.py"
    with pytest.raises(AssertionError, match=told), connections.none_left_open():
        left = sqlite3.connect(tmp_path / "a.sqlite")
    left.close()
