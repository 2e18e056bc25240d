"""Bars as HTML on a fixed scale from 0 to 1, with labels and values."""

from collections.abc import Iterable, Sequence
from html import escape

from mnist_app.wording import percent_likely

DIGITS = range(10)


def bar(share: float) -> str:
    """Return one bar without a label.

    Args:
        share: Its length; values outside 0 to 1 are clipped.
    """
    return f'<span class="track"><span class="bar" style="width:{min(max(share, 0), 1):.2%}"></span></span>'


def bars(
    labels: Sequence[object],
    shares: Sequence[float],
    words: Sequence[str],
    meaning: str,
    first: object = None,
) -> str:
    """Return a list of bars.

    Args:
        labels: Text before each bar. It is not escaped, so it must not come from outside.
        shares: Length of each bar, 0 to 1.
        words: HTML after each bar.
        meaning: Description of the bars for screen readers.
        first: The label whose bar is highlighted.
    """
    rows = "".join(
        f'<li class="{"first" if label == first else ""}"><span class="of">{label}</span>'
        f'{bar(share)}<span class="share">{text}</span></li>'
        for label, share, text in zip(labels, shares, words, strict=True)
    )
    return f'<ol class="bars" aria-label="{escape(meaning, quote=True)}">{rows}</ol>'


def probability_bars(
    probabilities: Iterable[float], meaning: str = "Probability of each digit", first: int | None = None
) -> str:
    """Return ten bars with their percentages. Values below 1 % have no number, to keep the list readable.

    Args:
        probabilities: Probabilities of the digits 0 to 9, each from 0 to 1.
        meaning: Description of the bars for screen readers.
        first: The digit whose bar is highlighted; by default the likeliest.
    """
    shares = [float(share) for share in probabilities]
    words = [percent_likely(share) if share >= 0.01 else "" for share in shares]
    return bars(DIGITS, shares, words, meaning, shares.index(max(shares)) if first is None else first)


def ten_bars(content: str) -> str:
    """Return the HTML of ten bars in a section of their own, for places without an answer above them."""
    return f'<section class="answer ten">{content}</section>'
