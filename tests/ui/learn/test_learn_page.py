"""The Learn page, without a browser."""

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from opened import new_tab, open_page
from shown import drawn, html
from streamlit.testing.v1 import AppTest

from mnist_app.learning.lessons import design_comparison, forward_pass
from mnist_app.learning.lessons.chapters import PRESETS_EXPLAINED, read_lessons
from mnist_app.learning.lessons.network_weights import draw_fresh
from mnist_app.learning.lessons.program import program_lines
from mnist_app.learning.networks.designs import count_parameters
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import ASSETS
from mnist_app.ui.learn.material import find_dataset
from mnist_app.ui.learn.parts import PARTS
from mnist_app.ui.learn.training import read_curves
from mnist_app.ui.parts import terms
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.widgets import Key, live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import number
from mnist_app.workspace.runs.model_files import take_checkpoint
from mnist_app.workspace.runs.records import Point, Run, Status
from mnist_app.workspace.runs.run_store import Store

PAGE = "../pages/learn.py"
CHAPTERS = [
    chapter.name for chapter in read_lessons(terms.LESSONS, "cnn", program_lines("cnn"), PARTS).chapters
]


def show(**address: str) -> AppTest:
    """The page at an address."""
    return open_page(new_tab(DrawPage(is_restored=True)), "learn", **address)


def address(test: AppTest) -> tuple[str, str]:
    """The chapter and the preset that the page's address names."""
    return test.query_params["chapter"], test.query_params["preset"]


@pytest.mark.parametrize("preset", PRESETS_EXPLAINED)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_opens_by_its_address(chapter: str, preset: str) -> None:
    test = show(chapter=chapter, preset=preset)
    assert not test.error
    number = CHAPTERS.index(chapter) + 1
    assert test.header[0].value.startswith(f"{number}. ")
    assert address(test) == (chapter, preset)


def test_the_program_s_lines_stand_with_their_numbers() -> None:
    shown = html(show(chapter="one-hot", preset="dense"))
    lines = [line for line in program_lines("dense") if "to_categorical" in line]
    for line in lines:
        number = program_lines("dense").index(line) + 1
        assert f">{number}</i><code>{line}</code>" in shown
    assert f'class="marked"><i aria-hidden="true">{number}</i>' in shown


def test_an_unknown_chapter_gets_a_sentence_and_the_first_one() -> None:
    test = show(chapter="<b>alchemy", preset="dense")
    assert [info.value for info in test.info if "chapter that does not exist" in info.value]
    assert address(test) == (CHAPTERS[0], "dense")
    assert not [info for info in test.run().info if "chapter" in info.value]


def test_an_unknown_network_gets_a_sentence_and_the_usual_one() -> None:
    test = show(preset="accurate")
    assert [info.value for info in test.info if "cnn and dense" in info.value]
    assert address(test) == (CHAPTERS[0], "cnn")


def test_choosing_a_chapter_or_a_network_changes_the_address() -> None:
    test = show()
    test.selectbox(key=Key.LEARN_CHAPTER).set_value(CHAPTERS[1]).run()
    assert address(test) == (CHAPTERS[1], "cnn")
    test.session_state[Key.LEARN_PRESET] = "dense"
    test.run()
    assert address(test) == (CHAPTERS[1], "dense")
    assert "reshape((-1, 784))" in html(test)


def test_a_request_with_the_address_from_before_does_not_undo_a_choice() -> None:
    test = show(chapter=CHAPTERS[0], preset="cnn")
    test.session_state[Key.LEARN_PRESET] = "dense"
    test.selectbox(key=Key.LEARN_CHAPTER).set_value(CHAPTERS[1]).run()
    test.query_params["chapter"], test.query_params["preset"] = CHAPTERS[0], "cnn"
    test.run()  # sent by another widget before the browser knew of the choice
    assert address(test) == (CHAPTERS[1], "dense")


def test_one_walks_on_and_back_and_finds_the_place_again() -> None:
    test = show()
    for chapter in CHAPTERS[1:]:
        test.button(key=live_key("go-right")).click().run()
        assert address(test)[0] == chapter
    test.button(key=live_key("go-right")).click().run()
    assert address(test)[0] == "glossary" and "<dt>softmax</dt>" in html(test)
    test.button(key=live_key("go-left")).click().run()
    test.switch_page("../pages/runs.py").run()
    test.query_params.clear()
    test.switch_page(PAGE).run()
    assert address(test)[0] == CHAPTERS[-1]


