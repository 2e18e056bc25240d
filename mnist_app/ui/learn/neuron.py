"""Interactive parts of chapter 4: a neuron's weighted sum, activation functions, and softmax."""

import numpy as np
import streamlit as st

from mnist_app.learning.lessons import forward_pass
from mnist_app.learning.lessons.network_weights import FILTERS, Floats
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn import plots
from mnist_app.ui.learn.activations import ACTIVATIONS
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.plots import Axis, Curve
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import number, percent_likely, with_article

_TERMS_SHOWN = 4
_REACH = 4.0
"""Largest absolute sum in the plots of activation functions."""


@fragment
def show_neuron(material: Material) -> None:
    """Show one neuron of the hidden layer: its inputs, weights, products and sum."""
    weights, passed = material.weights, material.forward_pass
    last = len(passed.hidden) - 1
    key = live_key(f"neuron-{material.preset}")
    neuron = st.slider("Neuron", 0, last, int(passed.hidden.argmax()), key=key, persist_state="session")
    products = passed.flat * weights.hidden[:, neuron]
    pictures = [
        figures.figure(
            figures.grey_picture(_as_picture(passed.flat), "What comes in", 154), _what_comes_in(material)
        ),
        figures.sign("×"),
        figures.figure(
            figures.signed_picture(_as_picture(weights.hidden[:, neuron]), "The neuron's weights", 154),
            "its weights",
        ),
        figures.sign("="),
        figures.figure(figures.signed_picture(_as_picture(products), "The products", 154), "the products"),
    ]
    total, bias = passed.hidden_sums[neuron], weights.hidden_biases[neuron]
    st.html(
        figures.row(*pictures)
        + f'<p class="sum">{_largest_terms(passed.flat, weights.hidden[:, neuron])}<br>'
        f"all {len(products):,} products together {number(total - bias)} + bias {number(bias)} "
        f'= <b>{number(total)}</b> <span aria-hidden="true">→</span> '
        f"ReLU: <b>{number(passed.hidden[neuron])}</b></p>"
    )
    st.caption(figures.SIGNED_LEGEND)


def _what_comes_in(material: Material) -> str:
    return "the image" if material.preset == "dense" else f"{FILTERS} pooled maps, added up"


def _as_picture(line: Floats) -> Floats:
    """Return a vector of inputs as a picture.

    Args:
        line: 784 pixels, or the flattened pooled maps.

    Returns:
        (28, 28), or (13, 13) with the maps added up.
    """
    if len(line) == 28 * 28:
        return line.reshape(28, 28)
    picture: Floats = line.reshape(13, 13, FILTERS).sum(axis=2)
    return picture


def _largest_terms(inputs: Floats, weights: Floats) -> str:
    """Return the products with the largest absolute values, written out."""
    largest = np.argsort(-np.abs(inputs * weights))[:_TERMS_SHOWN]
    terms = [f"{inputs[place]:.2f} × {number(weights[place])}" for place in largest]
    return f"The largest: {' + '.join(terms)} + …"


@fragment
def show_activation(material: Material) -> None:
    """Show the plot of an activation function, and its value for a chosen sum."""
    chosen = st.segmented_control(
        "Activation function",
        list(ACTIVATIONS),
        default="ReLU",
        key=live_key("activation"),
        persist_state="session",
        required=True,
    )
    function = ACTIVATIONS[chosen or "ReLU"]
    total = st.slider(
        "The neuron's sum", -_REACH, _REACH, 1.5, 0.1, key=live_key("sum"), persist_state="session"
    )
    x = np.linspace(-_REACH, _REACH, 161)
    result = float(function(np.array(total)))
    st.html(
        plots.plot(
            [Curve(x, function(x)), Curve(np.array([total]), np.array([result]), "dot")],
            Axis("the neuron's sum", -_REACH, _REACH),
            Axis("what it passes on", -1.2, _REACH),
            f"{chosen} makes {number(result)} of {number(total)}.",
        )
        + f'<p class="sum">{chosen}({number(total, 1)}) = <b>{number(result)}</b></p>'
    )


@fragment
def show_softmax(material: Material) -> None:
    """Show the ten sums of the last layer as probabilities. A slider changes one sum."""
    digit = st.segmented_control(
        "Change the sum of the digit",
        range(10),
        default=material.label,
        key=live_key("softmax-digit"),
        persist_state="session",
        required=True,
    )
    change = st.slider("by", -10.0, 10.0, 0.0, 0.5, key=live_key("softmax-change"), persist_state="session")
    logits = material.forward_pass.logits.copy()
    logits[int(digit or 0)] += np.float32(change)
    shares = forward_pass.softmax(logits)
    first = int(shares.argmax())
    rows = "".join(
        f'<tr class="{"first" if each == first else ""}"><th>{each}</th><td>{number(logits[each])}</td>'
        f"<td>{_power(float(logits[each]))}</td><td>{percent_likely(shares[each])}</td>"
        f"<td>{bar(float(shares[each]))}</td></tr>"
        for each in range(10)
    )
    st.html(
        '<table class="facts softmax"><thead><tr><th>digit</th><th>sum</th><th>e<sup>sum</sup></th>'
        f"<th>share</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="sum">All ten shares together: <b>100 %</b>. '
        f"The largest is that of <b>{first}</b>; the image is {with_article(material.label)}.</p>"
    )


def _power(logit: float) -> str:
    """Return e to the power of a number, with fewer decimals for larger values."""
    power = float(np.exp(logit))
    return f"{power:,.0f}" if power >= 1000 else f"{power:.2f}" if power >= 0.01 else f"{power:.5f}"
