"""Pictures made of numbers, and curves."""

import base64
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_app.ui.learn import plots
from mnist_app.ui.learn.plots import Axis, Curve, ticks
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.figures import Frame


def pixels_of(html: str) -> np.ndarray:
    """What the picture in some HTML shows."""
    source = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert source
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source[1]))))


def svg_of(html: str) -> str:
    """The drawing in the address of a plot."""
    source = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert source
    return base64.b64decode(source[1]).decode()


def test_the_largest_value_is_white_and_0_is_black() -> None:
    shown = pixels_of(figures.grey_picture(np.array([[0.0, 2.0], [1.0, 0.0]]), "numbers", 20))
    assert shown.tolist() == [[0, 255], [128, 0]]


def test_a_picture_of_nothing_but_zeros_is_black() -> None:
    assert not pixels_of(figures.grey_picture(np.zeros((2, 2)), "nothing", 20)).any()
    assert not pixels_of(figures.signed_picture(np.zeros((2, 2)), "nothing", 20)).any()


def test_signs_have_their_colours() -> None:
    shown = pixels_of(figures.signed_picture(np.array([[4.0, -4.0, 0.0]]), "numbers", 20))
    assert shown.tolist() == [[list(figures.POSITIVE), list(figures.NEGATIVE), [0, 0, 0]]]


def luminance(colour: tuple[int, ...]) -> float:
    """How bright a colour is, as the guidelines for accessible pages (WCAG 2) count it."""
    shares = np.array(colour) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_text_of_each_signed_cell_can_be_read(sign: int) -> None:
    for share in np.linspace(0, 1, 201):
        style = figures.signed_style(sign * share)
        background = tuple(map(int, re.findall(r"\d+", style.split(";")[0])))
        text = 0.0 if style.endswith("#000") else 1.0
        brighter, darker = sorted((luminance(background), text), reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) >= 4.5, style


def test_a_frame_is_placed_by_shares_of_the_picture_and_the_meaning_is_escaped() -> None:
    html = figures.grey_picture(np.ones((4, 8)), 'a "<b>"', 80, Frame(1, 2, 1, 4))
    assert "left:25.000%;top:25.000%;width:50.000%;height:25.000%" in html
    assert 'alt="a &quot;&lt;b&gt;&quot;"' in html


@given(st.floats(-1000, 1000), st.floats(0.001, 2000))
def test_ticks_are_few_round_and_within_the_axis(low: float, length: float) -> None:
    found = ticks(low, low + length)
    assert 2 <= len(found) <= 8
    slack = 1e-6 * (abs(low) + length)
    assert all(low - slack <= value <= low + length + slack for value in found)
    assert found == sorted(set(found))


def test_a_point_of_a_curve_is_where_the_axes_say() -> None:
    plane_width, plane_height = 402, 234
    plot = plots.plot(
        [Curve(np.array([5.0]), np.array([1.0]), "dot")], Axis("x", 0, 10), Axis("y", 0, 4), "A point & more."
    )
    assert f'cx="{plane_width / 2:.1f}" cy="{plane_height * 3 / 4:.1f}"' in svg_of(plot)
    assert 'alt="A point &amp; more."' in plot


def test_a_curve_that_runs_away_stays_a_drawing() -> None:
    plot = plots.plot(
        [Curve(np.array([0.0, 1e9]), np.array([0.0, -1e30]), "walk")],
        Axis("x", 0, 1),
        Axis("y", 0, 1),
        "Away.",
    )
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", svg_of(plot))]
    assert max(map(abs, numbers)) < 5000
