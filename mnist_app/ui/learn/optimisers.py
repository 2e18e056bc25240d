"""Interactive parts of chapter 5: gradient descent on a curve, and two optimisers in the same valley."""

import numpy as np
import streamlit as st

from mnist_app.learning.lessons.optimiser_walks import (
    BOWL,
    TWO_HOLLOWS,
    VALLEY,
    Floats,
    Landscape,
    has_diverged,
    walk_rmsprop,
    walk_sgd,
)
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn import plots
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.plots import Axis, Curve
from mnist_app.ui.parts import figures
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import counted, number

CURVES = {"One hollow": BOWL, "Several hollows": TWO_HOLLOWS}
_STARTS = {"One hollow": -7.0, "Several hollows": -8.0}
_VALLEY_START = np.array([-9.0, 2.2])
_LEGEND = "The loss, step by step. Blue line: SGD. Orange, dashed: RMSprop."
_ARRIVED = 0.01
"""Loss in the valley below which a walk has arrived; walks start at about 9."""


@fragment
def show_descent(material: Material) -> None:
    """Show gradient descent on a curve, with sliders for learning rate, momentum and steps."""
    name = st.segmented_control(
        "Curve",
        list(CURVES),
        default="One hollow",
        key=live_key("curve"),
        persist_state="session",
        required=True,
    )
    name = name or "One hollow"
    learning_rate = st.slider(
        "Learning rate", 0.01, 2.50, 0.10, 0.01, key=live_key("rate"), persist_state="session"
    )
    momentum = st.slider("Momentum", 0.0, 0.95, 0.0, 0.05, key=live_key("momentum"), persist_state="session")
    steps = st.slider("Steps", 1, 100, 20, key=live_key("steps"), persist_state="session")
    landscape = CURVES[name]
    walk = walk_sgd(landscape, np.array([_STARTS[name]]), learning_rate, momentum, int(steps))
    sentence = _walk_in_words(landscape, walk)
    x = np.linspace(-9, 9, 240)
    heights = landscape.value(x[:, np.newaxis])
    st.html(
        plots.plot(
            [
                Curve(x, heights, "faint"),
                Curve(walk[:, 0], landscape.value(walk), "walk"),
                Curve(walk[-1:, 0], landscape.value(walk[-1:]), "dot"),
            ],
            Axis("a parameter", -9, 9),
            Axis("loss", min(0.0, float(heights.min()) * 1.2), float(heights.max())),
            f"A walk downhill on a curve. {sentence}",
        )
    )
    st.markdown(f"**{sentence}**")


def _walk_in_words(landscape: Landscape, walk: Floats) -> str:
    taken, loss = len(walk) - 1, float(landscape.value(walk[-1:])[0])
    if has_diverged(walk):
        return f"After {taken} steps it is farther out than where it began: it diverges."
    return f"After {counted(taken, 'step')} the loss is {number(loss)}."


@fragment
def show_optimisers(material: Material) -> None:
    """Show SGD and RMSprop in the same valley, and the loss of both."""
    left, middle, right = st.columns(3)
    with left:
        sgd_rate = st.slider(
            "Learning rate of SGD", 0.05, 1.20, 0.85, 0.05, key=live_key("sgd"), persist_state="session"
        )
    with middle:
        rms_rate = st.slider(
            "Learning rate of RMSprop", 0.05, 1.20, 0.30, 0.05, key=live_key("rms"), persist_state="session"
        )
    with right:
        steps = int(st.slider("Steps", 5, 100, 40, key=live_key("valley-steps"), persist_state="session"))
    walks = {
        "SGD": walk_sgd(VALLEY, _VALLEY_START, sgd_rate, 0.0, steps),
        "RMSprop": walk_rmsprop(VALLEY, _VALLEY_START, rms_rate, steps),
    }
    pictures = [
        figures.figure(_valley_plot(name, walk, kind), _arrival(name, walk))
        for (name, walk), kind in zip(walks.items(), ("walk", "walk second"), strict=True)
    ]
    st.html(figures.row(*pictures, figures.figure(_loss_plot(walks, steps), _LEGEND)))


def _valley_plot(name: str, walk: Floats, kind: str) -> str:
    angles = np.linspace(0, 2 * np.pi, 90)
    curvature = VALLEY.gradient(np.ones(2))
    rings = [
        Curve(
            np.sqrt(2 * level / curvature[0]) * np.cos(angles),
            np.sqrt(2 * level / curvature[1]) * np.sin(angles),
            "faint",
        )
        for level in (0.25, 1, 2.25, 4, 6.25, 9)
    ]
    return plots.plot(
        [*rings, Curve(walk[:, 0], walk[:, 1], kind), Curve(walk[-1:, 0], walk[-1:, 1], f"dot{kind[4:]}")],
        Axis("one parameter", -10, 10),
        Axis("another", -3.2, 3.2),
        f"The way of {name} through a long valley, seen from above. {_arrival(name, walk)}",
    )


def _arrival(name: str, walk: Floats) -> str:
    losses = VALLEY.value(walk)
    below = np.flatnonzero(losses < _ARRIVED)
    if has_diverged(walk):
        return f"{name} diverges"
    # A walk that leaves the bottom again has not arrived.
    if len(below) and (losses[below[0] :] < _ARRIVED).all():
        return f"{name} arrives after {counted(int(below[0]), 'step')}"
    return f"{name}: loss {losses[-1]:.3f} after {len(walk) - 1} steps"


def _loss_plot(walks: dict[str, Floats], steps: int) -> str:
    curves = [
        Curve(np.arange(len(walk), dtype=float), VALLEY.value(walk), kind)
        for walk, kind in zip(walks.values(), ("line", "line second"), strict=True)
    ]
    meaning = "; ".join(_arrival(name, walk) for name, walk in walks.items())
    return plots.plot(curves, Axis("step", 0, steps), Axis("loss", 0, 10), f"The loss of both. {meaning}.")
