"""A run that is renamed in another tab has its new name on open pages, and keeps it."""

from collections.abc import Callable

import pytest
from opened import new_tab, open_page
from shown import html, session_of
from streamlit.testing.v1 import AppTest
from taught import visit

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import keep_class_settings, read_class_settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store

OWNER = "the-owner-of-these-tests-000"
CONFIG = TrainingConfig(preset="dense", dataset="synthetic", name="before")


@pytest.fixture
def run(store: Store) -> Run:
    """A run that waits, with a name."""
    return Queue(store).submit(CONFIG, OWNER)


def show(run: Run) -> AppTest:
    """Runs, where its owner has chosen the run."""
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).owner = OWNER
    session_of(test).runs.chosen = (run.id,)
    return open_page(test, "runs")


def name_in_field(test: AppTest, run: Run) -> str:
    return test.text_input(key=f"name-{run.id}").value


def press_rename(test: AppTest) -> None:
    next(button for button in test.button if button.label == "Rename").click().run()
    assert not test.exception and not test.error


def test_the_next_run_of_the_page_shows_the_new_name(store: Store, run: Run) -> None:
    test = show(run)
    assert name_in_field(test, run) == "before"
    store.rename(run.id, "elsewhere")
    test.run()
    assert name_in_field(test, run) == "elsewhere"
    assert "elsewhere</h3>" in html(test)


def test_an_old_name_that_was_left_in_the_field_does_not_come_back(store: Store, run: Run) -> None:
    test = show(run)
    store.rename(run.id, "elsewhere")
    press_rename(test)
    assert store.run(run.id).name == "elsewhere"
    assert name_in_field(test, run) == "elsewhere"


def test_nor_does_it_after_a_name_was_given_here(store: Store, run: Run) -> None:
    test = show(run)
    test.text_input(key=f"name-{run.id}").set_value(" here ")
    press_rename(test)
    assert store.run(run.id).name == "here"
    store.rename(run.id, "elsewhere")
    press_rename(test)
    assert store.run(run.id).name == "elsewhere"


def test_a_name_that_was_typed_is_the_newest(store: Store, run: Run) -> None:
    test = show(run)
    store.rename(run.id, "elsewhere")
    test.text_input(key=f"name-{run.id}").set_value("typed")
    press_rename(test)
    assert store.run(run.id).name == "typed"


def choose_in_form(test: AppTest, run: Run) -> None:
    test.selectbox(key="rules-0-start_model").set_value(run.id)


def save_form(test: AppTest) -> None:
    next(button for button in test.button if button.label == "Save for the class").click().run()
    assert not test.exception


@pytest.mark.parametrize("act", [choose_in_form, lambda test, run: None])
def test_a_renamed_run_stays_the_choice_of_the_teacher_s_form(
    class_store: Store, act: Callable[[AppTest, Run], None]
) -> None:
    lease = class_store.start(CONFIG, "test", owner=OWNER)
    class_store.finish(lease, Status.FINISHED, epoch=5.0, model_sha256="0" * 64)
    run = class_store.run(lease.run_id)
    if act is not choose_in_form:
        keep_class_settings(class_store.database, ClassSettings(start_model=run.id))
    test = visit("teacher", is_teacher=True)
    act(test, run)
    class_store.rename(run.id, "elsewhere")
    save_form(test)
    assert read_class_settings(class_store.database).start_model == run.id
    test.run()
    assert f"elsewhere, #{run.number}" in test.selectbox(key="rules-0-start_model").options
