"""The Train page, without a browser and without a worker: runs stay in the queue unless a test moves them."""

import ast
import importlib
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.learning.training.presets import PRESETS, build_model
from mnist_app.settings import PROJECT
from mnist_app.ui.parts.watched_digit import moment_at
from mnist_app.ui.session.draw_page import CANVAS_SIDE, CanvasMessage, DrawPage
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.model_files import take_checkpoint
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Point, Probe, Run, Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.usefixtures("store")]
PAGE = "../pages/train.py"
PICTURE = '<img class="crisp" src="[^"]*"'
OWNER = "the-owner-of-these-tests-000"


def show(page: DrawPage | None = None, **address: str) -> AppTest:
    """The page at an address, in a session that remembers what was drawn."""
    test = new_tab(page or DrawPage(is_restored=True))
    session_of(test).owner = OWNER
    return open_page(test, "train", **address)


def labelled(elements: object, label: str) -> object:
    """The element of that label."""
    return next(element for element in elements if element.label == label)  # type: ignore[attr-defined]


def train(test: AppTest) -> Run:
    """Press Train; the run that the address then names."""
    labelled(test.button, "Train").click().run()  # type: ignore[attr-defined]
    assert not test.exception
    return resources.store().run(test.query_params["run"])


def training_run(store: Store, probes: int = 0) -> Run:
    """A run in the third of its ten epochs, of which no checkpoint is there."""
    config = replace(PRESETS["dense"].defaults, epochs=10)
    lease = store.start(config, "test", probe=preprocess(Drawing.from_canvas(*canvas_of(3))).image)
    answers = np.full((probes, 10), 0.05, np.float32)
    answers[: probes // 2, 8] = answers[probes // 2 :, 3] = 0.55
    store.report(
        lease,
        status=Status.TRAINING,
        epoch=2.5,
        steps_per_epoch=100,
        images_per_second=6400.0,
        new_points=[Point("train", step, step / 100, 1 / step, 0.9) for step in range(1, 250)],
        new_probes=[Probe(step, 2.5 * step / probes, answers[step]) for step in range(probes)],
    )
    return store.run(lease.run_id)


def canvas_of(digit: int) -> tuple[bytes, dict[str, object], int]:
    message = drawn(digit)
    return message.png, message.json_data, CANVAS_SIDE


@pytest.mark.parametrize(
    "moment",
    ["mnist_app.ui.parts.watched_digit.choose_watched_digit", "mnist_app.ui.frame.person.ask_if_due"],
)
def test_a_press_counts_though_the_page_begins_anew_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    # As where the browser tells what it kept, with the address it had when Train was pressed.
    test = show(preset="dense")
    module, _, name = moment.rpartition(".")
    part = importlib.import_module(module)
    original, begun_anew = getattr(part, name), []

    def begin_anew_once(*arguments: object) -> object:
        if not begun_anew:
            begun_anew.append(True)
            st.query_params.clear()
            st.rerun()
        return original(*arguments)

    monkeypatch.setattr(part, name, begin_anew_once)
    labelled(test.button, "Train").click().run()  # type: ignore[attr-defined]
    assert begun_anew
    assert [run.id for run in store.runs()] == [test.query_params["run"]]
    test.run()
    assert len(store.runs()) == 1


def test_the_text_that_documents_a_name_is_not_written_on_the_page() -> None:
    alone = [
        line.value
        for line in ast.parse((PROJECT / "mnist_app/ui/frame" / PAGE).read_text()).body
        if isinstance(line, ast.Expr)
    ]
    texts = {each.value for each in alone if isinstance(each, ast.Constant)}
    assert texts and not texts & {each.value for each in show().markdown}


def test_the_address_sets_the_controls() -> None:
    test = show(
        preset="dense", epochs="3", batch_size="64", learning_rate="0.002", seed="7", train_size="500"
    )
    values = {field.label: field.value for field in test.text_input}
    assert values["Epochs"] == "3"
    assert values["Batch size, images"] == "64"
    assert values["Learning rate"] == "0.002"
    assert values["Seed"] == "7"
    assert values["Training images"] == "500"
    assert not test.info


def field_named(test: AppTest, label: str) -> TextInput:
    """The field of a number by its label."""
    return next(each for each in test.text_input if each.label == label)


def is_refused(test: AppTest) -> bool:
    """Whether a field gives a reason; Train is then disabled, and only then."""
    has_reason = 'class="reason" role="alert">Enter a ' in html(test)
    assert labelled(test.button, "Train").disabled == has_reason  # type: ignore[attr-defined]
    return has_reason


def test_a_number_that_is_refused_says_why_and_nothing_is_trained_until_it_is_corrected(store: Store) -> None:
    test = show(preset="dense", dataset="synthetic")
    field_named(test, "Epochs").set_value("201")
    labelled(test.button, "Train").click().run()  # type: ignore[attr-defined]  # both before an answer comes
    assert is_refused(test) and "Enter a whole number from 1 to 200." in html(test)
    assert "Train waits until these are corrected: Epochs." in [each.value for each in test.caption]
    assert not store.runs()
    field_named(test, "Epochs").set_value("7").run()
    assert not is_refused(test)
    assert not store.runs(), "the press is forgotten"
    assert train(test).config.epochs == 7


def test_a_decimal_comma_is_understood(store: Store) -> None:
    test = show(preset="dense", dataset="synthetic")
    field_named(test, "Learning rate").set_value("0,05").run()
    assert not is_refused(test) and field_named(test, "Learning rate").value == "0,05"
    assert test.query_params["learning_rate"] == "0.05"
    assert train(test).config.learning_rate == 0.05


def test_the_learning_rate_steps_by_ten_both_ways_as_far_as_its_limits() -> None:
    test = show(preset="dense")
    seen = []
    for words in ["÷ 10"] * 4 + ["× 10"] * 8:
        labelled(test.button, words).click().run()  # type: ignore[attr-defined]
        seen.append(field_named(test, "Learning rate").value)
    down = ["0.0001", "0.00001", "0.000001", "0.0000001"]
    assert seen == [*down, *reversed(down[:3]), "0.001", "0.01", "0.1", "1", "10"]
    assert labelled(test.button, "× 10").disabled  # type: ignore[attr-defined]
    assert not labelled(test.button, "÷ 10").disabled  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["many", "0", "", "<b>2</b>"])