def test_the_chosen_image_goes_through_the_chapters() -> None:
    test = show(chapter="data")
    dataset, _ = find_dataset()
    test.number_input(key=Key.LEARN_IMAGE).set_value(7).run()
    numbers = re.findall(r'color:#\w+">(\d+)</span>', html(test))
    assert numbers == [str(value) for value in dataset.x_train[7].ravel()]
    test.selectbox(key=Key.LEARN_CHAPTER).set_value("one-hot").run()
    assert f"The digit {dataset.y_train[7]} as ten numbers" in html(test)
    random = next(button for button in test.button if button.label == "A random one")
    random.click().run()
    chosen = test.number_input(key=Key.LEARN_IMAGE).value
    assert f"was **{dataset.y_train[int(chosen or 0)]}**" in "".join(each.value for each in test.markdown)


def test_each_digit_is_counted() -> None:
    dataset, _ = find_dataset()
    shown = html(show(chapter="data"))
    for count in np.bincount(dataset.y_train):
        assert f'<span class="share">{count:,}</span>' in shown


def test_a_pixel_is_followed_to_its_place_in_the_line() -> None:
    test = show(chapter="normalise", preset="dense")
    test.slider(key=live_key("reshape-row")).set_value(3).run()
    test.slider(key=live_key("reshape-column")).set_value(9).run()
    assert "28 × 3 + 9 = 93" in html(test)


def test_without_the_division_the_untrained_network_is_worse_off() -> None:
    def loss(test: AppTest) -> float:
        text = next(each.value for each in test.markdown if "The ten sums" in each.value)
        found = re.search(r"</span></span> is ([\d,.]+)\. ", text)
        assert found
        return float(found[1].replace(",", ""))

    test = show(chapter="normalise")
    small = loss(test)
    test.toggle(key=live_key("divided")).set_value(False).run()
    assert loss(test) > small


def trained_run(preset: str) -> Run:
    """A finished run whose weights, never trained, are in its checkpoint."""
    store, files = resources.store(), resources.model_files()
    lease = store.start(TrainingConfig(preset=preset, epochs=2, name="<i>one</i>"), "test", owner="nobody")
    model = build_model(preset, seed=11)
    model.compile("sgd")
    sha256 = files.save_checkpoint(lease.run_id, take_checkpoint(model, 2))
    store.report(lease, checkpoint_epoch=2, checkpoint_sha256=sha256)
    accuracies = {"train_accuracy": 0.75, "test_accuracy": 0.5}
    store.finish(lease, Status.FINISHED, epoch=2.0, parameters=model.count_params(), **accuracies)
    return store.run(lease.run_id)


@pytest.fixture(params=PRESETS_EXPLAINED)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    run = trained_run(request.param)
    yield run
    resources.store().delete(run.id)
    resources.model_files().delete(run.id)


def test_a_finished_run_s_weights_are_shown_unless_fresh_ones_are_chosen(run: Run) -> None:
    preset = run.config.preset
    test = show(chapter="layers", preset=preset)
    chosen = test.selectbox(key=live_key(f"network-{preset}"))
    assert chosen.value == run.id and f"<i>one</i>, #{run.number}: 2 epochs, 50.00 % right" in chosen.options
    dataset, _ = find_dataset()
    model = build_model(preset, seed=11)
    expected = keras.Model(model.inputs[0], model.layers[-1].output)(
        dataset.x_train[:1].astype(np.float32) / 255
    )
    shares = re.findall(r"<td>([\d.]+) %</td>", html(test))
    np.testing.assert_allclose(
        [float(share) for share in shares[:10]], 100 * keras.ops.convert_to_numpy(expected)[0], atol=0.051
    )
    chosen.set_value("fresh").run()
    assert any("drawn by chance" in caption.value for caption in test.caption)
    assert re.findall(r"<td>([\d.]+) %</td>", html(test)) != shares


def test_without_a_finished_run_fresh_weights_are_shown_and_said_to_be() -> None:
    test = show(chapter="layers")
    assert any("drawn by chance" in caption.value for caption in test.caption)


