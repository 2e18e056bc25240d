"""Look inside, on the Draw page, without a browser."""

import re
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from opened import new_tab, open_page
from shown import drawn, html, session_of
from streamlit.testing.v1 import AppTest
from test_terms import running_text, unmarked

from mnist_app.errors import ModelUnavailable
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.training.presets import build_model
from mnist_app.ui.look_inside import each_layer, frame, most_alike, what_mattered
from mnist_app.ui.session.draw_page import CANVAS_SIDE, DrawPage
from mnist_app.ui.session.page_memory import MOST_ALIKE, LookInside
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.recogniser import Recogniser

pytestmark = pytest.mark.usefixtures("warm")

RECOGNISERS: dict[str, Recogniser] = {}


@pytest.fixture(scope="module", params=["shipped", "cnn", "dense"])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each kind of network in turn; the two explained ones have not learned anything."""
    kind = request.param
    if kind == "shipped":
        RECOGNISERS[kind] = resources.recogniser()
        yield kind
        return
    RECOGNISERS[kind] = Recogniser(lambda: Classifier(build_model(kind, seed=3)), resources.digit_detector)
    assert RECOGNISERS[kind].wait(120)
    yield kind
    RECOGNISERS.pop(kind).close()


@pytest.fixture
def in_use(kind: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kind of network that answers on the page."""
    monkeypatch.setattr(resources, "recogniser", lambda: RECOGNISERS[kind])
    return kind


def show(view: str | None = None, digit: int | None = 3) -> AppTest:
    """The Draw page with a digit on the canvas, its view opened; closed without one."""
    canvas = None if digit is None else drawn(digit)
    test = new_tab(DrawPage(is_restored=True, canvas=canvas))
    if view is not None:
        session_of(test).look_inside = LookInside(view)
    return open_page(test)


def controls(test: AppTest) -> list[str]:
    return [group.key for group in test.button_group]


def choose(test: AppTest, key: str, option: str) -> None:
    next(group for group in test.button_group if group.key == key).set_value(option).run()
    assert not test.exception


def test_closed_it_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setitem(frame.VIEWS, "Each layer", asked.append)
    assert "look_inside_view" in controls(show()) and asked == []
    show("Each layer")
    assert len(asked) == 1


def test_a_press_opens_a_view_and_a_press_on_the_open_one_closes_it() -> None:
    test = show()
    choose(test, "look_inside_view", "Each layer")
    assert 'class="map"' in html(test) and session_of(test).look_inside.view == "Each layer"
    next(group for group in test.button_group if group.key == "look_inside_view").set_value(None).run()
    assert not test.exception and 'class="map"' not in html(test)
    assert session_of(test).look_inside.view is None


def test_a_view_that_the_app_does_not_have_is_none() -> None:
    test = show("Nothing of the kind")
    assert session_of(test).look_inside.view is None and 'class="map"' not in html(test)


@pytest.mark.parametrize("view", frame.VIEWS)
def test_without_a_drawing_it_invites(view: str) -> None:
    words = most_alike.NOTHING_DRAWN if view == MOST_ALIKE else frame.NOTHING_DRAWN
    assert words in [markdown.value for markdown in show(view, digit=None).markdown]


@pytest.mark.parametrize("view", frame.VIEWS)
def test_each_view_shows_something_of_what_was_drawn(view: str) -> None:
    assert len(html(show(view))) > len(html(show()))


def test_while_the_network_warms_up_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def load() -> Classifier:
        gate.wait(60)
        raise ModelUnavailable("The model is not there.")

    recogniser = Recogniser(load, resources.digit_detector)
    monkeypatch.setattr(resources, "recogniser", lambda: recogniser)
    assert frame.WARMING_UP in [markdown.value for markdown in show("Each layer").markdown]
    gate.set()
    assert recogniser.wait(60)
    test = show("Each layer")
    assert frame.NO_ANSWER in [markdown.value for markdown in test.markdown]
    assert "The model is not there." in html(test)


@pytest.mark.parametrize("view", [view for view in frame.VIEWS if view != MOST_ALIKE])
def test_the_views_mark_a_term_where_they_first_use_it(in_use: str, view: str) -> None:
    assert unmarked(running_text(show(view))) == [], in_use