def test_a_refresh_keeps_what_was_typed_though_it_is_refused(text: str) -> None:
    test = show(preset="dense", batch_size="64")
    field_named(test, "Epochs").set_value(text).run()
    field_named(test, "Batch size, images").set_value("32").run()
    again = show(**address_of(test))
    assert field_named(again, "Epochs").value == text and is_refused(again)
    assert field_named(again, "Batch size, images").value == "32"
    field_named(again, "Epochs").set_value("3").run()
    assert not is_refused(again) and not any("typed" in name for name in again.query_params)


def test_what_was_typed_is_still_there_after_another_page() -> None:
    test = show(preset="dense")
    field_named(test, "Seed").set_value("1.5").run()
    test.switch_page("../pages/runs.py").run()
    test.switch_page(PAGE).run()
    assert field_named(test, "Seed").value == "1.5" and is_refused(test)


def test_another_network_has_its_own_numbers_and_another_data_set_its_own_size() -> None:
    test = show(preset="dense", dataset="synthetic")
    field_named(test, "Epochs").set_value("none").run()
    next(each for each in test.button_group if each.key == "preset").set_value("cnn").run()
    assert field_named(test, "Epochs").value == "10" and not is_refused(test)
    assert field_named(test, "Training images").value == "20000"
    labelled(test.selectbox, "Data set").select("mnist").run()  # type: ignore[attr-defined]
    assert field_named(test, "Training images").value == "60000" and not is_refused(test)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("preset", "resnet", "there are dense, cnn, accurate"),
        ("epochs", "many", "which is no number; 10 is taken"),
        ("epochs", "100000", "from 1 to 200 are possible, and 200 is taken"),
        ("batch_size", "-3", "and 1 is taken"),
        ("learning_rate", "nan", "is no number"),
        ("optimizer", "magic", "there are sgd, momentum, rmsprop, adam, adamw"),
        ("dataset", "letters", "there are mnist, synthetic"),
        ("name", "x" * 10_000, "was too long"),
    ],
)
def test_what_is_wrong_in_the_address_is_put_right_with_a_message(
    name: str, value: str, message: str
) -> None:
    test = show(**{name: value})
    assert [info for info in test.info if message in info.value], [info.value for info in test.info]


def test_a_run_that_there_is_not_is_a_sentence() -> None:
    for run_id in ("abcdefghij", "../../etc/passwd", "<b>x</b>", "9" * 5000):
        test = show(run=run_id)
        assert len(test.error) == 1
        assert "There is no" in test.error[0].value


