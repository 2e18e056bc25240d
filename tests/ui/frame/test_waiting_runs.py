"""Runs that wait are trained from the first visit on, whichever page it is to."""

from collections.abc import Iterator

import pytest
from opened import new_tab

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.frame import waiting_runs
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.supervisor import WorkerSupervisor

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


@pytest.fixture
def first_visit() -> None:
    """Here something does happen at the first visit."""


@pytest.fixture
def started(class_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[WorkerSupervisor]]:
    """The supervisors that were asked for a worker, in a server that nobody has visited."""
    asked: list[WorkerSupervisor] = []

    def ensure_started(self: WorkerSupervisor) -> None:
        asked.append(self)

    monkeypatch.setattr(WorkerSupervisor, "ensure_started", ensure_started)
    waiting_runs.begin_once.clear()
    yield asked
    waiting_runs.begin_once.clear()


def visit() -> None:
    """Open the app's first page, and wait for what is done beside it."""
    test = new_tab().run()
    assert [title.value for title in test.title] == ["Draw a digit"]
    assert not test.exception
    waiting_runs.begin_once().join(60)


def test_what_waits_is_trained_although_nobody_opens_a_page_that_trains(
    started: list[WorkerSupervisor], class_store: Store
) -> None:
    Queue(class_store).submit(CONFIG, "somebody")
    visit()
    assert started == [resources.supervisor()]
    visit()
    assert len(started) == 1, "once in a server's life"


def test_where_nothing_waits_no_worker_is_started(started: list[WorkerSupervisor]) -> None:
    visit()
    assert started == []


def test_where_a_cluster_trains_it_is_connected_to(
    started: list[WorkerSupervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_APP_CLUSTER", "auto")
    resources.settings.clear()
    visit()
    assert len(started) == 1


def test_without_a_store_drawing_goes_on(
    started: list[WorkerSupervisor], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: Queue) -> int:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(Queue, "waiting", refuse)
    visit()
    assert started == []
    assert "The disk is full." in caplog.text
