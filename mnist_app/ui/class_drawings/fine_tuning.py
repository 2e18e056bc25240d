"""Fine-tuning on the page: choose a model, train it on with the class's drawings, see before and after."""

import html
from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.fine_tuning import EPOCHS, FEWEST_DRAWINGS, MOST_EPOCHS
from mnist_app.ui.frame.model_choice import runs_with_a_model, titles_of_models
from mnist_app.ui.frame.navigation import PAGES, go_to
from mnist_app.ui.frame.person import ask_if_due, made_something
from mnist_app.ui.lesson_link.class_rules import rules
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.parts.training_watch import REFRESH_SECONDS, show_stop, status_sentence
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.fine_tuning import FineTuning, find_fine_tuning, plan
from mnist_app.workspace.runs.records import Run, Status

EXPLANATION = """
A network that can read already is trained on for a moment: with your drawings, each distorted a little every
time, and with as many images that it knew, so that it does not forget them. All drawings of some people are
kept aside: on these you see whether it reads a hand better that it has *not* learned from.
"""
TITLES = {"mnist": "MNIST's test images", "synthetic": "The synthetic test images"}
Line = tuple[str, float, str]
"""What a bar says: when, the share, and the same as a count."""


def show_fine_tuning(drawings: int) -> None:
    """The settings and the button, or how many drawings are missing; then the run that the address names."""
    st.markdown("#### Train with them", help=EXPLANATION)
    if drawings < FEWEST_DRAWINGS:
        st.progress(
            drawings / FEWEST_DRAWINGS, f"{drawings} of the {FEWEST_DRAWINGS} drawings that it takes."
        )
        st.page_link(f"{PAGES}/draw.py", label="Draw some more", icon=":material/draw:")
    else:
        _choose_and_train()
    run_id = st.query_params.get("run")
    if run_id is not None:
        watch(run_id)


def _choose_and_train() -> None:
    titles = _titles_of_models()
    if st.session_state.get(Key.MODEL_TUNED) not in titles:
        st.session_state[Key.MODEL_TUNED] = SHIPPED
    most_epochs = min(MOST_EPOCHS, rules().most_epochs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox(
            "Model",
            list(titles),
            format_func=lambda model: titles.get(model, model),
            key=Key.MODEL_TUNED,
            help="The model that ships, or that of a run. The newest run comes first.",
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
    """The models that can be fine-tuned: those that were not already."""
    return titles_of_models(run for run in runs_with_a_model() if not run.config.fine_tuned_from)


def _submit(model: str, epochs: int) -> None:
    """Put a fine-tuning into the queue; the address names it from now on."""
    try:
        resources.supervisor().ensure_started()
        config = plan(model, epochs, resources.store(), resources.settings())
        run = changes.train(config)
        made_something()
    except AppError as error:
        show_error(error)
        return
    st.query_params["run"] = run.id
    ask_if_due()


def watch(run_id: str) -> None:
    """Show a fine-tuning, refreshed every second while it is not over."""
    try:
        run = resources.store().run(run_id)
    except AppError as error:
        show_error(error)
        return
    is_live = not run.status.ended
    if is_live:
        resources.supervisor().ensure_started()
    fragment: Callable[[str, bool], None] = st.fragment(_show, run_every=REFRESH_SECONDS if is_live else None)
    fragment(run_id, is_live)


def _show(run_id: str, was_live: bool) -> None:
    try:
        run = resources.store().run(run_id)
        result = find_fine_tuning(run_id, resources.store())
    except AppError as error:
        show_error(error)
        return
    if was_live and run.status.ended:
        st.rerun()  # the whole page, which ends the refreshing
    st.text(run.name or run.id)  # its owner's text: without any markup
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(run.epoch / run.config.epochs, 1.0), text=escaped(status_sentence(run)))
        if not run.status.ended:
            show_stop(run)
    if run.status in (Status.FAILED, Status.DIVERGED, Status.INTERRUPTED):
        st.warning("Nothing has changed: the model is as it was. Press Train to try again.")
    if result is not None:
        show_result(run, result)


def show_result(run: Run, result: FineTuning) -> None:
    """Before and after, on the drawings held out and on the test images, and what it means."""
    st.html(_bars(f"{result.drawings_held_out} drawings {_of_whom(result)}", _lines_of_drawings(result)))
    st.html(_bars(TITLES.get(run.config.dataset, "The test images"), _lines_of_test(run, result)))
    if result.right_after is None or not run.status.ended:
        return
    st.markdown(meaning(run, result))
    if run.model_sha256 and button(
        "Draw with it", icon=":material/draw:", type="primary", key=f"draw-{run.id}"
    ):
        session().chosen_model = run.id
        go_to("draw")


def _of_whom(result: FineTuning) -> str:
    if result.held_out_by == "drawing":
        return "it did not learn from"
    people = "one person" if result.people_held_out == 1 else f"{result.people_held_out} people"
    return f"of {people} it did not learn from"


def _lines_of_drawings(result: FineTuning) -> list[Line]:
    lines = [("before", result.accuracy_before, f"{result.right_before} of {result.drawings_held_out}")]
    if result.accuracy_after is not None:
        lines += [("after", result.accuracy_after, f"{result.right_after} of {result.drawings_held_out}")]
    return lines


def _lines_of_test(run: Run, result: FineTuning) -> list[Line]:
    lines = [("before", result.test_accuracy_before, "")]
    if run.test_accuracy is not None:
        lines += [("after", run.test_accuracy, "")]
    return lines


def _bars(title: str, lines: list[Line]) -> str:
    """Two bars on a scale from 0 to 100 %; the second one is empty while it is not known."""
    known = {when: (share, count) for when, share, count in lines}
    rows = ""
    for when in ("before", "after"):
        share, count = known.get(when, (0.0, ""))
        said = f"{100 * share:.{1 if count else 2}f} %" if when in known else "–"
        small = f" <small>{count}</small>" if count else ""
        rows += (
            f'<li class="{when}"><span>{when}</span><span class="track"><span class="bar" '
            f'style="width:{share:.2%}"></span></span><span>{said}{small}</span></li>'
        )
    return (
        f'<section class="tuned"><h5>{html.escape(title)}: read rightly</h5>'
        f'<ol aria-label="Before and after: {html.escape(title, quote=True)}">{rows}</ol></section>'
    )


def meaning(run: Run, result: FineTuning) -> str:
    """What came of it, in words."""
    assert result.right_after is not None
    gained = result.right_after - result.right_before
    of_them = f"of the {result.drawings_held_out} drawings kept aside"
    if gained == 0:
        said = f"It reads as many {of_them} as before."
    else:
        said = f"It reads {abs(gained)} {'more' if gained > 0 else 'fewer'} {of_them} rightly than before."
    if result.held_out_by == "drawing":
        said += (
            " It has learned from the same hand, because nobody else has drawn enough to be kept aside: it "
            "will read other people less well than this."
        )
    if run.test_accuracy is not None:
        said += f" {_forgetting(100 * (result.test_accuracy_before - run.test_accuracy))}"
    return said


def _forgetting(points: float) -> str:
    """What it lost on the test images, in percentage points."""
    if points < 0.05:
        return "It has forgotten nothing of what it knew."
    if points < 0.5:
        return f"It lost {points:.2f} points on the test images, which is next to nothing."
    return f"It lost {points:.1f} points on the test images: it has forgotten some of what it knew."
