"""How large a file each session's page takes, as its fields come and go."""

import pytest
from taught import visit

from mnist_app.ink.drawing import MAX_FILE_BYTES
from mnist_app.ui.server.upload_fields import FIELDS, MEGABYTE, UploadFields
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings

TAB = "test session id"
"""Streamlit's id of every tab that a test opens without a server."""


def most_bytes() -> int:
    """What the server takes from the only tab."""
    return FIELDS.most_bytes(TAB)


@pytest.fixture(autouse=True)
def no_sessions() -> None:
    FIELDS.keep_only(set())


def test_a_field_counts_until_its_page_was_shown_without_it() -> None:
    fields = UploadFields()
    fields.begin_page("a", "teacher")
    fields.show("a", 100)
    fields.end_page("a")
    assert fields.most_bytes("a") == 100 * MEGABYTE
    fields.begin_page("a", "teacher")
    assert fields.most_bytes("a") == 100 * MEGABYTE, "a file may be on its way"
    fields.show("a", 1)
    fields.end_page("a")
    assert fields.most_bytes("a") == MEGABYTE
    fields.show("a", 5)  # by a fragment of the page
    assert fields.most_bytes("a") == 5 * MEGABYTE
    fields.begin_page("a", "teacher")
    fields.end_page("a")
    assert fields.most_bytes("a") == 0


@pytest.mark.usefixtures("class_store")
def test_the_teacher_s_field_is_closed_after_leaving() -> None:
    test = visit("teacher", is_teacher=True)
    assert most_bytes() > 0
    next(button for button in test.button if button.label == "Leave").click().run()
    assert most_bytes() == 0


@pytest.mark.usefixtures("class_store")
def test_the_field_for_pictures_is_closed_once_they_are_hidden() -> None:
    test = visit("draw")
    test.session_state["input_way"] = "Picture"
    test.run()
    assert most_bytes() == MAX_FILE_BYTES
    resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"picture"})))
    test.run()
    assert not test.exception
    assert most_bytes() == 0
