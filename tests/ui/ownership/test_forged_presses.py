"""Presses of buttons that a visitor is not shown: by a tab that showed them before, or by forged messages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from shown import drawn, session_of
from streamlit.testing.v1 import AppTest
from taught import visit

from mnist_app.ink.drawing import Drawing
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import read_class_settings
from mnist_app.workspace.runs.model_files import Checkpoint
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store

OWNER, STRANGER = "the-owner-of-these-things", "somebody-else-in-the-class"
CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


def session(page: str, owner: str, is_teacher: bool = False, **address: str) -> AppTest:
    """A page at an address, in a tab of this visitor's."""
    test = visit(page, is_teacher)
    become(test, owner, is_teacher)
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def become(test: AppTest, owner: str, is_teacher: bool = False) -> None:
    """Let the tab, with all that it shows, be another visitor's."""
    session_of(test).owner, session_of(test).is_teacher = owner, is_teacher


def button(test: AppTest, label: str) -> Any:
    return next(each for each in test.button if each.label == label)


def has_button(test: AppTest, label: str) -> bool:
    return any(each.label == label for each in test.button)


def message_of_press(test: AppTest, label: str) -> Any:
    """What the browser of this tab says when the button is pressed."""
    button(test, label).click()
    return test._tree.get_widget_states()


def forge(test: AppTest, message: Any) -> None:
    """Send what another browser would have said."""
    test._run(message)
    assert not test.exception


def is_said(test: AppTest, words: str) -> bool:
    said = [toast.value for toast in test.toast]
    assert len(said) == 1, said
    return words in said[0]


@pytest.mark.parametrize("page", ["train", "class_drawings"])
def test_nobody_stops_somebody_else_s_training(class_store: Store, page: str) -> None:
    if page == "class_drawings":  # which shows fine-tunings once there are drawings
        keep(7)
    run = resources.queue().submit(CONFIG, OWNER)
    owner, stranger = session(page, OWNER, run=run.id), session(page, STRANGER, run=run.id)
    assert "queue" in str(stranger.get("progress")[-1].proto), "it can be watched"
    assert not has_button(stranger, "Stop")
    forge(stranger, message_of_press(owner, "Stop"))
    assert class_store.run(run.id).status is Status.QUEUED
    become(owner, STRANGER)
    button(owner, "Stop").click().run()
    assert is_said(owner, "only its owner and the teacher can stop it.")
    assert class_store.run(run.id).status is Status.QUEUED
    stop_as(owner, OWNER, run)
    assert class_store.run(run.id).status is Status.STOPPED


def stop_as(test: AppTest, owner: str, run: Run) -> None:
    become(test, owner)
    test.run()
    button(test, "Stop").click().run()


def test_the_teacher_stops_any_training(class_store: Store) -> None:
    run = resources.queue().submit(CONFIG, OWNER)
    button(session("train", STRANGER, is_teacher=True, run=run.id), "Stop").click().run()
    assert class_store.run(run.id).status is Status.STOPPED


def runs_page(owner: str, run: Run) -> AppTest:
    """The Runs page of a visitor who has chosen a run there."""
    test = session("train", owner)
    session_of(test).runs.chosen = (run.id,)
    return test.switch_page("../pages/runs.py").run()


def test_nobody_renames_or_deletes_somebody_else_s_run(class_store: Store) -> None:
    ended = class_store.start(CONFIG, "test", owner=OWNER)
    class_store.finish(ended, Status.STOPPED)
    before = class_store.run(ended.run_id)
    owner, stranger = runs_page(OWNER, before), runs_page(STRANGER, before)
    owner.text_input(key=f"name-{before.id}").set_value("another name")
    for label in ("Rename", "Delete"):
        assert not has_button(stranger, label)
        forge(stranger, message_of_press(owner, label))
    become(owner, STRANGER)
    button(owner, "Rename").click().run()
    assert not owner.exception
    assert class_store.run(before.id) == before


