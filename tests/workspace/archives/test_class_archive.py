"""All that a class has made as one archive: it comes back exactly, and nothing hostile changes anything."""

import functools
import hashlib
import io
import json
import stat
import struct
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import drawing_of
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mutation import mutated
from sqlalchemy import delete, insert, select, update
from zip_files import members, zipped

from mnist_app.errors import ModelUnavailable, NotExported, StorageUnavailable, UnreadableArchive
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model, make_optimizer
from mnist_app.settings import Settings
from mnist_app.workspace.archives import class_archive
from mnist_app.workspace.archives.archived_run import CUT_OFF, ArchivedRun
from mnist_app.workspace.archives.class_archive import ClassContents, ClassManifest, read_class_archive
from mnist_app.workspace.archives.class_export import export_class
from mnist_app.workspace.archives.class_import import Imported, import_class
from mnist_app.workspace.archives.class_reset import reset_class
from mnist_app.workspace.archives.left_out import left_out_in_words
from mnist_app.workspace.archives.zip_format import MANIFEST
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import keep_class_settings, read_class_settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.fine_tuning import FineTuning, find_fine_tuning
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Point, Probe, Run, RunRecord, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.storage.tables import (
    class_settings,
    drawings,
    fine_tunings,
    people,
    points,
    probes,
    runs,
)
from mnist_app.workspace.storage.visible_text import visible_part

KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
pytestmark = pytest.mark.filterwarnings(KERAS_WARNING)
OWNER = "a-token-that-a-browser-keeps"
TUNED = FineTuning(
    held_out_by="person",
    people=3,
    people_held_out=1,
    drawings=40,
    drawings_held_out=8,
    right_before=5,
    right_after=7,
    test_accuracy_before=0.97,
)
RULES = ClassSettings(most_epochs=7, hidden_pages=frozenset({"learn"}))


@functools.cache
def network(seed: int = 1) -> Any:
    return build_model("dense", seed)


def checkpoint(epoch: int, seed: int = 2) -> Checkpoint:
    """Weights and an optimiser's state, as a training of the dense network leaves them."""
    model = network(seed)
    optimizer = make_optimizer(TrainingConfig(preset="dense", optimizer="adam"), 10)
    optimizer.build(model.trainable_variables)
    return Checkpoint(epoch, tuple(each.numpy() for each in (*model.weights, *optimizer.variables)))


def fill(store: Store, files: ModelFiles) -> None:
    """A class that has made something of every kind."""
    People(store.database).rename(OWNER, "Zoë")
    keep_class_settings(store.database, RULES)
    for digit in (3, 8):
        Drawings(store.database).keep(drawing_of(digit), digit, OWNER, answer=5, person="Zoë")
    config = TrainingConfig(preset="dense", optimizer="adam", epochs=3, name="first <b>")
    lease = store.start(config, "somewhere", owner=OWNER, probe=np.full((28, 28), 0.25, np.float32))
    answers = [Probe(step, step / 10, np.full(10, 0.1, np.float32)) for step in (5, 10)]
    curves = [Point("train", step, step / 10, 1 / step, 0.5 + step / 100) for step in range(1, 31)]
    curves += [Point("validation", 10 * epoch, float(epoch), 0.3 / epoch, 0.9) for epoch in (1, 2, 3)]
    store.report(lease, new_points=curves, new_probes=answers, versions={"keras": "3.15.1"}, epoch=3.0)
    kept = files.save_checkpoint(lease.run_id, checkpoint(3))
    sha256 = files.save_model(lease.run_id, network())
    results: dict[str, Any] = {"test_loss": 0.1, "test_accuracy": 0.97, "checkpoint_epoch": 3}
    store.finish(lease, Status.FINISHED, model_sha256=sha256, checkpoint_sha256=kept, **results)
    tuned = store.start(replace(config, fine_tuned_from=lease.run_id, name="tuned"), "somewhere")
    with store.writing() as connection:
        number = store.run(tuned.run_id).number
        connection.execute(insert(fine_tunings).values(run=number, **TUNED.model_dump()))
    store.finish(tuned, Status.FAILED, "It failed:\nfor a reason.", train_loss=float("nan"))


