"""The dialog that removes a drawing, a whole import, or all that one person has drawn or imported."""

import pytest
from shown import drawn, session_of
from streamlit.testing.v1 import AppTest

from mnist_app.ink.drawing import Drawing
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.imported_drawings import bring
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing

OWNER, STRANGER, IMPORTER = "the-owner-of-these-things", "somebody-else-in-the-class", "who-brought-a-zip"

pytestmark = pytest.mark.usefixtures("class_store")


def keep(digit: int, owner: str) -> KeptDrawing:
    message = drawn(digit)
    drawing = Drawing.from_canvas(message.png, message.json_data, 320)
    return resources.drawings().get(resources.drawings().keep(drawing, digit, owner).id)


def bring_zip(*digits: int) -> list[KeptDrawing]:
    """Import drawings of these digits, by two writers; the drawings as they are here."""
    before = {each.id for each in resources.drawings().find()}
    zipped = [keep(digit, STRANGER).model_copy(update=dict(writer=str(digit % 2) * 16)) for digit in digits]
    for each in resources.drawings().find(writer=writer_of(STRANGER)):
        resources.drawings().remove(each.id)
    bring(resources.store().database, zipped, IMPORTER)
    return [each for each in resources.drawings().find() if each.id not in before]


def dialog_about(drawing: KeptDrawing, token: str, is_teacher: bool = False) -> AppTest:
    """The dialog as this visitor has it open: each run opens it anew while the drawing is there."""

    def page() -> None:
        import streamlit as st

        from mnist_app.ui.class_drawings.drawing_gallery import ask_before_removing
        from mnist_app.ui.shared import resources

        for each in resources.drawings().find():
            if each.id == st.session_state["about"]:
                ask_before_removing(each, "somebody", "the importer")

    test = AppTest.from_function(page, default_timeout=120)
    test.session_state["about"] = drawing.id
    session_of(test).owner, session_of(test).is_teacher = token, is_teacher
    test.run()
    assert not test.exception
    return test


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def left() -> list[str]:
    return sorted(each.id for each in resources.drawings().find())


def ids(*drawings: KeptDrawing) -> list[str]:
    return sorted(each.id for each in drawings)


@pytest.mark.parametrize(("token", "is_teacher"), [(IMPORTER, False), (STRANGER, True)])
def test_a_whole_import_is_removed_at_once(token: str, is_teacher: bool) -> None:
    own = keep(7, IMPORTER)
    first, second = bring_zip(1, 2, 3), bring_zip(4, 5)
    test = dialog_about(second[0], token, is_teacher)
    assert labels(test) == [
        "Keep",
        "Remove",
        "Remove all 2 of this import",
        "Remove all 6 of the same importer",
    ]
    test.button(key="remove_import").click().run()
    assert not test.exception and left() == ids(own, *first)


@pytest.mark.parametrize(("token", "is_teacher"), [(IMPORTER, False), (STRANGER, True)])
def test_all_that_somebody_brought_or_drew_is_removed_at_once(token: str, is_teacher: bool) -> None:
    keep(7, IMPORTER)
    others = keep(8, OWNER)
    bring_zip(1, 2)
    test = dialog_about(bring_zip(4, 5)[0], token, is_teacher)
    test.button(key="remove_person").click().run()
    assert not test.exception and left() == ids(others)


def test_all_that_one_person_drew_is_removed_at_once() -> None:
    drawing, _ = keep(7, OWNER), keep(8, OWNER)
    others = [keep(1, IMPORTER), *bring_zip(4, 5)]
    test = dialog_about(drawing, OWNER)
    assert labels(test) == ["Keep", "Remove", "Remove all 2 of the same person"]
    keep(9, OWNER)  # while the question stands
    test.button(key="remove_person").click().run()
    assert not test.exception and left() == ids(*others)
    assert session_of(test).class_drawings.message == "Removed 3 drawings."


def test_of_a_single_drawing_nothing_more_is_offered() -> None:
    drawing = keep(7, OWNER)
    keep(8, STRANGER)
    assert labels(dialog_about(drawing, OWNER)) == ["Keep", "Remove"]


@pytest.mark.parametrize("key", ["destroy", "remove_import", "remove_person"])
def test_a_dialog_that_somebody_else_has_open_removes_nothing(key: str) -> None:
    drawing = bring_zip(4, 5)[0]
    keep(7, IMPORTER)
    before = left()
    test = dialog_about(drawing, STRANGER)
    test.button(key=key).click().run()
    assert not test.exception
    assert [error.value for error in test.error] == [
        "This drawing is somebody else's: only its owner and the teacher can remove it."
    ]
    assert left() == before
