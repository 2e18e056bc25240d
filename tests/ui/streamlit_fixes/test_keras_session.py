"""Keras's session, which holds what TensorFlow compiled for everybody."""

import keras
import pytest
from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT


@pytest.mark.usefixtures("warm")
def test_a_page_that_was_shown_leaves_keras_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared = []
    monkeypatch.setattr(keras.backend, "clear_session", lambda: cleared.append(True))
    test = AppTest.from_file(str(PROJECT / "mnist_app/ui/frame/page_script.py"), default_timeout=60).run()
    assert test.title[0].value == "Draw a digit"
    assert not cleared
