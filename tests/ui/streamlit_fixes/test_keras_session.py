"""Keras's session, which holds what TensorFlow compiled for everybody."""

import keras
import pytest
from opened import new_tab


@pytest.mark.usefixtures("warm")
def test_a_page_that_was_shown_leaves_keras_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared = []
    monkeypatch.setattr(keras.backend, "clear_session", lambda: cleared.append(True))
    test = new_tab().run()
    assert test.title[0].value == "Draw a digit"
    assert not cleared
