"""The table of runs, the newest first, with selection of several rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from mnist_app.ui.parts.live import live
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.forecast import Turn
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_label import preset_title, run_label

REFRESH_SECONDS = 2.0
_ROW, _MOST_ROWS = 35, 10
_SIGNS = {
    Status.QUEUED: "…",
    Status.STARTING: "▶",
    Status.TRAINING: "▶",
    Status.EVALUATING: "▶",
    Status.FINISHED: "✓",
    Status.STOPPED: "■",
    Status.DIVERGED: "✗",
    Status.FAILED: "✗",
    Status.INTERRUPTED: "✗",
}


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """Show the table, and refresh it while a run has not ended.

    Args:
        runs: The runs, in the order of the table.

    Returns:
        The ticked runs, in the same order.
    """
    is_live = any(not run.status.ended for run in runs)
    live(partial(_show_table, runs), is_live, REFRESH_SECONDS)
    return [run for run in runs if run.id in session().runs.chosen]


def _show_table(runs: Sequence[Run]) -> None:
    """Show the table's present state.

    The whole page reruns if a run has ended or been added or renamed, or if the ticks have changed.
    """
    current = resources.store().runs(limit=session().runs.shown)
    turns = resources.queue().turns()
    if [_shown_below(run) for run in current] != [_shown_below(run) for run in runs]:
        st.rerun()
    chosen = _choose(current, turns)
    page = session().runs
    if chosen != page.chosen:
        page.chosen = chosen
        st.rerun()


def _shown_below(run: Run) -> tuple[str, str, bool]:
    """Return what the rest of the page shows of a run and a refresh of the table alone would not renew."""
    return run.id, run.name, run.status.ended


def _choose(runs: Sequence[Run], turns: Mapping[str, Turn]) -> tuple[str, ...]:
    ids = [run.id for run in runs]
    before = session().runs.chosen
    event = st.dataframe(
        table(runs, session().owner, turns),
        # Streamlit stores the numbers of the ticked rows. Other rows need another key, or other runs would be
        # ticked; `selection_default` carries the ticks over.
        key=f"runs-{hash(tuple(ids))}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(each) for each in before if each in ids]}},
        height=_ROW * (min(len(runs), _MOST_ROWS) + 1) + 3,
        row_height=_ROW,
        placeholder="–",
        column_config=_columns(),
        alt="Runs",
    )
    rows = set(filter(range(len(ids)).__contains__, event["selection"]["rows"]))  # a message may be forged
    return tuple(ids[row] for row in sorted(rows))


def table(runs: Sequence[Run], owner: str, turns: Mapping[str, Turn]) -> dict[str, list[object]]:
    """Return the table's columns, each with a value for each run.

    Args:
        runs: The runs.
        owner: The visitor's token, which tells their own runs.
        turns: Places in the queue, by the ids of waiting runs.
    """
    return {
        "name": [run_label(run) for run in runs],
        "accuracy": [None if run.test_accuracy is None else 100 * run.test_accuracy for run in runs],
        "status": [status_in_words(run, turns.get(run.id)) for run in runs],
        "person": [person(run, owner) for run in runs],
        "network": [preset_title(run.config.preset) for run in runs],
        "data": [run.config.dataset for run in runs],
        "epochs": [epochs_in_words(run) for run in runs],
        "parameters": [run.parameters for run in runs],
        "time": [run.seconds for run in runs],
        "begun": [datetime.fromtimestamp(run.created, UTC) for run in runs],
    }


def status_in_words(run: Run, turn: Turn | None) -> str:
    """Return the status with its sign and, for a waiting run, its place in the queue."""
    place = f", number {turn.place}" if turn and run.status is Status.QUEUED else ""
    return f"{_SIGNS[run.status]} {run.status}{place}"


def epochs_in_words(run: Run) -> str:
    """Return the run's number of epochs; for an unfinished run also how many are done."""
    if run.status is Status.FINISHED:
        return str(run.config.epochs)
    return f"{run.epoch:.3g} of {run.config.epochs}"


def person(run: Run, owner: str) -> str:
    """Return the name of the person who trained the run.

    Args:
        run: The run.
        owner: The visitor's token; their own runs are by "You".
    """
    if not run.owner:
        return "command line"
    return "You" if run.owner == owner else run.person or "somebody else"


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "name": column.TextColumn(
            "Name", help="The name that its owner gave it, or else its network, epochs and number.", width=190
        ),
        "status": column.TextColumn("Status", help="What the run is doing, or how it ended."),
        "network": column.TextColumn("Network", help="The preset: which layers the network has."),
        "data": column.TextColumn("Data", help="The images that it learned from."),
        "epochs": column.TextColumn(
            "Epochs", help="How many times it has seen each training image.", alignment="right"
        ),
        "accuracy": column.NumberColumn(
            "Test accuracy",
            help="The share of the test images that it reads correctly. It has not learned from them.",
            format="%.2f %%",
        ),
        "parameters": column.NumberColumn(
            "Parameters", help="How many numbers the network consists of.", format="localized"
        ),
        "time": column.NumberColumn(
            "Time",
            help="Seconds that the training took, checks on validation images included.",
            format="%.1f s",
        ),
        "begun": column.DatetimeColumn(
            "Submitted", help="When Train was pressed.", format="YYYY-MM-DD HH:mm", timezone=_timezone()
        ),
        "person": column.TextColumn(
            "Trained by",
            help="The name that people gave themselves. You can rename, continue and delete your own runs.",
            width=120,
        ),
    }


def _timezone() -> str | None:
    """Return the browser's time zone; None if unknown."""
    zone: str | None = st.context.timezone
    return zone