def test_the_filter_s_sum_is_that_of_the_place_chosen() -> None:
    test = show(chapter="layers")
    for name, value in (("filter-convolution", 7), ("convolution-row", 20), ("convolution-column", 4)):
        test.slider(key=live_key(name)).set_value(value).run()
    dataset, _ = find_dataset()
    passed = forward_pass.run(draw_fresh("cnn"), dataset.x_train[0].astype(np.float32) / np.float32(255))
    assert passed.filtered is not None and passed.maps is not None
    expected = f"= <b>{number(passed.filtered[20, 4, 7])}</b>"
    assert expected in html(test)
    assert f"ReLU: <b>{number(passed.maps[20, 4, 7])}</b>" in html(test)


def test_the_parameters_follow_the_design() -> None:
    test = show(chapter="layers")
    for amount in ("320", "540,900", "1,010", "542,230"):
        assert f'<td class="amount">{amount}</td>' in html(test)
    test.slider(key=live_key("design-cnn-filters")).set_value(8).run()
    assert "3 × 3 × 1 × 8 + 8" in html(test) and '<td class="amount">80</td>' in html(test)


def test_what_was_measured_of_designs_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "designs.json"
    found = [
        design_comparison.Measurement(design, 0.9 + place / 100, 10.0 + place, count_parameters(design), 3)
        for place, (_, design) in enumerate(design_comparison.questions("dense")[0].designs)
    ]
    design_comparison.write_measurements("Measured so and so.", found, path)
    measured = partial(design_comparison.read_measurements, path)
    monkeypatch.setattr("mnist_app.ui.learn.parameters.read_measurements", measured)
    test = show(chapter="layers", preset="dense")
    assert "Measured so and so." in [caption.value for caption in test.caption]
    assert "<td>92.00 %</td><td>8.00 %</td><td>12 s</td>" in html(test)
    path.write_text("{}", encoding="utf-8")
    assert "damaged" in show(chapter="layers", preset="dense").error[0].value


def test_a_run_s_name_is_text_in_the_table_of_runs(run: Run) -> None:
    assert "<th>&lt;i&gt;one&lt;/i&gt;</th>" in html(show(chapter="loss", preset=run.config.preset))


def test_the_loss_follows_the_guess() -> None:
    test = show(chapter="loss")
    test.slider(key=live_key("guess")).set_value(50).run()
    assert "−ln(0.50) = <b>0.69</b>" in html(test)


def test_a_learning_rate_that_is_too_large_is_said_to_diverge() -> None:
    test = show(chapter="loss")
    assert "it diverges" not in html(test)
    test.slider(key=live_key("rate")).set_value(2.2).run()
    assert any("it diverges" in markdown.value for markdown in test.markdown)


def test_the_published_number_of_steps_comes_out() -> None:
    test = show(chapter="training")
    assert "<b>1,875</b> steps in an epoch. × 10 epochs = <b>18,750</b> steps" in html(test)
    test.select_slider(key=live_key("batch-cnn")).set_value(64).run()
    assert "<b>938</b> steps in an epoch" in html(test)


def test_a_finished_run_can_be_chosen_for_its_curves(run: Run) -> None:
    test = show(chapter="training", preset=run.config.preset)
    assert test.selectbox(key=live_key(f"curves-{run.config.preset}")).value == run.id
    assert any("Too few checks" in markdown.value for markdown in test.markdown)


def test_without_a_run_there_is_a_way_to_get_curves() -> None:
    test = show(chapter="training")
    assert any("no finished run of this network yet" in markdown.value for markdown in test.markdown)


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([0.5], "Too few"),
        ([0.5, 0.3, 0.2], "still falling"),
        ([0.5, 0.2, 0.19], "nearly stopped falling"),
        ([0.5, 0.2, 0.3], "lowest after epoch 2, at 0.200, and rose to 0.300"),
    ],
)
def test_what_the_curves_say(losses: list[float], words: str) -> None:
    points = [Point("validation", 10 * each, float(each), loss, 0.9) for each, loss in enumerate(losses, 1)]
    assert words in read_curves([Point("train", 1, 0.1, 2.0, 0.1), *points])


def test_a_training_on_500_images_goes_into_the_queue_once(store: Store) -> None:
    test = show(chapter="training", preset="dense")
    key = live_key("overfit")
    test.button(key=key).click().run()
    assert not test.exception and test.button(key=key).disabled
    (run,) = store.runs(statuses=[Status.QUEUED])
    assert (run.config.train_size, run.config.validation_share) == (1000, 0.5)


