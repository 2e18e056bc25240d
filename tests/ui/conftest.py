"""Fixtures of the pages' tests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from own_home import pages_use
from taught import TEACHER_CODE
from trained import finished_run

from mnist_app.settings import Settings
from mnist_app.ui.frame import waiting_runs
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_store import Store


@pytest.fixture(scope="session", autouse=True)
def _pages_open_fast(components_found_once: None) -> None:
    """Open pages without searching for components each time."""


@pytest.fixture(scope="session", autouse=True)
def _as_in_the_server(streamlit_repaired: None) -> None:
    """Open pages with the repairs that the server makes at its start."""


@pytest.fixture(scope="session", autouse=True)
def _store_closed() -> Iterator[None]:
    """Close the store that the pages had open last."""
    yield
    resources.store.clear()


@pytest.fixture(autouse=True)
def first_visit() -> Iterator[None]:
    """Nothing happens at the server's first visit: no worker is started beside a test that has runs wait."""
    # Not by the test's own monkeypatch, which is to be undone before other fixtures end.
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(waiting_runs, "see_to_waiting_runs", lambda: None)
        yield


@pytest.fixture(scope="session")
def warm() -> None:
    """The shipped model is loaded: pages answer at once."""
    assert resources.recogniser().wait(120)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """An empty store that the pages use, in a home of this test's own; no worker."""
    with pages_use(replace(settings, home=tmp_path, database=None)) as store:
        yield store


@pytest.fixture
def class_store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """An empty store that the pages use, in a home of this test's own; the class has a teacher, no worker."""
    own = replace(settings, home=tmp_path, database=None)
    with pages_use(own, MNIST_APP_TEACHER_CODE=TEACHER_CODE) as store:
        yield store


@pytest.fixture
def run() -> Iterator[Run]:
    """A finished run of the dense network that never learned, whose name has markup in it."""
    run = finished_run(resources.store(), resources.model_files(), "<b>bold</b> **too**")
    yield run
    resources.store().delete(run.id)
    resources.model_files().delete(run.id)
