"""Bars as HTML, on a fixed scale from 0 to 1, each with a label and its share in words."""

from collections.abc import Iterable, Sequence
from html import escape

from mnist_app.wording import percent_likely

DIGITS = range(10)


def bar(share: float) -> str:
    """Return one bar, without a label."""
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
        labels: what stands before each bar: digits, or words of ours.
        shares: from 0 to 1.
        words: what stands behind each bar, as HTML.
        meaning: what the bars show, for people who listen.
        first: the label whose bar stands out.
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
    """Return ten bars. Below 1 % a number would only be in the way of the others.

    Args:
        probabilities: of the digits from 0 to 9.
        meaning: what the bars show, for people who listen.
        first: the digit whose bar stands out; by default the likeliest.
    """
    shares = [float(share) for share in probabilities]
    words = [percent_likely(share) if share >= 0.01 else "" for share in shares]
    return bars(DIGITS, shares, words, meaning, shares.index(max(shares)) if first is None else first)


def ten_bars(content: str) -> str:
    """Return the bars of ten digits as a section of their own, where no answer stands above them."""
    return f'<section class="answer ten">{content}</section>'
