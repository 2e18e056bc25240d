"""The view Most alike, without a browser."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from test_look_inside import image_of
from test_terms import running_text, unmarked
from trained import KERAS_WARNING

from mnist_app.ui.draw.answer_panel import live_answer
from mnist_app.ui.look_inside.digit_map import HEIGHT, WIDTH, Chart
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import MOST_ALIKE, LookInside
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.filterwarnings(KERAS_WARNING)]


def show(digit: int | None = 3, model: str | None = None) -> AppTest:
    """The Draw page with the view open; without a digit nothing is drawn."""
    test = new_tab(DrawPage(is_restored=True, canvas=None if digit is None else drawn(digit)))
    session_of(test).look_inside = LookInside(MOST_ALIKE)
    session_of(test).chosen_model = model
    return open_page(test)


def ring(test: AppTest) -> list[int]:
    """Where on the map the drawing is."""
    place = re.search(r'class="drawing" style="transform: translate\((\d+)px, (\d+)px\)">', html(test))
    assert place
    return [int(place[1]), int(place[2])]


def distances(test: AppTest) -> list[float]:
    return [float(each) for each in re.findall(r"<br>distance ([\d.]+)</small>", html(test))]


def test_ten_images_of_the_same_digit_come_nearest_first() -> None:
    test = show(3)
    assert html(test).count("says <b>3</b> ✓") == html(test).count("is <b>3</b>") == 10
    assert (
        len(distances(test)) == 10 and distances(test) == sorted(distances(test)) and distances(test)[0] > 0
    )
    assert "nearest to the middle of the 3s" in running_text(test)


def test_every_test_image_of_the_sample_is_on_the_map() -> None:
    test = show(3)
    points = re.findall(r'<text class="digit-(\d)" x="([\d ]+)" y="([\d ]+)">(\d+)</text>', html(test))
    assert [int(digit) for digit, *_ in points] == list(range(10))
    for digit, across, down, letters in points:
        assert len(across.split()) == len(down.split()) == len(letters) and set(letters) == {digit}
    assert sum(len(letters) for *_, letters in points) == 300
    assert 'aria-label="Map of 300 test images' in html(test)


def test_terms_are_marked_where_they_are_first_used() -> None:
    assert unmarked(running_text(show(3))) == []


def test_without_mnist_it_says_that_the_images_are_synthetic() -> None:
    said = any("These are synthetic digits" in caption.value for caption in show(3).caption)
    assert said == (resources.settings().mnist is None)


def test_a_live_answer_moves_the_drawing_to_where_the_page_puts_it() -> None:
    test = show(3)
    memory = session_of(test).look_inside
    assert live_answer(resources.recogniser(), drawn(3).objects, memory)["place"] == pytest.approx(
        ring(test), abs=3
    )
    assert memory.place_of and memory.place_of(image_of(3)) == ring(test)


@pytest.mark.parametrize("view", [None, "What mattered"])
def test_once_the_map_is_away_live_answers_have_no_place(view: str | None) -> None:
    test = show(3)
    group = next(group for group in test.button_group if group.key == "look_inside_view")
    group.set_value(view).run()
    assert session_of(test).look_inside.place_of is None
    assert "place" not in live_answer(resources.recogniser(), drawn(3).objects, session_of(test).look_inside)


def test_the_map_waits_for_a_drawing() -> None:
    test = show(None)
    assert 'visibility="hidden"' in html(test) and not distances(test)
    assert session_of(test).look_inside.place_of is not None


def test_a_run_s_network_has_its_own_map_which_goes_with_it(run: Run) -> None:
    assert resources.recogniser_of_run(run.id, run.model_sha256).wait(60)
    test = show(3, run.id)
    assert "**128 numbers**" in running_text(test) and len(distances(test)) == 10
    assert distances(test) != distances(show(3))
    kept = list((resources.settings().home / "evaluations").glob(f"{run.model_sha256}-*"))
    assert len(kept) == 2
    resources.evaluations().delete(run.model_sha256 or "")
    assert not any(path.exists() for path in kept)


places = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=20)


@given(places, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_whatever_is_drawn_is_on_the_map(some: list[tuple[float, float]], x: float, y: float) -> None:
    chart = Chart.around(np.array(some))
    for place in ([x, y], some[0]):
        across, down = chart.put(np.array(place))
        assert 0 < across < WIDTH and 0 < down < HEIGHT


def test_both_axes_have_one_scale_and_up_is_up() -> None:
    chart = Chart.around(np.array([[0, 0], [10, 0], [0, 2]]))
    origin, right, above = chart.put(np.array([[0, 0], [10, 0], [0, 2]]))
    assert (right - origin)[0] == pytest.approx(5 * (origin - above)[1], abs=3)
    assert right[1] == origin[1] and above[1] < origin[1]


def test_a_button_of_the_learn_page_opens_it() -> None:
    test = new_tab(DrawPage(is_restored=True, canvas=drawn(3)))
    open_page(test, "learn", chapter="own-digit").button(key="live-most_alike").click().run()
    assert not test.exception and test.title[0].value == "Draw a digit"
    assert len(distances(test)) == 10
