"""The texts that a field of a number takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mnist_app.learning.training.configuration import LIMITS, Limit
from mnist_app.ui.train.number_field import LONGEST_NUMBER, read_number, write_number

WHOLE, FRACTION = Limit(1, 60_000, "a count"), Limit(1e-7, 10.0, "a share", whole=False)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), (" 60000 ", 60_000), ("60,000", 60_000), ("60.000", 60_000), ("60 000", 60_000), ("007", 7)],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert read_number(text, WHOLE) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.05", 0.05), ("0,05", 0.05), (",5", 0.5), ("5", 5.0), ("1e-3", 0.001), ("10", 10.0), ("1E-7", 1e-7)],
)
def test_fractions(text: str, number: float) -> None:
    assert read_number(text, FRACTION) == number


@pytest.mark.parametrize(
    "text",
    ["", " ", "many", "0", "-1", "1.5", "5,0", "60001", "1_0", "٣", "1e3", "nan", "<b>5</b>", "9" * 5000],
)
def test_no_whole_numbers(text: str) -> None:
    assert read_number(text, WHOLE) is None


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1e999", "0", "11", "-0.1", "1.000,5", "0x1", "1 e 3", "."]
)
def test_no_fractions(text: str) -> None:
    assert read_number(text, FRACTION) is None


def test_short_numbers_are_written_without_an_exponent() -> None:
    assert [write_number(each) for each in (1e-7, 0.05, 10.0, 1_000_000)] == [
        "0.0000001",
        "0.05",
        "10",
        "1000000",
    ]


@given(some.data(), some.sampled_from(sorted(LIMITS)))
def test_what_is_written_is_read_as_the_same_number(data: some.DataObject, field: str) -> None:
    limit = LIMITS[field]
    low, high = limit.minimum, limit.maximum
    number = data.draw(some.integers(int(low), int(high)) if limit.whole else some.floats(low, high))
    text = write_number(number)
    assert read_number(text, limit) == number
    assert len(text) <= LONGEST_NUMBER


def test_the_limits_of_all_settings_fit_into_a_field() -> None:
    numbers = [each for limit in LIMITS.values() for each in (limit.minimum, limit.maximum)]
    assert max(len(write_number(each)) for each in numbers) <= LONGEST_NUMBER
