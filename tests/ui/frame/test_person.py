"""Who one is, in the sidebar: asked once, kept, changed, and all that is one's own deleted."""

from dataclasses import replace

import pytest
from opened import new_tab
from shown import drawn, session_of
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.frame.person import LABEL, in_words
from mnist_app.ui.runs.run_comparison import SETTING, labels, settings_table
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import Identity
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

OWNER, OTHER = "the-owner-of-these-tests-000", "somebody-else-entirely-0000"
TRAIN = "../pages/train.py"
CONFIG = replace(PRESETS["dense"].defaults, dataset="synthetic")
MARKUP = "<b>Zoë</b> **x** :smile:"
pytestmark = pytest.mark.usefixtures("store")


def show(page: str | None = None, identity: Identity | None = None, canvas: int | None = None) -> AppTest:
    """A page as its visitor finds it when the browser has answered."""
    test = new_tab(DrawPage(is_restored=True, canvas=None if canvas is None else drawn(canvas)))
    session_of(test).owner = OWNER
    if identity:
        session_of(test).identity = identity
    test.run()
    if page:
        test.switch_page(page).run()
    assert not test.exception
    return test


def press(test: AppTest, label: str) -> None:
    next(button for button in test.button if button.label == label).click()
    test.run()
    assert not test.exception


def asks(test: AppTest) -> bool:
    """Whether the question stands in the sidebar itself, beside the field where a name can be changed."""
    return any(button.label == "Rather not" for button in test.button)


def name_field(test: AppTest) -> TextInput:
    return next(field for field in test.text_input if field.label == LABEL)


def give_name(test: AppTest, name: str) -> None:
    """Where it is asked for; otherwise where it can be changed."""
    name_field(test).set_value(name)
    press(test, "Save")


def train_again(test: AppTest) -> None:
    """Press Train where a run is shown, whose settings are folded."""
    press(test, "Change")
    press(test, "Train")


def test_nobody_is_asked_before_something_is_made() -> None:
    assert not asks(show())
    assert not asks(show(TRAIN))


def test_who_trains_is_asked_once_and_the_name_stands_on_the_run(store: Store) -> None:
    test = show(TRAIN)
    press(test, "Train")
    assert asks(test)
    assert len(store.runs()) == 1, "the question is in nobody's way"
    give_name(test, " Zoë ")
    assert not asks(test)
    assert session_of(test).identity.is_new_to_browser
    assert store.runs()[0].person == "Zoë"
    train_again(test)
    assert not asks(test)
    assert [run.person for run in store.runs()] == ["Zoë", "Zoë"]


def test_who_would_rather_not_is_not_asked_again(store: Store) -> None:
    test = show(TRAIN)
    press(test, "Train")
    press(test, "Rather not")
    assert not asks(test)
    train_again(test)
    assert not asks(test)
    assert [run.person for run in store.runs()] == ["", ""]


@pytest.mark.usefixtures("warm")
def test_who_keeps_a_drawing_is_asked_and_it_has_the_name(store: Store) -> None:
    test = show(canvas=3)
    press(test, "Yes")
    assert asks(test)
    give_name(test, "Zoë")
    assert [each.person for each in Drawings(store.database).find()] == ["Zoë"]
    session_of(test).draw.put_on_canvas(drawn(7))
    test.run()
    press(test, "Yes")
    assert [each.person for each in Drawings(store.database).find()] == ["Zoë", "Zoë"]


def test_a_name_that_cannot_be_shown_is_refused_with_a_sentence(store: Store) -> None:
    test = show(identity=Identity("Zoë"))
    give_name(test, "\u202eevil")
    assert [info.value for info in test.info] == [
        "This name has characters in it that cannot be seen; it can have letters, digits and signs of any "
        "script."
    ]
    assert session_of(test).identity.name == "Zoë"
    test.run()
    assert not test.info, "it is said once"


def test_another_name_stands_on_what_was_made_before(store: Store) -> None:
    resources.queue().submit(CONFIG, OWNER)
    test = show(identity=Identity(""))
    give_name(test, "Ada")
    assert store.runs()[0].person == "Ada"
    give_name(test, "")
    assert store.runs()[0].person == ""
    press(test, "Delete my runs and drawings")
    assert not asks(test)


def test_a_name_that_the_browser_kept_stands_on_new_runs_unless_another_tab_gave_one(store: Store) -> None:
    press(show(TRAIN, Identity("Zoë")), "Train")
    assert store.runs()[0].person == "Zoë"
    People(store.database).rename(OWNER, "Ada")
    test = show(TRAIN, Identity("Zoë"))
    train_again(test)
    assert session_of(test).identity.name == "Ada"
    assert {run.person for run in store.runs()} == {"Ada"}


def test_names_of_others_are_shown_as_text_in_the_table_and_the_comparison(store: Store) -> None:
    People(store.database).rename(OTHER, MARKUP)
    runs = [resources.queue().submit(CONFIG, owner) for owner in (OWNER, OTHER, "nameless")]
    test = show("../pages/runs.py")
    assert list(test.dataframe[0].value["person"]) == ["somebody else", MARKUP, "You"]
    runs = [store.run(run.id) for run in runs]
    table = settings_table(runs, OWNER)
    row = table[SETTING].index("trained by")
    assert [table[label][row] for label in labels(runs)] == ["You", MARKUP, "somebody else"]


def test_all_that_is_mine_is_counted_deleted_and_i_am_somebody_new(store: Store) -> None:
    mine = [resources.queue().submit(CONFIG, OWNER) for _ in range(2)]
    People(store.database).rename(OWNER, "Zoë")
    theirs = resources.queue().submit(TrainingConfig(preset="dense"), OTHER)
    test = show(identity=Identity("Zoë"))
    test.query_params["run"] = mine[0].id
    press(test, "Delete my runs and drawings")
    assert any("This deletes **2 runs and 0 drawings**" in each.value for each in test.markdown)
    press(test, "Keep")
    assert len(store.runs()) == 3
    press(test, "Delete my runs and drawings")
    press(test, "Delete")
    assert [run.id for run in store.runs()] == [theirs.id]
    assert [info.value for info in test.info] == ["Deleted: 2 runs and 0 drawings."]
    assert session_of(test).owner != OWNER and session_of(test).identity.name is None
    assert session_of(test).identity.is_new_to_browser
    assert name_field(test).value == ""
    assert "run" not in test.query_params


def test_who_has_made_nothing_is_told_so() -> None:
    test = show()
    press(test, "Delete my runs and drawings")
    assert any("You have no runs and no drawings here" in each.value for each in test.markdown)


def test_a_store_that_is_gone_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise StorageUnavailable("The app's store cannot be written (the disk is full).")

    for name in ("belongings", "rename"):
        monkeypatch.setattr(People, name, gone)
    test = show(identity=Identity("Zoë"))
    press(test, "Delete my runs and drawings")
    assert "the disk is full" in test.error[0].value
    give_name(test, "Ada")
    assert "the disk is full" in test.info[0].value
    assert session_of(test).identity.name == "Zoë"


@pytest.mark.parametrize(
    ("runs", "drawings", "words"), [(1, 1, "1 run and 1 drawing"), (0, 1200, "0 runs and 1,200 drawings")]
)
def test_how_much_it_is_in_words(runs: int, drawings: int, words: str) -> None:
    assert in_words(runs, drawings) == words
