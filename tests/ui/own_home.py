"""A home of a test's own for the pages, which keep open what they have opened."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from empty_stores import put_empty_store

from mnist_app.settings import Settings
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE
from mnist_app.workspace.workers.supervisor import WorkerSupervisor

OPENED = (
    "settings",
    "trusted_proxies",
    "store",
    "queue",
    "drawings",
    "model_files",
    "evaluations",
    "likeness_of",
    "supervisor",
    "training_recogniser",
    "kept_class_settings",
    "teacher_access",
    "presence",
)
"""What the pages open by the settings of the environment, and then keep."""


@contextmanager
def pages_use(own: Settings, **environment: str) -> Iterator[Store]:
    """Let the pages go by these settings, and start no worker; the store that they use."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in (own.to_environment() | environment).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(WorkerSupervisor, "ensure_started", lambda self: None)
        _forget()
        if own.database is None and not (own.home / FILE).exists():
            put_empty_store(own.home)
        yield resources.store()
        resources.store().close()
    _forget()


def _forget() -> None:
    """Let the pages open anew what the environment says now."""
    for name in OPENED:
        getattr(resources, name).clear()
