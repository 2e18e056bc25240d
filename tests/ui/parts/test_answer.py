"""The words and bars of an answer."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.parts.answer import answer_html, message_html, sentence

PROBABILITIES = st.lists(st.integers(1, 1000), min_size=10, max_size=10).map(
    lambda values: (np.array(values) / np.sum(values)).astype(np.float32)
)


def verdict(likelihood: float = 1.0, **shares: float) -> Verdict:
    """Of the digits named (`of_4=0.6`), the rest evenly spread over the others."""
    given_ones = {int(name.removeprefix("of_")): share for name, share in shares.items()}
    rest = (1 - sum(given_ones.values())) / (10 - len(given_ones))
    return Verdict(np.array([given_ones.get(digit, rest) for digit in range(10)], np.float32), likelihood)


def test_a_sure_answer_names_the_digit_and_the_runner_up() -> None:
    html = answer_html(verdict(of_7=0.98, of_1=0.01))
    assert 'data-testid="digit">7<' in html
    assert "<b>98.0 %</b> sure" in html and "then 1: 1.0 %" in html
    spoken = sentence(verdict(of_7=0.98, of_1=0.01))
    assert spoken == "This looks like a 7, 98.0 % sure. Next comes a 1, with 1.0 %."


def test_an_unsure_answer_names_both_digits() -> None:
    html = answer_html(verdict(of_4=0.6, of_9=0.3))
    assert "Not sure: <b>4 or 9?</b>" in html and "4: 60.0 %, 9: 30.0 %" in html
    assert sentence(verdict(of_4=0.6, of_9=0.3)) == "Not sure: a 4, with 60.0 %, or a 9, with 30.0 %."


def test_what_is_no_digit_is_not_called_one() -> None:
    html = answer_html(verdict(0.1, of_8=0.99))
    assert 'class="answer doubted"' in html and 'data-testid="digit">?<' in html
    assert "This does not look like a digit." in html and "most like an 8" in html
    assert sentence(verdict(0.1, of_8=0.99)).startswith("This does not look like a digit. ")


@given(PROBABILITIES, st.floats(0, 1))
def test_ten_bars_on_a_scale_from_0_to_1(probabilities: np.ndarray, likelihood: float) -> None:
    html = answer_html(Verdict(probabilities, likelihood))
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", html)]
    assert np.allclose(widths, 100 * probabilities, atol=0.006)


def test_the_room_for_the_answer_is_kept_while_there_is_none() -> None:
    assert message_html("Any digit", "Draw it.").count("<li") == answer_html(verdict()).count("<li")