def test_train_puts_the_run_into_the_queue_and_names_it_in_the_address(store: Store) -> None:
    test = show(preset="dense", epochs="2", dataset="synthetic", train_size="500", seed="9")
    run = train(test)
    assert run.status is Status.QUEUED
    assert run.owner == OWNER
    expected = replace(PRESETS["dense"].defaults, epochs=2, dataset="synthetic", train_size=500, seed=9)
    assert run.config == expected
    assert store.probe_image(run.id) is None
    assert "Next in the queue" in progress(test)
    assert test.query_params["seed"] == "9"


def test_who_comes_back_without_the_address_of_a_run_finds_the_own_one_that_waits(store: Store) -> None:
    run = train(show())
    Queue(store).submit(PRESETS["dense"].defaults, "somebody-else-in-the-class")
    test = show()
    assert "in the queue" in progress(test)
    assert test.query_params["run"] in (run.id, [run.id])
    labelled(test.button, "Stop").click().run()  # type: ignore[attr-defined]
    assert "run" not in show().query_params, "it has ended"


def progress(test: AppTest) -> str:
    """What the page says of the run's progress, or of its end."""
    endings = re.findall('<p class="ending">(.*?)</p>', html(test))
    return " ".join([*(element.proto.text for element in test.get("progress")), *endings])


def has_button(test: AppTest, label: str) -> bool:
    return any(each.label == label for each in test.button)


def folded(test: AppTest) -> str:
    """The line that the settings are folded into; they are then not on the page."""
    assert not has_button(test, "Train") and has_button(test, "Change")
    assert not [each for each in test.text_input if each.label == "Epochs"]
    return next(each.value for each in test.text if " · batch " in each.value)


def test_the_settings_fold_into_a_line_when_a_run_starts(store: Store) -> None:
    test = show(preset="dense", epochs="5", dataset="synthetic", name="my run")
    run = train(test)
    assert folded(test) == "my run · Dense · 5 epochs · batch 128 · RMSprop 0.001 · synthetic digits"
    labelled(test.button, "Change").click().run()  # type: ignore[attr-defined]
    assert field_named(test, "Epochs").value == "5"
    assert test.query_params["run"] == run.id, "it is still watched"
    field_named(test, "Epochs").set_value("6").run()
    labelled(test.button, "Train").click().run()  # type: ignore[attr-defined]
    assert "6 epochs" in folded(test)
    assert [each.config.epochs for each in store.runs()] == [6, 5]


def test_the_line_tells_the_learning_rate_from_the_momentum() -> None:
    test = show(preset="cnn", dataset="synthetic")
    train(test)
    assert "SGD 0.01, momentum 0.9" in folded(test)


def test_settings_that_were_opened_fold_again_as_those_of_the_run(store: Store) -> None:
    test = show(preset="dense", epochs="5", dataset="synthetic")
    train(test)
    labelled(test.button, "Change").click().run()  # type: ignore[attr-defined]
    field_named(test, "Epochs").set_value("none").run()
    labelled(test.button, "Cancel").click().run()  # type: ignore[attr-defined]
    assert "5 epochs" in folded(test)
    assert not any("typed" in name for name in test.query_params)
    labelled(test.button, "Change").click().run()  # type: ignore[attr-defined]
    assert field_named(test, "Epochs").value == "5" and not is_refused(test)


def test_who_opens_the_address_of_a_run_sees_its_settings_folded(store: Store) -> None:
    test = show(run=training_run(store).id)
    assert folded(test) == "Dense · 10 epochs · batch 128 · RMSprop 0.001"
    labelled(test.button, "Change").click().run()  # type: ignore[attr-defined]
    assert field_named(test, "Epochs").value == "10"


def test_a_refresh_while_settings_are_changed_keeps_them_open_and_a_later_one_does_not(store: Store) -> None:
    test = show(preset="dense", dataset="synthetic")
    train(test)
    assert "5 epochs" in folded(show(**address_of(test)))
    labelled(test.button, "Change").click().run()  # type: ignore[attr-defined]
    field_named(test, "Epochs").set_value("8").run()
    again = show(**address_of(test))
    assert field_named(again, "Epochs").value == "8"
    labelled(again.button, "Cancel").click().run()  # type: ignore[attr-defined]
    assert "5 epochs" in folded(show(**address_of(again)))


def address_of(test: AppTest) -> dict[str, str]:
    """The parameters of the page's address."""
    items = test.query_params.items()
    return {name: value[-1] if isinstance(value, list) else value for name, value in items}


