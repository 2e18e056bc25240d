"""The answer: a digit, how sure, the runner-up, ten bars; and the same in a sentence."""

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]


def percent(probability: float) -> str:
    """A probability in whole per cent that never claims to be certain."""
    if probability > 0.99:
        return "over 99 %"
    if probability < 0.01:
        return "under 1 %"
    return f"{probability:.0%}".replace("%", " %")


def with_article(digit: int) -> str:
    """The digit as it is said: "a 7", "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def sentence(probabilities: Probabilities) -> str:
    """The answer for people who listen."""
    second, first = np.argsort(probabilities)[-2:]
    return (
        f"This looks like {with_article(first)}, {percent(probabilities[first])} sure. "
        f"Next comes {with_article(second)}, with {percent(probabilities[second])}."
    )


def answer_html(probabilities: Probabilities) -> str:
    """The digit, large; how sure; the runner-up; ten bars on a fixed scale from 0 to 100 %."""
    second, first = np.argsort(probabilities)[-2:]
    bars = "".join(
        _bar(digit, float(probability), digit == first) for digit, probability in enumerate(probabilities)
    )
    return (
        '<section class="answer" aria-label="Answer">'
        f'<div class="verdict"><span class="digit" data-testid="digit">{first}</span>'
        f'<span class="sure">sure: <b>{percent(probabilities[first])}</b></span>'
        f'<span class="runner-up">or {with_article(second)}: {percent(probabilities[second])}</span></div>'
        f'<ol class="bars" aria-label="Probability of each digit">{bars}</ol>{_SCALE}</section>'
    )


def message_html(heading: str, text: str) -> str:
    """The place of the answer while there is none: the same room, the bars empty."""
    bars = "".join(_bar(digit, 0.0, False) for digit in range(10))
    return (
        '<section class="answer waiting" aria-label="Answer">'
        f'<div class="verdict"><span class="invitation">{heading}</span>'
        f'<span class="sure">{text}</span></div>'
        f'<ol class="bars" aria-hidden="true">{bars}</ol>{_SCALE}</section>'
    )


_SCALE = '<div class="scale" aria-hidden="true"><span>0</span><span>50</span><span>100 %</span></div>'


def _bar(digit: int, probability: float, is_first: bool) -> str:
    shown = percent(probability) if probability >= 0.01 else ""
    return (
        f'<li class="{"first" if is_first else ""}"><span class="of">{digit}</span>'
        f'<span class="track"><span class="bar" style="width:{probability:.2%}"></span></span>'
        f'<span class="share">{shown}</span></li>'
    )
