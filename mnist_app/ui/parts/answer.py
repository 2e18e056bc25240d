"""The answer as HTML, with digit, confidence, runner-up and ten bars, and as a sentence."""

from html import escape

from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.parts.bars import DIGITS, bars, probability_bars
from mnist_app.wording import percent_likely, with_article

_SCALE = '<div class="scale" aria-hidden="true"><span>0</span><span>50</span><span>100 %</span></div>'


def sentence(verdict: Verdict) -> str:
    """Return the answer as a sentence for screen readers."""
    first, second = with_article(verdict.digit), with_article(verdict.runner_up)
    shares = percent_likely(verdict.confidence), percent_likely(verdict.probabilities[verdict.runner_up])
    if not verdict.is_digit:
        return f"This does not look like a digit. If it is one, it is most like {first}."
    if verdict.is_unsure:
        return f"Not sure: {first}, with {shares[0]}, or {second}, with {shares[1]}."
    return f"This looks like {first}, {shares[0]} sure. Next comes {second}, with {shares[1]}."


def answer_html(verdict: Verdict) -> str:
    """Return the digit in large type, the confidence, the runner-up and ten bars.

    If the drawing does not look like a digit, a question mark replaces the digit and the bars are pale.
    """
    digit, kind = (str(verdict.digit), "") if verdict.is_digit else ("?", " doubted")
    sure, runner_up = _words(verdict)
    return (
        f'<section class="answer{kind}" aria-label="Answer">'
        f'<div class="verdict"><span class="digit" data-testid="digit">{digit}</span>'
        f'<span class="sure">{sure}</span><span class="runner-up">{runner_up}</span></div>'
        f"{probability_bars(verdict.probabilities)}{_SCALE}</section>"
    )


def _words(verdict: Verdict) -> tuple[str, str]:
    """Return the two lines beside the digit, as HTML."""
    first, second = verdict.digit, verdict.runner_up
    shares = percent_likely(verdict.confidence), percent_likely(verdict.probabilities[second])
    if not verdict.is_digit:
        return "This does not look like a digit.", f"If it is one, it is most like {with_article(first)}."
    if verdict.is_unsure:
        return f"Not sure: <b>{first} or {second}?</b>", f"{first}: {shares[0]}, {second}: {shares[1]}"
    return f"<b>{shares[0]}</b> sure", f"then {second}: {shares[1]}"


def message_html(heading: str, text: str) -> str:
    """Return a message of the same size as an answer, with empty bars. The texts are escaped."""
    return (
        '<section class="answer waiting" aria-label="Answer">'
        f'<div class="verdict"><span class="invitation">{escape(heading)}</span>'
        f'<span class="sure">{escape(text)}</span></div>'
        f'<div aria-hidden="true">{bars(DIGITS, [0.0] * 10, [""] * 10, "")}</div>{_SCALE}</section>'
    )
