"""Words for alterations: titles and explanations, positions of the sliders, and where the answer flips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from mnist_app.learning.explanation.what_if import Flip, Name, Side, Sweep
from mnist_app.wording import with_article


@dataclass(frozen=True)
class Words:
    """Words for one alteration."""

    title: str
    axis: str
    """Title of the horizontal axis of its chart, with the unit."""
    explanation: str
    above: str
    """Format of a position above the start; `{}` is the number without its sign."""
    below: str
    """Format of a position below the start; `{}` is the number without its sign."""
    start: str
    """Words for the position at which the alteration does nothing."""


_SIDES: tuple[Side, ...] = get_args(Side)

WORDS: Mapping[Name, Words] = {
    "right": Words(
        "To the side",
        "shift in pixels: left below 0, right above",
        "Moves the picture by pixels, of which it has 28 from left to right.",
        "{} px to the right",
        "{} px to the left",
        "0 px",
    ),
    "down": Words(
        "Up or down",
        "shift in pixels: up below 0, down above",
        "Moves the picture by pixels, of which it has 28 from top to bottom.",
        "{} px down",
        "{} px up",
        "0 px",
    ),
    "turn": Words(
        "Turn",
        "turn in degrees: left below 0, right above",
        "Turns the picture about its middle. To the right is the way that a clock's hands go.",
        "{}° to the right",
        "{}° to the left",
        "0°",
    ),
    "size": Words(
        "Size",
        "size in % of what was drawn",
        "Makes the digit larger or smaller about the middle. What leaves the picture is lost.",
        "{} %",
        "{} %",
        "100 %",
    ),
    "thicker": Words(
        "Pen",
        "width of the strokes, in pixels more or less than drawn",
        "Makes every stroke wider or narrower by so many pixels.",
        "{} px thicker",
        "{} px thinner",
        "as drawn",
    ),
    "noise": Words(
        "Noise",
        "noise in %",
        "Mixes each pixel with a grey that is drawn by lot. At 100 % nothing of the digit is left.",
        "{} %",
        "{} %",
        "0 %",
    ),
}


def position_in_words(name: Name, position: float, start: float) -> str:
    """Return a slider's position with its unit, such as "39° to the right" or "80 %".

    Args:
        name: The alteration.
        position: The slider's position.
        start: The position at which the alteration does nothing.
    """
    words = WORDS[name]
    if position == start:
        return words.start
    return (words.above if position > start else words.below).format(f"{abs(position):g}")


def flips_in_words(name: Name, sweep: Sweep, digit: int) -> str:
    """Return a sentence about the positions, on either side, from which the answer is another digit.

    Args:
        name: The alteration.
        sweep: The answers over its range.
        digit: The digit that the network reads in the unaltered drawing.
    """
    if sweep.answer_at_start != digit:
        other = with_article(sweep.answer_at_start)
        return f"Is {other}, because of other sliders. {_again(name, sweep, digit)}."
    sides = [side for side in _SIDES if sweep.side(side)]
    flips = [flip for side in sides if (flip := sweep.flip(digit, side))]
    stays = [side for side in sides if sweep.flip(digit, side) is None]
    if not flips:
        return f"Stays {with_article(digit)} all the way."
    said = _becomes(name, flips, sweep.start)
    if stays:
        farthest = sweep.positions[sweep.side(stays[0])[-1]]
        said += f"; stays {with_article(digit)} as far as {position_in_words(name, farthest, sweep.start)}"
    return f"{said}."


def _again(name: Name, sweep: Sweep, digit: int) -> str:
    back = [way for side in _SIDES if (way := sweep.way_back(digit, side)) is not None]
    places = " and ".join(f"from {position_in_words(name, way, sweep.start)}" for way in back)
    article, number = with_article(digit).split()
    return f"{article.capitalize()} {number} again {places}" if back else f"Nowhere {article} {number} again"


def _becomes(name: Name, flips: list[Flip], start: float) -> str:
    """Return words such as "Becomes a 1 from 27° to the left and from 48° to the right"."""
    first, *others = [f"from {position_in_words(name, flip.position, start)}" for flip in flips]
    said = f"Becomes {with_article(flips[0].digit)} {first}"
    for flip, place in zip(flips[1:], others, strict=True):
        said += f" and {place}" if flip.digit == flips[0].digit else f", {with_article(flip.digit)} {place}"
    return said
