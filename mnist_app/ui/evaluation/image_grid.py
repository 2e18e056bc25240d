"""Images of a test set in a grid: each with its truth, the answer, how sure, and its number."""

from collections.abc import Sequence

from mnist_app.ui.parts.data_uri import data_uri
from mnist_app.ui.shared.evaluation_job import ModelAnswers


def image_grid_html(answered: ModelAnswers, indexes: Sequence[int]) -> str:
    """The images of these numbers, in this order."""
    figures = "".join(_figure(answered, index) for index in indexes)
    return f'<section class="image-grid" aria-label="Test images">{figures}</section>'


def confidence(probability: float) -> str:
    """A probability to a tenth of a per cent that never claims to be certain."""
    return "over 99.9 %" if probability > 0.999 else f"{100 * probability:.1f} %"


def _figure(answered: ModelAnswers, index: int) -> str:
    truth, answer = int(answered.dataset.y_test[index]), int(answered.answers[index])
    sure = confidence(float(answered.confidence[index]))
    if truth == answer:
        kind, mark = "right", "✓"
        alternative = f"Test image {index}: a {truth}, read rightly, {sure} sure"
    else:
        kind, mark = "wrong", "✗"
        alternative = f"Test image {index}: a {truth}, taken for a {answer}, {sure} sure"
    source = data_uri(answered.dataset.x_test[index].tobytes())
    return (
        f'<figure class="{kind}"><img src="{source}" alt="{alternative}" width="28" height="28">'
        f"<figcaption>is a <b>{truth}</b><br>says <b>{answer}</b> {mark}<br>"
        f"<small>{sure} sure<br>no. {index}</small></figcaption></figure>"
    )


def digit_bars_html(per_digit: Sequence[float], counts: Sequence[int]) -> str:
    """Accuracy on each digit's images, 0 to 1, as ten bars on a fixed scale; how many images each has."""
    bars = "".join(
        f'<li><span class="of">{digit}</span>'
        f'<span class="track"><span class="bar" style="width:{share:.2%}"></span></span>'
        f'<span class="share">{100 * share:.1f} % <small>of {count:,}</small></span></li>'
        if count
        else f'<li><span class="of">{digit}</span><span class="track"></span><span>no images</span></li>'
        for digit, (share, count) in enumerate(zip(per_digit, counts, strict=True))
    )
    return f'<section class="per-digit"><ol aria-label="Accuracy on each digit">{bars}</ol></section>'
