"""Few test images for the views of Look inside, so that a network has looked at all of them in a moment."""

from collections.abc import Iterator

import pytest

from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.ui.shared import resources

FEW = 300


def _forget() -> None:
    resources.evaluation_of.clear()
    resources.likeness_of.clear()


@pytest.fixture(scope="module", autouse=True)
def few_test_images() -> Iterator[None]:
    images, truth = synthesise(FEW, seed=1)
    few = Dataset("synthetic", "Made up.", "f" * 64, images[:1], truth[:1], images, truth)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(resources, "dataset", lambda name: few)
        _forget()
        yield
    _forget()
