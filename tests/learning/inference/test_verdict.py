"""What follows from probabilities and likelihood."""

import numpy as np
import pytest

from mnist_app.learning.inference.verdict import Verdict


def verdict(likelihood: float = 1.0, **probabilities: float) -> Verdict:
    """Of the digits named (`of_4=0.6`), the rest evenly spread over the others."""
    given = {int(name.removeprefix("of_")): share for name, share in probabilities.items()}
    rest = (1 - sum(given.values())) / (10 - len(given))
    return Verdict(np.array([given.get(digit, rest) for digit in range(10)], np.float32), likelihood)


def test_the_likeliest_digit_and_the_next() -> None:
    said = verdict(of_4=0.6, of_9=0.3)
    assert (said.digit, said.runner_up) == (4, 9)
    assert said.confidence == pytest.approx(0.6)


@pytest.mark.parametrize(("share", "is_unsure"), [(0.79, True), (0.81, False), (1.0, False)])
def test_below_four_fifths_it_is_not_sure(share: float, is_unsure: bool) -> None:
    assert verdict(of_4=share).is_unsure is is_unsure


@pytest.mark.parametrize(("likelihood", "is_digit"), [(0.0, False), (0.49, False), (0.5, True), (1.0, True)])
def test_below_one_half_it_is_no_digit_however_sure(likelihood: float, is_digit: bool) -> None:
    assert verdict(likelihood, of_8=0.99).is_digit is is_digit
