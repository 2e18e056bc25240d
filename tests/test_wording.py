"""How numbers are written for people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mnist_app.wording import counted, duration, number, percent, percent_likely, with_article


@pytest.mark.parametrize(
    ("share", "places", "words"),
    [
        (0, 1, "0 %"),
        (1, 1, "100 %"),
        (1e-9, 1, "under 0.1 %"),
        (0.00099, 1, "under 0.1 %"),
        (0.001, 1, "0.1 %"),
        (0.5, 1, "50.0 %"),
        (0.5, 0, "50 %"),
        (0.9873, 2, "98.73 %"),
        (0.99995, 2, "over 99.99 %"),
        (0.9994, 1, "over 99.9 %"),
        (0.9999999, 1, "over 99.9 %"),
        (0.995, 0, "over 99 %"),
    ],
)
def test_percentages_have_one_style(share: float, places: int, words: str) -> None:
    assert percent(share, places) == words


@given(some.floats(0, 1, exclude_min=True, exclude_max=True), some.integers(0, 3))
def test_only_0_is_0_per_cent_and_only_1_is_100_per_cent(share: float, places: int) -> None:
    shown = percent(share, places).removesuffix(" %").split()[-1]
    assert 0 < float(shown) < 100


@pytest.mark.parametrize(("share", "words"), [(1.0, "over 99.9 %"), (0.984, "98.4 %"), (0.0, "under 0.1 %")])
def test_a_probability_never_claims_to_be_certain(share: float, words: str) -> None:
    assert percent_likely(share) == words == percent_likely(np.float32(share))


@pytest.mark.parametrize(
    ("value", "printed"), [(-1.304, "−1.30"), (-0.004, "0.00"), (0.0, "0.00"), (1234.5, "1,234.50")]
)
def test_numbers_are_printed_with_a_true_minus_and_without_a_signed_0(value: float, printed: str) -> None:
    assert number(value) == printed


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(count, "run") for count in (0, 1, 2, 12000)] == [
        "0 runs",
        "1 run",
        "2 runs",
        "12,000 runs",
    ]
    assert [counted(count, "person", "people") for count in (1, 4)] == ["1 person", "4 people"]


def test_an_8_has_its_own_article() -> None:
    assert [with_article(digit) for digit in (1, 7, 8)] == ["a 1", "a 7", "an 8"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
