"""Runs that pages submit: each says from which tab and address it comes, and counts towards their limits."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from own_home import pages_use
from shown import session_of
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from taught import TEACHER_CODE, visit

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.ui.ownership import visitor
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.runs.model_files import Checkpoint
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.identifiers import new_token
from mnist_app.workspace.storage.tables import runs

TAB, THIS_MACHINE = "test session id", "127.0.0.1"
"""What AppTest calls each tab's session, and where it visits from."""


@pytest.fixture
def one_per_address(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """An empty store; of one network address one run may wait."""
    own = replace(settings, home=tmp_path, database=None)
    limit = {"MNIST_APP_MOST_WAITING_PER_ADDRESS": "1"}
    with pages_use(own, MNIST_APP_TEACHER_CODE=TEACHER_CODE, **limit) as store:
        yield store


def submit(test: AppTest, label: str = "Train") -> None:
    """Press a button that submits a run, as somebody who was never here before."""
    session_of(test).owner = new_token()
    for opens in (each for each in test.button if each.label == "Change"):  # a run is shown already
        opens.click().run()
    next(each for each in test.button if each.label == label).click().run()
    assert not test.exception


def origins(store: Store) -> list[tuple[str | None, str | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(runs.c.session, runs.c.address).order_by(runs.c.number))
        return [(row.session, row.address) for row in rows]


def train_page() -> AppTest:
    return visit("train", preset="dense", dataset="synthetic")


def test_a_run_carries_digests_of_its_tab_and_its_address(
    class_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = train_page()
    submit(test)
    monkeypatch.setattr(visitor, "visitor_address", lambda: "192.0.2.7")
    submit(test)
    expected = [resources.origins().of(TAB, address) for address in (THIS_MACHINE, "192.0.2.7")]
    assert origins(class_store) == [(each.session, each.address) for each in expected]


def stopped_run(store: Store) -> Run:
    """A run of nobody's with a checkpoint, which can go on."""
    lease = store.start(TrainingConfig(preset="dense", dataset="synthetic", epochs=2), "test")
    sha256 = resources.model_files().save_checkpoint(lease.run_id, Checkpoint(1, (np.arange(5.0),)))
    store.report(lease, checkpoint_epoch=1, checkpoint_sha256=sha256)
    store.finish(lease, Status.STOPPED)
    return store.run(lease.run_id)


def test_a_run_that_goes_on_carries_them_too(class_store: Store) -> None:
    stopped = stopped_run(class_store)
    test = visit("train", is_teacher=True)
    session_of(test).runs.chosen = (stopped.id,)
    test.switch_page("../pages/runs.py").run()
    submit(test, "Train further")
    expected = resources.origins().of(TAB, THIS_MACHINE)
    assert origins(class_store) == [(None, None), (expected.session, expected.address)]


def test_a_tab_that_says_it_is_somebody_new_has_no_more_runs_waiting(class_store: Store) -> None:
    resources.keep_class_settings(ClassSettings(most_waiting_per_person=2))
    test = train_page()
    for _ in range(2):
        submit(test)
        assert not test.error
    submit(test)
    assert "2 of your runs are waiting, which is as many as one person may have" in test.error[0].value
    assert len({run.owner for run in class_store.runs()}) == len(class_store.runs()) == 2


def test_the_setting_says_how_many_wait_of_one_address(
    one_per_address: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = train_page()
    submit(test)
    assert not test.error
    submit(test)
    assert "from your school's internet connection is waiting" in test.error[0].value
    assert len(one_per_address.runs()) == 1
    monkeypatch.setattr(visitor, "visitor_address", lambda: "192.0.2.7")
    submit(test)
    assert len(one_per_address.runs()) == 2
