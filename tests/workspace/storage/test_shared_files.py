"""Models and checkpoints where several servers see them: in a folder, or at an address of fsspec's."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import serving
from ray_cluster import listens
from waiting import until

from mnist_app.errors import InvalidSetting, ModelUnavailable, StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs import model_files
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.shared_files import SharedFiles, local_folder

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
CHECKPOINT = Checkpoint(2, (np.arange(3, dtype=np.float32), np.ones((2, 2), np.float32)))


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket on a real server of S3's protocol; skipped where it is not installed."""
    for package in ("s3fs", "moto.server"):
        pytest.importorskip(package, reason="s3fs and moto[server] are not installed: pip brings them.")
    port = serving.free_port()
    address = f"http://127.0.0.1:{port}"
    serve = "from moto.server import main; main()"
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        subprocess.Popen([sys.executable, "-c", serve, "-H", "127.0.0.1", "-p", str(port)]) as server,
    ):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        until(lambda: listens(port))
        yield "s3://school/class"
        server.terminate()


@pytest.fixture(params=["memory", "file", pytest.param("bucket", marks=pytest.mark.slow)])
def two_servers(request: pytest.FixtureRequest, own_settings: Settings, tmp_path: Path) -> list[Settings]:
    """The settings of two servers with homes of their own and files in common."""
    if request.param == "bucket":
        address = f"{request.getfixturevalue('bucket')}/{uuid.uuid4().hex}"
    else:
        folder = tmp_path / "shared files"
        address = f"memory://{uuid.uuid4().hex}" if request.param == "memory" else f"file://{folder}"
    return [replace(own_settings, home=tmp_path / name, files=address) for name in ("one", "other")]


def run_with(files: ModelFiles, settings: Settings) -> Run:
    """A finished run with a checkpoint and what stands for a model."""
    import keras

    store = Store(settings)
    lease = store.start(CONFIG, "worker")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    store.finish(
        lease,
        Status.FINISHED,
        model_sha256=files.save_model(lease.run_id, model),
        checkpoint_epoch=2,
        checkpoint_sha256=files.save_checkpoint(lease.run_id, CHECKPOINT),
    )
    run = store.run(lease.run_id)
    store.close()
    return run


def test_what_one_server_writes_another_reads(two_servers: list[Settings]) -> None:
    one, other = (ModelFiles.of(settings) for settings in two_servers)
    run = run_with(one, two_servers[0])
    assert other.load_model(run).read_bytes() == one.load_model(run).read_bytes()
    read = other.read_checkpoint(run)
    assert all(np.array_equal(a, b) for a, b in zip(read, CHECKPOINT.arrays, strict=True))
    other.copy_checkpoint(run, "abcdefghij")
    copied = run.model_copy(update={"id": "abcdefghij"})
    assert len(one.read_checkpoint(copied)) == 2


def test_what_is_deleted_is_gone_for_all(two_servers: list[Settings]) -> None:
    one, other = (ModelFiles.of(settings) for settings in two_servers)
    run, kept = run_with(one, two_servers[0]), run_with(one, two_servers[0])
    other.delete(run.id)
    third = ModelFiles.of(replace(two_servers[0], home=two_servers[0].home / "third"))
    with pytest.raises(ModelUnavailable):
        third.load_model(run)
    with pytest.raises(ModelUnavailable):
        third.read_checkpoint(run)
    assert third.load_model(kept).is_file() and len(third.read_checkpoint(kept)) == 2


def test_checkpoints_that_were_overtaken_are_removed_for_all(two_servers: list[Settings]) -> None:
    one, other = (ModelFiles.of(settings) for settings in two_servers)
    run = run_with(one, two_servers[0])
    sha256 = one.save_checkpoint(run.id, replace(CHECKPOINT, epoch=3))
    newer = run.model_copy(update={"checkpoint_epoch": 3, "checkpoint_sha256": sha256})
    one.delete_checkpoints_but(run.id, {3})
    assert len(other.read_checkpoint(newer)) == 2
    with pytest.raises(ModelUnavailable):
        other.read_checkpoint(run)


