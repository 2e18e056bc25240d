"""Bars of the accuracy on each digit, as HTML."""

from collections.abc import Sequence

from mnist_app.ui.parts.bars import DIGITS, bars
from mnist_app.wording import percent


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
