"""Interactive parts of chapter 4: a filter at one place of the image, max pooling, and flattening."""

import numpy as np
import streamlit as st

from mnist_app.learning.lessons import forward_pass
from mnist_app.learning.lessons.forward_pass import ForwardPass
from mnist_app.learning.lessons.network_weights import FILTERS, Floats, NetworkWeights
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn.material import Material
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.figures import Frame
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import number

WITHOUT = "This network has no convolutional layer: it looks at all 784 pixels at once."
_FILTER = live_key("filter")
_MAP_SIDE, _POOLED_SIDE = 26, 13


@fragment
def show_convolution(material: Material) -> None:
    """Show window × filter = sum at a chosen place, ReLU, and the filter's map."""
    weights, passed = material.weights, material.forward_pass
    if weights.filters is None or weights.filter_biases is None or passed.maps is None:
        st.info(WITHOUT)
        return
    chosen, row, column = _choose_place(_MAP_SIDE, "convolution", 12)
    window = forward_pass.window_at(passed.image, row, column)
    kernel = weights.filters[:, :, chosen]
    st.html(
        figures.row(
            _framed_image(material, row, column),
            figures.figure(
                figures.grid(
                    [[f"{value:.2f}" for value in line] for line in window],
                    window,
                    f"The window of 3 by 3 pixels at row {row}, column {column}",
                    "small",
                ),
                "the window",
            ),
            figures.sign("×"),
            figures.figure(
                figures.signed_grid(kernel, f"The weights of filter {chosen}", "small"), f"filter {chosen}"
            ),
            figures.sign("="),
            figures.figure(
                figures.signed_grid(window * kernel, "The nine products", "small"), "nine products"
            ),
            _map_figure(passed.maps[:, :, chosen], Frame(row, column), f"the map of filter {chosen}"),
        )
        + _sum_in_words(weights, passed, chosen, row, column)
    )
    st.caption(figures.SIGNED_LEGEND)


def _choose_place(side: int, name: str, first: int) -> tuple[int, int, int]:
    """Show sliders for a filter and for a place on its map.

    Args:
        side: Side of the map in pixels.
        name: Part of the sliders' keys.
        first: Row and column at first.

    Returns:
        Filter, row and column, from 0.
    """
    for_filter, for_row, for_column = st.columns(3)
    with for_filter:
        chosen = st.slider("Filter", 0, FILTERS - 1, 0, key=f"{_FILTER}-{name}", persist_state="session")
    with for_row:
        row = st.slider("Row", 0, side - 1, first, key=live_key(f"{name}-row"), persist_state="session")
    with for_column:
        column = st.slider(
            "Column", 0, side - 1, first, key=live_key(f"{name}-column"), persist_state="session"
        )
    return int(chosen), int(row), int(column)


def _framed_image(material: Material, row: int, column: int) -> str:
    meaning = f"A {material.label}; the window at row {row}, column {column} is framed"
    return figures.figure(
        figures.picture(material.pixels, meaning, 154, Frame(row, column, 3, 3)), "the image, 28 × 28"
    )


def _map_figure(values: Floats, frame: Frame, caption: str) -> str:
    height, width = values.shape
    meaning = f"{caption}: {np.count_nonzero(values)} of {values.size} numbers are above 0"
    return figures.figure(figures.grey_picture(values, meaning, 154, frame), f"{caption}, {height} × {width}")


def _sum_in_words(weights: NetworkWeights, passed: ForwardPass, chosen: int, row: int, column: int) -> str:
    assert weights.filter_biases is not None and passed.filtered is not None and passed.maps is not None
    bias, total = weights.filter_biases[chosen], passed.filtered[row, column, chosen]
    after = passed.maps[row, column, chosen]
    return (
        f'<p class="sum">sum of the products {number(total - bias)} + bias {number(bias)} '
        f'= <b>{number(total)}</b> <span aria-hidden="true">→</span> ReLU: <b>{number(after)}</b></p>'
    )


@fragment
def show_pooling(material: Material) -> None:
    """Show four numbers of a map, the largest one, which max pooling keeps, and the smaller map."""
    passed = material.forward_pass
    if passed.maps is None or passed.pooled is None:
        st.info(WITHOUT)
        return
    chosen, row, column = _choose_place(_POOLED_SIDE, "pooling", 6)
    four = passed.maps[2 * row : 2 * row + 2, 2 * column : 2 * column + 2, chosen]
    kept = passed.pooled[row, column, chosen]
    highest = float(passed.maps[:, :, chosen].max()) or 1.0
    st.html(
        figures.row(
            _map_figure(
                passed.maps[:, :, chosen], Frame(2 * row, 2 * column, 2, 2), f"the map of filter {chosen}"
            ),
            figures.figure(
                figures.grid(
                    [[f"{value:.2f}" for value in line] for line in four],
                    four / highest,
                    "The four numbers in the frame",
                    "small",
                ),
                "four numbers",
            ),
            figures.sign("→"),
            figures.figure(f'<p class="kept">{kept:.2f}</p>', "the largest stays"),
            _map_figure(passed.pooled[:, :, chosen], Frame(row, column), "after pooling"),
        )
    )


@fragment
def show_flatten(material: Material) -> None:
    """Show the place that flattening gives to a number of the pooled maps."""
    passed = material.forward_pass
    if passed.pooled is None:
        st.info(WITHOUT)
        return
    chosen, row, column = _choose_place(_POOLED_SIDE, "flatten", 6)
    place = int(np.ravel_multi_index((row, column, chosen), passed.pooled.shape))
    strip = np.repeat(passed.flat[np.newaxis], 24, axis=0)
    width = len(passed.flat) // 150  # a frame as narrow as one number would be invisible
    frame = Frame(0, min(place, len(passed.flat) - width), 24, width)
    st.html(
        figures.row(
            _map_figure(
                passed.pooled[:, :, chosen], Frame(row, column), f"the map of filter {chosen}, pooled"
            ),
            figures.figure(
                figures.grey_picture(strip, f"All {len(passed.flat)} numbers in a line", 784, frame),
                f"{len(passed.flat):,} numbers in a line. This one, {passed.flat[place]:.2f}, is number "
                f"({row} × {_POOLED_SIDE} + {column}) × {FILTERS} + {chosen} = {place:,}.",
                "strip",
            ),
        )
    )
