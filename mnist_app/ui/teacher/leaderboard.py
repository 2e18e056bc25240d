"""The leaderboard: each person's best network in large type for the projector, refreshed by itself."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.ui.teacher.trainings import whose_words
from mnist_app.wording import percent
from mnist_app.workspace.runs.leaderboard import Measure, Standing, find_standings, in_order
from mnist_app.workspace.runs.run_label import preset_title

VIEW = "leaderboard"
"""Value of the address's parameter `view` while the leaderboard is shown."""
_REFRESH_SECONDS = 3.0
_MOST_SHOWN = 8
_DATASETS = {"mnist": "MNIST", "synthetic": "synthetic digits"}
_MEASURES: dict[Measure, str] = {"test": "test images", "drawings": "class's drawings"}


def open_leaderboard() -> None:
    """Set the address so that the page's next run shows the leaderboard."""
    st.query_params["view"] = VIEW


def close_leaderboard() -> None:
    """Set the address so that the page's next run shows the Teacher page."""
    st.query_params.pop("view", None)


@partial(fragment, every=_REFRESH_SECONDS)
def show_leaderboard() -> None:
    """Show each person's best network, for one data set at a time."""
    try:
        standings = find_standings(resources.store())
    except AppError as error:
        show_error(error)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="leaderboard_head"):
        st.title("Leaderboard", anchor=False, width="content")
        dataset, measure = _choose(standings)
        if button("Back", icon=":material/arrow_back:", key="back"):
            close_leaderboard()
            st.rerun()
    shown = in_order(standings, dataset, measure)[:_MOST_SHOWN]
    st.html(leaderboard_html(shown, dataset, measure))


def _choose(standings: Sequence[Standing]) -> tuple[str, Measure]:
    """Show the choice of data set and measure, each if there are several, and return both."""
    datasets = sorted({each.run.config.dataset for each in standings}) or ["mnist"]
    dataset: str | None = datasets[0]
    if len(datasets) > 1:
        dataset = st.segmented_control(
            "Trained on",
            datasets,
            default=datasets[0],
            format_func=lambda name: _DATASETS.get(name, name),
            key=Key.LEADERBOARD_DATASET,
            required=True,
            label_visibility="collapsed",
        )
    measure: Measure | None = "test"
    if any(each.on_drawings is not None for each in standings):
        measure = st.segmented_control(
            "In the order of",
            list(_MEASURES),
            default="test",
            format_func=lambda name: f"by {_MEASURES[name]}",
            key=Key.LEADERBOARD_MEASURE,
            required=True,
            label_visibility="collapsed",
        )
    return dataset or datasets[0], measure or "test"


def leaderboard_html(standings: Sequence[Standing], dataset: str, measure: Measure) -> str:
    """Return the leaderboard as HTML. Names are escaped.

    Args:
        standings: The networks, the best first.
        dataset: Name of the data set whose test images count.
        measure: The column that decides the order and is highlighted.
    """
    if not standings:
        sentence = "No training has finished yet. The first network appears here."
        return f'<section class="leaderboard"><p>{sentence}</p></section>'
    has_drawings = any(each.on_drawings is not None for each in standings)
    rows = "".join(_row(place, each, measure, has_drawings) for place, each in enumerate(standings, start=1))
    drawings = "<th>Class's drawings</th>" if has_drawings else ""
    return (
        '<section class="leaderboard"><table><thead><tr><th></th><th>Each person\'s best network</th>'
        f"<th>Test images, {html.escape(_DATASETS.get(dataset, dataset))}</th>{drawings}</tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(place: int, standing: Standing, measure: Measure, has_drawings: bool) -> str:
    run = standing.run
    person = html.escape(run.person or whose_words(run))
    details = html.escape(" · ".join(filter(None, [preset_title(run.config.preset), run.name])))
    cells = _cell(standing.on_test, 2, measure == "test")
    if has_drawings:  # without decimals, because there are few drawings
        cells += _cell(standing.on_drawings, 0, measure == "drawings")
    return f"<tr><td>{place}</td><td><bdi>{person}</bdi><small><bdi>{details}</bdi></small></td>{cells}</tr>"


def _cell(accuracy: float | None, decimals: int, counts: bool) -> str:
    said = "–" if accuracy is None else percent(accuracy, decimals)
    return f"<td><b>{said}</b></td>" if counts else f"<td>{said}</td>"
