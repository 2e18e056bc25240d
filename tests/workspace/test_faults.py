"""What the store does when the machine fails it: a lock that is held, a disk that is full."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from drawn import drawing_of

from mnist_app.cli import main
from mnist_app.errors import StorageUnavailable
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.training import Observer
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE
from mnist_app.workspace.workers.execution import carry_out

# Keras 3.15 saves TensorFlow's variables in a way that NumPy 2.4 warns about.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

CONFIG = TrainingConfig(preset="dense", dataset="small", epochs=2, batch_size=16)
LOCK = """
import os, sqlite3, sys, threading
released = threading.Event()
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
threading.Thread(target=lambda: (os.read(0, 1), released.set()), daemon=True).start()
released.wait(float(sys.argv[2]))
connection.execute("COMMIT")
"""


def lock(settings: Settings, seconds: float = 600) -> "subprocess.Popen[str]":
    """Another process that holds the database locked until its standard input is closed, or for so long."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOCK, str(settings.home / "runs.sqlite"), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "locked\n"
    return process


def small(name: str) -> Dataset:
    """Few digits, whatever is asked for."""
    x, y = synthesise(260, seed=0)
    return Dataset(name, "written by rule", "", x[:200], y[:200], x[200:], y[200:])


@pytest.mark.slow
def test_a_database_locked_for_three_seconds_is_waited_for(own_settings: Settings) -> None:
    store = Store(own_settings)
    with lock(own_settings, seconds=3) as locker:
        run = Queue(store).submit(CONFIG, "a")
        assert locker.wait(60) == 0
    assert store.run(run.id).status is Status.QUEUED
    store.close()


@pytest.mark.slow
def test_training_goes_on_while_the_database_is_locked(own_settings: Settings) -> None:
    """A window is trained while the lock is held, and nothing is missing afterwards."""
    store = Store(own_settings)
    lockers: list[subprocess.Popen[str]] = []
    during: list[float] = []

    class Lock(Observer):
        def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
            if not lockers:
                lockers.append(lock(own_settings, seconds=3))
            if lockers[0].poll() is None:
                during.append(epoch)

    run = carry_out(store.start(CONFIG, "me"), store, own_settings, load=small, observer=Lock())
    lockers[0].communicate(timeout=60)
    assert run.status is Status.FINISHED
    assert len(during) > 1
    assert run.steps_per_epoch is not None
    steps = [point.step for point in store.points(run.id, "train")]
    assert len(steps) == len(set(steps)) and steps[-1] == 2 * run.steps_per_epoch
    assert len(steps) >= 2 * min(20, run.steps_per_epoch)
    store.close()


