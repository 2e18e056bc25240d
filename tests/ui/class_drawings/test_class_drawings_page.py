"""The Class drawings page, without a browser."""

import io
from collections.abc import Iterator

import pytest
import streamlit as st
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.ui.class_drawings import drawing_transfer
from mnist_app.ui.class_drawings.fine_tuning import meaning
from mnist_app.ui.session.draw_page import CANVAS_SIDE, DrawPage
from mnist_app.ui.session.page_memory import ImportResult
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.archives.drawing_archive import archive_of
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.imported_drawings import bring
from mnist_app.workspace.runs.fine_tuning import FineTuning, write_fine_tuning

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.filterwarnings(KERAS_WARNING)]
PAGE = "../pages/class_drawings.py"
OWNER, OTHER = "the-visitor-of-this-page", "somebody-else-in-the-class"


@pytest.fixture
def drawings() -> Iterator[Drawings]:
    """The store that the page uses, without drawings before and after."""
    drawings = resources.drawings()
    for each in drawings.find():
        drawings.remove(each.id)
    yield drawings
    for each in drawings.find():
        drawings.remove(each.id)


def keep(
    drawings: Drawings, count: int, owner: str = OWNER, person: str = "", digit: int | None = None
) -> None:
    """Drawings of the digits in turn, each another: moved a little."""
    start = drawings.count()
    for number in range(count):
        label = number % 10 if digit is None else digit
        message = drawn(label)
        drawing = Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)
        ways = [stroke.moved((start + number) / 8, 0) for stroke in drawing.strokes]
        drawings.keep(Drawing.from_strokes(ways, CANVAS_SIDE), label, owner, answer=7, person=person)


def test_an_export_tells_which_drawings_it_leaves_out(drawings: Drawings) -> None:
    def page() -> None:
        from mnist_app.ui.class_drawings import drawing_transfer

        drawing_transfer.note_left_out()
        drawing_transfer.show_transfer(has_drawings=True)

    keep(drawings, 2)
    test = AppTest.from_function(page).run()
    assert not test.exception and not test.warning
    drawings.add([drawings.find()[0].model_copy(update=dict(id="z" * 10, writer="0" * 16, strokes="none"))])
    test.run()
    assert "1 item was left out" in test.warning[0].value


def show(**query: str) -> AppTest:
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).owner = OWNER
    return open_page(test, "class_drawings", **query)


def words(test: AppTest) -> str:
    return " ".join(element.value for element in [*test.markdown, *test.caption])


def test_nothing_kept_yet_and_the_way_on(drawings: Drawings) -> None:
    test = show()
    assert "No drawing has been kept yet" in words(test)
    assert not test.selectbox


def test_too_few_are_shown_and_cannot_be_trained_with(drawings: Drawings) -> None:
    keep(drawings, 7)
    test = show()
    assert html(test).count('<figure class="drawing">') == 7
    assert "Train" not in [button.label for button in test.button]
    assert "7 of the 20 drawings" in str(test.get("progress")[0].proto)


def test_the_gallery_by_digit_and_person_a_page_at_a_time(drawings: Drawings) -> None:
    keep(drawings, 20)
    keep(drawings, 10, OTHER, "<b>Zoë</b> **bold**", digit=4)
    test = show()
    assert html(test).count('<figure class="drawing">') == 24
    person = test.selectbox(key=Key.DRAWN_BY)
    assert person.options == ["everybody", "You (20)", "<b>Zoë</b> **bold** (10)"]
    digits = test.button_group(key=Key.DRAWINGS_OF)
    assert digits.options[4] == "**4** · 12"
    digits.set_value(4).run()
    assert html(test).count('<figure class="drawing">') == 12
    assert "<b>Zoë</b>" not in html(test) and "&lt;b&gt;Zoë" in html(test)
    assert html(test).count("read as 7") == 12
    test.selectbox(key=Key.DRAWN_BY).set_value(writer_of(OWNER)).run()
    assert html(test).count('<figure class="drawing">') == 2
    test.switch_page("../pages/runs.py").run()
    test.switch_page(PAGE).run()
    assert html(test).count('<figure class="drawing">') == 2, "the choice is kept on other pages"
    test.button_group(key=Key.DRAWINGS_OF).set_value(None).run()
    assert html(test).count('<figure class="drawing">') == 20


def test_what_was_removed_can_be_put_back(drawings: Drawings) -> None:
    keep(drawings, 3)
    before = drawings.find()
    test = show()
    session_of(test).class_drawings.removed = drawings.remove(before[1].id)
    test.run()
    assert "A drawing of a 1 was removed." in words(test)
    assert html(test).count('<figure class="drawing">') == 2
    test.button(key="put_back").click().run()
    assert drawings.find() == before
    assert "was removed" not in words(test)


def test_it_is_said_why_nothing_came_back(drawings: Drawings) -> None:
    keep(drawings, 2)
    test = show()
    removed = drawings.remove(drawings.find()[0].id)
    drawings.add([removed])  # its writer has kept it again
    session_of(test).class_drawings.removed = removed
    test.run()
    test.button(key="put_back").click().run()
    assert [each.value for each in test.info] == ["That drawing is here already: it has been kept again."]
    assert not [each for each in test.button if each.key == "put_back"]


