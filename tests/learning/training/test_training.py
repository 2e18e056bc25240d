"""Real trainings on small images: what is reported, how it stops, how it diverges, what it amounts to."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
import pytest
from patches import patches

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset, read_mnist
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.input_pipeline import batches, split_training_images
from mnist_app.learning.training.presets import build_model, get_preset
from mnist_app.learning.training.training import (
    FEWEST_WINDOWS,
    Observer,
    TrainingResult,
    save_model,
    train,
    window_length,
)

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


def test_validation_is_on_the_images_held_out() -> None:
    recorder = Recorder()
    model, result = run(CONFIG, recorder)
    split = split_training_images(SMALL, CONFIG)
    assert len(split.x_val) == 120
    probabilities = Classifier(model).probabilities_of(split.x_val.astype(np.float32) / 255)
    last = result.history[-1]
    assert last.val_loss == pytest.approx(evaluation.cross_entropy(probabilities, split.y_val), rel=1e-4)
    assert last.val_accuracy == evaluation.accuracy(probabilities, split.y_val)


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


# With seed 0 the first steps of `cnn` silence all its units, and its loss stays near 80.
@pytest.mark.parametrize(("preset", "seed"), [("dense", 0), ("cnn", 1)])
def test_an_absurd_learning_rate_diverges(preset: str, seed: int) -> None:
    recorder = Recorder()
    config = replace(
        CONFIG, preset=preset, optimizer="momentum", learning_rate=10.0, momentum=0.99, epochs=20, seed=seed
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
    [
        (1875, "cnn", 50),
        (469, "dense", 23),
        (495, "accurate", 3),
        (19, "cnn", 1),
        (20, "cnn", 1),
        (40, "cnn", 2),
        (1, "dense", 1),
    ],
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
