"""What the teacher has set, on the pages of the class."""

import pytest
from opened import new_tab, open_page
from shown import session_of
from streamlit.testing.v1 import AppTest
from taught import visit
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.lesson_link.class_rules import CONTROLS, MODEL_MISSING
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.shared import resources
from mnist_app.ui.train.training_settings import limits_in_words
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import keep_class_settings, read_class_settings
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.usefixtures("class_store")]


def numbers(test: AppTest) -> dict[str, float]:
    """The numbers in the fields of the page, by label."""
    texts = {field.label: field.value for field in test.main.text_input}
    return {label: float(text) for label, text in texts.items() if text.replace(".", "").isdigit()}


def test_a_lesson_that_asks_for_more_than_is_allowed_is_made_smaller(class_store: Store) -> None:
    resources.keep_class_settings(ClassSettings(most_epochs=3, most_training_images=1_000))
    test = visit("train", preset="dense", epochs="50")
    assert numbers(test)["Epochs"] == 3 and numbers(test)["Training images"] == 1_000
    assert "Your teacher allows at most 3 epochs and 1,000 training images." in [
        caption.value for caption in test.caption
    ]
    next(button for button in test.button if button.label == "Train").click().run()
    run = class_store.runs()[0]
    assert (run.config.epochs, run.config.train_size) == (3, 1_000)


def test_a_limit_that_comes_while_somebody_chooses_holds_at_once(class_store: Store) -> None:
    test = visit("train", preset="dense", epochs="50")
    assert numbers(test)["Epochs"] == 50
    resources.keep_class_settings(ClassSettings(most_epochs=4))
    test.run()
    assert not test.exception
    assert numbers(test)["Epochs"] == 4
    resources.keep_class_settings(ClassSettings())
    test.run()
    epochs = next(field for field in test.text_input if field.label == "Epochs")
    epochs.set_value("60").run()
    assert test.text_input(key=epochs.key).value == "60"
    assert test.query_params["epochs"] == "60"


def test_the_teacher_s_words_are_few() -> None:
    assert limits_in_words(ClassSettings()) == ""
    assert limits_in_words(ClassSettings(most_epochs=5)) == "Your teacher allows at most 5 epochs."


def test_a_page_that_is_put_away_says_so_to_the_class_and_opens_for_the_teacher() -> None:
    resources.keep_class_settings(ClassSettings(hidden_pages=frozenset({"learn"})))
    test = visit("learn")
    assert [title.value for title in test.title] == ["Learn"]
    assert any("hidden this for now" in markdown.value for markdown in test.markdown)
    assert not test.header
    assert visit("learn", is_teacher=True).header


def test_who_has_chosen_no_model_begins_with_the_class_s(class_store: Store) -> None:
    run = finished_run(class_store, resources.model_files(), "the class's network")
    keep_class_settings(class_store.database, ClassSettings(start_model=run.id))
    test = visit("runs")
    assert any(text.value == "the class's network" for text in test.sidebar.text)
    next(button for button in test.sidebar.button if "Back to the built-in" in button.label).click().run()
    assert not any(text.value == "the class's network" for text in test.sidebar.text)
    assert session_of(test).chosen_model == "shipped"


def test_a_start_model_that_was_deleted_is_said_and_the_shipped_one_answers(class_store: Store) -> None:
    keep_class_settings(class_store.database, ClassSettings(start_model="abcdefghij"))
    test = new_tab().run()
    assert not test.exception
    assert any("The built-in model answers instead" in warning.value for warning in test.warning)


def lesson(start_model: str) -> AppTest:
    """The first page of somebody who opens a link that names a model."""
    test = new_tab()
    test.query_params["start_model"] = start_model
    return test.run()


def test_a_link_starts_with_a_model_that_is_there_and_else_says_so(class_store: Store) -> None:
    trained = finished_run(class_store, resources.model_files(), "a network of the link")
    without = class_store.start(trained.config, "test").run_id
    for model in ("zzzzzzzzzz", without):
        test = lesson(model)
        assert not test.exception
        assert [warning.value for warning in test.warning] == [MODEL_MISSING]
        assert session_of(test).start_model == "shipped"
        assert session_of(test).lesson_rules.start_model == "shipped", "nor can the class be set so"
    test = lesson(trained.id)
    assert not test.warning
    assert session_of(test).start_model == trained.id


def test_only_a_teacher_removes_what_is_somebody_else_s(class_store: Store) -> None:
    images, labels = synthesise(1, seed=5)
    resources.drawings().keep(Drawing.from_ink(images[0]), int(labels[0]), "somebody else")
    run = finished_run(class_store, resources.model_files(), "theirs", "somebody else")
    for is_teacher in (False, True):
        test = visit("class_drawings", is_teacher)
        assert any(button.label.startswith("Remove this") for button in test.button) == is_teacher
        session_of(test).runs.chosen = (run.id,)
        test.switch_page("../pages/runs.py").run()
        assert any(button.label == "Delete" for button in test.main.button) == is_teacher


