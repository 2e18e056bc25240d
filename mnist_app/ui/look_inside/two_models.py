"""The view "Two models": two models' answers to the same drawing side by side, and where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.frame.model_choice import recogniser_of, runs_with_a_model, titles_of_models
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.look_inside.inside import Inside
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.parts.terms import show_caption, show_sentence
from mnist_app.ui.session.widgets import Key
from mnist_app.wording import percent_likely
from mnist_app.workspace.runs.records import Run

APART_FROM = 10
"""Difference of two probabilities from which it is marked, in percentage points."""
FIRST_PRESETS = ("dense", "cnn")
"""Presets whose newest runs are compared by default."""
MODEL_KEYS = (Key.FIRST_OF_TWO_MODELS, Key.SECOND_OF_TWO_MODELS)
KINDS = {
    "dense": "the dense network",
    "cnn": "the convolutional network",
    "accurate": "the accurate network",
    SHIPPED: "the built-in model",
}
CAPTION = (
    f"≠ marks a digit to which the two give [[probabilities]] that differ by {APART_FROM} points or more. "
    "A point is one of the 100 % that there are to give."
)


@dataclass(frozen=True, eq=False)
class Answered:
    """A model and its answer to the drawing."""

    title: str
    """Title in the choice of models. It may hold a run's name, which is text from outside."""
    kind: str
    """Name in a sentence, such as "the dense network"."""
    verdict: Verdict


def show_two_models(inside: Inside) -> None:
    """Show the choice of two models, whether they agree, and their probabilities side by side."""
    try:
        runs = runs_with_a_model()
    except AppError as error:
        show_warning(error)
        return
    for preset in FIRST_PRESETS:
        if not any(run.config.preset == preset for run in runs):
            _ask_to_train(preset)
    titles = titles_of_models(runs)
    models = _choose_models(titles, first_models(runs))
    kinds = {run.id: KINDS[run.config.preset] for run in runs} | {SHIPPED: KINDS[SHIPPED]}
    answered = [
        Answered(titles[model], kinds[model], verdict)
        for model in dict.fromkeys(models)
        if (verdict := _ask(model, titles[model], inside)) is not None
    ]
    if models[0] == models[1]:
        st.markdown("That is the same model twice. Choose another one to compare it with.")
    if answered:
        st.html(compared_html(answered))
    if len(answered) == 2:
        show_caption(CAPTION)


def first_models(runs: Sequence[Run]) -> tuple[str, str]:
    """Return the two models that are compared by default.

    They are the newest run of each of `FIRST_PRESETS`. The shipped model replaces a missing run. If both are
    missing, the newest run of any preset replaces the second.

    Args:
        runs: Runs that have a model, the newest first.

    Returns:
        `shipped` or the id of a run, twice.
    """
    newest = {run.config.preset: run.id for run in reversed(runs)}
    first, second = (newest.get(preset, SHIPPED) for preset in FIRST_PRESETS)
    return first, (runs[0].id if runs and first == second else second)


def _ask_to_train(preset: str) -> None:
    """Say that a run of the preset is missing, and link to its training."""
    with st.container(gap="xsmall"):
        show_sentence(f"No run of {KINDS[preset]} is finished yet. Another model takes its place.")
        st.page_link(
            f"{PAGES}/train.py",
            label=f"Train {KINDS[preset]}",
            icon=":material/model_training:",
            query_params={"preset": preset},
        )


def _choose_models(titles: Mapping[str, str], first: tuple[str, str]) -> list[str]:
    """Show two choices of a model, and return the chosen models.

    Args:
        titles: Titles of the models, by id.
        first: The default choices, which also replace a chosen model that was deleted.
    """
    chosen: list[str] = []
    for key, model, column in zip(MODEL_KEYS, first, st.columns(2), strict=True):
        if st.session_state.get(key, model) not in titles:
            st.markdown("The run that you chose was deleted. Another model takes its place.")
            del st.session_state[key]
        st.session_state.setdefault(key, model)
        label = "One model" if not chosen else "The other"
        chosen.append(
            column.selectbox(
                label,
                list(titles),
                format_func=lambda model: titles.get(model, model),
                key=key,
                help="The built-in model or a run. A run appears here when its training ends.",
                persist_state="session",
            )
        )
    return chosen


def _ask(model: str, title: str, inside: Inside) -> Verdict | None:
    """Return a model's verdict; if the model is not available, show why and return None."""
    try:
        recogniser = recogniser_of(model)
        if not recogniser.is_ready:
            with st.spinner("The network is loaded, which takes a moment."):
                return recogniser.verdict(inside.image)
        return recogniser.verdict(inside.image)
    except AppError as error:
        show_warning(f"This model cannot be asked. {error}")
        return None


def compared_html(answered: Sequence[Answered]) -> str:
    """Return a table of the answers of one or two models, with a row for each digit.

    Rows are marked where the probabilities of two models differ by `APART_FROM` points or more.
    """
    points = np.array([100 * one.verdict.probabilities.astype(float) for one in answered])
    apart = np.abs(points[0] - points[-1])
    is_pair = len(answered) == 2
    heads = "".join(_head(one) for one in answered)
    rows = "".join(
        f'<tr class="{"apart" if apart[digit] >= APART_FROM else ""}"><th scope="row">{digit}</th>'
        + "".join(_cell(one.verdict, digit) for one in answered)
        + (f"{_mark(apart[digit])}</tr>" if is_pair else "</tr>")
        for digit in range(10)
    )
    sentence = f"<p>{agreement(answered).replace(' %', '&nbsp;%')}</p>" if is_pair else ""
    head_of_marks = '<th scope="col" class="mark">apart</th>' if is_pair else ""
    return (
        f'<section class="two-models" aria-label="What the models say">{sentence}'
        f'<table><thead><tr><th scope="col">digit</th>{heads}{head_of_marks}</tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def agreement(answered: Sequence[Answered]) -> str:
    """Return two sentences that say whether two models agree, and where they differ most."""
    one, other = answered
    names = [one.kind, other.kind] if one.kind != other.kind else ["the first", "the second"]
    digits = [one.verdict.digit, other.verdict.digit]
    if digits[0] == digits[1]:
        first = f"They agree: both say {digits[0]}."
    else:
        first = f"They disagree: {names[0]} says {digits[0]}, {names[1]} says {digits[1]}."
    apart = np.abs(one.verdict.probabilities - other.verdict.probabilities)
    most = int(apart.argmax())
    if apart[most] < 0.01:
        return f"{first} Their probabilities are nearly the same."
    shares = [percent_likely(model.verdict.probabilities[most]) for model in answered]
    return f"{first} They differ most on the {most}: {names[0]} gives it {shares[0]}, {names[1]} {shares[1]}."


def _head(answered: Answered) -> str:
    verdict = answered.verdict
    return (
        f'<th scope="col"><span class="title">{escape(answered.title)}</span>'
        f'<b class="answers">{verdict.digit}</b> {percent_likely(verdict.confidence)}</th>'
    )


def _cell(verdict: Verdict, digit: int) -> str:
    probability = float(verdict.probabilities[digit])
    first = "first" if digit == verdict.digit else ""
    shown = percent_likely(probability) if probability >= 0.01 else ""
    return f'<td class="{first}">{bar(probability)}<span class="share">{shown}</span></td>'


def _mark(points: float) -> str:
    return f'<td class="mark">{f"≠ {points:.0f} points" if points >= APART_FROM else ""}</td>'
