"""The Draw page's states, without a browser."""

import pytest
import streamlit as st
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest

from mnist_app.ink.picture_formats import FORMAT_NAMES
from mnist_app.ui.draw.pictures import NO_CAMERA, NO_CAMERA_BUT_PICTURE
from mnist_app.ui.session.draw_page import CanvasMessage, DrawPage
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings

pytestmark = pytest.mark.usefixtures("warm")


def show(page: DrawPage) -> AppTest:
    """The page as it is shown when the session remembers `page`."""
    return open_page(new_tab(page))


def test_an_empty_canvas_invites() -> None:
    test = show(DrawPage(is_restored=True))
    assert "Any digit from 0 to 9" in html(test)
    assert 'data-testid="digit"' not in html(test)


def test_what_was_drawn_is_answered_and_the_ladder_shown() -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    assert 'data-testid="digit">3<' in html(test)
    assert html(test).count("<figure>") == 5
    assert "re-inked" in html(test) and "ink alone" not in html(test)


def test_clear_and_draw_one_for_me() -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    test.button(key="canvas_clear").click().run()
    assert "Any digit from 0 to 9" in html(test)
    test.button(key="canvas_draw_one").click().run()
    written = session_of(test).draw.written
    assert test.caption[0].value == f"The app drew this {written}."
    assert f'data-testid="digit">{written}<' in html(test), "the model in use reads what the app draws"


def test_a_picture_is_answered_while_it_is_the_way_in() -> None:
    page = DrawPage(is_restored=True, canvas=drawn(3), picture=drawn(6).png, input_way="Picture")
    test = show(page)
    assert 'data-testid="digit">6<' in html(test)
    test.button_group[0].set_value("Pen").run()
    assert 'data-testid="digit">3<' in html(test)


def test_a_refused_picture_says_why_and_takes_the_previous_answer_away() -> None:
    test = show(DrawPage(is_restored=True, picture=drawn(6).png, input_way="Picture"))
    for number in range(2):
        test.file_uploader[0].set_value((f"{number}.png", b"no picture", "image/png")).run()
        assert len(test.error) == 1
        assert "not a picture that can be read here" in test.error[0].value
        assert 'data-testid="digit"' not in html(test)
    test.file_uploader[0].set_value(("6.png", drawn(6).png, "image/png")).run()
    assert not test.error
    assert 'data-testid="digit">6<' in html(test)


def test_a_file_of_another_kind_is_refused_in_the_app_s_words() -> None:
    test = show(DrawPage(is_restored=True, picture=drawn(6).png, input_way="Picture"))
    assert 'data-testid="digit">6<' in html(test)
    test.file_uploader[0].set_value(("homework.pdf", b"%PDF-1.7", "application/pdf")).run()
    assert not test.exception
    assert [error.value for error in test.error] == [
        f"This file is not a picture that can be read here. Use a {FORMAT_NAMES} file."
    ]
    assert 'data-testid="digit"' not in html(test)


def test_a_picture_or_photo_that_is_cleared_has_no_answer() -> None:
    test = show(DrawPage(is_restored=True, input_way="Picture"))
    test.file_uploader[0].set_value(("6.png", drawn(6).png, "image/png")).run()
    assert 'data-testid="digit">6<' in html(test)
    test.file_uploader[0].set_value(None).run()
    assert 'data-testid="digit"' not in html(test)
    test.button_group[0].set_value("Camera").run()
    test.camera_input[0].set_value(("3.jpg", drawn(3).png, "image/jpeg")).run()
    assert 'data-testid="digit">3<' in html(test)
    test.camera_input[0].set_value(None).run()
    assert 'data-testid="digit"' not in html(test)


def test_over_plain_http_the_camera_says_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(st.context), "url", "http://192.168.1.20:8501")
    test = show(DrawPage(is_restored=True, input_way="Camera"))
    assert not test.camera_input
    assert [info.value for info in test.info] == [NO_CAMERA_BUT_PICTURE]
    assert "take a photo" not in html(test)


@pytest.mark.usefixtures("class_store")
def test_without_a_camera_nobody_is_sent_to_pictures_that_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"picture"})))
    monkeypatch.setattr(type(st.context), "url", "http://192.168.1.20:8501")
    test = show(DrawPage(is_restored=True, input_way="Camera"))
    assert [info.value for info in test.info] == [NO_CAMERA]


def test_why_a_picture_is_refused_does_not_stand_below_the_camera() -> None:
    test = show(DrawPage(is_restored=True, input_way="Picture"))
    test.file_uploader[0].set_value(("6.png", b"no picture", "image/png")).run()
    assert len(test.error) == 1
    test.button_group[0].set_value("Camera").run()
    assert not test.error
    test.camera_input[0].set_value(("3.jpg", b"no photo", "image/jpeg")).run()
    assert len(test.error) == 1
    test.button_group[0].set_value("Picture").run()
    assert len(test.error) == 1
    test.file_uploader[0].set_value(("6.png", drawn(6).png, "image/png")).run()
    assert not test.error
    test.button_group[0].set_value("Camera").run()
    assert len(test.error) == 1, "that of the photo"


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (CanvasMessage(b"no PNG", {"objects": [1]}), "not a PNG"),
        (CanvasMessage(drawn(1).png[:100], {"objects": []}), "damaged or cut off"),
        (CanvasMessage(drawn(1).png, {"objects": [{"type": "Rect"}]}), "cannot be read"),
    ],
)
def test_a_canvas_message_that_is_no_drawing_gets_a_sentence(message: CanvasMessage, sentence: str) -> None:
    assert sentence in html(show(DrawPage(is_restored=True, canvas=message)))


def test_the_sidebar_names_the_page_and_the_model() -> None:
    test = show(DrawPage(is_restored=True))
    text = " ".join(markdown.value for markdown in test.sidebar.markdown)
    assert "Built-in model" in text and "right on" in text and "weights" in text


def test_a_model_that_is_gone_gives_way_to_the_shipped_one_with_a_sentence() -> None:
    test = new_tab(DrawPage(is_restored=True, canvas=drawn(3)))
    session_of(test).chosen_model = "abcdefghjk"
    test.run()
    assert not test.exception
    assert 'data-testid="digit">3<' in html(test)
    assert any("The built-in model answers instead" in warning.value for warning in test.warning)
    assert session_of(test).chosen_model == "shipped"