def test_another_tab_shows_the_run_in_progress(store: Store) -> None:
    run = train(show(preset="dense", dataset="synthetic"))
    other = show()
    assert "Dense" in folded(other) and "in the queue" in progress(other)
    assert address_of(other)["run"] == run.id


def test_a_lesson_link_opened_beside_a_run_shows_its_own_settings(store: Store) -> None:
    run = train(show(preset="dense", dataset="synthetic"))
    test = show(preset="cnn", epochs="4")
    assert field_named(test, "Epochs").value == "4" and has_button(test, "Train")
    assert address_of(test)["run"] == run.id and "in the queue" in progress(test)


def test_a_reload_before_the_address_names_the_run_finds_it(store: Store) -> None:
    test = show(preset="dense", dataset="synthetic", epochs="3")
    address = address_of(test)
    run = train(test)
    again = show(**address)
    assert "3 epochs" in folded(again) and address_of(again)["run"] == run.id


def test_at_the_end_there_are_ways_on(store: Store) -> None:
    run = finished_run(store, resources.model_files(), owner=OWNER)
    test = show(run=run.id)
    assert 'Test accuracy <b data-testid="test-accuracy">91.23 %</b>' in progress(test)
    assert not has_button(test, "Stop")
    for label, page in (("See its mistakes", "Test images"), ("Compare", "Runs")):
        test = show(run=run.id)
        labelled(test.button, label).click().run()  # type: ignore[attr-defined]
        assert not test.exception and [title.value for title in test.title] == [page]
    assert session_of(test).runs.chosen == (run.id,)


def test_a_run_that_can_go_on_is_trained_further(store: Store) -> None:
    lease = store.start(replace(PRESETS["dense"].defaults, epochs=3), "test", owner=OWNER)
    network = build_model("dense", 3)
    network.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    sha256 = resources.model_files().save_checkpoint(lease.run_id, take_checkpoint(network, 1))
    store.report(lease, checkpoint_epoch=1, checkpoint_sha256=sha256)
    store.finish(lease, Status.STOPPED, epoch=1.0)
    test = show(run=lease.run_id)
    labelled(test.button, "Train further").click().run()  # type: ignore[attr-defined]
    new = next(run for run in store.runs() if run.id != lease.run_id)
    assert new.continued_from == lease.run_id
    assert address_of(test)["run"] == new.id and "in the queue" in progress(test)


def test_what_was_drawn_goes_along(store: Store) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)), dataset="synthetic")
    assert labelled(test.checkbox, "Watch my digit").value  # type: ignore[attr-defined]
    assert html(test).count('class="crisp"') == 1
    image = store.probe_image(train(test).id)
    np.testing.assert_array_equal(image, preprocess(Drawing.from_canvas(*canvas_of(3))).image)


def test_it_does_not_go_along_unless_it_is_wanted(store: Store) -> None:
    test = show(DrawPage(is_restored=True, canvas=drawn(3)), dataset="synthetic")
    test.checkbox[0].uncheck().run()
    assert 'class="crisp"' not in html(test)
    assert store.probe_image(train(test).id) is None


@pytest.mark.parametrize("canvas", [None, CanvasMessage(b"no PNG", {"objects": [1]})])
def test_without_a_drawing_another_digit_can_go_along(store: Store, canvas: CanvasMessage | None) -> None:
    test = show(DrawPage(is_restored=True, canvas=canvas), dataset="synthetic")
    choice = labelled(test.checkbox, "Watch a digit")
    assert not choice.value  # type: ignore[attr-defined]
    choice.check().run()  # type: ignore[attr-defined]
    pictures = re.findall(PICTURE, html(test))
    image = store.probe_image(train(test).id)
    assert image is not None
    assert image.max() == 1
    assert len(pictures) == 1
    assert re.findall(PICTURE, html(test)) == pictures  # where it is watched; the choice is folded


def test_stop_takes_a_waiting_run_out_of_the_queue(store: Store) -> None:
    test = show(preset="dense", dataset="synthetic")
    run = train(test)
    labelled(test.button, "Stop").click().run()  # type: ignore[attr-defined]
    assert store.run(run.id).status is Status.STOPPED
    test.run()
    assert "taken out of the queue" in progress(test)
    assert not has_button(test, "Stop")


def test_stop_asks_whoever_trains_to_stop(store: Store) -> None:
    run = training_run(store)
    test = show(run=run.id)
    labelled(test.button, "Stop").click().run()  # type: ignore[attr-defined]
    assert store.run(run.id).cancel
    assert "Stopping" in progress(test)


