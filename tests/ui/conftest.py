"""What the tests of the pages share."""

import pytest

from mnist_app.ui import resources


@pytest.fixture(scope="session")
def warm() -> None:
    """The shipped model is loaded: pages answer at once."""
    assert resources.recogniser().wait(120)