def test_a_test_image_is_answered_by_the_network_of_the_chapter() -> None:
    test = show(chapter="testing", preset="dense")
    test.number_input(key=live_key("test-image")).set_value(5).run()
    dataset, _ = find_dataset()
    shares = forward_pass.run(
        draw_fresh("dense"), dataset.x_test[5].astype(np.float32) / np.float32(255)
    ).probabilities
    assert f"]) = <b>{shares.argmax()}</b>" in html(test)
    assert f"It is a{'n' if dataset.y_test[5] == 8 else ''} <b>{dataset.y_test[5]}</b>." in html(test)


def test_the_last_lines_of_the_convolutional_program_are_carried_out_on_the_image() -> None:
    test = show(chapter="testing", preset="cnn")
    test.number_input(key=live_key("test-image")).set_value(5).run()
    dataset, _ = find_dataset()
    image = dataset.x_test[5].reshape((1, 28, 28, 1)).astype("float32") / 255
    answer = forward_pass.run(draw_fresh("cnn"), image[0, ..., 0]).probabilities.argmax()
    shown = html(test)
    assert "<td>(28, 28)</td><td>(1, 28, 28, 1)</td>" in shown
    assert f"<code>Prediction: {answer}</code>" in shown
    assert "plt.imshow(image, cmap=&quot;gray&quot;)" in shown
    others = {label for label in range(10) if f"<code>Prediction: {label}</code>" in shown} - {answer}
    assert not others


def test_dividing_makes_the_type_that_the_program_s_own_line_makes() -> None:
    assert "<td>uint8</td><td>float32</td>" in html(show(chapter="normalise", preset="cnn"))
    assert "<td>uint8</td><td>float64</td>" in html(show(chapter="normalise", preset="dense"))


def test_training_and_test_accuracy_stand_side_by_side(run: Run) -> None:
    shown = html(show(chapter="testing", preset=run.config.preset))
    assert "<td>75.00 %</td><td>50.00 %</td><td>25.00</td>" in shown


def test_always_saying_1_is_as_right_as_there_are_ones() -> None:
    test = show(chapter="testing")
    test.slider(key=live_key("ones")).set_value(80).run()
    assert "<th>always says 1</th><td>80.0 %</td><td>100 %</td><td>0 %</td>" in html(test)


def test_without_the_ladder_the_network_gets_another_picture() -> None:
    def pictures(test: AppTest) -> list[str]:
        return re.findall(r'<figure class="answered">.*?src="([^"]+)"', html(test), re.DOTALL)

    test = show(chapter="own-digit")
    with_ladder, without = pictures(test)
    test.slider(key=live_key("across")).set_value(60).run()
    assert pictures(test)[0] == with_ladder and pictures(test)[1] != without


def test_one_s_own_drawing_climbs_the_ladder_too() -> None:
    test = new_tab(DrawPage(is_restored=True, canvas=drawn(6)))
    test.run()
    test.query_params["chapter"] = "own-digit"
    test.switch_page(PAGE).run()
    before = html(test)
    test.session_state[live_key("own-11")] = "mine"
    test.run()
    assert not test.exception and html(test) != before
    assert all(slider.disabled for slider in test.slider)


@pytest.mark.slow
def test_without_mnist_the_page_says_so_and_works_on_synthetic_digits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_APP_MNIST", str(tmp_path / "none.npz"))
    resources.settings.clear()
    resources.dataset.clear()
    test = show(chapter="data")
    assert any("synthetic digits" in info.value for info in test.info)
    assert not test.error and "20,000" in "".join(each.value for each in test.markdown)
    resources.settings.clear()
    resources.dataset.clear()


def test_a_malformed_chapter_is_told_and_the_others_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "learn"
    shutil.copytree(ASSETS / "learn", folder)
    broken = next(folder.glob("2-*.md"))
    broken.write_text(broken.read_text(encoding="utf-8") + "\n<!-- live: nothing -->\n", encoding="utf-8")
    monkeypatch.setattr(terms, "LESSONS", folder)
    test = show()
    line = len(broken.read_text(encoding="utf-8").splitlines())
    assert len(test.error) == 1 and f"{broken.name}, line {line}" in test.error[0].value
    assert address(test)[0] == CHAPTERS[0]
    assert not any(option.startswith("2.") for option in test.selectbox(key=Key.LEARN_CHAPTER).options)
