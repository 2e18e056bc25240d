"""Questions to the live socket, damaged: each is answered, or refused with a sentence."""

import json

import pytest
from damage import PATIENCE, altered, assert_sentence, damaged, fuzzed, only_sentences
from hypothesis import given
from originals import canvas_json

from mnist_app.ink.preprocess import preprocess_strokes
from mnist_app.ink.strokes import strokes_from_canvas
from mnist_app.ui.live.live_sessions import LiveSession
from mnist_app.ui.live.live_socket import Refused, read_question
from mnist_app.ui.session.draw_page import CANVAS_SIDE

pytestmark = pytest.mark.timeout(PATIENCE)
QUESTION = {"drawing": 1, "strokes": canvas_json()["objects"]}


def ask(text: str) -> bool:
    """Prepare a question's image as the live answer does, and return whether there was one."""
    tab = LiveSession("a tab")
    tab.show([], lambda _: {})
    try:
        objects = read_question(text, tab)
    except Refused as refused:
        assert_sentence(str(refused))
        return False
    if objects is None:
        return False
    with only_sentences():
        image = preprocess_strokes(strokes_from_canvas({"objects": objects}), CANVAS_SIDE)
        assert image.shape == (28, 28)
        return True
    return False


@fuzzed
@given(
    altered(QUESTION).map(json.dumps)
    | damaged([json.dumps(QUESTION).encode()]).map(lambda text: text.decode("latin-1"))
)
def test_a_damaged_question_is_answered_or_refused(text: str) -> None:
    ask(text)


def test_an_undamaged_question_is_answered() -> None:
    assert ask(json.dumps(QUESTION))
