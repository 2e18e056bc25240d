"""Interactive parts of chapter 4: parameters of each layer, measured designs, and the app's own runs."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.lessons.design_comparison import (
    Measurements,
    Question,
    questions,
    read_measurements,
)
from mnist_app.learning.lessons.glossary import mark_first_uses
from mnist_app.learning.networks.designs import DESIGNS, Design, count_parameters, summarise_design
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.learn.material import Material
from mnist_app.ui.outside_text import show_error, show_warning
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.parts.terms import glossary, show_caption
from mnist_app.ui.session.widgets import live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import percent
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_label import run_label

_MOST_RUNS = 8


@fragment
def show_parameters(material: Material) -> None:
    """Show the arithmetic of each layer's parameters, for the preset's design or a changed one."""
    own = DESIGNS[material.preset]
    design = _choose_design(own, material.preset)
    total = count_parameters(design)
    rows = "".join(
        f"<tr><th>{layer.kind}</th><td>{' × '.join(map(str, layer.output_shape))}</td>"
        f"<td>{layer.arithmetic or '–'}</td>"
        f'<td class="amount">{layer.parameters:,}</td>'
        f"<td>{bar(layer.parameters / total)}</td></tr>"
        for layer in summarise_design(design)
    )
    st.html(
        '<table class="facts parameters"><thead><tr><th>layer</th><th>gives</th><th>arithmetic</th>'
        f'<th class="amount">parameters</th><th></th></tr></thead><tbody>{rows}'
        f'<tr class="first"><th>all</th><td></td><td></td><td class="amount">{total:,}</td><td></td></tr>'
        "</tbody></table>"
    )
    if design == own:
        st.markdown("These are the layers of the program above.")
    else:
        times = total / count_parameters(own)
        st.markdown(f"That is **{times:.2f} times** as many as in the program above.")


def _choose_design(own: Design, preset: str) -> Design:
    key = f"design-{preset}"
    if not own.filters:
        units = st.slider(
            "Neurons", 1, 512, own.units[0], key=live_key(f"{key}-units"), persist_state="session"
        )
        return Design(0, own.pool, (int(units),))
    left, middle, right = st.columns(3)
    with left:
        filters = st.slider(
            "Filters", 1, 64, own.filters, key=live_key(f"{key}-filters"), persist_state="session"
        )
    with middle:
        pool = st.select_slider(
            "Pooling", [1, 2, 4], own.pool, key=live_key(f"{key}-pool"), persist_state="session"
        )
    with right:
        units = st.slider(
            "Neurons", 1, 512, own.units[0], key=live_key(f"{key}-units"), persist_state="session"
        )
    return Design(int(filters), int(pool), (int(units),))


@fragment
def show_trade_offs(material: Material) -> None:
    """Show how changes of the design changed accuracy, time and parameters, and the app's own runs."""
    try:
        measurements = read_measurements()
    except AppError as error:
        show_error(error)
        measurements = None
    if measurements is not None:
        _show_measurements(questions(material.preset), measurements)
    else:
        st.markdown(
            "The comparison of designs has not been measured for this copy of the app. "
            "`python tools/measure_designs.py` does it, and takes about a quarter of an hour."
        )
    show_runs(material)


def _show_measurements(asked: Sequence[Question], measurements: Measurements) -> None:
    titles = {question.title: question for question in asked}
    key = live_key("question")
    chosen = st.selectbox("What is changed", list(titles), key=f"{key}-{len(titles)}")
    question = titles[chosen or asked[0].title]
    rows = [(name, measurements.of(design)) for name, design in question.designs]
    longest = max((found.seconds for _, found in rows if found), default=1.0)
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{percent(found.accuracy, 2)}</td>"
        f"<td>{percent(1 - found.accuracy, 2)}</td><td>{found.seconds:.0f} s</td>"
        f"<td>{bar(found.seconds / longest)}</td>"
        f'<td class="amount">{found.parameters:,}</td></tr>'
        for name, found in rows
        if found
    )
    st.html(
        f'<table class="facts parameters"><thead><tr><th>{escape(question.title)}</th><th>accuracy</th>'
        '<th>mistakes</th><th>time</th><th></th><th class="amount">parameters</th></tr></thead>'
        f"<tbody>{cells}</tbody></table>"
    )
    show_caption(mark_first_uses(measurements.protocol, glossary()))


def show_runs(material: Material) -> None:
    """Show the newest finished runs of this app."""
    try:
        runs = resources.store().runs(statuses=[Status.FINISHED], limit=_MOST_RUNS)
    except AppError as error:
        show_warning(error)
        return
    if not runs:
        st.markdown("No network has been trained here yet. Two runs that differ in one setting are a test.")
        st.page_link(f"{PAGES}/train.py", label="Train a network", icon=":material/model_training:")
        return
    st.markdown("**Runs of this app, the newest first**")
    st.html(
        '<table class="facts parameters"><thead><tr><th>run</th><th>network</th><th>optimiser</th>'
        '<th>epochs</th><th>accuracy</th><th>time</th><th class="amount">parameters</th></tr></thead>'
        f"<tbody>{''.join(map(_run_row, runs))}</tbody></table>"
    )


def _run_row(run: Run) -> str:
    """Return a run as a row of the table. Its name is text from outside, so it is escaped."""
    accuracy = "–" if run.test_accuracy is None else percent(run.test_accuracy, 2)
    return (
        f"<tr><th>{escape(run_label(run))}</th><td>{escape(run.config.preset)}</td>"
        f"<td>{escape(run.config.optimizer)}</td><td>{run.config.epochs}</td><td>{accuracy}</td>"
        f'<td>{run.seconds or 0:.0f} s</td><td class="amount">{run.parameters or 0:,}</td></tr>'
    )
