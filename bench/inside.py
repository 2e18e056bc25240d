"""Look inside: the server's time for each view and each kind of network."""

import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

import numpy as np
from set_up import SERVER_ENVIRONMENT
from streamlit.testing.v1 import AppTest

from bench.measurement import Options, Row
from mnist_app.settings import PROJECT

VIEWS = ("Each layer", "What mattered", "What if", "Most alike", "Two models")
TARGETS = {"dense": 150, "cnn": 150, "shipped": 300}
MOST_ALIKE_TARGET = 150
"""For every network, once it has looked at all test images; the warm-up waits for that."""
TIMES = 20
WARM_UP = 3
PATIENCE = 120


def measure(options: Options) -> list[Row]:
    """Return median and maximum over many drawings, each view with the shipped model and two others."""
    with TemporaryDirectory() as home:
        # Before TensorFlow looks there, and for the trainings.
        os.environ.update(SERVER_ENVIRONMENT, MNIST_APP_HOME=home)
        models = {"dense": trained("dense"), "cnn": trained("cnn"), "shipped": "shipped"}
        times = 3 if options.quick else TIMES
        return [row(kind, model, view, times) for kind, model in models.items() for view in VIEWS]


def row(kind: str, model: str, view: str, times: int) -> Row:
    """Return one view's figure."""
    taken = milliseconds(model, view, times)
    note = f"{times} drawings, the slowest {max(taken):.0f} ms"
    target = MOST_ALIKE_TARGET if view == "Most alike" else TARGETS[kind]
    return Row(f"{view}, {kind}, on the server, p50", float(np.median(taken)), "ms", target, note=note)


def trained(preset: str) -> str:
    """Return the id of a new run of this preset with one short epoch; its accuracy does not matter here."""
    command = [sys.executable, "-m", "mnist_app", "train", "--preset", preset, "--json"]
    settings = ["--dataset", "synthetic", "--epochs", "1", "--train-size", "2000"]
    answer = subprocess.run([*command, *settings], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    run_id: str = json.loads(answer.stdout.splitlines()[-1])["run_id"]
    return run_id


def milliseconds(model: str, view: str, times: int) -> list[float]:
    """Return the times of so many drawings, after the view has been shown a few times."""
    test = AppTest.from_function(show, args=(model, view), default_timeout=PATIENCE)
    taken = []
    for _ in range(WARM_UP + times):
        test.run()
        assert not test.exception, test.exception
        taken.append(test.session_state["milliseconds"])
    return taken[WARM_UP:]


def show(model: str, view: str) -> None:
    """Do what Look inside does after a stroke, with another drawing each time; a script of its own."""
    import time

    import numpy as np
    import streamlit as st

    from mnist_app.ink.synthetic.synthesis import synthesise
    from mnist_app.ui.frame.model_in_use import recogniser_in_use
    from mnist_app.ui.look_inside.frame import VIEWS
    from mnist_app.ui.look_inside.inside import Inside
    from mnist_app.ui.session.session import session

    number = st.session_state["number"] = st.session_state.get("number", 0) + 1
    image = synthesise(1, seed=number)[0][0].astype(np.float32) / np.float32(255)
    session().chosen_model = model
    recogniser = recogniser_in_use()
    inside = Inside(image, recogniser.verdict(image), recogniser, model)
    start = time.perf_counter()
    VIEWS[view](inside)
    st.session_state["milliseconds"] = 1000 * (time.perf_counter() - start)
