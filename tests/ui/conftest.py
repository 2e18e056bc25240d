"""What the tests of the pages share."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from taught import TEACHER_CODE

from mnist_app.runs.store import Store
from mnist_app.runs.supervisor import WorkerSupervisor
from mnist_app.settings import Settings
from mnist_app.ui import resources, waiting_runs


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
def class_store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """An empty store that the pages use, in a home of this test's own; the class has a teacher, no worker."""
    own = replace(settings, home=tmp_path, database=None)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in own.to_environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("MNIST_APP_TEACHER_CODE", TEACHER_CODE)
        monkeypatch.setattr(WorkerSupervisor, "ensure_started", lambda self: None)
        _forget()
        yield resources.store()
        resources.store().close()
    _forget()


def _forget() -> None:
    """Let the pages open the store of the environment as it is now."""
    for resource in (
        "settings",
        "store",
        "queue",
        "drawings",
        "model_files",
        "evaluations",
        "supervisor",
        "kept_class_settings",
        "teacher_access",
        "presence",
    ):
        getattr(resources, resource).clear()
