"""Real trainings on small images: what is reported, how it stops, how it diverges, what it amounts to."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.ink.synthesis import synthesise
from mnist_app.learning import evaluation
from mnist_app.learning.classifier import Classifier
from mnist_app.learning.configuration import TrainingConfig
from mnist_app.learning.datasets import Dataset, read_mnist
from mnist_app.learning.presets import build_model, get_preset
from mnist_app.learning.training import (
    FEWEST_WINDOWS,
    Observer,
    TrainingResult,
    add_written_digits,
    batches,
    save_model,
    split_training_images,
    train,
    window_length,
    written_digits,
)


def patches(n: int, seed: int = 0) -> Dataset:
    """Ten classes that are easily told apart: a bright patch where the digit says, in noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 10, n).astype(np.uint8)
    x = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
    for image, digit in zip(x, y, strict=True):
        row, column = divmod(int(digit), 4)
        image[4 + 7 * row : 10 + 7 * row, 2 + 6 * column : 7 + 6 * column] = 255
    return Dataset("patches", "made up", "", x, y, x[: n // 5], y[: n // 5])


SMALL = patches(600)
CONFIG = replace(get_preset("dense").defaults, epochs=3, batch_size=16, validation_share=0.2)


@dataclass
class Recorder(Observer):
    """Keeps all it is told; stops when it has been told of so many windows."""

    stop_after: int | None = None
    begun: list[tuple[int, int]] = field(default_factory=list)
    windows: list[tuple[int, float, float, float]] = field(default_factory=list)
    epochs: list[tuple] = field(default_factory=list)

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        self.begun.append((steps_per_epoch, epochs))

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        self.windows.append((step, epoch, loss, accuracy))

    def on_epoch_end(self, *args: float | None) -> None:
        self.epochs.append(args)

    def should_stop(self) -> bool:
        return self.stop_after is not None and len(self.windows) >= self.stop_after


def run(
    config: TrainingConfig, recorder: Recorder, dataset: Dataset = SMALL
) -> tuple[keras.Model, TrainingResult]:
    model = build_model(config.preset, config.seed)
    return model, train(model, dataset, config, recorder)


@pytest.mark.parametrize("preset", ["dense", "cnn", pytest.param("accurate", marks=pytest.mark.slow)])
def test_each_preset_learns(preset: str) -> None:
    x, y = synthesise(1000, seed=0)
    digits = Dataset("digits", "written by rule", "", x[:800], y[:800], x[800:], y[800:])
    config = replace(get_preset(preset).defaults, epochs=4, batch_size=16, validation_share=0.0)
    model, result = run(config, Recorder(), digits)
    assert result.status == "finished"
    assert result.reason == ""
    assert [epoch.number for epoch in result.history] == [1, 2, 3, 4]
    assert result.history[-1].loss < result.history[0].loss
    probabilities = Classifier(model).probabilities_of(digits.x_test.astype(np.float32) / 255)
    assert evaluation.accuracy(probabilities, digits.y_test) > 0.6


def test_the_step_is_traced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, traces = build_model("dense"), []
    step = model.train_step
    monkeypatch.setattr(model, "train_step", lambda data: (traces.append(data), step(data))[1])
    train(model, SMALL, CONFIG, Recorder())
    assert len(traces) == 1


def test_the_observer_is_told_of_every_window_and_epoch() -> None:
    recorder = Recorder()
    _, result = run(CONFIG, recorder)
    steps = math.ceil(480 / 16)
    assert recorder.begun == [(steps, 3)]
    assert [window[0] for window in recorder.windows] == list(range(1, 3 * steps + 1))
    assert [window[1] for window in recorder.windows] == pytest.approx(
        [step / steps for step in range(1, 3 * steps + 1)]
    )
    assert recorder.epochs == [
        (epoch.number, epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy)
        for epoch in result.history
    ]
    assert 0 < result.seconds < 100


@pytest.mark.parametrize("batch_size", [7, 10, 16, 500, 4096])
def test_the_windows_add_up_to_their_epoch(batch_size: int) -> None:
    """Also where the last window has fewer steps, and the last step fewer images, than the others."""
    recorder = Recorder()
    run(replace(CONFIG, batch_size=batch_size, validation_share=0.0, epochs=2), recorder)
    steps = math.ceil(600 / batch_size)
    assert len(recorder.windows) >= 2 * min(steps, FEWEST_WINDOWS)
    for number, (_, loss, accuracy, val_loss, val_accuracy) in enumerate(recorder.epochs):
        previous, sums = 0, np.zeros(2)
        for step, epoch, *means in recorder.windows:
            if number < epoch <= number + 1:
                seen = min((step - number * steps) * batch_size, 600)
                sums += np.array(means) * (seen - previous)
                previous = seen
        assert previous == 600
        assert sums / 600 == pytest.approx([loss, accuracy], rel=1e-4)
        assert val_loss is None
        assert val_accuracy is None


def test_each_window_reports_its_own_mean() -> None:
    """Against the same weights and batches gone through by hand; the learning rate is almost nothing."""
    config = replace(
        CONFIG, optimizer="sgd", learning_rate=1e-7, batch_size=10, epochs=1, validation_share=0.0
    )
    recorder = Recorder()
    model, _ = run(config, recorder)
    length = window_length(60, get_preset("dense"))
    assert length == 3
    x, y = SMALL.x_train, SMALL.y_train
    gone_through = list(batches(x, y, config, get_preset("dense")))
    loss = keras.losses.CategoricalCrossentropy()
    for index, (_, _, reported_loss, reported_accuracy) in enumerate(recorder.windows):
        part = gone_through[index * length : (index + 1) * length]
        images = np.concatenate([batch[0].numpy() for batch in part])
        labels = np.concatenate([batch[1].numpy() for batch in part])
        answers = model(images, training=False).numpy()
        assert reported_loss == pytest.approx(float(loss(labels, answers)), rel=1e-3)
        assert reported_accuracy == pytest.approx(np.mean(answers.argmax(1) == labels.argmax(1)), abs=1e-5)


def test_the_batches_are_the_images_once_each_in_another_order_each_epoch() -> None:
    x, y = SMALL.x_train, SMALL.y_train
    epochs = batches(x, y, replace(CONFIG, batch_size=32), get_preset("dense"))
    orders = []
    for _ in range(2):
        images = np.concatenate([batch[0].numpy() for batch in epochs])
        assert images.dtype == np.float32
        as_bytes = [np.round(image * 255).astype(np.uint8).tobytes() for image in images]
        assert sorted(as_bytes) == sorted(image.tobytes() for image in x)
        orders.append(as_bytes)
    assert orders[0] != orders[1]
    assert orders[0] != [image.tobytes() for image in x]


def test_augmented_batches_differ_each_epoch_and_keep_their_labels() -> None:
    config = replace(CONFIG, preset="accurate", batch_size=600)
    epochs = batches(SMALL.x_train, SMALL.y_train, config, get_preset("accurate"))
    (first,), (second,) = list(epochs), list(epochs)
    assert not np.array_equal(np.sort(first[0].numpy().ravel()), np.sort(second[0].numpy().ravel()))
    assert first[1].numpy().sum(axis=0).tolist() == np.bincount(SMALL.y_train, minlength=10).tolist()


def test_validation_is_on_the_images_held_out() -> None:
    recorder = Recorder()
    model, result = run(CONFIG, recorder)
    split = split_training_images(SMALL, CONFIG)
    assert len(split.x_val) == 120
    probabilities = Classifier(model).probabilities_of(split.x_val.astype(np.float32) / 255)
    last = result.history[-1]
    assert last.val_loss == pytest.approx(evaluation.cross_entropy(probabilities, split.y_val), rel=1e-4)
    assert last.val_accuracy == evaluation.accuracy(probabilities, split.y_val)


@pytest.mark.parametrize("train_size", [None, 100, 600])
@pytest.mark.parametrize("share", [0.0, 1 / 12, 0.5])
def test_the_split_takes_each_image_once(train_size: int | None, share: float) -> None:
    split = split_training_images(SMALL, replace(CONFIG, train_size=train_size, validation_share=share))
    size = train_size or 600
    assert len(split.x_val) == round(size * share)
    assert len(split.x_train) + len(split.x_val) == size
    together = np.concatenate([split.x_train, split.x_val])
    assert len(np.unique(together.reshape(size, -1), axis=0)) == size
    labels = dict(zip((image.tobytes() for image in SMALL.x_train), SMALL.y_train, strict=True))
    for image, label in zip(together, np.concatenate([split.y_train, split.y_val]), strict=True):
        assert labels[image.tobytes()] == label
    if size == 600:
        np.testing.assert_array_equal(together, SMALL.x_train)


def test_fewer_images_are_drawn_by_the_seed() -> None:
    first, again, other = (
        split_training_images(SMALL, replace(CONFIG, train_size=100, seed=seed)).x_train for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_written_digits_join_the_images_trained_on_alone() -> None:
    preset = get_preset("accurate")
    assert preset.written_share > 0
    split = split_training_images(SMALL, CONFIG)
    more = add_written_digits(split, preset)
    count = round(480 * preset.written_share)
    assert len(more.x_train) == len(more.y_train) == 480 + count
    np.testing.assert_array_equal(more.x_train[:480], split.x_train)
    np.testing.assert_array_equal(more.y_train[:480], split.y_train)
    x, y = written_digits(count)
    np.testing.assert_array_equal(more.x_train[480:], x)
    np.testing.assert_array_equal(more.y_train[480:], y)
    np.testing.assert_array_equal(more.x_val, split.x_val)


def test_fewer_written_digits_are_the_first_of_more() -> None:
    x, y = written_digits(1100)
    assert x.shape == (1100, 28, 28) and set(y.tolist()) == set(range(10))
    assert len(np.unique(x, axis=0)) > 1000
    for count in (1, 500, 501):
        fewer_x, fewer_y = written_digits(count)
        np.testing.assert_array_equal(fewer_x, x[:count])
        np.testing.assert_array_equal(fewer_y, y[:count])


def test_the_published_presets_train_on_the_data_set_alone() -> None:
    split = split_training_images(SMALL, CONFIG)
    for name in ("dense", "cnn"):
        assert add_written_digits(split, get_preset(name)) is split


def test_more_images_than_there_are_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="601"):
        run(replace(CONFIG, train_size=601), Recorder())


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UnknownName, match="resnet"):
        train(build_model("dense"), SMALL, replace(CONFIG, preset="resnet"), Observer())


def test_a_stop_acts_after_the_window_without_validation() -> None:
    recorder = Recorder(stop_after=40)
    _, result = run(replace(CONFIG, epochs=50), recorder)
    assert result.status == "stopped"
    assert len(recorder.windows) == 40
    assert [epoch.number for epoch in result.history] == [1]
    assert len(recorder.epochs) == 1


def test_a_stop_acts_during_validation() -> None:
    """Asked for after the epoch's last window, while the images held out are gone through."""

    class StopsLater(Recorder):
        asked = 0

        def should_stop(self) -> bool:
            self.asked += 1
            return self.asked > len(self.windows) == 30

    recorder = StopsLater()
    _, result = run(CONFIG, recorder)
    assert len(recorder.windows) == 30
    assert result.status == "stopped"
    assert result.history == ()
    assert recorder.epochs == []


@pytest.mark.parametrize("preset", ["dense", "cnn"])
def test_an_absurd_learning_rate_diverges(preset: str) -> None:
    recorder = Recorder()
    config = replace(
        CONFIG, preset=preset, optimizer="momentum", learning_rate=10.0, momentum=0.99, epochs=20
    )
    _, result = run(config, recorder)
    assert result.status == "diverged"
    assert "loss became" in result.reason
    assert not recorder.windows[-1][2] <= 1000
    assert len(recorder.windows) < 20 * 30


def test_the_seed_decides_the_run() -> None:
    runs = [run(replace(CONFIG, epochs=1, seed=seed), Recorder())[1].history for seed in (1, 1, 2)]
    assert runs[0][0].loss == pytest.approx(runs[1][0].loss, rel=1e-3)
    assert runs[0][0].loss != pytest.approx(runs[2][0].loss, rel=1e-3)


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_a_training_goes_on_from_its_file(tmp_path: Path) -> None:
    """Weights and optimiser are those saved: the count of steps goes on, and so do the epochs' numbers."""
    model, _ = run(replace(CONFIG, epochs=1), Recorder())
    save_model(model, tmp_path / "models" / "run.keras")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["run.keras"]
    loaded = keras.models.load_model(tmp_path / "models" / "run.keras")
    recorder = Recorder()
    result = train(loaded, SMALL, replace(CONFIG, epochs=3), recorder, first_epoch=1)
    assert [epoch.number for epoch in result.history] == [2, 3]
    assert recorder.windows[0][0] == 31
    assert int(loaded.optimizer.iterations) == 90


def test_a_training_that_goes_on_draws_another_order_than_it_began_with() -> None:
    """Of weights that hardly move, the first window's loss tells which images were in it."""
    config = replace(CONFIG, epochs=2, learning_rate=1e-7)
    first_losses = []
    for first_epoch in (0, 1):
        recorder = Recorder(stop_after=1)
        train(build_model(config.preset, config.seed), SMALL, config, recorder, first_epoch)
        first_losses.append(recorder.windows[0][2])
    assert first_losses[0] != pytest.approx(first_losses[1], rel=1e-4)


@pytest.mark.parametrize(
    ("steps", "preset", "length"),
    [(1875, "cnn", 50), (469, "dense", 23), (19, "cnn", 1), (20, "cnn", 1), (40, "cnn", 2), (1, "dense", 1)],
)
def test_the_length_of_a_window(steps: int, preset: str, length: int) -> None:
    assert window_length(steps, get_preset(preset)) == length
    assert math.ceil(steps / length) >= min(steps, FEWEST_WINDOWS)


@pytest.mark.slow
def test_dense_reaches_the_published_accuracy_on_real_mnist(mnist_path: Path) -> None:
    dataset = read_mnist(mnist_path)
    config = replace(get_preset("dense").defaults, validation_share=0.0)
    model, result = run(config, Recorder(), dataset)
    assert result.status == "finished"
    probabilities = Classifier(model).probabilities_of(dataset.x_test.astype(np.float32) / 255)
    assert evaluation.accuracy(probabilities, dataset.y_test) == pytest.approx(0.9775, abs=0.005)