@pytest.fixture
def files(any_settings: Settings) -> ModelFiles:
    """The files beside the store."""
    return ModelFiles(any_settings.home)


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[tuple[Store, ModelFiles]]:
    """Another store, empty."""
    store = Store(replace(settings, home=tmp_path / "elsewhere", database=None))
    yield store, ModelFiles(tmp_path / "elsewhere")
    store.close()


def exported(store: Store, files: ModelFiles) -> bytes:
    file = io.BytesIO()
    export_class(store, files, file)
    return file.getvalue()


def bring(content: bytes, store: Store, files: ModelFiles) -> Imported:
    return import_class(io.BytesIO(content), store, files)


def known(run: Run) -> Run:
    """A run without what each store decides by itself: its number, the digests of files that it wrote."""
    return changed(run, number=0, model_sha256=None, checkpoint_sha256=None)


def changed(run: Run, **columns: object) -> Run:
    """The run with other columns."""
    return run.model_copy(update=columns)


def test_what_was_exported_imports_again_exactly(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    fill(store, files)
    content = exported(store, files)
    assert bring(content, *elsewhere) == Imported(2, 0, 2, 0, 1, True)
    other, other_files = elsewhere
    before, after = store.runs(), other.runs()
    assert after[1] == changed(before[1], model_sha256=after[1].model_sha256)
    assert known(after[0]) == changed(known(before[0]), reason="It failed: for a reason.", train_loss=None)
    assert other.points(after[1].id) == store.points(after[1].id)
    for mine, theirs in zip(store.probes(after[1].id), other.probes(after[1].id), strict=True):
        assert (mine.step, mine.epoch) == (theirs.step, theirs.epoch)
        np.testing.assert_array_equal(mine.probabilities, theirs.probabilities)
    np.testing.assert_array_equal(other.probe_image(after[1].id), store.probe_image(after[1].id))
    assert find_fine_tuning(after[0].id, other) == TUNED
    assert Drawings(other.database).find() == Drawings(store.database).find()
    assert read_class_settings(other.database) == RULES and People(other.database).name(OWNER) == "Zoë"
    image = np.zeros((28, 28), np.float32)
    np.testing.assert_array_equal(
        other_files.load_classifier(after[1]).probabilities(image),
        files.load_classifier(before[1]).probabilities(image),
    )
    checkpoints = files.read_checkpoint(before[1]), other_files.read_checkpoint(after[1])
    for mine, theirs in zip(*checkpoints, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert Queue(other).continue_run(after[1], 2, OWNER, other_files).config.epochs == 5


def test_a_model_that_is_its_checkpoint_is_in_it_once(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    lease = store.start(TrainingConfig(preset="dense", optimizer="adam"), "somewhere")
    kept = files.save_checkpoint(lease.run_id, checkpoint(3, seed=1))
    sha256 = files.save_model(lease.run_id, network(1))
    digests: dict[str, Any] = {"model_sha256": sha256, "checkpoint_sha256": kept, "checkpoint_epoch": 3}
    store.finish(lease, Status.FINISHED, **digests)
    content = exported(store, files)
    with np.load(io.BytesIO(members(content)[first_run(content)])) as arrays:
        assert not [name for name in arrays if name.startswith("model")]
    bring(content, *elsewhere)
    image = np.zeros((28, 28), np.float32)
    run = elsewhere[0].run(lease.run_id)
    np.testing.assert_array_equal(
        elsewhere[1].load_classifier(run).probabilities(image),
        files.load_classifier(store.run(run.id)).probabilities(image),
    )
    with pytest.raises(UnreadableArchive, match="do not belong together"):
        bring(with_entry(content, model="own"), *elsewhere)


def test_a_run_with_any_id_that_is_taken_can_be_opened_exported_reset_and_deleted(
    store: Store, files: ModelFiles, any_settings: Settings
) -> None:
    fill(store, files)
    content = exported(store, files)
    taken = with_id(content, "l0l0l0l0l0")
    bring(taken, store, files)
    run = store.run("l0l0l0l0l0")
    assert run.name == "first <b>" and store.find(run.id) == run
    again = exported(store, files)
    manifest = read_class_archive(io.BytesIO(again))
    assert run.id in [each.id for each in manifest.runs]
    reset_class(manifest.archived, store, files, Evaluations(any_settings.home))
    bring(again, store, files)
    store.delete(run.id)
    assert run.id not in [each.id for each in store.runs()]


def test_importing_twice_adds_nothing_and_leaves_what_is_here(store: Store, files: ModelFiles) -> None:
    fill(store, files)
    content = exported(store, files)
    run, drawing = store.runs()[1], Drawings(store.database).find()[0]
    store.rename(run.id, "another name")
    keep_class_settings(store.database, ClassSettings(most_epochs=9))
    Drawings(store.database).remove(drawing.id)
    assert bring(content, store, files) == Imported(0, 2, 1, 1, 0, False)
    assert store.run(run.id) == changed(run, name="another name")
    assert read_class_settings(store.database).most_epochs == 9


def test_a_run_that_has_not_ended_comes_as_interrupted(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    waiting = Queue(store).submit(TrainingConfig(preset="cnn", dataset="synthetic"), OWNER)
    working = store.start(TrainingConfig(preset="dense"), "somewhere").run_id
    bring(exported(store, files), *elsewhere)
    for run_id in (waiting.id, working):
        run = elsewhere[0].run(run_id)
        assert (run.status, run.reason, run.lease_expires) == (Status.INTERRUPTED, CUT_OFF, None)


def test_a_model_that_is_gone_is_left_out(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    fill(store, files)
    run = store.runs()[1]
    files.model_path(run.id).unlink()
    bring(exported(store, files), *elsewhere)
    brought = elsewhere[0].run(run.id)
    assert brought.model_sha256 is None and brought.checkpoint_epoch == 3


def test_an_archive_hides_nothing_that_the_teacher_could_not_choose(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    settings = {**RULES.to_dict(), "hidden_pages": ["teacher", "draw", "learn"], "hidden_controls": ["x"]}
    bring(with_manifest(exported(store, files), settings=settings), *elsewhere)
    assert read_class_settings(elsewhere[0].database) == RULES
    with elsewhere[0].reading() as connection:
        kept = connection.execute(select(class_settings.c.settings)).scalar_one()
    assert (kept["hidden_pages"], kept["hidden_controls"]) == (["learn"], [])


def test_an_archive_s_class_starts_with_a_model_that_is_there(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    fill(store, files)
    other = elsewhere[0].database
    trained = next(run for run in store.runs() if run.model_sha256)
    for start_model, is_there in (("zzzzzzzzzz", False), (trained.id, True)):
        settings = {**RULES.to_dict(), "start_model": start_model}
        imported = bring(with_manifest(exported(store, files), settings=settings), *elsewhere)
        assert imported.has_settings and imported.lacks_start_model is not is_there
        assert read_class_settings(other).start_model == (start_model if is_there else "shipped")
        with elsewhere[0].writing() as connection:
            connection.execute(delete(class_settings))
    files.model_path(trained.id).unlink()
    for run in elsewhere[0].runs():
        elsewhere[0].delete(run.id)
    content = with_manifest(exported(store, files), settings=settings)
    assert bring(content, *elsewhere).lacks_start_model, "its run is there without its model"
    assert read_class_settings(other).start_model == "shipped"


def test_an_empty_class_is_an_archive_too(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    assert bring(exported(store, files), *elsewhere) == Imported(0, 0, 0, 0, 0, False)


# Reset


def test_a_reset_removes_what_was_exported_and_the_archive_brings_it_back(
    store: Store, files: ModelFiles, any_settings: Settings
) -> None:
    fill(store, files)
    content, before = exported(store, files), [known(run) for run in store.runs()]
    archived = read_class_archive(io.BytesIO(content)).archived
    gone = reset_class(archived, store, files, Evaluations(any_settings.home))
    assert gone == ClassContents(2, 2, 1)
    assert (
        store.runs() == []
        and Drawings(store.database).count() == 0
        and People(store.database).name(OWNER) == ""
    )
    assert read_class_settings(store.database) == ClassSettings()
    assert not [path for path in any_settings.home.rglob("*") if path.suffix in (".keras", ".npz")]
    bring(content, store, files)
    assert [run.id for run in store.runs()] == [run.id for run in before]


def test_a_run_whose_checkpoint_was_out_of_reach_is_kept_by_a_reset(
    store: Store, files: ModelFiles, any_settings: Settings
) -> None:
    fill(store, files)
    first = store.runs()[1]
    path = files.checkpoint_path(first.id, 3)
    away = path.rename(path.with_suffix(".away"))
    archived = read_class_archive(io.BytesIO(exported(store, files))).archived
    away.rename(path)
    reset_class(archived, store, files, Evaluations(any_settings.home))
    assert [run.id for run in store.runs()] == [first.id] and files.read_checkpoint(first)


def test_what_came_after_the_export_keeps_the_class_from_being_reset(
    store: Store, files: ModelFiles, any_settings: Settings
) -> None:
    fill(store, files)
    archived = read_class_archive(io.BytesIO(exported(store, files))).archived
    changes: list[Callable[[], object]] = [
        lambda: store.rename(store.runs()[0].id, "another"),
        lambda: Drawings(store.database).keep(drawing_of(1), 1, OWNER),
        lambda: People(store.database).rename("somebody", "Else"),
        lambda: keep_class_settings(store.database, ClassSettings()),
    ]
    for change in changes:
        change()
        runs = [run.id for run in store.runs()]
        with pytest.raises(NotExported, match="Export the class again"):
            reset_class(archived, store, files, Evaluations(any_settings.home))
        assert [run.id for run in store.runs()] == runs
        assert read_class_settings(store.database) in (RULES, ClassSettings())
        archived = read_class_archive(io.BytesIO(exported(store, files))).archived


# What is cut off, or cannot be written


def test_an_import_that_cannot_be_ended_leaves_no_file(
    store: Store,
    files: ModelFiles,
    elsewhere: tuple[Store, ModelFiles],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(store, files)

    def full(*_: object) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(Drawings, "add_within", full)  # the last step of the one transaction
    with pytest.raises(StorageUnavailable):
        bring(exported(store, files), *elsewhere)
    assert elsewhere[0].runs() == [] and Drawings(elsewhere[0].database).count() == 0
    assert not [path for path in (tmp_path / "elsewhere").rglob("*") if path.suffix in (".keras", ".npz")]


# What comes from outside


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A good archive, of a class that has made something of every kind."""
    home = tmp_path_factory.mktemp("good")
    store = Store(replace(Settings.from_environment(), home=home, database=None))
    fill(store, ModelFiles(home))
    content = exported(store, ModelFiles(home))
    store.close()
    return content


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, ModelFiles]]:
    """A store that hostile archives are imported into, one after another."""
    home = tmp_path_factory.mktemp("scratch")
    store = Store(replace(Settings.from_environment(), home=home, database=None))
    yield store, ModelFiles(home)
    store.close()


def first_run(content: bytes) -> str:
    return f"runs/{json.loads(members(content)[MANIFEST])['runs'][0]['id']}.npz"


def with_file(good: bytes, name: str) -> bytes:
    return zipped({**members(good), name: b"x"})


def with_arrays(good: bytes, content: bytes) -> bytes:
    """The good archive with another file of arrays of its first run, which its manifest describes."""
    files = members(good)
    manifest = json.loads(files[MANIFEST])
    manifest["runs"][0]["file"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return zipped({**files, first_run(good): content, MANIFEST: json.dumps(manifest).encode()})


def with_changed_arrays(good: bytes, **changes: Any) -> bytes:
    """The same, some of the arrays changed; None takes one out."""
    with np.load(io.BytesIO(members(good)[first_run(good)])) as archive:
        arrays = {**archive, **{name.replace("_of_", "-"): array for name, array in changes.items()}}
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **{name: each for name, each in arrays.items() if each is not None})
    return with_arrays(good, file.getvalue())


def with_entry(good: bytes, **changes: Any) -> bytes:
    files = members(good)
    manifest = json.loads(files[MANIFEST])
    manifest["runs"][0].update(changes)
    return zipped({**files, MANIFEST: json.dumps(manifest).encode()})


def with_id(good: bytes, run_id: str) -> bytes:
    """The good archive, its first run under another id."""
    files = members(good)
    manifest = json.loads(files[MANIFEST])
    member = first_run(good)
    manifest["runs"][0]["id"] = run_id
    files = {f"runs/{run_id}.npz" if name == member else name: each for name, each in files.items()}
    return zipped({**files, MANIFEST: json.dumps(manifest).encode()})


def with_manifest(good: bytes, **changes: Any) -> bytes:
    files = members(good)
    return zipped({**files, MANIFEST: json.dumps({**json.loads(files[MANIFEST]), **changes}).encode()})


def linked(good: bytes) -> bytes:
    """A symbolic link in the place of a run's arrays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members(good).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name.endswith(".npz") else stat.S_IFREG) | 0o777) << 16
            archive.writestr(info, b"/etc/passwd" if name.endswith(".npz") else content)
    return file.getvalue()


def twice(good: bytes) -> bytes:
    file = io.BytesIO(good)
    with zipfile.ZipFile(file, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(first_run(good), b"another")
    return file.getvalue()


def bomb(good: bytes) -> bytes:
    """A small file that unpacks to 200 MB."""
    return zipped({**members(good), first_run(good): b"0" * 200_000_000})


def packed_arrays(good: bytes) -> bytes:
    """Arrays that would grow when they are read: an `.npz` within the archive that is a bomb itself."""
    file = io.BytesIO()
    np.savez_compressed(file, train=np.zeros((2_000_000, 4)), validation=np.zeros((0, 4)))
    return with_arrays(good, file.getvalue())


def array_that_lies(good: bytes) -> bytes:
    """A header that claims 32 TB, and 32 bytes of content."""
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        array, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 4)}
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train.npy", array.getvalue() + bytes(32))
    return with_arrays(good, file.getvalue())


def million(good: bytes) -> bytes:
    """An end that tells of a million files."""
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(good) - 22, 1)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 10**6, 10**6, 10**8, 0)
    return good[:-22] + record + locator + good[-22:]


def many(good: bytes) -> bytes:
    """More files than there may be, for real."""
    count = class_archive.class_kind().most_members + 1
    return zipped({f"runs/{number:010}.npz": b"" for number in range(count)})


BIASES = np.zeros(128, np.float32)
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda good: b"", "not a complete zip"),
    "cut off": (lambda good: good[: len(good) // 2], "not a complete zip"),
    "climbing": (lambda good: with_file(good, "../../etc/cron.d/evil"), "does not belong"),
    "climbing inside": (lambda good: with_file(good, "runs/../../evil.npz"), "does not belong"),
    "absolute": (lambda good: with_file(good, "/etc/passwd"), "does not belong"),
    "a drive": (lambda good: with_file(good, "C:\\windows\\evil.npz"), "does not belong"),
    "a model of Keras": (lambda good: with_file(good, "runs/aaaaaaaaaa.keras"), "does not belong"),
    "another file": (lambda good: with_file(good, "runs/zzzzzzzzzz.npz"), "do not belong together"),
    "a link": (linked, "not a plain file"),
    "a name twice": (twice, "twice"),
    "a bomb": (bomb, "bytes, and at most"),
    "a bomb in the arrays": (packed_arrays, "compressed in a way"),
    "an array that lies": (array_that_lies, "another size than it claims"),
    "a million files": (million, "more files"),
    "too many files": (many, "more files"),
    "a pickle": (lambda good: with_changed_arrays(good, train=np.array([print], object)), "plain numbers"),
    "numbers of another kind": (
        lambda good: with_changed_arrays(good, train=np.zeros((0, 4), "<f2")),
        "numbers",
    ),
    "an array that no run has": (lambda good: with_changed_arrays(good, evil=np.zeros(3)), "other arrays"),
    "a missing array": (lambda good: with_changed_arrays(good, train=None), "other arrays"),
    "points of another shape": (
        lambda good: with_changed_arrays(good, train=np.zeros((5, 3))),
        "wrong type or shape",
    ),
    "points that are none": (
        lambda good: with_changed_arrays(good, train=np.full((5, 4), np.nan)),
        "wrong type or shape",
    ),
    "a point twice": (lambda good: with_changed_arrays(good, train=np.ones((2, 4))), "not in order"),
    "probes of no moments": (lambda good: with_changed_arrays(good, probe_moments=None), "belong together"),
    "a layer missing": (
        lambda good: with_changed_arrays(good, model_of_003=None),
        "does not fit the network",
    ),
    "a layer of another shape": (
        lambda good: with_changed_arrays(good, model_of_001=np.zeros(64, np.float32)),
        "does not fit the network",
    ),
    "a layer too many": (
        lambda good: with_changed_arrays(good, model_of_004=BIASES),
        "does not fit the network",
    ),
    "weights that are none": (
        lambda good: with_changed_arrays(good, model_of_001=BIASES * np.nan),
        "numbers",
    ),
    "weights so large that sums of them are no numbers": (
        lambda good: with_changed_arrays(good, model_of_001=np.full(128, 3e38, np.float32)),
        "does not answer with numbers",
    ),
    "an epoch that no training has": (lambda good: with_entry(good, epoch=1e299), "the epoch of run"),
    "a curve beyond the last epoch": (
        lambda good: with_changed_arrays(good, train=np.array([[1.0, 1e299, 1.0, 0.5]])),
        "outside the limits of a training",
    ),
    "a curve with a loss beyond 32 bits": (
        lambda good: with_changed_arrays(good, train=np.array([[1.0, 1.0, 1e300, 0.5]])),
        "outside the limits of a training",
    ),
    "a probe beyond the last epoch": (
        lambda good: with_changed_arrays(good, probe_moments=np.array([[1.0, 1.0], [2.0, 1e299]])),
        "outside the limits of a training",
    ),
    "a loss beyond the largest number of 32 bits": (
        lambda good: with_entry(good, test_loss=1e300),
        "the test loss of run",
    ),
    "another optimiser's state": (
        lambda good: with_changed_arrays(good, checkpoint_of_005=BIASES),
        "does not fit the network",
    ),
    "another preset": (
        lambda good: with_entry(good, configuration=TrainingConfig(preset="cnn").to_dict()),
        "does not fit the network cnn",
    ),
    "no preset": (
        lambda good: with_entry(good, configuration=TrainingConfig(preset="evil").to_dict()),
        "cannot be right",
    ),
    "other bytes than described": (
        lambda good: with_entry(good, file={"bytes": 3, "sha256": "0" * 64}),
        "is not what",
    ),
    "an id that climbs": (lambda good: with_entry(good, id="../../evil"), "the id of run"),
    "a run twice": (
        lambda good: with_manifest(good, runs=json.loads(members(good)[MANIFEST])["runs"][:1] * 2),
        "a run twice",
    ),
    "a run that is at work": (lambda good: with_entry(good, status="training"), "the status of run"),
    "a name that is too long": (lambda good: with_entry(good, name="x" * 100), "the name of run"),
    "a share above one": (lambda good: with_entry(good, test_accuracy=1.5), "the test accuracy of run"),
    "a checkpoint that is none": (lambda good: with_entry(good, checkpoint_epoch=None), "belong together"),
    "a model that is none": (lambda good: with_entry(good, model=None), "belong together"),
    "a person that is none": (
        lambda good: with_manifest(good, people=[{"owner": "a", "name": "x" * 100}]),
        "that a class cannot have",
    ),
    "settings that are none": (
        lambda good: with_manifest(good, settings={"most_epochs": 10**9}),
        "this version",
    ),
    "another kind of archive": (
        lambda good: with_manifest(good, format="mnist-app backup"),
        "is no archive of",
    ),
    "a later version": (lambda good: with_manifest(good, version=2), "version 2"),
    "a manifest that is none": (lambda good: zipped({MANIFEST: b"[" * 100_000}), "cannot be read"),
    "a wrong label": (
        lambda good: with_manifest(
            good,
            drawings=[{**each, "label": 10} for each in json.loads(members(good)[MANIFEST])["drawings"]],
        ),
        "its label is no digit",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_foreign_or_hostile_archive_gets_a_sentence_and_changes_nothing(
    good: bytes, scratch: tuple[Store, ModelFiles], kind: str
) -> None:
    make, words = HOSTILE[kind]
    home = scratch[1].home
    before = sorted(home.rglob("*"))
    with pytest.raises(UnreadableArchive) as raised:
        bring(make(good), *scratch)
    text = str(raised.value)
    assert words in text and text.endswith("Nothing was changed.") and len(text) < 300
    assert text.isprintable()
    assert scratch[0].runs() == [] and Drawings(scratch[0].database).count() == 0
    assert [
        path for path in sorted(home.rglob("*")) if path not in before and "sqlite" not in path.name
    ] == []


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_archive_is_refused_in_our_words_or_tells_what_was_exported(
    good: bytes, data: st.DataObject
) -> None:
    assert taken(mutated(good, data)) in (None, read_class_archive(io.BytesIO(good)))


def taken(content: bytes) -> ClassManifest | None:
    """What is read, or None where it is refused as it must be: in a sentence."""
    try:
        return read_class_archive(io.BytesIO(content))
    except UnreadableArchive as error:
        assert str(error).endswith("Nothing was changed.") and str(error).isprintable()
        return None


def is_on_one_line(text: str) -> bool:
    return not any(unicodedata.category(character) == "Cc" for character in text)


def is_number(value: Any) -> bool:
    return type(value) in (int, float)


RIGHT: dict[str, Callable[[Any], bool]] = {
    "id": lambda value: False,  # no text that is tried is long enough, or says how a run ended
    "status": lambda value: False,
    "name": lambda value: isinstance(value, str),
    "owner": lambda value: isinstance(value, str) and value.isascii() and (not value or value.isprintable()),
    "configuration": lambda value: value == {},  # a training with nothing but defaults
    "versions": lambda value: (
        isinstance(value, dict)
        and not any(
            unicodedata.category(each) == "Cc" for item in value.items() for text in item for each in text
        )
    ),
    "created": lambda value: is_number(value) and 0 <= value <= 4_102_444_800,
    "fine_tuning": lambda value: value is None,
}
"""What each field of a run's description may be, of the values that are tried."""


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(list(RIGHT)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_any_value_in_a_run_s_description_is_taken_if_it_is_right_and_else_refused(
    good: bytes, name: str, value: Any
) -> None:
    found = taken(with_entry(good, **{name: value}))
    is_text = name != "versions" or (
        isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    )
    assert (found is not None) == (is_text and RIGHT[name](value))
    if found is not None:
        before = read_class_archive(io.BytesIO(good)).runs[0]
        expected = visible_part(value) if name == "name" else value
        assert found.runs[0] == before.model_copy(update={name: expected})


# Whatever the app stores of a run survives, and what no archive can hold is told and stays


TEXTS = st.text(max_size=60) | st.sampled_from(["two\nlines\x00\x1b[31m", "x" * 5_000, "\ud800", "\u202e"])
NUMBERS = st.floats(width=32) | st.sampled_from([0.5, 1e300, -1.0]) | st.none()


@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_stored_of_a_run_comes_back(
    scratch: tuple[Store, ModelFiles], other: tuple[Store, ModelFiles], data: st.DataObject
) -> None:
    store, files = scratch
    name = visible_part(data.draw(st.text(max_size=80)))
    config = TrainingConfig(preset="dense", name=name, epochs=data.draw(st.integers(1, 200)))
    lease = store.start(config, data.draw(st.sampled_from(["worker", "host\n:3", "w" * 64])), owner=OWNER)
    measures = {each: data.draw(NUMBERS) for each in ("train_loss", "test_loss", "train_accuracy", "seconds")}
    point = Point("train", 3, data.draw(st.floats(0, 200.5)), data.draw(st.floats(width=32)), 0.5)
    store.report(lease, new_points=[point] if np.isfinite(point.loss) else [], epoch=point.epoch)
    status = data.draw(st.sampled_from([each for each in Status if each.ended]))
    store.finish(lease, status, data.draw(TEXTS), **measures)
    before = store.run(lease.run_id)
    file = io.BytesIO()
    assert export_class(store, files, file).left_out == ()
    import_class(file, *other)
    after = other[0].run(before.id)
    for each, value in measures.items():
        most = {"train_accuracy": 1.0, "seconds": 4_102_444_800.0}.get(each, 1e39)
        assert getattr(after, each) == (value if value is not None and 0 <= value <= most else None)
    assert known(after) == known(before), "what is kept can be exported as it is"
    assert len(other[0].points(before.id)) == int(np.isfinite(point.loss))
    for each in (store, other[0]):
        each.delete(before.id)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, ModelFiles]]:
    """A store that archives of another one are imported into."""
    home = tmp_path_factory.mktemp("other")
    store = Store(replace(Settings.from_environment(), home=home, database=None))
    yield store, ModelFiles(home)
    store.close()


def test_a_store_and_an_archive_have_the_columns_of_the_one_definition() -> None:
    assert set(RunRecord.model_fields) < set(ArchivedRun.model_fields)
    assert set(RunRecord.model_fields) < {column.name for column in runs.columns}
    assert {*FineTuning.model_fields, "run"} == {column.name for column in fine_tunings.columns}


def test_what_no_archive_can_hold_is_left_out_told_and_kept_by_a_reset(
    store: Store, files: ModelFiles, any_settings: Settings, elsewhere: tuple[Store, ModelFiles]
) -> None:
    fill(store, files)
    tuned, first = store.runs()
    with store.writing() as connection:
        damaged = update(runs).where(runs.c.id == tuned.id).values(parameters=-3)
        connection.execute(damaged)
        connection.execute(insert(people).values(owner="token", name="\u202ecba", turn=0))
        chosen = update(drawings).where(drawings.c.label == 8)
        connection.execute(chosen.values(strokes='{"objects": [{}]}'))
    files.model_path(first.id).write_bytes(b"damaged")
    file = io.BytesIO()
    written = export_class(store, files, file)
    assert written.contents == ClassContents(1, 1, 1)
    kinds = {(each.kind, each.id) for each in written.left_out}
    (bad,) = Drawings(store.database).find(label=8)
    assert kinds == {("run", tuned.id), ("drawing", bad.id), ("network", first.id), ("name", "")}
    told = left_out_in_words(written.left_out)
    assert told.startswith("4 items were left out") and "and 1 more" in told and told.isprintable()
    assert bring(file.getvalue(), *elsewhere).runs == 1
    gone = reset_class(written.archived, store, files, Evaluations(any_settings.home))
    assert gone == ClassContents(0, 1, 1)
    assert [run.id for run in store.runs()] == [tuned.id, first.id], (
        "its model may be all that there is of it"
    )
    assert files.model_path(first.id).read_bytes() == b"damaged"
    assert [each.id for each in Drawings(store.database).find()] == [bad.id]


def test_a_network_with_weights_too_large_to_answer_is_told_and_left_out(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    lease = store.start(TrainingConfig(preset="dense", name="huge"), "somewhere")
    model = build_model("dense", 1)
    model.set_weights([np.full_like(each, 3e38) for each in model.get_weights()])
    sha256 = files.save_model(lease.run_id, model)
    store.finish(lease, Status.FINISHED, model_sha256=sha256)
    for load in (files.load_classifier, files.load_weights):
        with pytest.raises(ModelUnavailable, match="weights are too large. Use another model"):
            load(store.run(lease.run_id))
    file = io.BytesIO()
    (left_out,) = export_class(store, files, file).left_out
    assert (left_out.kind, left_out.title) == ("network", "the model of the run huge")
    assert "weights are too large" in left_out.why
    bring(file.getvalue(), *elsewhere)
    assert elsewhere[0].run(lease.run_id).model_sha256 is None


def test_an_archive_that_cannot_be_read_back_is_no_success(store: Store, files: ModelFiles) -> None:
    class Forgetful(io.BytesIO):
        def write(self, content: Any) -> int:
            return super().write(bytes(content).replace(b"IDAT", b"IDAX"))

    fill(store, files)
    with pytest.raises(StorageUnavailable, match="reading it back failed"):
        export_class(store, files, Forgetful())


def test_damaged_points_of_curves_are_left_out_and_told(
    store: Store, files: ModelFiles, elsewhere: tuple[Store, ModelFiles]
) -> None:
    fill(store, files)
    _, first = store.runs()
    with store.writing() as connection:
        number = connection.execute(select(runs.c.number).where(runs.c.id == first.id)).scalar_one()
        answers = connection.execute(select(probes.c.step).where(probes.c.run == number)).scalars().all()
        of_first = update(points).where(points.c.run == number, points.c.split == "train")
        damaged = connection.execute(of_first.values(accuracy=7.0)).rowcount
        nan = np.full(10, np.nan, "<f4").tobytes()
        of_last = update(probes).where(probes.c.run == number, probes.c.step == max(answers))
        connection.execute(of_last.values(probabilities=nan))
    file = io.BytesIO()
    (left_out,) = export_class(store, files, file).left_out
    assert (left_out.kind, left_out.id) == ("curve", first.id)
    assert left_out.title.startswith(f"{damaged + 1} points of the curves of the run ")
    assert damaged > 0 and bring(file.getvalue(), *elsewhere).runs == 2
