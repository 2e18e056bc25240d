"""The most active neurons of the dense layer as HTML: the input that raises them, and their votes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.parts.figures import signed_legend
from mnist_app.wording import number

if TYPE_CHECKING:
    from mnist_app.learning.explanation.layer_outputs import Neurons

_SIDE = 112
"""Side of a picture in pixels of the screen: four for each of the 28."""


def neurons_html(neurons: "Neurons") -> str:
    """Return a card for each neuron, the most active first. All pictures share a scale, as do all votes."""
    liking = float(np.abs(neurons.gradients).max(initial=0)) or 1.0
    voting = float(np.abs(neurons.votes).max(initial=0)) or 1.0
    cards = "".join(_card(neurons, place, liking, voting) for place in range(len(neurons.numbers)))
    return (
        f'<ol class="neurons" aria-label="The most active neurons">{cards}</ol><div class="legends">'
        + signed_legend(liking, "Pictures: how much a brighter pixel raises (blue) or lowers the sum.")
        + signed_legend(voting, "Votes: what the neuron adds to the score of each digit.")
        + "</div>"
    )


def _card(neurons: "Neurons", place: int, liking: float, voting: float) -> str:
    each, activation = int(neurons.numbers[place]), float(neurons.activations[place])
    meaning = f"What raises the sum of neuron {each}, in blue, and what lowers it, in orange"
    return (
        f"<li>{figures.signed_picture(neurons.gradients[place], meaning, _SIDE, liking)}"
        f"<span>neuron {each}: <b>{number(activation)}</b></span>"
        f"{bar(activation / float(neurons.activations[0]))}"
        f"{_votes(neurons.votes[place], voting)}</li>"
    )


def _votes(votes: NDArray[np.float32], voting: float) -> str:
    """Return the votes (10,) of a neuron as ten cells, and the two strongest in words.

    Args:
        votes: What the neuron adds to each digit's score.
        voting: The largest absolute vote of all neurons, which sets the scale.
    """
    cells = "".join(
        f'<span style="{figures.signed_style(float(vote) / voting)}">{digit}</span>'
        for digit, vote in enumerate(votes)
    )
    most, least = int(votes.argmax()), int(votes.argmin())
    return (
        f'<span class="votes" aria-hidden="true">{cells}</span>'
        f"<small>most for {most}: {_signed(votes[most])}</small>"
        f"<small>most against {least}: {_signed(votes[least])}</small>"
    )


def _signed(vote: float) -> str:
    return f"+{number(vote)}" if vote > 0 else number(vote)
