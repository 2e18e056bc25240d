"""Keras's session in the server: Streamlit clears it after each run of a page, and must not.

Streamlit 1.67 calls `keras.backend.clear_session()` whenever a page's script has ended, for apps that
build a model in each run. Here a model is loaded once and shared by all visitors. The call throws away
what TensorFlow has compiled: the next answer took 45 ms of computing where a warm one takes one. It could
also come while another thread was building a model.
"""

from streamlit.runtime.scriptrunner import script_runner

from mnist_app.ui.streamlit_fixes.patched import check_patched

_original = getattr(script_runner, "_clean_problem_modules", None)


def keep_keras_session() -> None:
    """Have Streamlit leave Keras alone when a script ends. May be called any number of times.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    check_patched(_original, (), {"backend", "clear_session"}, __name__)
    script_runner._clean_problem_modules = _leave_alone


def _leave_alone() -> None:
    """Replace what would also close Matplotlib's figures, which this app never makes."""