def test_nobody_continues_somebody_else_s_run(class_store: Store) -> None:
    lease = class_store.start(CONFIG, "test", owner=OWNER)
    sha256 = resources.model_files().save_checkpoint(lease.run_id, Checkpoint(1, (np.arange(5.0),)))
    class_store.report(lease, checkpoint_epoch=1, checkpoint_sha256=sha256)
    class_store.finish(lease, Status.STOPPED)
    run = class_store.run(lease.run_id)
    owner, stranger = runs_page(OWNER, run), runs_page(STRANGER, run)
    assert not has_button(stranger, "Train further")
    forge(stranger, message_of_press(owner, "Train further"))
    assert class_store.runs() == [run]
    become(owner, STRANGER)
    button(owner, "Train further").click().run()
    assert not owner.exception
    assert class_store.runs() == [run]
    button(runs_page(OWNER, run), "Train further").click().run()
    assert [each.continued_from for each in class_store.runs() if each.id != run.id] == [run.id]


def downloads(test: AppTest) -> list[str]:
    return [each.proto.id for each in test.get("download_button")]


def test_a_forged_press_downloads_nothing_where_downloads_are_hidden(class_store: Store) -> None:
    ended = class_store.start(CONFIG, "test", owner=OWNER)
    class_store.finish(ended, Status.STOPPED)
    resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"download_runs"})))
    teacher, stranger = session("train", STRANGER, is_teacher=True), session("train", STRANGER)
    for test in (teacher, stranger):
        session_of(test).runs.chosen = (ended.run_id,)
        test.switch_page("../pages/runs.py").run()
    message = teacher._tree.get_widget_states()
    pressed = downloads(teacher)
    assert len(pressed) == 2, "its history and its script; it has no model"
    for each in pressed:
        message.widgets.add(id=each, trigger_value=True)
    forge(stranger, message)
    assert downloads(stranger) == []
    become(teacher, STRANGER)
    forge(teacher, message)
    assert downloads(teacher) == []


def test_a_forged_press_of_what_removes_drawings_opens_no_dialog(class_store: Store) -> None:
    keep(7)
    keep(3)
    owner, stranger = session("class_drawings", OWNER), session("class_drawings", STRANGER)
    message = message_of_press(owner, "Remove this 7")
    owner.run()
    assert has_button(owner, "Remove all 2 of the same person")
    assert not has_button(stranger, "Remove this 7")
    forge(stranger, message)
    assert not has_button(stranger, "Remove all 2 of the same person")
    button(owner, "Remove all 2 of the same person").click()
    forge(stranger, owner._tree.get_widget_states())
    assert resources.drawings().count() == 2


def keep(digit: int) -> str:
    """Keep a drawing of the owner's; its id."""
    message = drawn(digit)
    drawing = Drawing.from_canvas(message.png, message.json_data, 320)
    return resources.drawings().keep(drawing, digit, OWNER).id


def test_nobody_puts_somebody_else_s_drawing_back(class_store: Store) -> None:
    keep(7)
    removed = resources.drawings().remove(keep(3))
    teacher = session("class_drawings", STRANGER, is_teacher=True)
    session_of(teacher).class_drawings.removed = removed
    teacher.run()
    become(teacher, STRANGER)
    button(teacher, "Undo").click().run()
    assert resources.drawings().count() == 1
    assert [warning.value for warning in teacher.warning] == [
        "This drawing is somebody else's: only its owner and the teacher can remove it."
    ]


def move(test: AppTest) -> None:
    next(each for each in reversed(test.button) if each.label == "To the front").click()


def cancel(test: AppTest) -> None:
    button(test, "Cancel").click()


def cancel_all(test: AppTest) -> None:
    button(test, "Cancel all 2 waiting").click()


def cancel_person(test: AppTest) -> None:
    button(test, "Cancel all of this person").click()


def cancel_address(test: AppTest) -> None:
    button(test, "Cancel all from this network address").click()


def save_rules(test: AppTest) -> None:
    next(field for field in test.number_input if field.label == "Epochs").set_value(1)
    button(test, "Save for the class").click()


def write_archive(test: AppTest) -> None:
    button(test, "Write an archive").click()


def give_archive(test: AppTest) -> None:
    test.file_uploader[0].set_value(("class.zip", b"no archive", "application/zip"))


