"""Was that right? Keeping drawings on the Draw page, without a browser."""

from collections.abc import Iterator

import numpy as np
import pytest
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest

from mnist_app.errors import StorageUnavailable
from mnist_app.ink.strokes import Stroke
from mnist_app.ui.parts.canvas_controls import message_of
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.drawing_store import Drawings

pytestmark = pytest.mark.usefixtures("warm")
OWNER = "somebody-who-keeps-drawings"


@pytest.fixture(autouse=True)
def drawings() -> Iterator[Drawings]:
    """The store that the page uses, without drawings before and after."""
    drawings = resources.drawings()
    yield drawings
    for each in drawings.find():
        drawings.remove(each.id)


def show(page: DrawPage) -> AppTest:
    test = new_tab(page)
    session_of(test).owner = OWNER
    return open_page(test)


def words(test: AppTest) -> str:
    return " ".join(element.value for element in [*test.markdown, *test.caption])


def say_it_is(test: AppTest, digit: int | None) -> None:
    test.button_group(key=Key.IT_IS).set_value(digit).run()
    assert not test.exception


def test_nothing_is_kept_unasked(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    assert "Press a button to keep your drawing for the class." in words(test)
    test.run()
    assert drawings.count() == 0


def test_what_is_called_no_digit_can_be_kept_as_one(drawings: Drawings) -> None:
    cross = [Stroke(np.array(way), 12.0) for way in ([[80.0, 80], [240, 240]], [[240.0, 80], [80, 240]])]
    test = show(DrawPage(is_restored=True, canvas=message_of(cross)))
    assert "This does not look like a digit." in html(test)
    assert "Is it a digit after all?" in words(test) and "Was that right?" not in words(test)
    say_it_is(test, 8)
    (kept,) = drawings.find()
    assert kept.label == 8


def test_yes_keeps_the_drawing_as_what_the_network_said(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    test.button(key="keep_yes").click().run()
    (kept,) = drawings.find()
    assert (kept.label, kept.answer, kept.source, kept.writer) == (3, 3, "canvas", writer_of(OWNER))
    assert kept.strokes is not None
    assert "Kept as **a 3**" in words(test) and "You have kept 1 drawing" in words(test)
    test.button(key="keep_undo").click().run()
    assert drawings.count() == 0
    assert "Was that right?" in words(test) and "Press a button to keep" in words(test)


def test_another_digit_corrects_the_network_and_can_be_changed_and_undone(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    say_it_is(test, 8)
    (kept,) = drawings.find()
    assert (kept.label, kept.answer) == (8, 3)
    assert "Kept as **an 8**" in words(test)
    say_it_is(test, 5)
    assert [each.label for each in drawings.find()] == [5], "the same drawing is kept once"
    test.button(key="keep_undo").click().run()
    assert [each.label for each in drawings.find()] == [8]
    test.button(key="keep_undo").click().run()
    assert drawings.count() == 0


def test_a_choice_is_not_sent_back_over_a_newer_one(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    for digit in (8, 5, None, 2):
        say_it_is(test, digit)
        assert not test.button_group(key=Key.IT_IS).proto.set_value, "the browser may have moved on"
        test.run()
        choice = test.button_group(key=Key.IT_IS)
        assert choice.value == digit and not choice.proto.set_value
    session_of(test).draw.put_on_canvas(drawn(7))
    test.run()
    choice = test.button_group(key=Key.IT_IS)
    assert choice.value is None and choice.proto.set_value, "the drawing is another one"


def test_undo_of_a_drawing_that_the_teacher_has_removed_names_no_id(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    say_it_is(test, 8)
    say_it_is(test, 5)
    (kept,) = drawings.find()
    drawings.remove(kept.id)
    test.button(key="keep_undo").click().run()
    shown = words(test) + "".join(each.value for each in test.warning)
    assert "no longer here" in shown and kept.id not in shown


def test_giving_up_the_chosen_digit_takes_the_drawing_back(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    say_it_is(test, 8)
    say_it_is(test, None)
    assert drawings.count() == 0


def test_the_last_one_can_be_taken_back_after_clear(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    test.button(key="keep_yes").click().run()
    session_of(test).draw.put_on_canvas(None)
    test.run()
    assert "The last one was kept as **a 3**" in words(test)
    test.button(key="keep_undo").click().run()
    assert drawings.count() == 0


def test_after_another_drawing_the_question_is_asked_again(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    test.button(key="keep_yes").click().run()
    session_of(test).draw.put_on_canvas(drawn(7))
    test.run()
    assert "Was that right?" in words(test)
    assert test.button_group(key=Key.IT_IS).value is None
    test.button(key="keep_yes").click().run()
    assert sorted(each.label for each in drawings.find()) == [3, 7]
    assert "You have kept 2 drawings for the class" in words(test)


def test_what_was_kept_before_a_refresh_is_counted_and_not_kept_twice(drawings: Drawings) -> None:
    show(DrawPage(is_restored=True, canvas=drawn(3))).button(key="keep_yes").click().run()
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    assert "You have kept 1 drawing" in words(test)
    test.button(key="keep_yes").click().run()
    assert drawings.count() == 1
    test.button(key="keep_undo").click().run()
    assert drawings.count() == 0


def test_a_picture_can_be_kept_too(drawings: Drawings) -> None:
    test = show(DrawPage(is_restored=True, picture=drawn(6).png, input_way="Picture"))
    test.button(key="keep_yes").click().run()
    (kept,) = drawings.find()
    assert (kept.label, kept.source, kept.strokes) == (6, "picture", None)


def test_a_digit_written_by_rule_is_not_offered() -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3), written=3))
    assert "Only digits that people drew can be kept" in words(test) and "Was that right?" not in words(test)


def test_without_an_answer_there_is_no_question() -> None:
    test = show(DrawPage(is_restored=True))
    assert "Was that right?" not in words(test)


def test_an_answer_asks_nothing_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    test = show(DrawPage(is_restored=True))  # the count is known from now on

    def not_now(*_: object, **__: object) -> int:
        raise AssertionError("the store was asked")

    for name in ("count", "keep", "find", "get"):
        monkeypatch.setattr(Drawings, name, not_now)
    session_of(test).draw.put_on_canvas(drawn(7))
    test.run()
    assert not test.exception and 'data-testid="digit">7<' in html(test)


def test_a_store_that_is_gone_gets_a_sentence_and_the_answer_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> int:
        raise StorageUnavailable("The app's store cannot be written (the disk is full).")

    monkeypatch.setattr(Drawings, "count", gone)
    monkeypatch.setattr(Drawings, "keep", gone)
    test = show(DrawPage(is_restored=True, canvas=drawn(3)))
    assert not test.warning and 'data-testid="digit">3<' in html(test)
    test.button(key="keep_yes").click().run()
    assert "the disk is full" in test.warning[0].value
    assert "Was that right?" in words(test) and 'data-testid="digit">3<' in html(test)
