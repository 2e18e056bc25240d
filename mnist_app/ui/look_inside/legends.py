"""Legends for the colours of pictures made of numbers."""

from mnist_app.ui.parts.figures import NEGATIVE, POSITIVE
from mnist_app.wording import number


def grey_legend(highest: float, meaning: str) -> str:
    """Return a legend from black for 0 to white for the highest value, as HTML."""
    return _legend(["0", number(highest)], ["#000", "#fff"], meaning)


def signed_legend(largest: float, meaning: str, middle: str = "#000") -> str:
    """Return a legend of values of both signs, as HTML.

    Args:
        largest: The largest absolute value.
        meaning: What the values are.
        middle: CSS colour of 0.
    """
    ends = [number(-largest), "0", f"+{number(largest)}"]
    return _legend(ends, [_rgb(NEGATIVE), middle, _rgb(POSITIVE)], meaning)


def _legend(numbers: list[str], colours: list[str], meaning: str) -> str:
    labels = "".join(f"<span>{text}</span>" for text in numbers)
    return (
        f'<div class="legend"><i style="background:linear-gradient(90deg,{",".join(colours)})"></i>'
        f"<div>{labels}</div><p>{meaning}</p></div>"
    )


def _rgb(colour: tuple[int, int, int]) -> str:
    return "rgb({} {} {})".format(*colour)
