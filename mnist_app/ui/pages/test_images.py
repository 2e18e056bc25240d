"""The Test images page: a model's accuracy on a test set, its confusion matrix, and the images."""

import contextlib

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.data.datasets import describe_datasets
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.metrics.evaluation import Evaluation
from mnist_app.ui.evaluation.answered_images import choose_cell, chosen_cell, show_images
from mnist_app.ui.evaluation.digit_bars import digit_bars_html
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.model_choice import runs_with_a_model, titles_of_models
from mnist_app.ui.outside_text import show_error, show_warning
from mnist_app.ui.parts import charts
from mnist_app.ui.parts.choices import replace_lost_choice
from mnist_app.ui.parts.image_answer import say_if_synthetic
from mnist_app.ui.parts.live import wait_for
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.evaluation_job import ModelAnswers
from mnist_app.wording import percent, with_article

DATASET_TITLES = {
    "mnist": "MNIST: 10,000 handwritten digits",
    "synthetic": "Synthetic: 4,000 drawn by the app",
}
ACCURACY = "The share of the test images that the network reads correctly."
MISTAKES = "Test images that it takes for another digit."
IMAGES = "Test images, none of which it has learned from."
LOSS = (
    "How wrong it is on average, in nats: 0 is certain and right, 2.3 is guessing. A mistake made with "
    "certainty costs most."
)
EXPLANATION = """
Each row is a digit that an image shows, each column an answer. A number counts images: those on the grey
diagonal are right; the others are mistakes, and the stronger the colour, the more of them. Click a number, or
choose digits below, to see the images.
"""


def show_page() -> None:
    """Show the choice of model and data set, and the model's answers."""
    left, right = st.columns(2)
    with left:
        model = choose_model()
    with right:
        dataset = choose_dataset()
    try:
        answered = evaluate(model, dataset)
    except AppError as error:
        show_error(error)
        return
    if answered.fault:
        show_warning(f"These answers cannot be kept. The network is asked again next time. {answered.fault}")
    show_answers(answered)


def choose_model() -> str:
    """Show the choice of a model.

    It starts with the one in the address, else with the one chosen here before, else with the one in use.

    Returns:
        `shipped`, or the id of a run that has a model.
    """
    try:
        titles = titles_of_models(runs_with_a_model())
    except AppError as error:
        show_warning(error)
        titles = titles_of_models([])
    wanted = st.query_params.get("model")
    if wanted is not None and wanted not in titles:
        st.info("The run in this link has no model, or was deleted. This is the built-in model instead.")
    wishes = (wanted, session().tested_model, session().model_in_use)
    first = next((each for each in wishes if each in titles), SHIPPED)
    replace_lost_choice(Key.MODEL_TESTED, titles, first)
    chosen = st.selectbox(
        "Model",
        list(titles),
        format_func=lambda model: titles.get(model, model),
        key=Key.MODEL_TESTED,
        on_change=_remember_model,
        help="The built-in model or a run, the newest run first.",
    )
    model = chosen or SHIPPED
    if wanted != model:
        st.query_params["model"] = model
    return model


def _remember_model() -> None:
    """Remember the choice of a model while the visitor is on other pages."""
    session().tested_model = st.session_state[Key.MODEL_TESTED]


def choose_dataset() -> str:
    """Show the choice of a data set among those available, and return its name."""
    statuses = describe_datasets(resources.settings())
    there = [status.name for status in statuses if status.available]
    chosen = st.selectbox(
        "Test images",
        there,
        format_func=DATASET_TITLES.__getitem__,
        key=Key.DATASET_TESTED,
        persist_state="session",
        help="Images that no model has learned from: they are kept aside to test on.",
    )
    say_if_synthetic(statuses)
    return chosen or there[0]


def evaluate(model: str, dataset: str) -> ModelAnswers:
    """Return the model's answers to the test images. They are computed once and shared by all sessions.

    Args:
        model: `shipped`, or the id of a run.
        dataset: Name of the data set.

    Raises:
        AppError: The run, its model or the data set is missing or damaged.
    """
    sha256 = resources.shipped_card().sha256
    if model != SHIPPED:
        sha256 = resources.store().run(model).model_sha256 or ""
    job = resources.evaluation_of(model, sha256, dataset)
    try:
        return wait_for(job, "The network answers the test images")
    except AppError:
        resources.evaluation_of.clear(model, sha256, dataset)  # so that the next attempt starts anew
        raise


@fragment
def show_answers(answered: ModelAnswers) -> None:
    """Show the numbers, the matrix, the digits and the images. A click reruns only this fragment."""
    evaluation = answered.evaluation
    _show_numbers(evaluation, len(answered.answers))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_matrix(evaluation)
    with right:
        _show_digits(evaluation)
    st.markdown("#### The images")
    show_images(answered)


def _show_numbers(evaluation: Evaluation, images: int) -> None:
    with st.container(horizontal=True):
        st.metric("Accuracy", percent(evaluation.accuracy, 2), help=ACCURACY, width=110)
        st.metric("Mistakes", f"{len(evaluation.mistakes):,}", help=MISTAKES, width=110)
        st.metric("Images", f"{images:,}", help=IMAGES, width=110)
        st.metric("Loss", f"{evaluation.loss:.4f}", help=LOSS, width=110)


def _show_matrix(evaluation: Evaluation) -> None:
    st.markdown("**Which digits it confuses**", help=EXPLANATION)
    st.altair_chart(
        charts.confusion_matrix(evaluation.confusion, chosen_cell(), st.context.theme.type == "dark"),
        key=Key.CONFUSION_MATRIX,
        on_select=_take_cell,
        selection_mode=charts.CELL,
        alt=_matrix_in_words(evaluation),
    )
    st.caption("Click a number to see its images below. Colour: mistakes, more are stronger. Grey: right.")


def _take_cell() -> None:
    """Select the images of the clicked cell. Clicks outside the cells and forged messages are ignored."""
    with contextlib.suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
        cell = st.session_state[Key.CONFUSION_MATRIX]["selection"][charts.CELL][0]
        truth, answer = int(cell["truth"]), int(cell["answer"])
        if {truth, answer} <= set(range(10)):
            choose_cell(truth, answer)


def _matrix_in_words(evaluation: Evaluation) -> str:
    """Return a description of the matrix for screen readers, with the three most frequent mistakes."""
    wrong = np.where(np.eye(10, dtype=bool), 0, evaluation.confusion)
    worst = [divmod(int(cell), 10) for cell in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    words = [
        f"{wrong[truth, answer]} images of {with_article(truth)} for {with_article(answer)}"
        for truth, answer in worst
    ]
    return f"Confusion matrix, ten digits by ten answers. Most often it takes {', '.join(words)}."


def _show_digits(evaluation: Evaluation) -> None:
    st.markdown(
        "**Accuracy on each digit**", help="The share of each digit's images that it reads correctly."
    )
    counts = [int(count) for count in evaluation.confusion.sum(axis=1)]
    st.html(digit_bars_html(evaluation.per_digit, counts))


st.title("Test images", anchor=False)
show_page()
