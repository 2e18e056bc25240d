"""What if, in Look inside on the Draw page, without a browser."""

import html as entities
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import SelectSlider
from test_terms import running_text, unmarked

from mnist_app.ink.alterations import Alterations, alter
from mnist_app.ink.preprocess import preprocess
from mnist_app.learning.explanation.what_if import Name, Sweep, sweep_all
from mnist_app.ui.look_inside.alteration_words import flips_in_words, position_in_words
from mnist_app.ui.look_inside.sweep_chart import sweep_chart
from mnist_app.ui.parts.bars import probability_bars
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.page_memory import LookInside
from mnist_app.ui.shared import resources

NOTHING = Alterations()
PIXELS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def show(digit: int | None = 7) -> AppTest:
    """The Draw page with a digit on the canvas and What if open."""
    canvas = None if digit is None else drawn(digit)
    test = new_tab(DrawPage(is_restored=True, canvas=canvas))
    session_of(test).look_inside = LookInside("What if")
    open_page(test)
    assert not test.warning
    return test


def slider(test: AppTest, title: str) -> SelectSlider[float]:
    return next(element for element in test.select_slider if element.label == title)


def flips(test: AppTest) -> list[str]:
    """What is said below the sliders, in their order."""
    captions = [caption.value for caption in test.caption]
    return [text for text in captions if re.match(r"Becomes|Stays|Is an? \d, because", text)]


def answers(test: AppTest) -> list[str]:
    """The digits that are said below the picture as drawn and below the altered one."""
    return re.findall(r"<figcaption>\w+(?: \w+)?:<br><b>an? (\d)", html(test))


def ink_of(digit: int) -> NDArray[np.uint8]:
    """The 28 × 28 ink that the network is given of what `show` draws."""
    drawing = drawing_in_use(DrawPage(canvas=drawn(digit)))
    assert drawing is not None
    return preprocess(drawing).centred


def sweeps_of(digit: int, alterations: Alterations = NOTHING) -> dict[Name, Sweep]:
    """What the shipped network says of it along all sliders."""
    return sweep_all(resources.recogniser().probabilities_of, ink_of(digit), alterations)


def sweep_of(*digits: int) -> Sweep:
    return Sweep(PIXELS, 0.0, np.eye(10, dtype=np.float32)[list(digits)])


@pytest.mark.parametrize(
    ("digits", "sentence"),
    [
        ((7, 7, 7, 7, 7), "Stays a 7 all the way."),
        ((1, 1, 7, 7, 7), "Becomes a 1 from 1 px to the left; stays a 7 as far as 2 px to the right."),
        ((7, 7, 7, 7, 8), "Becomes an 8 from 2 px to the right; stays a 7 as far as 2 px to the left."),
        ((1, 7, 7, 1, 1), "Becomes a 1 from 2 px to the left and from 1 px to the right."),
        ((1, 7, 7, 4, 1), "Becomes a 1 from 2 px to the left, a 4 from 1 px to the right."),
        (
            (7, 7, 1, 7, 7),
            "Is a 1, because of other sliders. A 7 again from 1 px to the left and from 1 px to the right.",
        ),
        ((1, 1, 1, 1, 7), "Is a 1, because of other sliders. A 7 again from 2 px to the right."),
        ((8, 8, 8, 1, 1), "Is an 8, because of other sliders. Nowhere a 7 again."),
    ],
)
def test_flips_are_said_in_words(digits: tuple[int, ...], sentence: str) -> None:
    assert flips_in_words("right", sweep_of(*digits), 7) == sentence


def test_positions_are_said_with_their_units() -> None:
    assert position_in_words("turn", -39.0, 0.0) == "39° to the left"
    assert position_in_words("thicker", 1.5, 0.0) == "1.5 px thicker"
    assert position_in_words("thicker", 0.0, 0.0) == "as drawn"
    assert position_in_words("size", 80.0, 100.0) == "80 %"


def test_the_chart_has_the_lines_of_those_that_win_the_flips_and_the_position() -> None:
    chart = sweep_chart("right", sweep_of(3, 7, 7, 4, 1), 7, 1.0)
    lines = chart.rows[chart.rows["kind"] == 2]
    assert sorted(set(lines["digit"].tolist())) == [1, 3, 4, 7] and len(lines) == 4 * len(PIXELS)
    assert set(lines["digit"][lines["first"]].tolist()) == {7}
    marked = chart.rows[chart.rows["kind"] == 1]
    assert marked[["position", "digit", "first"]].tolist() == [(-2.0, 3, True), (1.0, 4, False)]
    now = chart.rows[chart.rows["kind"] == 0]
    assert now[["position", "digit", "probability"]].tolist() == [(1.0, 4, 1.0)]
    assert "Becomes a 3 from 2 px to the left, a 4 from 1 px to the right." in chart.sentence


@pytest.mark.usefixtures("warm")
def test_each_slider_says_where_the_network_itself_flips() -> None:
    sweeps, test = sweeps_of(7), show()
    assert unmarked(running_text(test)) == []
    assert flips(test) == [flips_in_words(name, sweep, 7) for name, sweep in sweeps.items()]


@pytest.mark.usefixtures("warm")
def test_a_slider_alters_the_picture_and_the_answer_and_reset_takes_it_back() -> None:
    flip = sweeps_of(7)["turn"].flip(7, "above")
    assert flip
    test = show()
    before = html(test)
    assert answers(test) == ["7", "7"] and "flipped" not in before
    assert test.button(key="what_if_reset").disabled
    slider(test, "Turn").set_value(flip.position).run()
    assert not test.exception and not test.warning
    assert answers(test) == ["7", str(flip.digit)] and "≠ flipped" in html(test)
    sweeps = sweeps_of(7, Alterations(turn=flip.position))
    assert flips(test) == [flips_in_words(name, sweep, 7) for name, sweep in sweeps.items()]
    test.button(key="what_if_reset").click().run()
    assert slider(test, "Turn").value == 0.0 and html(test) == before


@pytest.mark.usefixtures("warm")
def test_sliders_combine() -> None:
    test = show()
    slider(test, "To the side").set_value(3.0).run()
    slider(test, "Noise").set_value(20.0).run()
    altered = alter(ink_of(7), Alterations(right=3, noise=20))
    verdict = resources.recogniser().verdict(altered.astype(np.float32) / np.float32(255))
    assert answers(test)[1] == str(verdict.digit)
    assert probability_bars(verdict.probabilities) in html(test)


@pytest.mark.usefixtures("warm")
def test_the_chart_is_of_the_slider_moved_last_or_chosen() -> None:
    test = show()
    choice = next(group for group in test.button_group if group.key == "what_if_chart_of")
    assert choice.value == "turn"
    slider(test, "Noise").set_value(5.0).run()
    assert test.session_state["what_if_chart_of"] == "noise"
    next(group for group in test.button_group if group.key == "what_if_chart_of").set_value("size").run()
    chart = test.get("vega_lite_chart")[0]
    assert "size in %" in entities.unescape(chart.proto.spec)


@pytest.mark.usefixtures("warm")
def test_sliders_stay_where_they_are_while_another_view_is_looked_at() -> None:
    test = show()
    slider(test, "Turn").set_value(30.0).run()
    views = next(group for group in test.button_group if group.key == "look_inside_view")
    views.set_value("Each layer").run()
    assert not test.select_slider
    next(group for group in test.button_group if group.key == "look_inside_view").set_value("What if").run()
    assert slider(test, "Turn").value == 30.0 and not test.warning
