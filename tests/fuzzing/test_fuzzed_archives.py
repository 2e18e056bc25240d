"""Damaged archives: each is taken whole or refused with a sentence, and then nothing was changed."""

import functools
import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from damage import PATIENCE, altered, damaged, fuzzed, only_sentences
from hypothesis import given
from hypothesis import strategies as st
from originals import as_json, kept
from zip_files import members, zipped

from mnist_app.errors import AppError
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.archives.archived_run import read_entry
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.archives.class_archive import read_class_archive
from mnist_app.workspace.archives.class_export import export_class
from mnist_app.workspace.archives.drawing_archive import archive_of, read_archive
from mnist_app.workspace.archives.restore import restore_backup
from mnist_app.workspace.archives.zip_format import MANIFEST
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import keep_class_settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Point, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE

pytestmark = pytest.mark.timeout(PATIENCE)


@functools.cache
def drawings() -> bytes:
    """An archive of three drawings."""
    return archive_of([kept(4), kept(7), kept(1, with_strokes=False)])


@functools.cache
def backup() -> bytes:
    """A backup of a home with an empty store, and a model."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), home=Path(folder) / "home", database=None)
        Store(settings).close()
        (settings.home / "models").mkdir()
        (settings.home / "models" / f"{'a' * 10}.keras").write_bytes(b"a model")
        write_backup(settings, Path(folder) / "backup.zip")
        return (Path(folder) / "backup.zip").read_bytes()


@functools.cache
def class_archive() -> bytes:
    """All that a class has made: a run with curves, two drawings, a name, and what the teacher has set."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), home=Path(folder), database=None)
        store, file = Store(settings), io.BytesIO()
        config = TrainingConfig(preset="dense", dataset="synthetic", name="Zoë's", epochs=2)
        lease = store.start(config, "worker", owner="a" * 32)
        store.report(lease, new_points=[Point("train", step, step / 10, 0.5, 0.9) for step in (10, 20)])
        store.finish(lease, Status.FINISHED, epoch=2.0, test_accuracy=0.9)
        People(store.database).rename("a" * 32, "Zoë")
        Drawings(store.database).add([kept(4), kept(7, with_strokes=False)])
        keep_class_settings(store.database, ClassSettings(most_epochs=3))
        export_class(store, ModelFiles(settings.home), file)
        store.close()
        return file.getvalue()


def manifest_of(archive: bytes) -> Any:
    """What its manifest says."""
    return json.loads(members(archive)[MANIFEST])


def with_manifest(archive: bytes, manifest: object) -> bytes:
    """The same files with another manifest."""
    return zipped({**members(archive), MANIFEST: as_json(manifest)})


def altered_archives(archive: bytes) -> st.SearchStrategy[bytes]:
    """The archive with its bytes damaged, or whole with another manifest, or with a member damaged."""
    files: Mapping[str, bytes] = members(archive)
    manifests = altered(manifest_of(archive)).map(lambda manifest: with_manifest(archive, manifest))
    of_members = st.sampled_from(sorted(files)).flatmap(
        lambda name: damaged([files[name]]).map(lambda content: zipped({**files, name: content}))
    )
    return damaged([archive]) | manifests | of_members


@fuzzed
@given(altered_archives(drawings()))
def test_an_archive_of_drawings_is_taken_or_refused(data: bytes) -> None:
    with only_sentences():
        found = read_archive(io.BytesIO(data))
        assert read_archive(io.BytesIO(archive_of(found))) == found, "what is taken can be exported again"


@fuzzed
@given(altered_archives(class_archive()))
def test_an_archive_of_a_class_is_read_or_refused(data: bytes) -> None:
    with only_sentences():
        for run in read_class_archive(io.BytesIO(data)).runs:
            assert read_entry(run.model_dump()) == run, "what is taken can be exported again"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with something in it that a restore must not touch unless it succeeds."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / "mine.keras").write_bytes(b"mine")
    return home


@fuzzed
@given(altered_archives(backup()))
def test_a_backup_is_restored_or_refused(home: Path, data: bytes) -> None:
    settings = replace(Settings.from_environment(), home=home, database=None)
    file = home.parent / "fuzzed.zip"
    file.write_bytes(data)
    mine = home / "models" / "mine.keras"
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(b"mine")
    with only_sentences():
        try:
            restore_backup(settings, file, replace=True)
        except AppError:
            assert mine.read_bytes() == b"mine"
            assert {path.name for path in home.iterdir()} <= {"models", FILE}
            raise


def test_what_is_not_damaged_is_taken(tmp_path: Path) -> None:
    assert len(read_archive(io.BytesIO(with_manifest(drawings(), manifest_of(drawings()))))) == 3
    of_class = with_manifest(class_archive(), manifest_of(class_archive()))
    assert len(read_class_archive(io.BytesIO(of_class)).runs) == 1
    (tmp_path / "backup.zip").write_bytes(with_manifest(backup(), manifest_of(backup())))
    settings = replace(Settings.from_environment(), home=tmp_path / "home", database=None)
    assert restore_backup(settings, tmp_path / "backup.zip").files == 2
