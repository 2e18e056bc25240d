"""Milliseconds that a page takes to show a run: `python -m bench.refresh RUN`."""

import sys

import numpy as np
from streamlit.testing.v1 import AppTest

TIMES = 40
WARM_UP = 5


def show(run_id: str) -> None:
    """Do what the page does once a second for a watcher; a script of its own for Streamlit."""
    import time

    import streamlit as st

    from mnist_app.ui.train.run_view import watch

    start = time.perf_counter()
    watch(run_id)
    st.session_state["milliseconds"] = 1000 * (time.perf_counter() - start)


def main(run_id: str) -> None:
    """Show it many times."""
    test = AppTest.from_function(show, args=(run_id,), default_timeout=60)
    times = []
    for _ in range(WARM_UP + TIMES):
        test.run()
        assert not test.exception, test.exception
        times.append(test.session_state["milliseconds"])
    print(float(np.median(times[WARM_UP:])))


if __name__ == "__main__":
    main(sys.argv[1])
