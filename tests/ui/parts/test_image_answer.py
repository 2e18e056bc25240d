"""Finding a test image as wished, and what is said of it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_app.learning.data.datasets import Dataset
from mnist_app.ui.parts.image_answer import (
    MOST_SEARCHED,
    PIECE,
    SeenImage,
    Wish,
    ask_about,
    find_image,
    no_image_html,
    seen_html,
)

COUNT = 3000


@pytest.fixture
def dataset() -> Dataset:
    """Images whose first two pixels are their number."""
    x = np.zeros((COUNT, 28, 28), np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.arange(COUNT) // 256, np.arange(COUNT) % 256
    y = (np.arange(COUNT) % 10).astype(np.uint8)
    return Dataset("numbered", "made up", "", x, y, x, y)


class Network:
    """Right but for the images whose numbers it was given."""

    def __init__(self, wrong: set[int]) -> None:
        self.wrong = wrong
        self.asked: list[int] = []

    def __call__(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int | None]:
        numbers = images[:, 0, 0].astype(int) * 256 + images[:, 0, 1]
        self.asked.append(len(numbers))
        digits = [(number + (number in self.wrong)) % 10 for number in numbers]
        return np.eye(10, dtype=np.float32)[digits] * 0.8 + np.float32(0.02), 3


def test_any_image_is_asked_about_alone(dataset: Dataset) -> None:
    network = Network(set())
    found = [find_image(network, dataset, Wish(), np.random.default_rng(seed)) for seed in range(20)]
    assert network.asked == [1] * 20
    assert len({image.index for image in found if isinstance(image, SeenImage)}) > 10
    for image in found:
        assert isinstance(image, SeenImage)
        assert image.answer == image.truth == image.index % 10
        assert image.epoch == 3


@pytest.mark.parametrize("digit", [0, 7])
def test_only_one_digit(dataset: Dataset, digit: int) -> None:
    for seed in range(10):
        image = find_image(Network(set()), dataset, Wish(only_digit=digit), np.random.default_rng(seed))
        assert isinstance(image, SeenImage)
        assert image.truth == digit


def test_only_mistakes_are_searched_in_pieces(dataset: Dataset) -> None:
    wrong = set(range(5, COUNT, 10))
    network = Network(wrong)
    image = find_image(network, dataset, Wish(only_mistakes=True), np.random.default_rng(0))
    assert isinstance(image, SeenImage)
    assert image.index in wrong
    assert image.answer != image.truth
    assert network.asked == [PIECE]


def test_the_search_for_a_mistake_ends(dataset: Dataset) -> None:
    network = Network(set())
    assert find_image(network, dataset, Wish(True), np.random.default_rng(0)) == MOST_SEARCHED
    assert sum(network.asked) == MOST_SEARCHED
    assert find_image(network, dataset, Wish(True, 4), np.random.default_rng(0)) == COUNT // 10


def test_the_same_image_can_be_asked_about_again(dataset: Dataset) -> None:
    image = ask_about(Network({1234}), dataset, 1234)
    assert (image.index, image.truth, image.answer) == (1234, 4, 5)


@pytest.mark.parametrize(("wrong", "words"), [(set(), "✓ right"), ({21}, "✗ wrong")])
def test_right_and_wrong_are_said_in_sign_and_word(dataset: Dataset, wrong: set[int], words: str) -> None:
    html = seen_html(ask_about(Network(wrong), dataset, 21))
    assert words in html
    assert "It is a <b>1</b>" in html
    assert "after epoch 3" in html


def test_what_is_no_image_is_shown_as_text() -> None:
    assert "&lt;b&gt;" in no_image_html("<b>")
