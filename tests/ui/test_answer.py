"""The words and bars of an answer."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.ui.answer import answer_html, message_html, percent, sentence, with_article

PROBABILITIES = st.lists(st.integers(1, 1000), min_size=10, max_size=10).map(
    lambda values: (np.array(values) / np.sum(values)).astype(np.float32)
)


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "over 99 %"), (0.9999, "over 99 %"), (0.984, "98 %"), (0.5, "50 %"), (0.0, "under 1 %")],
)
def test_percent_never_claims_to_be_certain(probability: float, words: str) -> None:
    assert percent(probability) == words


@given(PROBABILITIES)
def test_the_answer_names_the_most_probable_and_the_runner_up(probabilities: np.ndarray) -> None:
    second, first = np.argsort(probabilities)[-2:]
    html = answer_html(probabilities)
    assert f'data-testid="digit">{first}<' in html
    assert f"or {with_article(int(second))}:" in html
    assert sentence(probabilities).startswith(f"This looks like {with_article(int(first))}, ")


@given(PROBABILITIES)
def test_ten_bars_on_a_scale_from_0_to_1(probabilities: np.ndarray) -> None:
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", answer_html(probabilities))]
    assert np.allclose(widths, 100 * probabilities, atol=0.006)


def test_the_room_for_the_answer_is_kept_while_there_is_none() -> None:
    assert message_html("Any digit", "Draw it.").count("<li") == answer_html(np.full(10, 0.1)).count("<li")


def test_an_8_has_its_own_article() -> None:
    assert [with_article(digit) for digit in (1, 7, 8)] == ["a 1", "a 7", "an 8"]
