"""The repair that keeps Streamlit from clearing Keras's session after each page run.

Streamlit 1.67 calls `keras.backend.clear_session()` after each run of a page's script, for apps that build a
model in each run. This app loads a model once, for all visitors. The call discards what TensorFlow has
compiled: the next answer then took 45 ms instead of 1 ms. It could also come while another thread builds a
model.
"""

from streamlit.runtime.scriptrunner import script_runner

from mnist_app.ui.streamlit_fixes.patched import check_patched

ORIGINAL = getattr(script_runner, "_clean_problem_modules", None)


def keep_keras_session() -> None:
    """Make Streamlit leave Keras alone after a page run. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    check_patched(ORIGINAL, (), {"backend", "clear_session"}, __name__)
    script_runner._clean_problem_modules = _leave_alone


def _leave_alone() -> None:
    """Replace `_clean_problem_modules`, which also closes Matplotlib's figures; this app has none."""
