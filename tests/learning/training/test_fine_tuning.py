"""Fine-tuning: what is held out, what is mixed, and that it learns a hand without forgetting."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_app.errors import TooFewDrawings
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.training import fine_tuning
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.fine_tuning import LabelledImages, check_enough, configuration, hold_out, mix
from mnist_app.learning.training.presets import build_model, get_preset
from mnist_app.learning.training.training import Observer, train

ACCURATE = configuration("accurate", "small", "shipped", 5)


def dataset_of(count: int) -> Dataset:
    x, y = synthesise(count + 200, seed=11)
    return Dataset("small", "Written by rule.", "digest", x[:count], y[:count], x[count:], y[count:])


def noise_of(count: int) -> Dataset:
    """Images that are no digits, but there in a moment, and each another one."""
    rng = np.random.default_rng(11)
    x, y = rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 10, count, np.uint8)
    return Dataset("small", "Made up.", "digest", x, y, x[:10], y[:10])


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=20, max_size=200))
def test_whole_people_are_held_out_and_half_the_drawings_stay(writers: list[str]) -> None:
    ids = [f"{number:010}" for number in range(len(writers))]
    mask, by = hold_out(ids, writers)
    assert fine_tuning.FEWEST_HELD_OUT <= mask.sum() <= len(writers) / 2
    out = {writer for writer, is_out in zip(writers, mask, strict=True) if is_out}
    left = {writer for writer, is_out in zip(writers, mask, strict=True) if not is_out}
    if by == "person":
        assert not out & left and left
    else:
        assert mask.sum() == max(5, round(len(writers) / 4))


def test_one_person_alone_has_drawings_held_out() -> None:
    mask, by = hold_out([f"{number:010}" for number in range(40)], ["me"] * 40)
    assert by == "drawing" and mask.sum() == 10


def test_a_person_with_most_of_the_drawings_is_learned_from() -> None:
    writers = ["much"] * 60 + ["little"] * 10
    mask, by = hold_out([f"{number:010}" for number in range(70)], writers)
    assert by == "person"
    assert mask.tolist() == [writer == "little" for writer in writers]


def test_others_with_next_to_nothing_do_not_measure_anything() -> None:
    mask, by = hold_out([f"{number:010}" for number in range(42)], ["much"] * 40 + ["little"] * 2)
    assert by == "drawing" and mask.sum() == 10


def test_the_same_drawings_are_held_out_each_time_whatever_their_order() -> None:
    ids = [f"{number:010}" for number in range(60)]
    writers = [str(number % 7) for number in range(60)]
    mask, _ = hold_out(ids, writers)
    order = np.random.default_rng(0).permutation(60)
    again, _ = hold_out([ids[i] for i in order], [writers[i] for i in order])
    assert again.tolist() == mask[order].tolist()


@pytest.mark.parametrize(("count", "words"), [(0, "There are 0"), (1, "one drawing"), (19, "at least 20")])
def test_too_few_drawings_get_a_sentence(count: int, words: str) -> None:
    with pytest.raises(TooFewDrawings, match=words):
        check_enough(count)
    with pytest.raises(TooFewDrawings):
        hold_out([str(number) for number in range(count)], ["me"] * count)


def test_drawings_are_mixed_with_as_many_that_it_knew() -> None:
    dataset = noise_of(3_000)
    drawings = LabelledImages(np.full((30, 28, 28), 7, np.uint8), np.full(30, 3, np.uint8))
    mixed = mix(dataset, drawings, ACCURATE)
    is_drawing = (mixed.x_train == 7).all(axis=(1, 2))
    assert is_drawing.sum() == 30 * 20 and (mixed.y_train[is_drawing] == 3).all()
    assert (~is_drawing).sum() == 750
    known = {image.tobytes() for image in dataset.x_train}
    assert all(image.tobytes() in known for image in mixed.x_train[~is_drawing])
    assert mixed.x_test is dataset.x_test and mixed.digest == dataset.digest
    many = LabelledImages(np.full((1_400, 28, 28), 7, np.uint8), np.zeros(1_400, np.uint8))
    assert len(mix(dataset, many, ACCURATE).y_train) == 2_800
    assert len(mix(noise_of(100), drawings, ACCURATE).y_train) == 700, "where there are fewer, all of them"


@pytest.mark.slow
def test_where_the_preset_does_not_distort_the_drawings_are_and_what_it_knew_is_not() -> None:
    dataset = noise_of(700)
    x, y = synthesise(20, seed=21)
    mixed = mix(dataset, LabelledImages(x, y), replace(ACCURATE, preset="dense"))
    assert np.array_equal(mixed.x_train[:20], x)
    drawn, knew = mixed.x_train[:400], mixed.x_train[400:]
    assert len({image.tobytes() for image in drawn}) == 400
    assert {image.tobytes() for image in knew} == {image.tobytes() for image in dataset.x_train}
    assert mixed.y_train[:400].tolist() == y.tolist() * 20
    again = mix(dataset, LabelledImages(x, y), replace(ACCURATE, preset="dense"))
    assert np.array_equal(mixed.x_train, again.x_train), "all chance comes from the seed"


def test_a_fine_tuning_is_a_small_flat_configuration() -> None:
    config = configuration("dense", "mnist", "shipped", 3, "mine")
    assert TrainingConfig.from_dict(config.to_dict()) == config
    assert (config.fine_tuned_from, config.epochs, config.validation_share) == ("shipped", 3, 0.0)
    assert TrainingConfig().fine_tuned_from == ""


@pytest.mark.slow
def test_it_learns_another_hand_and_forgets_less_than_by_drawings_alone() -> None:
    """The hand: every digit underlined, which a network that has never seen it reads badly."""
    dataset = dataset_of(4_000)
    base = build_model("dense", 1)
    defaults = replace(get_preset("dense").defaults, dataset="small", epochs=4, validation_share=0.0)
    train(base, dataset, defaults, Observer())
    x, y = synthesise(400, seed=21)
    x[:, 26:28, 4:24] = 255
    x = np.stack([preprocess(Drawing.from_ink(image)).centred for image in x])

    def shares_right(model: keras.Model) -> tuple[float, float]:
        """Of the drawings held out, and of the data set's test images."""
        classifier, right = Classifier(model), []
        for images, labels in ((x[300:], y[300:]), (dataset.x_test, dataset.y_test)):
            answers = classifier.probabilities_of(images.astype(np.float32) / 255)
            right.append(evaluation.accuracy(answers, labels))
        return right[0], right[1]

    def fine_tuned(on: Dataset) -> tuple[float, float]:
        model = build_model("dense", 1)
        model.set_weights(base.get_weights())
        fine_tuning.compile_model(model, on, config)
        result = train(model, on, config, Observer(), preset=fine_tuning.preset_for(config))
        assert result.status == "finished" and len(result.history) == fine_tuning.EPOCHS
        return shares_right(model)

    config = configuration("dense", "small", "shipped", fine_tuning.EPOCHS)
    mixed = mix(dataset, LabelledImages(x[:300], y[:300]), config)
    drawn = len(mixed.y_train) // 2
    alone = replace(mixed, x_train=mixed.x_train[:drawn], y_train=mixed.y_train[:drawn])
    before, after, without_the_known = shares_right(base), fine_tuned(mixed), fine_tuned(alone)
    assert after[0] > before[0] + 0.1, (before, after)
    assert after[1] > without_the_known[1] + 0.02, (before, after, without_the_known)
