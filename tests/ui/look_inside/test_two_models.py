"""Two models side by side, in Look inside on the Draw page, without a browser."""

from dataclasses import replace

import numpy as np
import pytest
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from test_terms import running_text, unmarked
from trained import KERAS_WARNING

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.look_inside.two_models import MODEL_KEYS, Answered, agreement, compared_html, first_models
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import LookInside
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.filterwarnings(KERAS_WARNING)]


def open_view(**chosen: str) -> AppTest:
    """The Draw page with a 3 on the canvas and Two models open."""
    test = new_tab(DrawPage(is_restored=True, canvas=drawn(3)))
    session_of(test).look_inside = LookInside("Two models")
    for key, value in chosen.items():
        test.session_state[key] = value
    return open_page(test)


def chosen(test: AppTest) -> list[str | None]:
    return [test.selectbox(key=key).value for key in MODEL_KEYS]


def said(test: AppTest) -> str:
    return "\n".join(markdown.value for markdown in test.main.markdown)


def answer(digit: int, kind: str = "the dense network", share: float = 0.8, title: str = "") -> Answered:
    """A model that gives its digit this share, and the rest to the nine others."""
    probabilities = np.full(10, (1 - share) / 9, np.float32)
    probabilities[digit] = share
    return Answered(title, kind, Verdict(probabilities, 1.0))


def test_whether_they_agree_is_said() -> None:
    dense, convolutional = answer(1), answer(7, "the convolutional network", 0.9)
    assert agreement([dense, convolutional]) == (
        "They disagree: the dense network says 1, the convolutional network says 7. They differ most on "
        "the 7: the dense network gives it 2.2 %, the convolutional network 90.0 %."
    )
    assert agreement([dense, answer(1, share=0.6)]) == (
        "They agree: both say 1. They differ most on the 1: the first gives it 80.0 %, the second 60.0 %."
    )
    assert agreement([dense, dense]) == "They agree: both say 1. Their probabilities are nearly the same."


def test_digits_that_they_see_differently_are_marked_by_a_sign_and_in_words() -> None:
    text = compared_html([answer(1), answer(1, share=0.65)])
    assert text.count('<tr class="apart">') == 1 and text.count("≠ 15 points") == 1
    assert "≠" not in compared_html([answer(1), answer(1, share=0.72)])


def test_a_name_is_shown_as_text() -> None:
    text = compared_html([answer(1, title="<b>bold</b>"), answer(1)])
    assert "&lt;b&gt;bold&lt;/b&gt;" in text and "<b>bold" not in text


def test_first_the_newest_dense_and_convolutional_runs_are_compared(run: Run) -> None:
    def of(preset: str, run_id: str) -> Run:
        return run.model_copy(
            update={"id": run_id, "configuration": replace(run.config, preset=preset).to_dict()}
        )

    old, dense, cnn, accurate = of("dense", "a"), of("dense", "b"), of("cnn", "c"), of("accurate", "d")
    assert first_models([accurate, cnn, dense, old]) == ("b", "c")
    assert first_models([accurate, dense, old]) == ("b", SHIPPED)
    assert first_models([cnn]) == (SHIPPED, "c")
    assert first_models([accurate]) == (SHIPPED, "d")
    assert first_models([]) == (SHIPPED, SHIPPED)


def test_without_runs_one_is_sent_to_train() -> None:
    test = open_view()
    assert "No run of the dense network is finished yet." in running_text(test)
    assert "No run of the [[convolutional]] network is finished yet." in running_text(test)
    assert unmarked(running_text(test)) == []
    links = [link.proto for link in test.get("page_link")]
    assert [(link.page, link.query_string) for link in links if link.label.startswith("Train the")] == [
        ("train", "preset=dense"),
        ("train", "preset=cnn"),
    ]
    assert chosen(test) == [SHIPPED, SHIPPED]
    assert "the same model twice" in said(test)


def test_a_run_and_the_shipped_model_are_asked(run: Run) -> None:
    test = open_view()
    assert chosen(test) == [run.id, SHIPPED]
    assert "dense network is finished yet" not in said(test)
    text = html(test)
    assert "&lt;b&gt;bold&lt;/b&gt;" in text and "Built-in model" in text
    assert 'class="answers">3<' in text and "≠" in text
    assert test.selectbox(key=MODEL_KEYS[0]).options[1].startswith("<b>bold</b> **too**")


def test_a_model_that_is_broken_gets_a_sentence_and_the_other_is_shown(run: Run) -> None:
    resources.model_files().model_path(run.id).write_bytes(b"no model")
    test = open_view()
    assert any("This model cannot be asked." in warning.value for warning in test.warning)
    text = html(test)
    assert 'class="answers">3<' in text and "&lt;b&gt;bold" not in text


def test_a_run_that_is_gone_gives_way(run: Run) -> None:
    test = open_view(**{MODEL_KEYS[1]: "abcdefghjk"})
    assert "was deleted" in said(test)
    assert chosen(test) == [run.id, SHIPPED]
    test.run()
    assert "was deleted" not in said(test)


def test_the_choice_stays_while_another_view_is_looked_at(run: Run) -> None:
    test = open_view()
    test.selectbox(key=MODEL_KEYS[0]).set_value(SHIPPED).run()
    for view in ("What if", "Two models"):
        next(group for group in test.button_group if group.key == "look_inside_view").set_value(view).run()
    assert chosen(test)[0] == SHIPPED and not test.warning
