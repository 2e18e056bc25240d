"""The removal of all that one person has made, and of nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import drawing_of
from moments import At
from waiting import until

from mnist_app.errors import LeaseLost
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.explanation.likeness import Features
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.archives.person_deletion import delete_belongings
from mnist_app.workspace.classroom.people import Belongings, People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Point, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.workers.execution import carry_out

CONFIG = TrainingConfig(preset="dense", dataset="small", epochs=200, batch_size=16)
SHA256 = "ab" * 32
ME, OTHER = "the token of one browser", "the token of another"


def finished(store: Store, files: ModelFiles, evaluations: Evaluations, owner: str, sha256: str) -> str:
    """The id of a finished run with a point, a model's file, a checkpoint, and answers on a test set."""
    lease = store.start(CONFIG, "worker", owner=owner)
    store.report(lease, new_points=[Point("train", 1, 0.1, 1.0, 0.5)])
    files.model_path(lease.run_id).parent.mkdir(parents=True, exist_ok=True)
    files.model_path(lease.run_id).write_bytes(b"a model")
    files.checkpoint_path(lease.run_id, 1).parent.mkdir(parents=True, exist_ok=True)
    files.checkpoint_path(lease.run_id, 1).write_bytes(b"a checkpoint")
    evaluations.keep(sha256, "d" * 64, np.full((1, 10), 0.1, np.float32))
    evaluations.keep_features(sha256, "d" * 64, Features.pack(np.ones((1, 3))))
    store.finish(lease, Status.FINISHED, model_sha256=sha256)
    return lease.run_id


def test_all_that_is_mine_goes_and_what_is_others_stays(store: Store, own_settings: Settings) -> None:
    people, queue, drawings = People(store.database), Queue(store), Drawings(store.database)
    files, evaluations = ModelFiles(own_settings.home), Evaluations(own_settings.home)
    people.rename(ME, "Zoë")
    ended = finished(store, files, evaluations, ME, SHA256)
    queue.submit(CONFIG, ME)
    store.start(CONFIG, "worker", owner=ME)  # which is being trained
    theirs = finished(store, files, evaluations, OTHER, "cd" * 32)
    waiting = queue.submit(CONFIG, OTHER).id
    for digit in range(3):
        drawings.keep(drawing_of(digit), digit, ME)
    kept = drawings.keep(drawing_of(3), 3, OTHER).id
    assert people.belongings(ME) == Belongings(runs=3, drawings=3)
    before = sorted(own_settings.home.rglob("*"))
    assert delete_belongings(ME, store, files, evaluations) == Belongings(runs=3, drawings=3)
    assert people.belongings(ME) == Belongings(runs=0, drawings=0) and people.name(ME) == ""
    assert store.points(ended) == []
    assert {run.id for run in store.runs()} == {theirs, waiting} == {*queue.turns(), theirs}
    assert [each.id for each in drawings.find()] == [kept]
    gone = {each for each in before if not each.exists()}
    assert gone == {
        files.model_path(ended),
        files.checkpoint_path(ended, 1),
        evaluations.path(SHA256, "d" * 64),
        evaluations.features_path(SHA256, "d" * 64),
    }
    assert delete_belongings(ME, store, files, evaluations) == Belongings(runs=0, drawings=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_a_run_deleted_while_it_trains_ends_and_leaves_no_file(own_settings: Settings) -> None:
    store = Store(own_settings)
    files, evaluations = ModelFiles(own_settings.home), Evaluations(own_settings.home)
    x, y = synthesise(260, seed=0)
    small = Dataset("small", "written by rule", "", x[:200], y[:200], x[200:], y[200:])
    lease = store.start(replace(CONFIG, learning_rate=0.001, optimizer="adam"), "worker", owner=ME)

    def delete_mine() -> None:
        until(lambda: list((own_settings.home / "checkpoints").glob("*.npz")))
        delete_belongings(ME, store, files, evaluations)

    with pytest.raises(LeaseLost):
        carry_out(lease, store, own_settings, load=lambda name: small, observer=At(1.5, delete_mine))
    left = [each.name for each in own_settings.home.rglob("*") if each.is_file()]
    assert [name for name in left if lease.run_id in name] == []
    assert store.runs() == []
    store.close()
