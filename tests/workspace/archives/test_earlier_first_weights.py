"""Runs of `cnn` from before a configuration named the rule of the first weights, in stores and archives."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.keras_script import write_script
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import Settings
from mnist_app.workspace.archives.class_export import export_class
from mnist_app.workspace.archives.class_import import import_class
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import runs

EARLIER = "he_uniform"
KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[tuple[Store, ModelFiles]]:
    """Another store, empty."""
    store = Store(replace(settings, home=tmp_path / "elsewhere", database=None))
    yield store, ModelFiles(tmp_path / "elsewhere")
    store.close()


def finished_earlier(store: Store, files: ModelFiles) -> str:
    """Keep a finished run of `cnn` as an earlier version kept it, and return its id."""
    lease = store.start(TrainingConfig(preset="cnn"), "somewhere")
    sha256 = files.save_model(lease.run_id, build_model("cnn", 1, EARLIER))
    store.finish(lease, Status.FINISHED, model_sha256=sha256)
    kept = TrainingConfig(preset="cnn").to_dict()
    del kept["initializer"]
    with store.writing() as connection:
        connection.execute(update(runs).where(runs.c.id == lease.run_id).values(configuration=kept))
    return lease.run_id


@pytest.mark.filterwarnings(KERAS_WARNING)
def test_an_earlier_run_answers_and_is_written_as_before_here_and_after_an_import(
    store: Store, any_settings: Settings, elsewhere: tuple[Store, ModelFiles]
) -> None:
    files, (other, other_files) = ModelFiles(any_settings.home), elsewhere
    run_id = finished_earlier(store, files)
    archive = io.BytesIO()
    export_class(store, files, archive)
    import_class(io.BytesIO(archive.getvalue()), other, other_files)
    run, imported = store.run(run_id), other.run(run_id)
    assert run.configuration == imported.configuration and "initializer" not in run.configuration
    assert run.config.initializer == imported.config.initializer == EARLIER
    assert write_script(run.config).count(f'kernel_initializer="{EARLIER}"') == 2
    assert write_script(imported.config) == write_script(run.config)
    images = np.random.default_rng(0).random((5, 28, 28)).astype(np.float32)
    expected = build_model("cnn", 1, EARLIER)(images).numpy()
    for place, each in ((files, run), (other_files, imported)):
        answers = place.load_classifier(each).probabilities_of(images)
        np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_what_starts_anew_from_an_earlier_run_keeps_its_rule_and_what_is_new_does_not(
    store: Store, any_settings: Settings
) -> None:
    run = store.run(finished_earlier(store, ModelFiles(any_settings.home)))
    again = store.run(store.start(replace(run.config, epochs=12), "somewhere").run_id)
    assert again.configuration["initializer"] == again.config.initializer == EARLIER
    new = store.run(store.start(TrainingConfig(preset="cnn"), "somewhere").run_id)
    assert new.config.initializer == "glorot_uniform"
