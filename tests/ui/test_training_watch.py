"""The words of a run that is watched."""

import pytest

from mnist_app.ui.training_watch import difference_sentence, duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [(0.99, 0.989, "holds in general"), (0.99, 0.98, "small difference"), (1.0, 0.9, "overfitting")],
)
def test_what_the_difference_between_training_and_test_means(train: float, test: float, words: str) -> None:
    assert words in difference_sentence(train, test)