def test_a_folder_that_all_see_needs_no_copies(own_settings: Settings, tmp_path: Path) -> None:
    for address in (str(tmp_path / "common"), f"file://{tmp_path / 'common'}"):
        files = ModelFiles.of(replace(own_settings, files=address))
        assert files.model_path("abcdefghij") == tmp_path / "common" / "models" / "abcdefghij.keras"
    assert ModelFiles.of(own_settings).model_path("abcdefghij").is_relative_to(own_settings.home / "models")
    assert local_folder("s3://bucket/school") is None


def test_a_copy_that_is_damaged_is_fetched_again(own_settings: Settings) -> None:
    settings = replace(own_settings, files=f"memory://{uuid.uuid4().hex}")
    files = ModelFiles.of(settings)
    run = run_with(files, settings)
    path = files.model_path(run.id)
    whole = path.read_bytes()
    path.write_bytes(b"damaged")
    assert files.load_model(run).read_bytes() == whole
    SharedFiles(settings.files or "").write(f"models/{run.id}.keras", b"damaged there")
    path.unlink()
    with pytest.raises(ModelUnavailable, match="is damaged"):
        files.load_model(run)


def test_only_so_many_copies_are_kept(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "MOST_COPIES", 3)
    settings = replace(own_settings, files=f"memory://{uuid.uuid4().hex}")
    writer = ModelFiles.of(replace(settings, home=settings.home / "writer"))
    sha256 = writer.save_checkpoint("abcdefghij", CHECKPOINT)
    store = Store(settings)
    lease = store.start(CONFIG, "worker")
    run = store.run(lease.run_id)
    store.close()
    reader = ModelFiles.of(settings)
    for name in ("b", "c", "d", "e", "f"):
        copied = run.model_copy(update={"id": name * 10, "checkpoint_epoch": 2, "checkpoint_sha256": sha256})
        writer.copy_checkpoint(copied.model_copy(update={"id": "abcdefghij"}), copied.id)
        assert len(reader.read_checkpoint(copied)) == 2
    assert len(list((settings.home / model_files.CACHE / "checkpoints").iterdir())) == 3


@pytest.mark.parametrize("address", ["nosuch://bucket/folder", "s3nope://x"])
def test_an_address_that_is_none_is_said(own_settings: Settings, address: str) -> None:
    with pytest.raises(InvalidSetting, match="MNIST_APP_FILES"):
        ModelFiles.of(replace(own_settings, files=address))


def test_files_out_of_reach_are_said(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    def away(*_: object, **__: object) -> None:
        raise ConnectionError("Connection refused\nby somebody")

    settings = replace(own_settings, files=f"memory://{uuid.uuid4().hex}")
    files = ModelFiles.of(settings)
    run = run_with(files, settings)
    for name in ("pipe_file", "cat_file", "glob"):
        monkeypatch.setattr(MemoryFileSystem, name, away)
    with pytest.raises(StorageUnavailable, match=r"out of reach: .* \(Connection refused\)"):
        files.save_checkpoint(run.id, CHECKPOINT)
    with pytest.raises(StorageUnavailable, match="out of reach"):
        files.delete(run.id)
    elsewhere = ModelFiles.of(replace(settings, home=settings.home / "elsewhere"))
    with pytest.raises(ModelUnavailable, match="out of reach"):
        elsewhere.load_model(run)
    files.delete_checkpoints_but(run.id, {2})


def test_another_process_is_told_the_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given, told in (("files", str(tmp_path / "files")), ("s3://bucket/a", "s3://bucket/a"), ("", "")):
        settings = Settings.from_environment({"MNIST_APP_FILES": given})
        assert (settings.to_environment()["MNIST_APP_FILES"], settings.files or "") == (told, told)
