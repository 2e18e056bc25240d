"""The answer: a digit, how sure, the runner-up, ten bars; and the same in a sentence."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.inference.verdict import Verdict

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


def sentence(verdict: Verdict) -> str:
    """The answer for people who listen."""
    first, second = with_article(verdict.digit), with_article(verdict.runner_up)
    shares = percent(verdict.confidence), percent(verdict.probabilities[verdict.runner_up])
    if not verdict.is_digit:
        return f"This does not look like a digit. If it is one, it is most like {first}."
    if verdict.is_unsure:
        return f"Not sure: {first}, with {shares[0]}, or {second}, with {shares[1]}."
    return f"This looks like {first}, {shares[0]} sure. Next comes {second}, with {shares[1]}."


def answer_html(verdict: Verdict) -> str:
    """The digit, large; how sure; the runner-up; ten bars on a fixed scale from 0 to 100 %.

    What looks like no digit has a question mark in the digit's place, and pale bars.
    """
    digit, kind = (str(verdict.digit), "") if verdict.is_digit else ("?", " doubted")
    sure, runner_up = _words(verdict)
    return (
        f'<section class="answer{kind}" aria-label="Answer">'
        f'<div class="verdict"><span class="digit" data-testid="digit">{digit}</span>'
        f'<span class="sure">{sure}</span><span class="runner-up">{runner_up}</span></div>'
        f"{bars_html(verdict.probabilities)}{_SCALE}</section>"
    )


def bars_html(probabilities: Probabilities) -> str:
    """Ten bars, the largest marked."""
    first = probabilities.argmax()
    bars = "".join(
        _bar(digit, float(probability), digit == first) for digit, probability in enumerate(probabilities)
    )
    return f'<ol class="bars" aria-label="Probability of each digit">{bars}</ol>'


def _words(verdict: Verdict) -> tuple[str, str]:
    """The two lines beside the digit."""
    first, second = verdict.digit, verdict.runner_up
    shares = percent(verdict.confidence), percent(verdict.probabilities[second])
    if not verdict.is_digit:
        return "This does not look like a digit.", f"If it is one, it is most like {with_article(first)}."
    if verdict.is_unsure:
        return f"not sure: <b>{first} or {second}?</b>", f"{first}: {shares[0]}, {second}: {shares[1]}"
    return f"sure: <b>{shares[0]}</b>", f"or {with_article(second)}: {shares[1]}"


def message_html(heading: str, text: str) -> str:
    """The place of the answer while there is none: the same room, the bars empty."""
    bars = "".join(_bar(digit, 0.0, False) for digit in range(10))
    return (
        '<section class="answer waiting" aria-label="Answer">'
        f'<div class="verdict"><span class="invitation">{escape(heading)}</span>'
        f'<span class="sure">{escape(text)}</span></div>'
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
