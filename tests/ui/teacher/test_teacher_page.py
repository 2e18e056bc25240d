"""The teacher's page, without a browser and without a worker."""

from collections.abc import Iterator

import pytest
import taught
from opened import new_tab
from shown import html, session_of
from streamlit.testing.v1 import AppTest
from taught import TEACHER_CODE
from test_terms import running_text, unmarked
from trained import KERAS_WARNING, finished_run

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.lesson_link.lesson_address import lesson_address
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.presence import Visitor, is_connected
from mnist_app.ui.shared.teacher_access import BURST, REMEMBERED, TeacherAccess
from mnist_app.ui.teacher.leaderboard import leaderboard_html
from mnist_app.ui.teacher.trainings import NOTHING_LIKE_IT
from mnist_app.ui.teacher.visitors import visitors_html
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import read_class_settings
from mnist_app.workspace.runs.leaderboard import Standing
from mnist_app.workspace.runs.origins import Origin
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.usefixtures("class_store")]
PAGE = "../pages/teacher.py"
CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
MARKUP = "<b>bold</b> **too**"


def visit(is_teacher: bool = True, **address: str) -> AppTest:
    """The page, in a session that has given the code or not."""
    return taught.visit("teacher", is_teacher, **address)


def give(test: AppTest, code: str) -> None:
    test.text_input[0].set_value(code)
    press(test, "Open")


