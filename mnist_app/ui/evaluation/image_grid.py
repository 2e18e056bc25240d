"""A grid of test images with their answers, and bars of the accuracy on each digit, as HTML."""

from collections.abc import Sequence

from mnist_app.ui.parts.bars import DIGITS, bars
from mnist_app.ui.parts.images import png_uri
from mnist_app.ui.shared.evaluation_job import ModelAnswers
from mnist_app.wording import percent, percent_likely, with_article


def image_grid_html(answered: ModelAnswers, indexes: Sequence[int]) -> str:
    """Return a grid of test images, each with its truth, answer, confidence and number.

    Args:
        answered: A model's answers to a test set.
        indexes: Numbers of the images, in the order of the grid.
    """
    figures = "".join(_figure(answered, index) for index in indexes)
    return f'<section class="image-grid" aria-label="Test images">{figures}</section>'


def _figure(answered: ModelAnswers, index: int) -> str:
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
    source = png_uri(answered.dataset.x_test[index])
    return (
        f'<figure class="{kind}"><img src="{source}" alt="{alternative}" width="28" height="28">'
        f"<figcaption>is <b>{truth}</b><br>says <b>{answer}</b> {mark}<br>"
        f"<small>{sure} sure<br>no. {index}</small></figcaption></figure>"
    )


def digit_bars_html(per_digit: Sequence[float], counts: Sequence[int]) -> str:
    """Return the accuracy on each digit as ten bars.

    Args:
        per_digit: Accuracy on each digit's images, 0 to 1; ignored for a digit without images.
        counts: Number of images of each digit.
    """
    shares = [share if count else 0.0 for share, count in zip(per_digit, counts, strict=True)]
    words = [
        f"{percent(share)} <small>of {count:,}</small>" if count else "no images"
        for share, count in zip(shares, counts, strict=True)
    ]
    return f'<section class="per-digit">{bars(DIGITS, shares, words, "Accuracy on each digit")}</section>'