def test_maps_neurons_and_outputs_are_shown_or_what_there_is_instead(in_use: str) -> None:
    test = show("Each layer")
    text, shown = running_text(test), html(test)
    maps = {"shipped": 32, "cnn": 64, "dense": 0}[in_use]
    assert shown.count('class="map"') == maps
    assert ("no [[convolution]]" in text) == (in_use == "dense")
    assert shown.count('class="votes"') == (0 if in_use == "shipped" else 10)
    assert shown.count("<tr") == 11
    assert ("map_layer-10" in controls(test)) == (in_use == "shipped")


def test_a_later_layer_of_the_shipped_network_can_be_chosen() -> None:
    test = show("Each layer")
    choose(test, "map_layer-10", "pooling")
    assert html(test).count(
        'class="map"'
    ) == 96 and "96 maps of 3\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}3" in running_text(test)
    choose(test, "map_layer-10", "9")
    assert "96 maps of 7\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}7" in running_text(test)


def image_of(digit: int) -> np.ndarray:
    """The image that the network gets on the page."""
    message = drawn(digit)
    return preprocess(Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)).image


def test_the_numbers_that_a_map_explains_itself_with_are_the_network_s(in_use: str) -> None:
    found = re.findall(
        r"<b>Map (\d+): strongest at row (\d+), column (\d+), with (\d+\.\d+)</b>.*?"
        r"added up: (−?\d+\.\d+)\. With the bias (−?\d+\.\d+) that is (\d+\.\d+)",
        html(show("Each layer")),
    )
    outputs = RECOGNISERS[in_use].explain(lambda explainer: explainer.layers.read(image_of(3)))
    assert bool(found) == bool(outputs.map_layers)
    for each, row, column, strongest, total, bias, value in found:
        values = outputs.map_layers[0].maps[:, :, int(each)]
        assert strongest == value == f"{values.max():.2f}"
        assert values[int(row), int(column)] == values.max()
        sums = [float(number.replace("−", "-")) for number in (total, bias, value)]
        assert sums[0] + sums[1] == pytest.approx(sums[2], abs=0.011)


def test_the_most_active_maps_can_come_first() -> None:
    def numbers(test: AppTest) -> list[int]:
        return [int(each) for each in re.findall(r"<i></i>(\d+)</button>", html(test))]

    test = show("Each layer")
    assert numbers(test) == list(range(32))
    choose(test, "map_order", each_layer.ORDERS[1])
    maps = (
        resources.recogniser()
        .explain(lambda explainer: explainer.layers.read(image_of(3)))
        .map_layers[0]
        .maps
    )
    activity = maps.sum(axis=(0, 1))[numbers(test)]
    assert sorted(numbers(test)) == list(range(32)) and np.all(np.diff(activity) <= 0)


def test_what_mattered_says_where_and_how_much(in_use: str) -> None:
    text = running_text(show("What mattered"))
    assert re.search(r"ink speaks (for|against)", text)
    numbers = re.search(
        r"adds ([\d.]+), orange ink takes away ([\d.]+): together ([+−]?[\d.]+), while the score changed by "
        r"([+−]?[\d.]+)\.",
        text,
    )
    assert numbers
    more, less, together, change = (float(each.replace("−", "-")) for each in numbers.groups())
    assert more - less == pytest.approx(together, abs=0.02)
    assert together == pytest.approx(change, rel=0.06, abs=0.05), in_use


def test_the_answer_can_be_compared_with_another_digit() -> None:
    test = show("What mattered")
    assert "ahead of the mean of the nine others" in running_text(test)
    choose(test, "compared_with", "9")
    assert "how far the 3 is ahead of the 9" in running_text(test)
    # A 9 cannot be compared with itself: the choice falls back to all others.
    session_of(test).draw = DrawPage(is_restored=True, canvas=drawn(9))
    test.run()
    assert not test.exception and "ahead of the mean of the nine others" in running_text(test)


def test_only_ink_is_painted_and_signs_have_their_colours() -> None:
    image, values = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    image[5, 5:8] = 1
    values[5, 5:7] = (2, -2)
    painted = what_mattered.painted(image, values)
    assert painted[5, 5, 2] > painted[5, 5, 0] and painted[5, 6, 0] > painted[5, 6, 2]
    assert len(set(painted[5, 7].tolist())) == 1 and painted[5, 7, 0] > 0
    assert not painted[image == 0].any()
