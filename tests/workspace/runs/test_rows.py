"""What is kept of a run is held to the one definition that an export and an import hold it to."""

import math
from typing import Any

import pytest

from mnist_app.errors import InvalidSetting
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.rows import columns_to_keep
from mnist_app.workspace.runs.run_store import Store

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("train_loss", math.nan, None),
        ("train_loss", math.inf, None),
        ("test_accuracy", 1.5, None),
        ("seconds", -0.1, None),
        ("epoch", 200.001, 200.0),
        ("started", -3.0, 0.0),
        ("reason", "two\nlines\x00\x1b[31m", "two lines[31m"),
        ("reason", "x" * 5_000, "x" * 2_000),
        ("worker", "w" * 100, "w" * 64),
        ("name", "a\u202eb", "ab"),
        ("status", Status.FINISHED, Status.FINISHED),
        ("lease", "what no archive has", "what no archive has"),
    ],
)
def test_what_a_training_comes_to_is_made_to_fit(name: str, value: Any, kept: Any) -> None:
    assert columns_to_keep({name: value}) == {name: kept}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner", "a\nb"),
        ("owner", "x" * 65),
        ("parameters", -3),
        ("steps_per_epoch", 2**31),
        ("versions", {"keras": 3}),
        ("status", "gone"),
        ("epoch", math.nan),
        ("id", "../../evil"),
        ("cancel", 1),
    ],
)
def test_what_no_run_can_be_is_refused_in_a_sentence(name: str, value: Any) -> None:
    with pytest.raises(InvalidSetting, match=f"^The {name.replace('_', ' ')} of a run cannot be .*\\.$"):
        columns_to_keep({name: value})


def test_a_run_that_could_not_be_exported_is_not_kept(store: Store) -> None:
    with pytest.raises(InvalidSetting, match="The owner of a run cannot be"):
        store.start(CONFIG, "worker", owner="\x00")
    lease = store.start(CONFIG, "worker")
    with pytest.raises(InvalidSetting, match="The parameters of a run cannot be -3"):
        store.report(lease, parameters=-3)
    store.record_test(lease.run_id, math.nan, 0.5)
    run = store.run(lease.run_id)
    assert (run.parameters, run.test_loss, run.test_accuracy) == (None, None, 0.5)