def test_a_lock_that_is_never_released_is_said(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_app.workspace.storage.database.PATIENCE", 0.1)
    store = Store(own_settings)
    with lock(own_settings), pytest.raises(StorageUnavailable, match="locked"):
        Queue(store).submit(CONFIG, "a")
    store.close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not sys.platform.startswith("linux"):
        pytest.skip("A small file system can be mounted on Linux only.")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=512k") != 0:
        pytest.skip(f"A small file system cannot be mounted here ({os.strerror(ctypes.get_errno())}).")
    yield folder
    assert libc.umount2(str(folder).encode(), 2) == 0


def fill(folder: Path) -> Path:
    """Leave no byte free; returns the file that takes them."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return path


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to a mounted file system, as Linux does with a disk that fails."""
    remount, only_reading = 32, 1
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mount(None, str(folder).encode(), None, remount | only_reading, None) == 0
    yield
    assert libc.mount(None, str(folder).encode(), None, remount, None) == 0


def test_a_read_only_home_is_said_and_can_be_backed_up(
    own_settings: Settings,
    tiny_disk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program was killed, so that its last drawing is only in the file beside the store."""
    home, backup = tiny_disk / "home", tmp_path / "backup.zip"
    home.mkdir()
    store = Store(own_settings)
    Drawings(store.database).keep(drawing_of(4), 4, "somebody")
    for end in ("", "-wal"):
        shutil.copyfile(f"{own_settings.home / FILE}{end}", f"{home / FILE}{end}")
    store.close()
    for name, value in replace(own_settings, home=home).to_environment().items():
        monkeypatch.setenv(name, value)
    with read_only(tiny_disk):
        for command in (["runs"], ["drawings"], ["class", "export", str(tmp_path / "class.zip")]):
            assert main(command) == 1
            said = capsys.readouterr().err
            assert "may not be written to" in said and "MNIST_APP_HOME" in said and said.count("\n") == 1
        assert main(["backup", str(backup)]) == 0
    monkeypatch.setenv("MNIST_APP_HOME", str(tmp_path / "new"))
    assert main(["restore", str(backup)]) == 0
    capsys.readouterr()
    assert main(["drawings"]) == 0
    assert "1 drawing" in capsys.readouterr().out


def test_a_full_disk_is_said_and_forgotten_once_there_is_room(
    own_settings: Settings, tiny_disk: Path
) -> None:
    settings = replace(own_settings, home=tiny_disk / "home")
    fill(tiny_disk)
    with pytest.raises(StorageUnavailable, match="space|full"):
        Store(settings)
    (tiny_disk / "filler").unlink()
    store = Store(settings)
    filler = fill(tiny_disk)
    with pytest.raises(StorageUnavailable, match="full"):
        for _ in range(1000):  # SQLite has room left in the pages that it has
            Queue(store).submit(CONFIG, os.urandom(8).hex())
    kept = len(store.runs())
    filler.unlink()
    Queue(store).submit(CONFIG, "a")
    assert len(store.runs()) == kept + 1
    store.close()


@pytest.mark.slow
def test_a_model_that_finds_no_room_fails_its_run(own_settings: Settings, tiny_disk: Path) -> None:
    settings = replace(own_settings, home=tiny_disk, database=f"sqlite:///{own_settings.home}.sqlite")
    store = Store(settings)
    fill(tiny_disk)
    run = carry_out(store.start(CONFIG, "me"), store, settings, load=small)
    assert run.status is Status.FAILED
    assert "cannot be written" in run.reason and "full" in run.reason
    assert [path.name for path in tiny_disk.rglob("*") if path.is_file()] == ["filler"]
    store.close()


@pytest.mark.slow
def test_a_store_out_of_reach_for_too_long_ends_the_training(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training whose reports nobody gets for as long as its lease lasts is given up."""
    monkeypatch.setattr("mnist_app.workspace.workers.heartbeat.LEASE_SECONDS", 0.0)
    monkeypatch.setattr("mnist_app.workspace.storage.database.PATIENCE", 0.1)
    store = Store(own_settings)
    lease = store.start(replace(CONFIG, epochs=200), "me")
    lockers: list[subprocess.Popen[str]] = []

    class Lock(Observer):
        def on_window(self, *_: object) -> None:
            if not lockers:
                lockers.append(lock(own_settings))

    with pytest.raises(StorageUnavailable, match="locked"):
        carry_out(lease, store, own_settings, load=small, observer=Lock())
    lockers[0].communicate(timeout=60)
    assert store.run(lease.run_id).epoch < 200
    store.close()


def test_a_drawing_that_finds_no_room_is_said_and_is_kept_once_there_is(
    own_settings: Settings, tiny_disk: Path
) -> None:
    store = Store(replace(own_settings, home=tiny_disk / "home"))
    drawings, filler = Drawings(store.database), fill(tiny_disk)
    with pytest.raises(StorageUnavailable, match="full"):
        for seed in range(200):  # SQLite has room left in the pages that it has
            drawings.keep(drawing_of(4, seed), 4, "somebody")
    kept = drawings.count()
    assert len(drawings.find()) == kept < 200
    filler.unlink()
    drawings.keep(drawing_of(7), 7, "somebody")
    assert drawings.count() == kept + 1
    store.close()


def test_an_export_that_finds_no_room_is_said_and_leaves_nothing(
    own_settings: Settings,
    tiny_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in own_settings.to_environment().items():
        monkeypatch.setenv(name, value)
    store = Store(own_settings)
    Drawings(store.database).keep(drawing_of(4), 4, "somebody")
    store.close()
    fill(tiny_disk)
    for command in (["drawings", "export"], ["backup"]):
        assert main([*command, str(tiny_disk / "all.zip")]) == 1
        said = capsys.readouterr().err
        assert "cannot be written" in said and said.count("\n") == 1
    assert [path.name for path in tiny_disk.iterdir()] == ["filler"]
