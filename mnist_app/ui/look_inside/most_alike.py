"""The view "Most alike": the test images nearest to the drawing, and a map on which the drawing moves."""

import numpy as np
import streamlit as st

from mnist_app.errors import AppError, ModelUnavailable
from mnist_app.learning.data.datasets import describe_datasets
from mnist_app.learning.explanation.likeness import nearest
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.look_inside.digit_map import Chart, Places, middles, show_map
from mnist_app.ui.look_inside.inside import Floats, Inside
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.parts.image_answer import image_grid_html, say_if_synthetic
from mnist_app.ui.parts.live import wait_for
from mnist_app.ui.parts.terms import show_caption, show_text
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.likeness_job import Likeness
from mnist_app.ui.shared.recogniser import Recogniser
from mnist_app.wording import counted, number, percent

INTRODUCTION = """
Before it answers, the network turns every picture into **{width:,} numbers**: the output of its last
[[hidden layer]]. Two pictures are alike to this network if these numbers are nearly the same.
"""
READING = """
**The map.** Each small digit is one of {count:,} [[test images]], placed by its {width:,} numbers. A large
digit stands in the middle of its own kind. The ring is your drawing, and it follows your pen. {where}

**How it is made.** Nobody can draw {width:,} directions. The map shows the two in which these images differ
most, found by [[principal component analysis]].

**What it cannot show.** These two directions hold {share} of all differences. What is far apart on the map is
far apart for the network, too. But what is close on the map may be far apart in the other directions, just as
two stars that look close may lie one far behind the other. So the ten images below need not be the closest
ones on the map.
"""
NEAREST = """
#### The ten most alike
The test images whose {width:,} numbers are nearest to those of your drawing, the nearest first. The network
has learned from none of them.
"""
NEAR = """
**Near** means a small distance, measured as with a ruler, but in {width:,} directions instead of two:
subtract the numbers of one picture from those of the other, square each difference, add them up, and take the
square root (the [[Euclidean distance]]). Another network has other numbers: do not compare its distances with
these.
"""
NOTHING_DRAWN = "Draw a digit, and see here where it lands and which test images are most like it."


def show_most_alike(inside: Inside) -> None:
    """Show the map with the drawing on it, and the ten test images that are nearest to it."""
    likeness = _find_likeness(inside.model)
    point = inside.recogniser.features(inside.image)
    _show_map(likeness, inside.recogniser, point)
    show_text(NEAREST.format(width=len(point)))
    distances = likeness.features.distances(point)
    found = [int(index) for index in nearest(distances)]
    notes = [f"distance {number(distances[index])}" for index in found]
    with st.container(key="most_alike"):
        st.html(image_grid_html(likeness.answered, found, notes))
    show_caption(NEAR.format(width=len(point)))


def show_empty_map(recogniser: Recogniser, model: str) -> None:
    """Show the map without a drawing, which will appear on it as soon as the pen moves."""
    st.markdown(NOTHING_DRAWN)
    _show_map(_find_likeness(model), recogniser, None)


def _show_map(likeness: Likeness, recogniser: Recogniser, point: Floats | None) -> None:
    """Show the map and its explanation, and have live answers move the drawing on it.

    Args:
        likeness: The test images.
        recogniser: The network.
        point: The drawing's features, (d,); None if nothing was drawn.
    """
    chart, flat = Chart.around(likeness.places), likeness.flat
    place = None if point is None else flat.place(point)
    where = "" if place is None else _nearest_middle(likeness, place)
    count, width = counted(len(likeness.sample), "test image"), len(flat.mean)
    show_text(INTRODUCTION.format(width=width))
    with st.container(key="most_alike_map"):
        meaning = f"Map of {count}, placed by what the last hidden layer makes of them. {where}"
        show_map(likeness, chart, place, meaning.strip())
        with st.container(key="most_alike_words"):
            share = percent(flat.share, 0)
            show_text(READING.format(count=len(likeness.sample), width=width, where=where, share=share))
    session().look_inside.place_of = lambda image: [
        int(unit) for unit in chart.put(flat.place(recogniser.features(image)))
    ]


def _nearest_middle(likeness: Likeness, place: Places) -> str:
    apart = {digit: np.linalg.norm(middle - place) for digit, middle in middles(likeness).items()}
    return f"It lies nearest to the middle of the {min(apart, key=apart.__getitem__)}s."


def _find_likeness(model: str) -> Likeness:
    """Return what the model makes of the test images, computed once and shared by all sessions.

    Raises:
        AppError: The run, its model or the data set is missing or damaged, or there is no hidden layer.
    """
    statuses = describe_datasets(resources.settings())
    dataset = next(status.name for status in statuses if status.available)
    say_if_synthetic(statuses)
    key = model, _digest_of(model), dataset
    try:
        likeness = wait_for(resources.likeness_of(*key), "The network looks at all test images, once")
    except AppError:
        resources.likeness_of.clear(*key)  # so that the next attempt starts anew
        resources.evaluation_of.clear(*key)
        raise
    if likeness.fault:
        show_warning(
            f"This cannot be kept. The network looks at the images again next time. {likeness.fault}"
        )
    return likeness


def _digest_of(model: str) -> str:
    """Return the digest of the model's file, under which its features are kept."""
    digest = (
        resources.shipped_card().sha256 if model == SHIPPED else resources.store().run(model).model_sha256
    )
    if digest is None:
        raise ModelUnavailable(f"Run {model} has no model. Choose another one.")
    return digest