def test_without_a_code_nothing_is_set(class_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_class_settings(class_store.database, ClassSettings(most_epochs=1, hidden_pages=frozenset({"train"})))
    monkeypatch.delenv("MNIST_APP_TEACHER_CODE")
    resources.settings.clear()
    assert numbers(visit("train", preset="cnn"))["Epochs"] == PRESETS["cnn"].defaults.epochs


@pytest.mark.slow
def test_controls_that_are_put_away_are_for_the_teacher_alone(class_store: Store) -> None:
    everything = frozenset(control.name for control in CONTROLS)
    resources.keep_class_settings(ClassSettings(hidden_controls=everything))
    run = finished_run(class_store, resources.model_files(), "mine", "")
    for is_teacher in (False, True):
        train = visit("train", is_teacher, preset="dense", epochs="7", learning_rate="0.5")
        labels = {"Epochs", "Batch size, images", "Learning rate", "Momentum", "Training images", "Seed"}
        assert (labels <= set(numbers(train))) == is_teacher
        assert bool(labels & set(numbers(train))) == is_teacher
        assert session_of(train).train.lesson.epochs == 7, "the lesson asks for it all the same"
        assert session_of(train).train.lesson.learning_rate == 0.5
        draw = visit("draw", is_teacher)
        assert any(group.key == "input_way" for group in draw.button_group) == is_teacher
        assert any(group.key == "look_inside_view" for group in draw.button_group) == is_teacher
        runs = visit("class_drawings", is_teacher)
        session_of(runs).runs.chosen = (run.id,)
        runs.switch_page("../pages/runs.py").run()
        assert any(button.label == "Delete" for button in runs.main.button) == is_teacher
        assert bool(runs.get("download_button")) == is_teacher


def test_a_way_in_that_is_put_away_meanwhile_gives_way_to_the_pen() -> None:
    page = DrawPage(is_restored=True, input_way="Camera")
    resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"camera"})))
    test = new_tab(page)
    test.run()
    assert not test.exception and page.input_way == "Pen"
    assert next(group for group in test.button_group if group.key == "input_way").options == [
        "Pen",
        "Picture",
    ]


def open_link(is_teacher: bool, **address: str) -> AppTest:
    """A tab that a lesson link has just opened, on Train."""
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).is_teacher = is_teacher
    for name, value in address.items():
        test.query_params[name] = value
    return open_page(test, "train")


LINK = {
    "preset": "dense",
    "dataset": "synthetic",
    "epochs": "50",
    "most_epochs": "6",
    "hide": "learn",
    "put_away": "optimiser",
}


def test_a_lesson_link_sets_the_tab_of_a_pupil_and_nothing_else(class_store: Store) -> None:
    test = open_link(False, **LINK)
    assert numbers(test)["Epochs"] == 6 and "Learning rate" not in numbers(test)
    assert not any("lesson link" in markdown.value for markdown in test.markdown)
    assert read_class_settings(class_store.database) == ClassSettings()
    test.switch_page("../pages/learn.py").run()
    assert any("hidden this for now" in markdown.value for markdown in test.markdown)
    other = visit("train", preset="dense")
    assert "Learning rate" in numbers(other)


def test_the_page_that_a_link_opens_says_what_cannot_be_hidden() -> None:
    test = new_tab(DrawPage(is_restored=True))
    test.query_params["hide"] = "draw,teacher,test_images"
    test.run()
    sentence = "This link also wants to hide 'draw', 'teacher', which cannot be hidden."
    assert sentence in [info.value for info in test.info]
    test.run()
    assert sentence in [info.value for info in test.info]
    test.switch_page("../pages/learn.py").run()
    assert sentence not in [info.value for info in test.info]


def test_the_address_still_has_what_the_link_asks() -> None:
    assert dict(open_link(False, **LINK).query_params) == {**LINK, "epochs": "6"}


def test_a_teacher_who_opens_the_link_is_asked_whether_it_holds_for_the_class(class_store: Store) -> None:
    test = open_link(True, **LINK)
    assert any(
        "It asks for at most 6 epochs; the class not to see Learn, Train: Optimiser" in markdown.value
        for markdown in test.markdown
    )
    next(button for button in test.button if button.label == "Use for the whole class").click().run()
    assert not test.exception
    assert read_class_settings(class_store.database) == ClassSettings(
        most_epochs=6, hidden_pages=frozenset({"learn"}), hidden_controls=frozenset({"optimiser"})
    )
    assert not any(button.label == "Use for the whole class" for button in test.button)


def test_a_store_that_cannot_be_read_forbids_nothing(
    class_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with class_store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE class_settings")
    assert resources.class_settings() == ClassSettings()
    assert "cannot be read" in caplog.text