def press(test: AppTest, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception


def labels(test: AppTest) -> set[str]:
    return {button.label for button in test.main.button}


def everything_in(test: AppTest) -> str:
    """All that the session remembers, also what was typed into fields without a key."""
    session = test.session_state._state._state
    return str({key: session[key] for key in session})


def submit(owner: str, name: str = "", address: str = "") -> Run:
    """A run that waits, of a tab of the owner's; without an address it is the command line's."""
    config = TrainingConfig(preset="dense", dataset="synthetic", name=name)
    origin = resources.origins().of(f"tab of {owner}", address) if address else Origin()
    return resources.queue().submit(config, owner, origin=origin)


@pytest.mark.parametrize("is_teacher", [True, False])
def test_a_term_is_marked_where_it_is_first_used(is_teacher: bool) -> None:
    assert unmarked(running_text(visit(is_teacher))) == []


def test_the_code_opens_the_page_for_this_session_until_it_is_left() -> None:
    test = visit(is_teacher=False)
    assert "Save for the class" not in labels(test)
    give(test, TEACHER_CODE)
    assert "Save for the class" in labels(test)
    assert "Save for the class" not in labels(visit(is_teacher=False))
    press(test, "Leave")
    assert labels(test) == {"Open"} and not session_of(test).is_teacher


def test_a_form_saves_what_was_changed_in_it_and_keeps_what_another_tab_has_saved(class_store: Store) -> None:
    first, second = visit(), visit()
    next(each for each in first.number_input if each.label == "Epochs").set_value(7)
    press(first, "Save for the class")
    next(each for each in second.number_input if each.label == "Runs waiting").set_value(2)
    press(second, "Save for the class")
    saved = read_class_settings(class_store.database)
    assert (saved.most_epochs, saved.most_waiting_per_person) == (7, 2)


@pytest.fixture
def clock(class_store: Store) -> Iterator[list[float]]:
    """The seconds that codes wait by, which pass when the test says so."""
    now = [0.0]
    access = TeacherAccess(TEACHER_CODE, is_connected, lambda: now[0])
    with pytest.MonkeyPatch.context() as monkeypatch:  # undone before the store is closed
        monkeypatch.setattr(resources, "teacher_access", lambda: access)
        yield now


def test_after_wrong_codes_the_right_one_waits_and_then_opens_the_page(clock: list[float]) -> None:
    test = visit(is_teacher=False)
    for number in range(BURST + 1):
        resources.teacher_access().give("guess", f"session {number}", "127.0.0.1")
    give(test, TEACHER_CODE)
    assert "about 4 seconds" in test.info[0].value
    assert not test.main.text_input
    clock[0] += 1
    test.run()
    assert "about 2 seconds" in test.info[0].value
    assert "Save for the class" not in labels(test)
    clock[0] += 1
    test.run()
    assert "Save for the class" in labels(test)


def test_a_wrong_code_is_said_and_so_is_what_the_next_one_costs(clock: list[float]) -> None:
    test = visit(is_teacher=False)
    give(test, "guess")
    assert [error.value for error in test.error] == ["That is not the teacher's code."]
    give(test, "another guess")
    assert "has to wait" in test.info[0].value and not test.error
    clock[0] += 1
    test.run()
    assert test.error[0].value == "That is not the teacher's code. The next one is checked after 2 seconds."
    clock[0] += 2
    give(test, TEACHER_CODE)
    assert "Save for the class" in labels(test)


def test_an_hour_after_a_wrong_code_any_page_makes_the_server_forget_its_address(clock: list[float]) -> None:
    give(visit(is_teacher=False), "guess")
    remembered = resources.teacher_access().remembered()
    clock[0] += REMEMBERED - 1
    taught.visit("learn")
    assert resources.teacher_access().remembered() == remembered and "127.0.0.1" in remembered
    clock[0] += 1
    taught.visit("learn")
    assert not resources.teacher_access().remembered()


def test_the_code_is_nowhere_to_be_found(caplog: pytest.LogCaptureFixture, clock: list[float]) -> None:
    caplog.set_level("DEBUG")
    test = visit(is_teacher=False)
    give(test, "almost the code")
    assert "almost the code" in everything_in(test), "this is where a code would be found"
    give(test, TEACHER_CODE)
    assert "has to wait" in test.info[0].value
    for place in (everything_in(test), str(test.main), f"{vars(resources.teacher_access())}"):
        assert TEACHER_CODE not in place
    clock[0] += 1
    test.run()
    assert "Save for the class" in labels(test)
    for place in (everything_in(test), str(test.main), str(test.query_params), caplog.text):
        assert TEACHER_CODE not in place
    assert TEACHER_CODE not in repr(resources.settings())
    assert TEACHER_CODE not in resources.settings().to_environment().values()


def test_what_is_saved_holds_for_the_class(class_store: Store) -> None:
    test = visit()
    fields = {field.label: field for field in test.number_input}
    fields["Epochs"].set_value(7)
    fields["Training images"].set_value(5_000)
    fields["Runs waiting"].set_value(2)
    test.button_group[0].set_value(["train", "runs"])
    controls = test.button_group[1]
    controls.set_value([name for name in controls.value if name not in ("camera", "optimiser")])
    assert read_class_settings(class_store.database) == ClassSettings()
    press(test, "Save for the class")
    assert "Saved" in test.success[0].value
    assert read_class_settings(class_store.database) == ClassSettings(
        most_epochs=7,
        most_training_images=5_000,
        most_waiting_per_person=2,
        hidden_pages=frozenset({"test_images", "class_drawings", "learn"}),
        hidden_controls=frozenset({"camera", "optimiser"}),
    )
    again = {field.label: field.value for field in visit().number_input}
    assert (again["Epochs"], again["Training images"], again["Runs waiting"]) == (7, 5_000, 2)


def test_every_save_holds_and_keeps_what_was_saved_before(class_store: Store) -> None:
    test = visit()
    for epochs, pages in ((7, ["train"]), (17, ["train", "runs"]), (27, ["learn"])):
        next(field for field in test.number_input if field.label == "Epochs").set_value(epochs)
        test.button_group[0].set_value(pages)
        press(test, "Save for the class")
        stored = read_class_settings(class_store.database)
        assert stored.most_epochs == epochs
        assert {"train", "runs", "test_images", "class_drawings", "learn"} - stored.hidden_pages == set(pages)


def test_the_model_that_everyone_starts_with_is_one_that_there_is(class_store: Store) -> None:
    run = finished_run(class_store, resources.model_files(), MARKUP, "somebody")
    test = visit()
    test.selectbox[0].set_value(run.id)
    press(test, "Save for the class")
    assert read_class_settings(class_store.database).start_model == run.id
    assert visit().selectbox[0].value == run.id
    class_store.delete(run.id)
    assert visit().selectbox[0].value == "shipped"


def test_any_run_can_be_moved_to_the_front_cancelled_and_stopped(class_store: Store) -> None:
    first, second = submit("ada", "first"), submit("bob", MARKUP)
    working = class_store.start(CONFIG, "worker", owner="eve").run_id
    test = visit()
    assert "#### Trainings: 1 running, 2 waiting" in [markdown.value for markdown in test.markdown]
    assert f"Somebody: {MARKUP}" in [text.value for text in test.text]
    test.button(key=f"To the front-{second.id}").click().run()
    assert resources.queue().place(second.id) == 1
    test.button(key=f"Cancel-{first.id}").click().run()
    assert class_store.run(first.id).status is Status.STOPPED
    test.button(key=f"Stop-{working}").click().run()
    assert class_store.run(working).cancel
    assert not test.exception


def test_all_of_one_person_and_all_that_wait_are_cancelled_at_once(class_store: Store) -> None:
    first, other, third = submit("ada"), submit("bob"), submit("ada")
    submit("cy")
    test = visit()
    test.button(key=f"cancel_owner-{third.id}").click().run()
    assert set(resources.queue().turns()) == {run.id for run in class_store.runs()} - {first.id, third.id}
    assert [toast.value for toast in test.toast] == ["Cancelled: 2 trainings."]
    test.button(key=f"cancel_address-{other.id}").click().run()
    assert resources.queue().waiting() == 2, "these have no address, so none is like another"
    assert [toast.value for toast in test.toast] == [NOTHING_LIKE_IT["address"]]
    press(test, "Cancel all 2 waiting")
    assert resources.queue().waiting() == 0
    assert [toast.value for toast in test.toast] == ["Cancelled: 2 trainings."]


def test_trainings_that_nobody_owns_are_not_cancelled_together_and_it_is_said(class_store: Store) -> None:
    run, _ = submit(""), submit("")
    test = visit()
    test.button(key=f"cancel_owner-{run.id}").click().run()
    assert resources.queue().waiting() == 2
    assert [toast.value for toast in test.toast] == [NOTHING_LIKE_IT["owner"]]


def test_all_that_wait_from_one_address_are_cancelled_at_once() -> None:
    here = [submit(owner, address="192.0.2.7") for owner in ("ada", "bob", "ada")]
    there, without = submit("ada", address="198.51.100.0"), submit("ada")
    test = visit()
    test.button(key=f"cancel_address-{here[1].id}").click().run()
    assert not test.exception
    assert set(resources.queue().turns()) == {there.id, without.id}


def test_a_run_that_is_gone_meanwhile_is_no_fault_of_the_page(class_store: Store) -> None:
    run = submit("ada")
    test = visit()
    class_store.delete(run.id)
    test.button(key=f"Cancel-{run.id}").click().run()
    assert not test.exception
    assert "no run" in test.toast[0].value


def test_of_many_that_wait_the_next_are_shown() -> None:
    for number in range(25):
        submit(f"person {number}", f"run {number}")
    test = visit()
    shown = [text.value for text in test.text if text.value.startswith("Somebody")]
    assert shown == [f"Somebody: run {number}" for number in range(20)]
    assert "5 more come after these." in [caption.value for caption in test.caption]


def test_who_is_here_is_shown_as_text() -> None:
    here = [
        Visitor("a", MARKUP, "Train", since=0.0, seen=0.0),
        Visitor("b", "", "Draw", since=-7_000.0, seen=0.0),
        Visitor("c", "Cy", "Teacher", since=170.0, seen=170.0),
    ]
    table = visitors_html(here, "c", 190.0)
    assert "&lt;b&gt;bold" in table and "<b>" not in table
    assert "<td>3 min</td>" in table and "<td>1 h 59 min</td>" in table and "<td>&lt; 1 min</td>" in table
    assert "<i>no name yet</i>" in table and "Cy (you)" in table


def test_the_teacher_s_own_tab_is_here() -> None:
    test = visit()
    assert any(markdown.value == "#### Who is here: 1" for markdown in test.markdown)
    assert "<td>Teacher</td>" in html(test)


def test_the_lesson_link_opens_the_settings_that_were_chosen() -> None:
    config = PRESETS["dense"].defaults
    expected = "http://school:8501/app/train?preset=dense"
    here = "http://school:8501/app/teacher?view=x"
    assert lesson_address(here, config, ClassSettings()) == expected
    rules = ClassSettings(most_epochs=5, hidden_pages=frozenset({"runs", "learn"}))
    assert lesson_address(here, config, rules) == f"{expected}&most_epochs=5&hide=learn,runs"


def test_the_leaderboard_is_opened_and_left(class_store: Store) -> None:
    finished_run(class_store, resources.model_files(), MARKUP, "ada")
    test = visit()
    press(test, "Show the leaderboard")
    assert [title.value for title in test.title] == ["Leaderboard"]
    assert "91.23 %" in html(test) and "&lt;b&gt;bold" in html(test) and "<b>bold" not in html(test)
    press(test, "Back")
    assert [title.value for title in test.title] == ["Teacher"]


def test_the_leaderboard_is_not_shown_to_who_does_not_have_the_code() -> None:
    assert labels(visit(is_teacher=False, view="leaderboard")) == {"Open"}


def test_an_empty_leaderboard_says_how_it_fills() -> None:
    assert "appears here" in html(visit(view="leaderboard"))


def test_drawings_have_a_column_where_they_are_known(class_store: Store) -> None:
    run = finished_run(class_store, resources.model_files(), "", "ada")
    alone = leaderboard_html([Standing(run, 0.9912, None)], "mnist", "test")
    assert "Class's drawings" not in alone and "<b>99.12 %</b>" in alone
    both = leaderboard_html([Standing(run, 0.9912, 0.85)], "mnist", "drawings")
    assert "<td>99.12 %</td><td><b>85 %</b></td>" in both


def test_without_a_code_there_is_no_such_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MNIST_APP_TEACHER_CODE")
    resources.settings.clear()
    test = new_tab().run()
    with pytest.raises(ValueError, match="Teacher|teacher|find"):
        test.switch_page(PAGE).run()
