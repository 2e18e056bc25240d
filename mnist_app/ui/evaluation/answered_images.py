"""The choice of test images by truth, answer and confidence, and a page of the chosen ones."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.ui.parts.choices import choose_page, to_first_page
from mnist_app.ui.parts.image_answer import image_grid_html
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared.evaluation_job import ModelAnswers
from mnist_app.wording import counted, with_article

IMAGES_SHOWN = 50
ANY_DIGIT, ANY_ANSWER, WRONG = "any digit", "any answer", "a wrong one"
DIGITS = [str(digit) for digit in range(10)]
MOST_SURE, LEAST_SURE, BY_NUMBER = "most sure first", "least sure first", "by number"
ORDERS = [MOST_SURE, LEAST_SURE, BY_NUMBER]


@dataclass(frozen=True)
class Choice:
    """Values of the controls that select test images."""

    truth: str = ANY_DIGIT
    answer: str = WRONG
    order: str = MOST_SURE

    @property
    def cell(self) -> tuple[int, int] | None:
        """Return the chosen cell (truth, answer) of the confusion matrix; None for several cells."""
        if self.truth in DIGITS and self.answer in DIGITS:
            return int(self.truth), int(self.answer)
        return None


def chosen_cell() -> tuple[int, int] | None:
    """Return the cell (truth, answer) of the confusion matrix whose images are shown; None for several."""
    return Choice(st.session_state.get(Key.TRUTH, ANY_DIGIT), st.session_state.get(Key.ANSWER, WRONG)).cell


def choose_cell(truth: int, answer: int) -> None:
    """Set the controls to one cell of the confusion matrix."""
    st.session_state[Key.TRUTH] = str(truth)
    st.session_state[Key.ANSWER] = str(answer)
    to_first_page(Key.IMAGES_PAGE)


def show_images(answered: ModelAnswers) -> None:
    """Show the controls, a sentence on the chosen images, and a page of up to `IMAGES_SHOWN` images."""
    choice = _choose()
    found = matching(answered, choice)
    st.markdown(sentence(choice, len(found)))
    if len(found) == 0:
        return
    first = choose_page(len(found), IMAGES_SHOWN, Key.IMAGES_PAGE)
    shown = found[first : first + IMAGES_SHOWN]
    if len(found) > IMAGES_SHOWN:
        st.caption(f"{first + 1:,} to {first + len(shown):,} of {len(found):,}")
    st.html(image_grid_html(answered, [int(index) for index in shown]))


def _choose() -> Choice:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox(
            "The image is",
            [ANY_DIGIT, *DIGITS],
            key=Key.TRUTH,
            on_change=to_first_page,
            args=(Key.IMAGES_PAGE,),
            persist_state="session",
            help="The truth: what the person who wrote the digit meant.",
            width=190,
        )
        answer = st.selectbox(
            "The network says",
            [ANY_ANSWER, WRONG, *DIGITS],
            index=1,
            key=Key.ANSWER,
            on_change=to_first_page,
            args=(Key.IMAGES_PAGE,),
            persist_state="session",
            help="The digit to which it gives the largest probability.",
            width=190,
        )
        order = st.selectbox(
            "Order",
            ORDERS,
            key=Key.ORDER,
            on_change=to_first_page,
            args=(Key.IMAGES_PAGE,),
            persist_state="session",
            help="How sure: the probability that the network gives to its answer.",
            width=190,
        )
    return Choice(truth or ANY_DIGIT, answer or WRONG, order or MOST_SURE)


def matching(answered: ModelAnswers, choice: Choice) -> NDArray[np.intp]:
    """Return the numbers of the matching images, (n,), in the chosen order; ties by number."""
    truth, answers = answered.dataset.y_test, answered.answers
    wanted = np.ones(len(truth), bool)
    if choice.truth in DIGITS:
        wanted &= truth == int(choice.truth)
    if choice.answer == WRONG:
        wanted &= answers != truth
    elif choice.answer in DIGITS:
        wanted &= answers == int(choice.answer)
    found = np.flatnonzero(wanted)
    if choice.order == BY_NUMBER:
        return found
    sign = -1 if choice.order == MOST_SURE else 1
    return found[np.argsort(sign * answered.confidence[found], kind="stable")]


_SENTENCES = {
    "any": "**{images}** of {digit}.",
    "wrong": "**{images}** of {digit} that the network took for another digit.",
    "right": "**{images}** of {digit} that the network read correctly.",
    "read": "**{images}** of any digit that the network read as {answer}.",
    "mistaken": "**{images}** of {digit} that the network took for {answer}.",
}


def sentence(choice: Choice, count: int) -> str:
    """Return a sentence on the chosen images, and one on their order if there are several.

    Args:
        choice: The values of the controls.
        count: The number of matching images.
    """
    words = {
        "images": counted(count, "image") if count else "No image",
        "digit": with_article(int(choice.truth)) if choice.truth in DIGITS else ANY_DIGIT,
        "answer": with_article(int(choice.answer)) if choice.answer in DIGITS else "",
    }
    shown = _SENTENCES[_kind_of(choice)].format(**words)
    return f"{shown} Order: {choice.order}." if count > 1 else shown


def _kind_of(choice: Choice) -> str:
    if choice.answer not in DIGITS:
        return "wrong" if choice.answer == WRONG else "any"
    if choice.truth not in DIGITS:
        return "read"
    return "right" if choice.truth == choice.answer else "mistaken"