def test_an_archive_is_imported_or_refused_in_a_sentence(
    drawings: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(drawings, 5)
    archive = archive_of(drawings.find())
    for each in drawings.find()[1:]:
        drawings.remove(each.id)
    said: list[ImportResult | None] = []
    for content in (archive, archive[:200], b"no zip"):
        monkeypatch.setattr(st, "session_state", {Key.DRAWINGS_ARCHIVE: io.BytesIO(content)})
        session().draw.is_restored = True
        drawing_transfer.take_archive()
        said.append(session().class_drawings.import_result)
    assert said[0] == ImportResult("Added: 4 drawings. Here already: 1.", is_good=True)
    assert all(each and not each.is_good and "Nothing was changed" in each.sentence for each in said[1:])
    assert drawings.count() == 5


def test_train_puts_a_fine_tuning_into_the_queue(drawings: Drawings, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(drawings, 12)
    keep(drawings, 12, OTHER)
    resources.end_worker()  # one that the page of another test has started would take the run at once
    monkeypatch.setattr(resources.supervisor(), "ensure_started", lambda: None)
    test = show()
    test.number_input(key=Key.EPOCHS_TUNED).set_value(2).run()
    next(button for button in test.button if button.label == "Train").click().run()
    assert not test.error and not test.exception
    run = resources.store().run(str(test.query_params["run"]))
    assert (run.config.fine_tuned_from, run.config.epochs, run.owner) == ("shipped", 2, OWNER)
    assert "queue" in str(test.get("progress")[0].proto)
    resources.queue().cancel(run.id)
    resources.store().delete(run.id)


RESULT = FineTuning(
    held_out_by="person",
    people=5,
    people_held_out=2,
    drawings=90,
    drawings_held_out=30,
    right_before=24,
    right_after=27,
    test_accuracy_before=0.9923,
)


def test_before_and_after_are_shown_with_what_they_mean(
    drawings: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(drawings, 20)
    run = finished_run(resources.store(), resources.model_files(), fine_tuned_from="shipped")
    write_fine_tuning(run, resources.store(), RESULT)
    test = show(run=run.id)
    shown = html(test)
    assert "30 drawings of 2 people it did not learn from" in shown
    assert "80.0 % <small>24 of 30</small>" in shown and "90.0 % <small>27 of 30</small>" in shown
    assert "99.23 %" in shown and "91.23 %" in shown
    assert "It reads 3 more of the 30 drawings kept aside correctly than before." in words(test)
    assert "It lost 8.0 points" in words(test)
    assert run.id not in test.selectbox(key=Key.MODEL_TUNED).options
    assert "Draw with it" in [button.label for button in test.button]
    resources.store().delete(run.id)
    resources.model_files().delete(run.id)


def test_what_it_means_in_words() -> None:
    store, files = resources.store(), resources.model_files()
    run = finished_run(store, files, fine_tuned_from="shipped")
    alone = FineTuning(
        held_out_by="drawing",
        people=1,
        people_held_out=0,
        drawings=30,
        drawings_held_out=10,
        right_before=8,
        right_after=8,
        test_accuracy_before=0.9125,
    )
    assert "as many of the 10 drawings kept aside correctly as before" in meaning(run, alone)
    assert "learned from the people who drew these" in meaning(run, alone)
    assert "forgotten nothing" in meaning(run, alone)
    worse = FineTuning(
        held_out_by="person",
        people=3,
        people_held_out=1,
        drawings=30,
        drawings_held_out=10,
        right_before=8,
        right_after=7,
        test_accuracy_before=0.9143,
    )
    assert "1 fewer of the 10" in meaning(run, worse) and "0.20 points" in meaning(run, worse)
    store.delete(run.id)
    files.delete(run.id)


def test_a_run_that_is_not_there_gets_a_sentence(drawings: Drawings) -> None:
    keep(drawings, 20)
    assert "There is no run" in show(run="nothing<b>").error[0].value


def test_an_imported_drawing_says_by_whom_and_under_no_other_s_name(drawings: Drawings) -> None:
    keep(drawings, 1, OTHER, "Zoë")
    resources.people().rename(OTHER, "Zoë")
    forged = [
        each.model_copy(update=dict(id="another222", label=3, person="Mia <b>")) for each in drawings.find()
    ]
    keep(drawings, 1, OWNER)
    png = next(each.png for each in drawings.find(writer=writer_of(OWNER)))
    bring(resources.store().database, [forged[0].model_copy(update=dict(png=png))], OTHER)
    people = show().selectbox(key=Key.DRAWN_BY).options
    assert sorted(people) == ["Mia <b>, imported by Zoë (1)", "You (1)", "Zoë (1)", "everybody"]
    assert "<small>imported by Zoë</small>" in html(show()) and "Mia <b>" not in html(show())


def test_an_importer_whose_name_looks_like_a_note_is_not_taken_for_another_person(
    drawings: Drawings,
) -> None:
    keep(drawings, 1, OWNER)
    resources.people().rename(OTHER, "Bob, imported by Ada")
    brought = [
        each.model_copy(update=dict(id="another222", writer="f" * 16, person="Mia"))
        for each in drawings.find()
    ]
    bring(resources.store().database, brought, OTHER)
    assert "<small>imported by Bob, imported by Ada</small>" in html(show())


def test_import_is_not_offered_where_keeping_is_hidden(drawings: Drawings) -> None:
    for _ in range(2):  # without drawings, and with one
        test = show()
        assert "Import" in popovers(test)
        session_of(test).lesson_rules = ClassSettings(hidden_controls=frozenset({"keep_drawings"}))
        assert "Import" not in popovers(test.run())
        keep(drawings, 1)


def popovers(test: AppTest) -> set[str]:
    return {popover.proto.popover.label for popover in test.get("popover")}
