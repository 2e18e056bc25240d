"""The model that answers on the Draw page: the shipped one, or that of a run."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.errors import AppError
from mnist_app.learning.inference.model_card import ModelCard
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.recogniser import Recogniser
from mnist_app.wording import percent
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_label import run_label


def recogniser_in_use() -> Recogniser:
    """Return the recogniser of the model in use; if that is unusable, the built-in one's, with a notice."""
    model = session().model_in_use
    if model == SHIPPED:
        return resources.recogniser()
    try:
        run = resources.store().run(model)
    except AppError as error:
        return _fall_back(error)
    return resources.recogniser_of_run(run.id, run.model_sha256)


def verdict_on(image: NDArray[np.float32]) -> Verdict:
    """Return the verdict of the model in use on a (28, 28) image in [0, 1].

    Raises:
        ModelUnavailable: not even the built-in model can be loaded.
    """
    recogniser = recogniser_in_use()
    try:
        return recogniser.verdict(image)
    except AppError as error:
        if session().model_in_use == SHIPPED:
            raise
        return _fall_back(error).verdict(image)


def _use_shipped() -> None:
    session().chosen_model = SHIPPED


def _fall_back(error: AppError) -> Recogniser:
    _use_shipped()
    session().notice = f"{error} The built-in model answers instead."
    return resources.recogniser()


def show_model_in_use() -> None:
    """Show the model's name, accuracy and size in the sidebar, with more on a click."""
    session().model_in_sidebar = session().model_in_use
    try:
        if session().model_in_use == SHIPPED:
            _show_shipped(resources.shipped_card())
        else:
            _show_run(resources.store().run(session().model_in_use))
    except AppError as error:
        show_warning(error)


def _show_shipped(card: ModelCard) -> None:
    accuracy = card.measurements[0]
    st.markdown(
        f"**Built-in model**  \n"
        f"{percent(accuracy.accuracy, 2)} right on the {accuracy.name}  \n"
        f"{card.parameters:,} weights · {card.size / 1e6:.1f} MB"
    )
    with st.popover("About this model", icon=":material/info:", width="stretch"):
        _tell_more(card)


def _show_run(run: Run) -> None:
    """Show a run. Its name comes from its owner, so it is shown as text without markup."""
    st.markdown("**Your network**" if run.owner == session().owner else "**A trained network**")
    st.text(run_label(run))
    if run.test_accuracy is not None:
        st.markdown(
            f"{percent(run.test_accuracy, 2)} right on the test images  \n{run.parameters or 0:,} weights"
        )
    st.button(
        "Back to the built-in model",
        icon=":material/undo:",
        on_click=_use_shipped,
        width="stretch",
    )


def _tell_more(card: ModelCard) -> None:
    st.markdown(card.summary)
    for measurement in card.measurements:
        st.markdown(
            f"**{percent(measurement.accuracy, 2)}** right of {measurement.images:,} images: "
            f"{measurement.name}. {measurement.protocol}"
        )
    st.markdown(f"**Not good for:** {card.limits}")
    st.markdown(
        f"Trained on {card.date} in {card.seconds / 60:.0f} minutes. Rebuild it with `{card.rebuild}`."
    )
    st.table(
        {
            "layer": [layer.kind for layer in card.layers],
            "output": [" × ".join(str(side) for side in layer.output_shape[1:]) for layer in card.layers],
            "weights": [f"{layer.parameters:,}" for layer in card.layers],
        }
    )
