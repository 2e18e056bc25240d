"""The running and waiting trainings, with buttons to stop, cancel or move them to the front."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership.changes import stop_run
from mnist_app.ui.ownership.class_changes import cancel_all_waiting, cancel_waiting_like, move_run_to_front
from mnist_app.ui.parts.training_watch import status_sentence, turn_sentence
from mnist_app.ui.session.buttons import do
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.wording import counted
from mnist_app.workspace.runs.forecast import Turn
from mnist_app.workspace.runs.records import ACTIVE, Run, Status
from mnist_app.workspace.runs.run_label import preset_title, run_label

_REFRESH_SECONDS = 2.0
_MOST_SHOWN = 20
_HEIGHT = 300
NOTHING_LIKE_IT = {
    "owner": "Nothing was cancelled: this training no longer waits, or it has no owner.",
    "address": "Nothing was cancelled: this training no longer waits, or its address is not known.",
}
"""Messages for when no training was found to cancel."""


@partial(fragment, every=_REFRESH_SECONDS)
def show_trainings() -> None:
    """Show the running trainings, then the waiting ones in the order of their turns."""
    try:
        runs = resources.store().runs(statuses=[Status.QUEUED, *ACTIVE])
        turns = resources.queue().turns()
    except AppError as error:
        show_error(error)
        return
    runs = in_order(runs, turns)
    waiting = sum(run.status is Status.QUEUED for run in runs)
    st.markdown(f"#### Trainings: {len(runs) - waiting} running, {waiting} waiting")
    if waiting > 1:
        _offer_to_cancel_all(waiting)
    with st.container(height=_HEIGHT, key="trainings"):
        if not runs:
            st.markdown("No network is being trained now.")
        for run in runs[:_MOST_SHOWN]:
            _show_training(run, turns.get(run.id))
        if len(runs) > _MOST_SHOWN:
            st.caption(f"{len(runs) - _MOST_SHOWN} more come after these.")


def _offer_to_cancel_all(waiting: int) -> None:
    with st.popover("Empty the queue", icon=":material/playlist_remove:"):
        st.markdown("Runs that wait are taken out of the queue. Runs that train go on.")
        st.button(f"Cancel all {waiting:,} waiting", on_click=do, args=(_cancel_all,), key="cancel_all")


def in_order(runs: list[Run], turns: Mapping[str, Turn]) -> list[Run]:
    """Return the running trainings, the oldest first, then the waiting ones by their turns.

    Args:
        runs: Running and waiting runs.
        turns: Places in the queue, by the ids of waiting runs.
    """

    def key(run: Run) -> tuple[bool, float]:
        is_waiting = run.status is Status.QUEUED
        turn = turns.get(run.id)
        return is_waiting, (turn.place if turn else run.number) if is_waiting else run.started or 0.0

    return sorted(runs, key=key)


def _show_training(run: Run, turn: Turn | None) -> None:
    """Show a training with its buttons. Its name is text from outside, so it is shown without markup."""
    is_waiting = run.status is Status.QUEUED
    with st.container(horizontal=True, vertical_alignment="center", key=f"training-{run.id}"):
        with st.container(gap=None):
            st.text(f"{run.person or whose_words(run)}: {run_label(run)}")
            # `status_sentence` would read the store for each waiting run; the turns are known already.
            said = turn_sentence(turn) if turn else status_sentence(run)
            st.caption(escaped(f"{preset_title(run.config.preset)} · {said}"))
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if is_waiting:
                is_next = turn is not None and turn.place == 1
                _button(
                    "To the front", ":material/vertical_align_top:", move_run_to_front, run, is_off=is_next
                )
            _button("Cancel" if is_waiting else "Stop", ":material/cancel:", stop_run, run, is_off=run.cancel)
            if is_waiting:
                _offer_to_cancel_more(run)


def _offer_to_cancel_more(run: Run) -> None:
    """Offer to cancel all waiting trainings of the same person or network address."""
    with st.popover("More", key=f"more-{run.id}"):
        for words, same in (("of this person", "owner"), ("from this network address", "address")):
            arguments = (_cancel_like, run.id, same)
            st.button(f"Cancel all {words}", on_click=do, args=arguments, key=f"cancel_{same}-{run.id}")


def _cancel_all() -> None:
    count = cancel_all_waiting()
    session().toasts.append(
        _cancelled_in_words(count) if count else "Nothing was cancelled: no training is waiting."
    )


def _cancel_like(run_id: str, same: Literal["owner", "address"]) -> None:
    count = cancel_waiting_like(run_id, same)
    session().toasts.append(_cancelled_in_words(count) if count else NOTHING_LIKE_IT[same])


def _cancelled_in_words(count: int) -> str:
    return f"Cancelled: {counted(count, 'training')}."


def whose_words(run: Run) -> str:
    """Return words for the submitter of a run without a person's name."""
    return "Somebody" if run.owner else "The command line"


def _button(label: str, icon: str, act: Callable[[str], None], run: Run, is_off: bool) -> None:
    key = f"{label}-{run.id}"
    st.button(label, icon=icon, on_click=do, args=(act, run.id), disabled=is_off, key=key)