def test_a_run_in_training_says_how_far_it_is(store: Store) -> None:
    test = show(run=training_run(store).id)
    assert "Epoch 3 of 10 · 6,400 images/s · 15 s left" in progress(test)
    assert "training <b>90.0 %</b></span>" in html(test)
    assert "validation <b>–</b></span>" in html(test)
    assert "axis from 90 %" in [each.value for each in test.caption]


def test_the_watched_digit_moves_with_the_slider(store: Store) -> None:
    run = training_run(store, probes=40)
    test = show(run=run.id)
    assert 'data-testid="digit">3<' in html(test)
    assert "after 2.44 epochs" in html(test)
    slider = test.select_slider[0]
    assert slider.value == 10
    slider.set_value(0.5).run()
    assert 'data-testid="digit">8<' in html(test)
    assert "after 0.50 epochs" in html(test)
    test.select_slider[0].set_value(10.0).run()
    assert 'data-testid="digit">3<' in html(test)


def test_before_the_first_answer_its_place_is_kept(store: Store) -> None:
    run = training_run(store)
    test = show(run=run.id)
    assert "Not asked yet" in html(test)
    assert 'alt="The watched digit"' in html(test)
    assert "The network can be asked when its first epoch is over." in html(test)
    assert labelled(test.button, "Another").disabled  # type: ignore[attr-defined]


def test_the_moment_nearest_to_an_epoch() -> None:
    probes = [Probe(step, step / 10, np.zeros(10, np.float32)) for step in range(10)]
    assert moment_at(probes, 0.31) is probes[3]
    assert moment_at(probes, None) is probes[9]
    assert moment_at(probes, 7.0) is probes[9]
    assert moment_at([], 0.5) is None


def test_a_test_image_is_asked_of_the_network_in_training(store: Store, mnist_path: Path) -> None:
    run = training_run(store)
    model = build_model("dense", 3)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    sha256 = resources.model_files().save_checkpoint(run.id, take_checkpoint(model, 2))
    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE runs SET checkpoint_epoch = 2, checkpoint_sha256 = ? WHERE id = ?", (sha256, run.id)
        )
    test = show(run=run.id)
    until(test, "sure after epoch 2")
    before = html(test)
    labelled(test.toggle, "Only mistakes").set_value(True).run()  # type: ignore[attr-defined]
    until(test, "✗ wrong")
    labelled(test.selectbox, "Digit").select(7).run()  # type: ignore[attr-defined]
    until(test, "It is a <b>7</b>")
    assert html(test) != before


def test_a_test_image_is_asked_of_the_finished_network(store: Store, mnist_path: Path) -> None:
    run = finished_run(store, resources.model_files())
    test = show(run=run.id)
    until(test, "of the test images")
    numbers = set()
    for _ in range(3):
        labelled(test.button, "Another").click().run()  # type: ignore[attr-defined]
        until(test, "of the test images")
        numbers.add(html(test).split("Number ")[1].split(" ")[0])
    assert len(numbers) > 1
    assert "after epoch" not in html(test)


def test_without_its_data_set_the_viewer_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_APP_MNIST", "/nowhere/mnist.npz")
    resources.settings.clear()
    resources.dataset.clear()
    run = finished_run(store, resources.model_files())
    test = show(run=run.id)
    until(test, "nowhere")
    resources.dataset.clear()


def until(test: AppTest, words: str) -> None:
    """Look at the page again, as its fragments do, until it says so."""
    end = time.monotonic() + 60
    while words not in html(test):
        assert time.monotonic() < end, html(test)
        test.run()
        assert not test.exception


def test_a_name_with_markup_is_text(store: Store) -> None:
    name = "<img src=x onerror=alert(1)> **bold** $x$"
    test = show(preset="dense", dataset="synthetic", name=name)
    run = train(test)
    assert run.config.name == run.name == name
    shown = [element.value for element in test.markdown] + [element.value for element in test.caption]
    assert "onerror" not in html(test)
    assert not [text for text in shown if "onerror" in text]


def test_a_full_queue_is_a_sentence(store: Store) -> None:
    for _ in range(50):
        resources.queue().submit(PRESETS["dense"].defaults, OWNER)
    test = show(preset="dense", dataset="synthetic")
    labelled(test.button, "Train").click().run()  # type: ignore[attr-defined]
    assert "50 of your runs are waiting" in test.error[0].value
