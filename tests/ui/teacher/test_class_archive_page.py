"""Everything the class has made, on the teacher's page: away, back, and a reset after that."""

import pytest
from opened import new_tab, open_page
from shown import session_of
from streamlit.testing.v1 import AppTest
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.usefixtures("class_store")]


def visit() -> AppTest:
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).is_teacher = True
    return open_page(test, "teacher")


def press(test: AppTest, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception


def labels(test: AppTest) -> set[str]:
    return {button.label for button in test.button}


def fill(store: Store) -> None:
    images, digits = synthesise(1, seed=5)
    resources.drawings().keep(Drawing.from_ink(images[0]), int(digits[0]), "somebody")
    finished_run(store, resources.model_files(), "network", "somebody")


def test_a_reset_is_offered_after_a_download_and_removes_all(class_store: Store) -> None:
    fill(class_store)
    test = visit()
    assert "Reset the class" not in labels(test)
    press(test, "Write an archive")
    assert "The archive holds 1 run and 1 drawing." in [m.value for m in test.markdown]
    assert "Reset the class" not in labels(test)
    session_of(test).teacher.export.is_downloaded = True
    test.run()
    press(test, "Reset the class")
    assert any("This removes **1 run and 1 drawing**" in m.value for m in test.markdown)
    press(test, "Reset")
    assert "The class is reset" in test.success[0].value
    assert class_store.runs() == [] and resources.drawings().count() == 0
    assert "Reset the class" not in labels(test)


def test_what_is_not_in_the_archive_is_told_and_left_by_a_reset(class_store: Store) -> None:
    fill(class_store)
    (good,) = resources.drawings().find()
    bad = good.model_copy(
        update=dict(id="z" * 10, writer="0" * 16, person="[Zoë](//host/a)", strokes="no strokes")
    )
    resources.drawings().add([bad])
    test = visit()
    press(test, "Write an archive")
    told = f"A {bad.label} by [Zoë](//host/a): its picture or its strokes cannot be read"
    assert escaped(told) in test.warning[0].value
    session_of(test).teacher.export.is_downloaded = True
    test.run()
    press(test, "Reset the class")
    press(test, "Reset")
    assert [each.id for each in resources.drawings().find()] == [bad.id]
    resources.drawings().remove(bad.id)


def test_what_came_after_the_export_is_not_removed(class_store: Store) -> None:
    fill(class_store)
    test = visit()
    press(test, "Write an archive")
    session_of(test).teacher.export.is_downloaded = True
    test.run()
    finished_run(class_store, resources.model_files(), "another", "somebody")
    press(test, "Reset the class")
    press(test, "Reset")
    assert "Export the class again" in test.error[0].value
    assert len(class_store.runs()) == 2 and resources.drawings().count() == 1


def test_an_archive_is_imported_and_one_that_is_none_is_said(class_store: Store) -> None:
    fill(class_store)
    test = visit()
    press(test, "Write an archive")
    content = session_of(test).teacher.export.content
    class_store.delete(class_store.runs()[0].id)
    give(test, content)
    assert test.success[0].value == "Added: 1 run and 0 drawings. Here already: 0 runs and 1 drawing."
    give(test, b"no archive")
    assert "Nothing was changed." in test.error[0].value
    assert len(class_store.runs()) == 1


def give(test: AppTest, content: bytes) -> None:
    test.file_uploader[0].set_value(("class.zip", content, "application/zip")).run()
    assert not test.exception
