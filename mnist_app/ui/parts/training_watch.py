"""The sentences on a run: its place in the queue, its progress, how it ended, what its test says."""

import time

from mnist_app.ui.shared import resources
from mnist_app.wording import duration
from mnist_app.workspace.runs import leases
from mnist_app.workspace.runs.forecast import Turn
from mnist_app.workspace.runs.records import Run, Status

SILENT = "The program that trains does not answer. It is restarted within a minute; this run keeps its place."
_ENDINGS = {
    Status.FINISHED: "Done.",
    Status.DIVERGED: "Diverged.",
    Status.FAILED: "Failed.",
    Status.INTERRUPTED: "Interrupted.",
}
_WAS_STOPPED = "It was stopped."
"""Reason of a stopped run that adds nothing to its status."""
_TURNS = {
    (True, False): "Next in the queue.",
    (True, True): "Next in the queue: its turn comes {when}.",
    (False, False): "Number {place} in the queue.",
    (False, True): "Number {place} in the queue: its turn comes {when}.",
}
"""Sentences by whether the run is the next one, and whether the time of its turn is known."""


def status_sentence(run: Run) -> str:
    """Return a sentence on the run's status and progress."""
    if run.cancel and not run.status.ended:
        return "Stopping."
    if run.status is Status.QUEUED:
        return _queued_sentence(run)
    if run.status.active:
        return _silence_sentence(run) or _active_sentence(run)
    return (
        _stopped_sentence(run)
        if run.status is Status.STOPPED
        else f"{_ENDINGS[run.status]} {run.reason}".strip()
    )


def _stopped_sentence(run: Run) -> str:
    if not run.epoch:
        return "Stopped before the training began." if run.reason == _WAS_STOPPED else run.reason
    if run.model_sha256 is None:
        return f"Stopped after {run.epoch:.1f} epochs."
    return f"Stopped after {run.epoch:.1f} epochs. You can use this network."


def _silence_sentence(run: Run) -> str:
    """Return a warning that the worker no longer reports; "" while it does."""
    silence = leases.silence(run, time.time())
    if silence < leases.NOTICED_SECONDS:
        return ""
    return (
        f"No news of this training for {silence:.0f} s. "
        f"After {leases.LEASE_SECONDS:.0f} s it counts as interrupted."
    )


def _active_sentence(run: Run) -> str:
    if run.status is Status.STARTING:
        return "Starting: the images are loaded and the network is built."
    if run.status is Status.EVALUATING:
        return "Evaluating on the test set."
    return _training_sentence(run)


def _queued_sentence(run: Run) -> str:
    supervisor = resources.supervisor()
    if supervisor.fault:
        return supervisor.fault
    if supervisor.is_silent:
        return SILENT
    turn = resources.queue().turns().get(run.id, Turn(1, None))
    is_loading = turn.place == 1 and not supervisor.ready
    return "Next in the queue. TensorFlow is being loaded." if is_loading else turn_sentence(turn)


def turn_sentence(turn: Turn) -> str:
    """Return a sentence on a run's place in the queue and, if known, the time of its turn."""
    when = "" if turn.seconds is None else in_about(turn.seconds)
    return _TURNS[turn.place == 1, bool(when)].format(place=turn.place, when=when)


def in_about(seconds: float) -> str:
    """Return a duration from now in rounded words, such as "in about 4 minutes"."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 1:
        return "within a minute"
    if minutes < 60:
        return f"in about {minutes} minutes" if minutes > 1 else "in about a minute"
    return f"in about {hours} hours" if hours > 1 else "in about an hour"


def _training_sentence(run: Run) -> str:
    epoch = min(int(run.epoch) + 1, run.config.epochs)
    words = [f"Epoch {epoch} of {run.config.epochs}"]
    if run.images_per_second:
        words.append(f"{run.images_per_second:,.0f} images/s")
    left = seconds_left(run)
    if left is not None:
        words.append(f"{duration(left)} left")
    return " · ".join(words)


def seconds_left(run: Run) -> float | None:
    """Return the remaining seconds of the training at its present speed; None if the speed is unknown."""
    if not run.images_per_second or not run.steps_per_epoch:
        return None
    images = (run.config.epochs - run.epoch) * run.steps_per_epoch * run.config.batch_size
    return max(images / run.images_per_second, 0.0)


def difference_sentence(train_accuracy: float, test_accuracy: float) -> str:
    """Return an explanation of the difference between training and test accuracy, both from 0 to 1."""
    points = 100 * (train_accuracy - test_accuracy)
    if points <= 0.5:
        return "It does as well on new images as on those it learned from: what it learned holds in general."
    if points <= 2:
        return (
            f"It is right {points:.1f} points more often on the images it learned from than on new ones: "
            "a small difference, as is usual."
        )
    return (
        f"It is right {points:.1f} points more often on the images it learned from than on new ones: "
        "it has begun to learn them by heart, which is called overfitting. "
        "More training images or fewer epochs help."
    )
