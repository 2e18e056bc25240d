"""Which test images are shown, in which order, and how."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.metrics.evaluation import evaluate
from mnist_app.ui.evaluation.answered_images import (
    ANY_ANSWER,
    ANY_DIGIT,
    BY_NUMBER,
    LEAST_SURE,
    WRONG,
    Choice,
    matching,
    sentence,
)
from mnist_app.ui.evaluation.digit_bars import digit_bars_html
from mnist_app.ui.parts.image_answer import image_grid_html
from mnist_app.ui.parts.images import png_uri
from mnist_app.ui.shared.evaluation_job import ModelAnswers

TRUTH = [4, 4, 4, 9, 9, 1]
SAID = [4, 9, 9, 9, 4, 1]
SURE = [0.9, 0.6, 0.8, 0.7, 0.9999, 0.5]


@pytest.fixture
def answered() -> ModelAnswers:
    probabilities = np.repeat((1 - np.array(SURE, np.float32))[:, None] / 9, 10, axis=1)
    probabilities[np.arange(6), SAID] = SURE
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28)).astype(np.uint8)
    truth = np.array(TRUTH, np.uint8)
    dataset = Dataset("synthetic", "Made up.", "b" * 64, images[:1], truth[:1], images, truth)
    return ModelAnswers(dataset, probabilities, evaluate(probabilities, truth), "")


@pytest.mark.parametrize(
    ("choice", "indexes"),
    [
        (Choice(), [4, 2, 1]),
        (Choice(order=LEAST_SURE), [1, 2, 4]),
        (Choice("4", "9"), [2, 1]),
        (Choice("4", "9", BY_NUMBER), [1, 2]),
        (Choice("4", ANY_ANSWER, BY_NUMBER), [0, 1, 2]),
        (Choice("9", WRONG), [4]),
        (Choice(ANY_DIGIT, "9"), [2, 3, 1]),
        (Choice(ANY_DIGIT, ANY_ANSWER, BY_NUMBER), [0, 1, 2, 3, 4, 5]),
        (Choice("0", ANY_ANSWER), []),
    ],
)
def test_what_is_asked_for_is_found_in_its_order(
    answered: ModelAnswers, choice: Choice, indexes: list[int]
) -> None:
    assert matching(answered, choice).tolist() == indexes


@pytest.mark.parametrize(
    ("choice", "count", "words"),
    [
        (
            Choice(),
            3,
            "**3 images** of any digit that the network took for another digit. Order: most sure first.",
        ),
        (Choice("4", "9"), 1, "**1 image** of a 4 that the network took for a 9."),
        (Choice("4", "4"), 0, "**No image** of a 4 that the network read correctly."),
        (
            Choice(ANY_DIGIT, "2", BY_NUMBER),
            1200,
            "**1,200 images** of any digit that the network read as a 2",
        ),
        (Choice("7", ANY_ANSWER, BY_NUMBER), 5, "**5 images** of a 7. Order: by number."),
    ],
)
def test_what_is_shown_is_said(choice: Choice, count: int, words: str) -> None:
    assert sentence(choice, count).startswith(words)


def test_a_cell_is_one_truth_and_one_answer() -> None:
    assert Choice("4", "9").cell == (4, 9)
    assert Choice("4", WRONG).cell is None
    assert Choice(ANY_DIGIT, "4").cell is None


def test_each_image_has_its_number_truth_answer_and_confidence(answered: ModelAnswers) -> None:
    html = image_grid_html(answered, [4, 0])
    assert html.count("<figure") == 2
    assert 'alt="Test image 4: a 9, taken for a 4, over 99.9 % sure"' in html
    assert 'alt="Test image 0: a 4, read correctly, 90.0 % sure"' in html
    assert html.index("no. 4<") < html.index("no. 0<")


def test_an_image_in_the_page_has_the_test_image_s_pixels(answered: ModelAnswers) -> None:
    pixels = answered.dataset.x_test[3]
    _, text = png_uri(pixels).split(",")
    assert np.array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(text)))), pixels)


def test_a_digit_without_images_has_no_share() -> None:
    html = digit_bars_html([0.5] * 9 + [float("nan")], [10] * 9 + [0])
    assert html.count("50.0 %") == 9
    assert "no images" in html and "nan" not in html
