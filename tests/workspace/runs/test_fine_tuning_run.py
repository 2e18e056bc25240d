"""Fine-tuning as a run: planned, trained, measured before and after, and kept like any other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from drawn import changed, drawing_of

from mnist_app.errors import InvalidSetting, ModelUnavailable, RunNotFound, RunNotReady, TooFewDrawings
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.fine_tuning import hold_out
from mnist_app.learning.training.training import Observer
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.imported_drawings import bring
from mnist_app.workspace.runs.fine_tuning import find_fine_tuning, images_of, plan, prepare, without_copies
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.workers.execution import carry_out

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

CONFIG = TrainingConfig(
    preset="dense",
    dataset="small",
    epochs=2,
    batch_size=16,
    optimizer="adam",
    learning_rate=0.001,
    name="base",
)


@pytest.fixture(scope="module")
def small() -> Dataset:
    """Six hundred digits, and a hundred to test on."""
    x, y = synthesise(700, seed=0)
    return Dataset("small", "written by rule", "0" * 64, x[:600], y[:600], x[600:], y[600:])


@pytest.fixture
def load(small: Dataset) -> Callable[[str], Dataset]:
    """Gives the small data set, whatever is asked for."""
    return lambda name: small


def keep(store: Store, people: int, each: int) -> Drawings:
    """The drawings of so many people."""
    drawings = Drawings(store.database)
    for person in range(people):
        for number in range(each):
            digit = number % 10
            drawings.keep(drawing_of(digit, 100 * person + number), digit, f"person {person}")
    return drawings


def base_run(store: Store, settings: Settings, load: Callable[[str], Dataset]) -> Run:
    return carry_out(store.start(CONFIG, "me"), store, settings, load=load)


@pytest.mark.slow
def test_a_fine_tuning_is_measured_before_and_after_on_people_held_out(
    store: Store, any_settings: Settings, load: Callable[[str], Dataset], small: Dataset
) -> None:
    base = base_run(store, any_settings, load)
    drawings = keep(store, people=4, each=10)
    config = plan(base.id, 2, store, any_settings)
    assert (config.preset, config.dataset, config.fine_tuned_from) == ("dense", "small", base.id)
    assert config.name == "base + class"
    run = carry_out(store.start(config, "me", owner="me"), store, any_settings, load=load)
    assert (run.status, run.reason, run.epoch) == (Status.FINISHED, "", 2.0)

    found = drawings.find()
    mask, by = hold_out([each.id for each in found], [each.writer for each in found])
    held_out = images_of([each for each, is_out in zip(found, mask, strict=True) if is_out])
    files = ModelFiles(any_settings.home)

    def right(of: Run) -> int:
        classifier = files.load_classifier(of)
        answers = classifier.probabilities_of(held_out.images.astype(np.float32) / 255).argmax(axis=1)
        return int((answers == held_out.labels).sum())

    result = find_fine_tuning(run.id, store)
    assert result is not None and by == "person"
    assert (result.held_out_by, result.people, result.people_held_out) == ("person", 4, 1)
    assert (result.drawings, result.drawings_held_out) == (30, 10)
    assert (result.right_before, result.right_after) == (right(base), right(run))
    assert result.accuracy_after == right(run) / 10
    assert result.test_accuracy_before == base.test_accuracy
    answers = files.load_classifier(run).probabilities_of(small.x_test.astype(np.float32) / 255)
    assert run.test_accuracy == evaluation.accuracy(answers, small.y_test)
    kept = Evaluations(any_settings.home).read(base.model_sha256 or "", small.digest, 100)
    assert kept is not None, "what the model said before is asked once"

    assert find_fine_tuning(base.id, store) is None
    with pytest.raises(RunNotReady, match="fine-tuned already"):
        plan(run.id, 2, store, any_settings)
    with pytest.raises(RunNotReady, match="cannot be continued"):
        Queue(store).continue_run(run, 1, "me", files)
    assert not list(any_settings.home.glob(f"checkpoints/{run.id}*"))
    store.delete(run.id)
    assert find_fine_tuning(run.id, store) is None


@pytest.mark.slow
def test_a_picture_that_two_people_imported_is_not_both_trained_on_and_held_out(
    own_settings: Settings, small: Dataset
) -> None:
    store = Store(own_settings)
    zipped = keep(store, people=4, each=10).find()
    for importer in ("ada", "bob"):
        assert (
            bring(store.database, [changed(each, writer="0" * 16) for each in zipped], importer).added == 40
        )
    assert len({each.writer for each in Drawings(store.database).find()}) == 6
    config = plan("shipped", 1, store, own_settings)
    lease = store.start(replace(config, dataset="small"), "me")
    prepared = prepare(store.run(lease.run_id), store, own_settings, small)
    taught = {image.tobytes() for image in prepared.dataset.x_train}
    held_out = {image.tobytes() for image in prepared.held_out.images}
    assert held_out and not held_out & taught
    assert len(held_out) + len(taught & {i.tobytes() for i in images_of(zipped).images}) == 40
    store.close()


def test_each_picture_is_there_once_as_its_first_drawing(own_settings: Settings) -> None:
    store = Store(own_settings)
    found = keep(store, people=1, each=3).find()
    copies = [changed(each, id=f"{number:0>10}", writer="0" * 16) for number, each in enumerate(found)]
    assert without_copies([*found, *copies]) == found
    store.close()


@pytest.mark.slow
def test_a_fine_tuning_that_is_stopped_keeps_what_it_has(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    base = base_run(store, own_settings, load)
    keep(store, people=1, each=20)
    config = replace(plan(base.id, 20, store, own_settings), epochs=200)
    lease = store.start(config, "me")

    class Stop(Observer):
        def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
            if epoch >= 0.5:
                store.request_cancel(lease.run_id)

    run = carry_out(lease, store, own_settings, load=load, observer=Stop())
    assert run.status is Status.STOPPED and run.model_sha256 is not None
    result = find_fine_tuning(run.id, store)
    assert result is not None and result.right_after is not None
    assert (result.held_out_by, result.people, result.people_held_out) == ("drawing", 1, 0)
    store.close()


def test_what_cannot_be_fine_tuned_is_said_before_there_is_a_run(own_settings: Settings) -> None:
    store = Store(own_settings)
    with pytest.raises(TooFewDrawings, match="at least 20"):
        plan("shipped", 5, store, own_settings)
    keep(store, people=2, each=10)
    for model in ("nothing", "../../etc", ""):
        with pytest.raises(RunNotFound):
            plan(model, 5, store, own_settings)
    lease = store.start(CONFIG, "me")
    with pytest.raises(ModelUnavailable, match="has no model"):
        plan(lease.run_id, 5, store, own_settings)
    with pytest.raises(InvalidSetting, match="epochs"):
        plan("shipped", 0, store, own_settings)
    assert len(store.runs()) == 1
    store.close()


def test_the_shipped_model_is_kept_from_forgetting_what_is_here(own_settings: Settings) -> None:
    store = Store(own_settings)
    keep(store, people=2, each=10)
    nowhere = replace(own_settings, mnist=None, keras_home=own_settings.home / "no keras")
    assert plan("shipped", 5, store, nowhere).dataset == "synthetic"
    store.close()


@pytest.mark.slow
def test_drawings_that_were_removed_meanwhile_fail_the_run_with_a_sentence(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    base = base_run(store, own_settings, load)
    drawings = keep(store, people=2, each=10)
    config = plan(base.id, 2, store, own_settings)
    drawings.remove(drawings.find()[0].id)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    assert run.status is Status.FAILED and "There are 19 drawings" in run.reason
    store.close()


@pytest.mark.slow
def test_a_model_that_is_gone_fails_the_run_with_a_sentence(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    base = base_run(store, own_settings, load)
    keep(store, people=2, each=10)
    config = plan(base.id, 2, store, own_settings)
    ModelFiles(own_settings.home).delete(base.id)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    assert run.status is Status.FAILED and "cannot be read" in run.reason
    store.close()
