"""Interactive parts of chapter 7: a prediction, training and test accuracy, and an unbalanced test set."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.learning.lessons import forward_pass
from mnist_app.learning.lessons.network_weights import Floats
from mnist_app.learning.lessons.preparation import normalise, reshape
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.network import finished_runs
from mnist_app.ui.parts.bars import probability_bars, ten_bars
from mnist_app.ui.parts.image_answer import SeenImage, seen_html
from mnist_app.ui.parts.terms import show_caption
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import number, percent
from mnist_app.workspace.runs.run_label import run_label

_LOPSIDED = 200
"""Size of the unbalanced test set, in images."""


@fragment
def show_test_image(material: Material) -> None:
    """Show a test image, the network's ten probabilities, and their argmax."""
    index = _choose_test_image(material)
    _show_answer(material, index, normalise(material.dataset.x_test[index]))


@fragment
def show_prediction(material: Material) -> None:
    """Show what the last lines of `cnn` do with a test image, up to the line that they print."""
    index = _choose_test_image(material)
    image = material.dataset.x_test[index]
    prepared = normalise(reshape(image, material.preset))
    st.html(
        '<table class="facts"><tr><th></th><th>image</th><th>prepared</th></tr>'
        f"<tr><th>shape</th><td>{image.shape}</td><td>{prepared.shape}</td></tr>"
        f"<tr><th>type</th><td>{image.dtype}</td><td>{prepared.dtype}</td></tr>"
        f"<tr><th>values</th><td>{image.min()} to {image.max()}</td>"
        f"<td>{prepared.min():g} to {prepared.max():g}</td></tr></table>"
    )
    answer = _show_answer(material, index, prepared[0, ..., 0])
    st.html(f"<p>The program prints: <code>Prediction: {answer}</code></p>")


def _choose_test_image(material: Material) -> int:
    """Show the choice of a test image, by number or at random, and return its number."""
    key, last = live_key("test-image"), len(material.dataset.x_test) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = int(
            st.number_input(
                f"Test image, from 0 to {last:,}", 0, last, key=key, width=230, persist_state="session"
            )
        )
        another = live_key("another-test-image")
        st.button(
            "A random one", icon=":material/casino:", on_click=_choose_random, args=(key, last), key=another
        )
    return index


def _show_answer(material: Material, index: int, image: Floats) -> int:
    """Show a test image with the network's answer to its values (28, 28), and return the answer."""
    dataset = material.dataset
    shares = forward_pass.run(material.weights, image).probabilities
    first = int(shares.argmax())
    st.html(
        seen_html(SeenImage(index, dataset.x_test[index], int(dataset.y_test[index]), shares, None))
        + ten_bars(probability_bars(shares))
        + f'<p class="sum">argmax([{", ".join(f"{share:.2f}" for share in shares)}]) = <b>{first}</b></p>'
    )
    return first


def _choose_random(key: str, last: int) -> None:
    st.session_state[key] = int(np.random.default_rng().integers(last + 1))


def show_train_and_test(material: Material) -> None:
    """Show the training and test accuracy of finished runs."""
    runs = [
        run
        for run in finished_runs(material.preset)[:8]
        if run.train_accuracy is not None and run.test_accuracy is not None
    ]
    if not runs:
        st.markdown("There is no finished run of this network yet to compare the two.")
        st.page_link(f"{PAGES}/train.py", label="Train one", icon=":material/model_training:")
        return
    rows = "".join(
        f"<tr><th>{escape(run_label(run))}</th><td>{percent(run.train_accuracy, 2)}</td>"
        f"<td>{percent(run.test_accuracy, 2)}</td>"
        f"<td>{number(100 * (run.train_accuracy - run.test_accuracy))}</td></tr>"
        for run in runs
        if run.train_accuracy is not None and run.test_accuracy is not None
    )
    st.html(
        '<table class="facts parameters"><thead><tr><th>run</th><th>on its own images</th>'
        f"<th>on new ones</th><th>difference, in points</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    st.caption("The first number is of the last epoch, while the network was still changing.")


@fragment
def show_imbalance(material: Material) -> None:
    """Show the accuracy of always answering 1, and of the network, for a chosen share of 1s."""
    key = live_key("ones")
    share = st.slider(
        "Share of 1s in the test set", 10, 95, 90, 5, format="%d %%", key=key, persist_state="session"
    )
    labels, answers = _draw(material, share / 100)
    rows = _measure("always says 1", np.ones_like(labels), labels)
    rows += _measure("the network of this chapter", answers, labels)
    st.html(
        '<table class="facts parameters"><thead><tr><th></th><th>accuracy</th><th>of the 1s</th>'
        f"<th>of all other digits</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    show_caption(f"{len(labels)} of the [[test images]] at hand, {(labels == 1).sum()} of them 1s.")


def _draw(material: Material, share: float) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Return the labels of an unbalanced test set, (n,), and the network's answers, (n,).

    Args:
        material: The data set and the network.
        share: Share of 1s in the test set, 0 to 1.
    """
    labels, answers = _answered(material.network, material.dataset.digest, material)
    ones = round(_LOPSIDED * share)
    chosen = np.concatenate(
        [np.flatnonzero(labels == 1)[:ones], np.flatnonzero(labels != 1)[: _LOPSIDED - ones]]
    )
    return labels[chosen], answers[chosen]


def _measure(name: str, answers: NDArray[np.integer], labels: NDArray[np.uint8]) -> str:
    is_right, is_one = answers == labels, labels == 1
    cells = [is_right.mean(), is_right[is_one].mean(), is_right[~is_one].mean()]
    return f"<tr><th>{name}</th>{''.join(f'<td>{percent(cell)}</td>' for cell in cells)}</tr>"


@st.cache_resource(show_spinner=False, max_entries=8)
def _answered(network: str, digest: str, _material: Material) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Return the labels and answers, (n,) each, for the first 1s and the first other digits of the test set.

    `network` and `digest` only key the cache; Streamlit does not hash `_material`.
    """
    dataset = _material.dataset
    ones, others = (np.flatnonzero(where)[:_LOPSIDED] for where in (dataset.y_test == 1, dataset.y_test != 1))
    chosen = np.concatenate([ones, others])
    answers = forward_pass.answer(_material.weights, normalise(dataset.x_test[chosen]))
    return dataset.y_test[chosen], answers.argmax(axis=1)
