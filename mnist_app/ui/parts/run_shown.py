"""The run that a page shows: the one in its address, or the visitor's own that has not ended."""

import streamlit as st

from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import ACTIVE, Status


def find_run_shown(*, is_fine_tuning: bool) -> str | None:
    """Return the id of the run that the page shows, and have the address name it.

    A refresh right after *Train* comes before the browser has the new address. The visitor's own run is
    found all the same.

    Args:
        is_fine_tuning: Whether the page shows fine-tunings; else it shows the other trainings.

    Returns:
        The id in the address, unchecked; without one, that of the visitor's newest run that waits or trains;
        None if there is none.

    Raises:
        StorageUnavailable: The store cannot be read.
    """
    run_id = st.query_params.get("run")
    if run_id is not None or not session().is_known:
        return run_id
    unfinished = resources.store().runs(owner=session().owner, statuses=[Status.QUEUED, *ACTIVE])
    own = (run.id for run in unfinished if bool(run.config.fine_tuned_from) == is_fine_tuning)
    run_id = next(own, None)
    if run_id is not None:
        st.query_params["run"] = run_id
    return run_id
