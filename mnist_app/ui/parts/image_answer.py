"""A network's answers to test images: the search for an image, one image or a grid of them as HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.learning.data.datasets import Dataset, DatasetStatus
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.parts.images import crisp_image, png_uri
from mnist_app.ui.shared.evaluation_job import ModelAnswers
from mnist_app.wording import percent_likely, with_article

MOST_SEARCHED = 2000
"""Largest number of images to ask about in search of a mistake."""
PIECE = 250
"""Number of images to ask about at once."""

Ask = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], int | None]]
"""A function from images (n, 28, 28) to probabilities (n, 10) and the network's epoch; None if finished."""


@dataclass(frozen=True)
class Wish:
    """Kind of image to look for."""

    only_mistakes: bool = False
    only_digit: int | None = None
    """Digit that the image shows; None for any."""


@dataclass(frozen=True, eq=False)
class SeenImage:
    """A test image and a network's answer to it."""

    index: int
    """Number among the test images, from 0."""
    pixels: NDArray[np.uint8]
    """(28, 28), 0 to 255."""
    truth: int
    probabilities: NDArray[np.float32]
    """(10,), from 0 to 1."""
    epoch: int | None
    """Number of epochs that the network had been trained for; None for a finished network."""

    @property
    def answer(self) -> int:
        """Return the most probable digit."""
        return int(self.probabilities.argmax())


def find_image(ask: Ask, dataset: Dataset, wish: Wish, rng: np.random.Generator) -> SeenImage | int:
    """Look for a random test image of the wished kind.

    Args:
        ask: The network.
        dataset: The data set that holds the test images.
        wish: The kind of image.
        rng: Source of randomness.

    Returns:
        The image with its answer, or the number of images searched without a match.
    """
    indexes = np.arange(len(dataset.y_test))
    if wish.only_digit is not None:
        indexes = indexes[dataset.y_test == wish.only_digit]
    candidates = rng.permutation(indexes)[:MOST_SEARCHED]
    if not wish.only_mistakes:
        return ask_about(ask, dataset, int(candidates[0]))
    for start in range(0, len(candidates), PIECE):
        piece = candidates[start : start + PIECE]
        probabilities, epoch = ask(dataset.x_test[piece])
        wrong = np.flatnonzero(probabilities.argmax(axis=1) != dataset.y_test[piece])
        if len(wrong):
            return _seen(dataset, int(piece[wrong[0]]), probabilities[wrong[0]], epoch)
    return len(candidates)


def ask_about(ask: Ask, dataset: Dataset, index: int) -> SeenImage:
    """Ask the network about the test image with this number, and return its answer."""
    probabilities, epoch = ask(dataset.x_test[index : index + 1])
    return _seen(dataset, index, probabilities[0], epoch)


def _seen(dataset: Dataset, index: int, probabilities: NDArray[np.float32], epoch: int | None) -> SeenImage:
    return SeenImage(index, dataset.x_test[index], int(dataset.y_test[index]), probabilities, epoch)


def seen_html(seen: SeenImage) -> str:
    """Return the image, its truth and the answer as HTML, marked right or wrong by colour, sign and word."""
    is_right = seen.answer == seen.truth
    verdict = "right" if is_right else "wrong"
    sign = "✓" if is_right else "✗"
    second = int(np.argsort(seen.probabilities)[-2])
    article = with_article(seen.truth).split()[0]
    stage = "" if seen.epoch is None else f" after epoch {seen.epoch}"
    return (
        f'<section class="test-image {verdict}" aria-label="Test image">'
        f"{crisp_image(seen.pixels, f'Test image number {seen.index}', side=140)}"
        f'<div><p class="truth">It is {article} <b>{seen.truth}</b>.</p>'
        f'<p class="says">The network says <b data-testid="says">{seen.answer}</b> '
        f'<span class="sign">{sign} {verdict}</span></p>'
        f"<p>{percent_likely(seen.probabilities[seen.answer])} sure{stage}; "
        f"next {with_article(second)} with {percent_likely(seen.probabilities[second])}.</p>"
        f"<p><small>Number {seen.index:,} of the test images</small></p></div></section>"
    )


def no_image_html(text: str) -> str:
    """Return a sentence as HTML to be shown instead of an image. The text is escaped."""
    return (
        '<section class="test-image" aria-label="Test image"><span class="no-image">?</span>'
        f"<div><p>{escape(text)}</p></div></section>"
    )


def image_grid_html(answered: ModelAnswers, indexes: Sequence[int], notes: Sequence[str] = ()) -> str:
    """Return a grid of test images, each with its truth, answer, confidence and number.

    Args:
        answered: A model's answers to a test set.
        indexes: Numbers of the images, in the order of the grid.
        notes: A word on each image, in the same order; must not come from outside.
    """
    noted = zip_longest(indexes, notes, fillvalue="")
    figures = "".join(_figure(answered, int(index), note) for index, note in noted)
    return f'<section class="image-grid" aria-label="Test images">{figures}</section>'


def _figure(answered: ModelAnswers, index: int, note: str) -> str:
    truth, answer = int(answered.dataset.y_test[index]), int(answered.answers[index])
    sure = percent_likely(answered.confidence[index])
    if truth == answer:
        kind, mark = "right", "✓"
        alternative = f"Test image {index}: {with_article(truth)}, read correctly, {sure} sure"
    else:
        kind, mark = "wrong", "✗"
        alternative = (
            f"Test image {index}: {with_article(truth)}, taken for {with_article(answer)}, {sure} sure"
        )
    line = note and f"<br>{note}"
    source = png_uri(answered.dataset.x_test[index])
    return (
        f'<figure class="{kind}"><img src="{source}" alt="{alternative}" width="28" height="28">'
        f"<figcaption>is <b>{truth}</b><br>says <b>{answer}</b> {mark}<br>"
        f"<small>{sure} sure<br>no. {index}{line}</small></figcaption></figure>"
    )


def say_if_synthetic(statuses: Sequence[DatasetStatus]) -> None:
    """Say that the test images are synthetic, and why, if MNIST is not here."""
    for status in statuses:
        if not status.available:
            st.caption(f"These are synthetic digits, drawn by the app. {escaped(status.advice)}")
