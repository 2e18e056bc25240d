"""The words of a run that is watched."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.ui.parts.training_watch import difference_sentence, status_sentence, turn_sentence
from mnist_app.workspace.runs.forecast import Turn
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [(0.99, 0.989, "holds in general"), (0.99, 0.98, "small difference"), (1.0, 0.9, "overfitting")],
)
def test_what_the_difference_between_training_and_test_means(train: float, test: float, words: str) -> None:
    assert words in difference_sentence(train, test)


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        (Turn(1, None), "Next in the queue."),
        (Turn(3, None), "Number 3 in the queue."),
        (Turn(1, 12.0), "Next in the queue: its turn comes within a minute."),
        (Turn(2, 80.0), "Number 2 in the queue: its turn comes in about a minute."),
        (Turn(12, 250.0), "Number 12 in the queue: its turn comes in about 4 minutes."),
        (Turn(90, 4000.0), "Number 90 in the queue: its turn comes in about an hour."),
        (Turn(400, 8000.0), "Number 400 in the queue: its turn comes in about 2 hours."),
    ],
)
def test_when_a_run_s_turn_comes(turn: Turn, sentence: str) -> None:
    assert turn_sentence(turn) == sentence


@pytest.mark.parametrize(
    ("ago", "sentence"),
    [
        (3.0, "Starting: "),
        (20.0, r"No news of this training for 2\d s\. After 30 s it counts as interrupted\."),
    ],
)
def test_a_training_without_news_is_said_to_have_none(
    settings: Settings, tmp_path: Path, ago: float, sentence: str
) -> None:
    begun = time.time() - ago
    with Store(replace(settings, home=tmp_path, database=None), clock=lambda: begun) as store:
        lease = store.start(TrainingConfig(preset="dense"), "a worker")
        assert re.match(sentence, status_sentence(store.run(lease.run_id)))


@pytest.mark.parametrize(
    ("epoch", "model", "sentence"),
    [
        (0.0, None, "Stopped before the training began."),
        (0.44, None, "Stopped after 0.4 epochs."),
        (13.7, "a digest", "Stopped after 13.7 epochs. You can use this network."),
    ],
)
def test_what_is_said_of_a_stopped_training(
    settings: Settings, tmp_path: Path, epoch: float, model: str | None, sentence: str
) -> None:
    with Store(replace(settings, home=tmp_path, database=None)) as store:
        run = store.run(store.start(TrainingConfig(preset="dense"), "a worker").run_id)
    changed = {"status": Status.STOPPED, "reason": "It was stopped.", "epoch": epoch, "model_sha256": model}
    stopped = run.model_copy(update=changed)
    assert status_sentence(stopped) == sentence
