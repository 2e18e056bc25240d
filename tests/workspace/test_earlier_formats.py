"""What commit 8b06c1c has written still opens: a home, an archive of each kind and a backup."""

import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_app import cli
from mnist_app.ink.preprocess import preprocess
from mnist_app.settings import Settings
from mnist_app.workspace.classroom.class_settings_store import read_class_settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.fine_tuning import find_fine_tuning
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations

STORES = Path(__file__).parent / "stores"
EXPECTED = json.loads((STORES / "class.json").read_text(encoding="utf-8"))
ADA, ZOE = "a" * 32, "b" * 32
FIRST, STOPPED, TUNED, WAITING = (run["id"] for run in EXPECTED["runs"])
MNIST_DIGEST = "06b0d1f124c4e5fa"
"""What the data set is called among the answers that were kept."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the home, the archives and the backup. Tests do not change it."""
    folder = tmp_path_factory.mktemp("written")
    with tarfile.open(STORES / "class.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def home(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's commands work: a folder that is not there yet."""
    monkeypatch.setenv("MNIST_APP_HOME", str(own_settings.home))
    return own_settings.home


def command(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    """Run a command, which succeeds, and return what it says with `--json`."""
    capsys.readouterr()
    code = cli.main([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    said: dict[str, Any] = json.loads(out)
    return said


@contextmanager
def opened(home: Path, settings: Settings) -> Iterator[tuple[Store, Settings]]:
    own = replace(settings, home=home)
    store = Store(own)
    try:
        yield store, own
    finally:
        store.close()


def assert_runs(store: Store, settings: Settings, **changed: dict[str, Any]) -> None:
    """All runs are there with their curves and networks; some fields of some runs are `changed`."""
    found = list(reversed(store.runs()))
    assert [run.id for run in found] == [run["id"] for run in EXPECTED["runs"]]
    for run, each in zip(found, EXPECTED["runs"], strict=True):
        expected = each | changed.get(run.id, {})
        for name in ("name", "owner", "status", "test_accuracy", "checkpoint_epoch"):
            assert getattr(run, name) == expected[name], f"{name} of {run.id}"
        curves = [store.points(run.id, "train"), store.points(run.id, "validation")]
        assert [len(curve) for curve in curves] == expected["points"]
        assert store.points(run.id)[-1].loss == expected["last_loss"]
        assert len(store.probes(run.id)) == expected["probes"]
        assert (store.probe_image(run.id) is None) == (expected["probes"] == 0)
        assert np.allclose(answers(run.id, store, settings), expected["answers"], atol=2e-4)


def answers(run_id: str, store: Store, settings: Settings) -> np.ndarray:
    """What the run's model, or that of its checkpoint, says of the drawing whose id comes first."""
    drawing = Drawings(store.database).get(EXPECTED["drawings"][0]["id"])
    classifier = ModelFiles.of(settings).load_classifier(store.run(run_id))
    return classifier.probabilities(preprocess(drawing.to_drawing()).image)


def assert_drawings(store: Store) -> None:
    """All drawings are there, to the last byte of their pictures, and can be read."""
    found = sorted(Drawings(store.database).find(), key=lambda drawing: drawing.id)
    told = [
        {
            "id": each.id,
            "label": each.label,
            "answer": each.answer,
            "source": each.source,
            "strokes": each.strokes is not None,
            "png_sha256": each.png_sha256,
        }
        for each in found
    ]
    assert told == EXPECTED["drawings"]
    strokes = [len(each.to_drawing().strokes) > 0 for each in found]
    assert strokes == [each["strokes"] for each in EXPECTED["drawings"]]


def assert_class(store: Store) -> None:
    """The names, the settings and what the fine-tuning was measured on are there."""
    people, drawings = People(store.database), Drawings(store.database)
    assert (people.name(ADA), people.name(ZOE)) == ("Ada", "Zoë")
    assert {(each.person, each.count) for each in drawings.writers()} == {("Ada", 20), ("Zoë", 20)}
    kept = read_class_settings(store.database)
    assert (kept.most_epochs, kept.most_training_images, kept.hidden_pages) == (50, 20_000, {"learn"})
    measured = find_fine_tuning(TUNED, store)
    assert measured is not None
    assert (measured.held_out_by, measured.right_before, measured.right_after) == ("person", 12, 15)


def assert_whole_home(home: Path, settings: Settings) -> None:
    """Nothing is missing of the home that was kept."""
    with opened(home, settings) as (store, own):
        assert_runs(store, own)
        assert_drawings(store)
        assert_class(store)
        files, first = ModelFiles.of(own), store.run(FIRST)
        assert len(files.read_checkpoint(first)) > len(files.load_weights(first))
        assert store.run(WAITING).continued_from == FIRST
        kept = Evaluations(home).read(first.model_sha256 or "", MNIST_DIGEST, 10_000)
        assert kept is not None


def test_the_home_opens(written: Path, own_settings: Settings) -> None:
    shutil.copytree(written / "home", own_settings.home)
    assert_whole_home(own_settings.home, own_settings)
    with opened(own_settings.home, own_settings) as (store, _):
        lease = store.claim("worker")
        assert lease is not None and lease.run_id == WAITING


@pytest.mark.slow
def test_the_backup_is_restored(
    written: Path, home: Path, own_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(capsys, "restore", written / "backup.zip")["files"] == 8
    assert_whole_home(home, own_settings)


@pytest.mark.slow
def test_the_class_archive_is_imported(
    written: Path, home: Path, own_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    said = command(capsys, "class", "import", written / "class.zip")
    assert (said["runs"], said["drawings"], said["names"], said["has_settings"]) == (4, 40, 2, True)
    with opened(home, own_settings) as (store, own):
        assert_runs(store, own, **{WAITING: {"status": "interrupted"}})
        assert_drawings(store)
        assert_class(store)


def test_the_drawings_are_imported(
    written: Path, home: Path, own_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(capsys, "drawings", "import", written / "drawings.zip")["added"] == 40
    with opened(home, own_settings) as (store, _):
        assert_drawings(store)