CANCEL = [cancel, cancel_all, cancel_person, cancel_address]


@pytest.mark.parametrize("press", [move, *CANCEL, save_rules, write_archive, give_archive])
def test_nobody_but_the_teacher_acts_on_the_class(
    class_store: Store, press: Callable[[AppTest], None]
) -> None:
    origin = resources.origins().of("a tab", "192.0.2.7")
    runs = [resources.queue().submit(CONFIG, OWNER, origin=origin) for _ in range(2)]
    teacher, stranger = session("teacher", STRANGER, is_teacher=True), session("teacher", STRANGER)
    press(teacher)
    forge(stranger, teacher._tree.get_widget_states())
    become(teacher, STRANGER)
    teacher.run()
    assert not teacher.exception
    if press is not save_rules:  # which is acted on where the page comes to it, and so not at all
        assert is_said(teacher, "he teacher can")
    assert [class_store.run(run.id) for run in runs] == runs
    assert list(resources.queue().turns()) == [run.id for run in runs]
    assert read_class_settings(class_store.database) == ClassSettings()
    assert session_of(teacher).teacher.export is None if press is write_archive else True


@pytest.mark.parametrize("press", CANCEL)
def test_the_teacher_cancels_what_waits(class_store: Store, press: Callable[[AppTest], None]) -> None:
    origin = resources.origins().of("a tab", "192.0.2.7")
    for _ in range(2):
        resources.queue().submit(CONFIG, OWNER, origin=origin)
    teacher = session("teacher", STRANGER, is_teacher=True)
    press(teacher)
    forge(teacher, teacher._tree.get_widget_states())
    assert resources.queue().waiting() == (1 if press is cancel else 0)


def test_a_tab_that_was_the_teacher_s_does_not_reset_the_class(class_store: Store) -> None:
    keep(7)
    teacher = session("teacher", STRANGER, is_teacher=True)
    button(teacher, "Write an archive").click().run()
    session_of(teacher).teacher.export.is_downloaded = True
    teacher.run()
    button(teacher, "Reset the class").click().run()
    become(teacher, STRANGER)
    button(teacher, "Reset").click().run()
    assert is_said(teacher, "Only the teacher can reset the class")
    assert resources.drawings().count() == 1


def test_a_lesson_link_does_not_set_the_class_for_who_has_left(class_store: Store) -> None:
    teacher = session("teacher", STRANGER, is_teacher=True)
    session_of(teacher).lesson_rules = ClassSettings(most_epochs=1)
    teacher.run()
    become(teacher, STRANGER)
    button(teacher, "Use for the whole class").click().run()
    assert is_said(teacher, "Only the teacher can change the settings of the class")
    assert read_class_settings(class_store.database) == ClassSettings()


@pytest.mark.parametrize("is_hidden", [False, True])
def test_settings_of_a_training_that_are_hidden_take_no_value_from_a_message(
    class_store: Store, is_hidden: bool
) -> None:
    """An address sets them all the same: a lesson link chooses what the class is not to change."""
    address = {"preset": "dense", "dataset": "synthetic"}
    teacher = visit("train", is_teacher=True, **address)
    values = {
        "Epochs": "9",
        "Learning rate": "0.25",
        "Batch size, images": "33",
        "Training images": "777",
        "Seed": "5",
    }
    for field in teacher.text_input:
        if field.label in values:
            field.set_value(values.pop(field.label))
    assert not values
    message = message_of_press(teacher, "Train")
    if is_hidden:
        settings = frozenset({"network", "epochs", "optimiser", "data"})
        resources.keep_class_settings(ClassSettings(hidden_controls=settings))
    pupil = visit("train", **address)
    become(pupil, STRANGER)
    forge(pupil, message)
    (run,) = class_store.runs()
    expected = replace(PRESETS["dense"].defaults, dataset="synthetic")
    if not is_hidden:
        changed = {"epochs": 9, "learning_rate": 0.25, "batch_size": 33, "train_size": 777, "seed": 5}
        expected = replace(expected, **changed)
    assert run.config == expected and run.owner == STRANGER
