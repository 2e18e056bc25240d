"""Fine-tuning with the class's drawings: the settings, the run, and its result before and after."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.fine_tuning import EPOCHS, FEWEST_DRAWINGS, MOST_EPOCHS
from mnist_app.ui.frame.model_choice import runs_with_a_model, titles_of_models
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.frame.person import ask_if_due
from mnist_app.ui.lesson_link.class_rules import rules
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.parts.bars import bars
from mnist_app.ui.parts.choices import replace_lost_choice
from mnist_app.ui.parts.live import live
from mnist_app.ui.parts.run_buttons import find_run_shown, queue_run, show_draw_with, show_stop
from mnist_app.ui.parts.training_watch import status_sentence
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted, percent
from mnist_app.workspace.runs.fine_tuning import FineTuning, find_fine_tuning, plan
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_label import run_label

EXPLANATION = """
A network that already reads digits is trained a little further with your drawings, each distorted a little
every time. As many images that it knew are mixed in, so that it does not forget them. All drawings of some
people are kept aside. They show whether it now reads people better that it has *not* learned from.
"""
_GAINED = {
    0: "It reads as many of the {drawings} drawings kept aside correctly as before.",
    1: "It reads {count} more of the {drawings} drawings kept aside correctly than before.",
    -1: "It reads {count} fewer of the {drawings} drawings kept aside correctly than before.",
}
_SAME_HAND = (
    "It has learned from the people who drew these, because too few people have drawn. "
    "It will read other people's digits less well."
)
TITLES = {"mnist": "MNIST's test images", "synthetic": "The synthetic test images"}


def show_fine_tuning(drawings: int) -> None:
    """Show the settings or how many drawings are missing, and a fine-tuning.

    Args:
        drawings: Number of drawings that the class has kept.
    """
    st.markdown("#### Train with these drawings", help=EXPLANATION)
    if drawings < FEWEST_DRAWINGS:
        st.progress(
            drawings / FEWEST_DRAWINGS, f"{drawings} of the {FEWEST_DRAWINGS} drawings that it needs."
        )
        st.page_link(f"{PAGES}/draw.py", label="Draw some more", icon=":material/draw:")
    else:
        _choose_and_train()
    run_id = find_run_shown(is_fine_tuning=True)
    if run_id is not None:
        watch(run_id)


def _choose_and_train() -> None:
    titles = _titles_of_models()
    replace_lost_choice(Key.MODEL_TUNED, titles, SHIPPED)
    most_epochs = min(MOST_EPOCHS, rules().most_epochs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox(
            "Model",
            list(titles),
            format_func=lambda model: titles.get(model, model),
            key=Key.MODEL_TUNED,
            persist_state="session",
            help="The built-in model or a run, the newest run first.",
            width=230,
        )
        epochs = st.number_input(
            "Epochs",
            1,
            most_epochs,
            min(EPOCHS, most_epochs),
            key=Key.EPOCHS_TUNED,
            help=f"How many times every image is seen. From 1 to {most_epochs}.",
            width=120,
        )
        if button("Train", type="primary", icon=":material/play_arrow:", key="fine_tune"):
            _submit(model or SHIPPED, epochs)


def _titles_of_models() -> dict[str, str]:
    """Return the titles, by id, of the models that can be fine-tuned. Fine-tuned models cannot be."""
    return titles_of_models(run for run in runs_with_a_model() if not run.config.fine_tuned_from)


def _submit(model: str, epochs: int) -> None:
    """Queue a fine-tuning and write its id into the address.

    Args:
        model: `shipped`, or the id of a run.
        epochs: Number of epochs.
    """
    run = queue_run(lambda: changes.train(plan(model, epochs, resources.store(), resources.settings())))
    if run is not None:
        st.query_params["run"] = run.id
        ask_if_due()


def watch(run_id: str) -> None:
    """Show a fine-tuning, and refresh it until it ends."""
    try:
        run = resources.store().run(run_id)
    except AppError as error:
        show_error(error)
        return
    if not run.status.ended:
        resources.supervisor().ensure_started()
    live(partial(_show, run_id), is_live=not run.status.ended)


def _show(run_id: str) -> bool:
    """Show a fine-tuning's present state, and return whether it is still active or waiting."""
    run = resources.store().run(run_id)
    result = find_fine_tuning(run_id, resources.store())
    st.text(run_label(run))  # as plain text, because the name comes from outside
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(run.epoch / run.config.epochs, 1.0), text=escaped(status_sentence(run)))
        if not run.status.ended:
            show_stop(run)
    if run.status in (Status.FAILED, Status.DIVERGED, Status.INTERRUPTED):
        st.warning("Nothing has changed: the model is as it was. Press Train to try again.")
    if result is not None:
        show_result(run, result)
    return not run.status.ended


def show_result(run: Run, result: FineTuning) -> None:
    """Show the accuracy before and after, on the held-out drawings and on the test images, and explain it."""
    st.html(_bars_of_drawings(result))
    st.html(_bars_of_test(run, result))
    if result.right_after is None or not run.status.ended:
        return
    st.markdown(meaning(run, result))
    if run.model_sha256:
        show_draw_with(run)


def _of_whom(result: FineTuning) -> str:
    if result.held_out_by == "drawing":
        return "it did not learn from"
    return f"of {counted(result.people_held_out, 'person', 'people')} it did not learn from"


def _bars_of_drawings(result: FineTuning) -> str:
    total = result.drawings_held_out
    return _before_and_after(
        f"{total} drawings {_of_whom(result)}",
        (result.accuracy_before, result.accuracy_after),
        [f" <small>{right} of {total}</small>" for right in (result.right_before, result.right_after)],
    )


def _bars_of_test(run: Run, result: FineTuning) -> str:
    title = TITLES.get(run.config.dataset, "The test images")
    return _before_and_after(title, (result.test_accuracy_before, run.test_accuracy), ("", ""), places=2)


def _before_and_after(
    title: str, shares: Sequence[float | None], counts: Sequence[str], places: int = 1
) -> str:
    """Return two bars as HTML.

    Args:
        title: The images that the accuracy is of.
        shares: Accuracies before and after, 0 to 1; None while unknown, which leaves the bar empty.
        counts: HTML to be put after each percentage.
        places: Decimal places of the percentages.
    """
    words = [
        "–" if share is None else percent(share, places) + count
        for share, count in zip(shares, counts, strict=True)
    ]
    both = bars(("before", "after"), [share or 0.0 for share in shares], words, title, first="after")
    return f'<section class="tuned"><h5>{html.escape(title)}: read correctly</h5>{both}</section>'


def meaning(run: Run, result: FineTuning) -> str:
    """Return the result of a finished fine-tuning in words."""
    assert result.right_after is not None
    gained = result.right_after - result.right_before
    sentences = [
        _GAINED[(gained > 0) - (gained < 0)].format(drawings=result.drawings_held_out, count=abs(gained))
    ]
    if result.held_out_by == "drawing":
        sentences.append(_SAME_HAND)
    if run.test_accuracy is not None:
        sentences.append(_forgetting(100 * (result.test_accuracy_before - run.test_accuracy)))
    return " ".join(sentences)


def _forgetting(points: float) -> str:
    """Return a sentence on the accuracy lost on the test images.

    Args:
        points: The loss in percentage points; negative for a gain.
    """
    if points < 0.05:
        return "It has forgotten nothing of what it knew."
    if points < 0.5:
        return f"It lost {points:.2f} points on the test images, which is next to nothing."
    return f"It lost {points:.1f} points on the test images: it has forgotten some of what it knew."
