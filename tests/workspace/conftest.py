"""Fixtures of the workspace's tests: a store of their own on SQLite and, if installed, PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from empty_stores import put_empty_store

from mnist_app.settings import Settings
from mnist_app.workspace.runs.run_store import Store


@pytest.fixture
def own_settings(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a home that is this test's alone, and the runs in it."""
    return replace(settings, home=tmp_path / "home", database=None)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_settings(request: pytest.FixtureRequest, own_settings: Settings) -> Settings:
    """Settings of this test's alone, with the runs in SQLite or in PostgreSQL."""
    if request.param == "sqlite":
        return own_settings
    return replace(own_settings, database=request.getfixturevalue("postgresql").empty_database())


@pytest.fixture
def store(any_settings: Settings) -> Iterator[Store]:
    """An empty store."""
    if any_settings.database is None:
        put_empty_store(any_settings.home)
    store = Store(any_settings)
    yield store
    store.close()
