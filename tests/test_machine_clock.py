"""A clock that is set back or wrong (libfaketime): nothing comes to a stop."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from debian_packages import go_without

from mnist_app.settings import PROJECT
from mnist_app.ui.shared.teacher_access import BURST

EPOCHS = 20
TRAIN = """
import json, sys, threading, time
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.training.training import Observer
from mnist_app.workspace.workers.execution import carry_out
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.settings import Settings

clock, epochs = sys.argv[1], int(sys.argv[2])
x, y = synthesise(260, seed=0)
small = Dataset("synthetic", "written by rule", "", x[:200], y[:200], x[200:], y[200:])
settings = Settings.from_environment()
store, page = Store(settings), Store(settings)
begun, seen = time.time(), set()

class SetsBack(Observer):
    def on_epoch_end(self, epoch, *_):
        if epoch == 3:
            open(clock, "w").write("-1h\\n")
            while time.time() > begun - 3000:
                seen.add(str(page.runs()[-1].status))  # as a page does, whatever time it is
        seen.add(str(page.runs()[-1].status))

config = TrainingConfig(preset="dense", dataset="synthetic", epochs=epochs, batch_size=16)
queue = Queue(store)
for owner in ("a", "b"):
    queue.submit(config, owner)
ends = []
for _ in range(2):
    run = carry_out(store.claim("worker"), store, settings, observer=SetsBack(), load=lambda _: small)
    steps = [point.step for point in store.points(run.id, "train")]
    whole = steps == sorted(set(steps)) and steps[-1] == epochs * run.steps_per_epoch
    ends.append({"status": str(run.status), "whole": whole, "started": run.started})
print(json.dumps({"ends": ends, "seen": sorted(seen)}))
"""
TRIES = """
import sys, time
from mnist_app.ui.shared.teacher_access import BURST, TeacherAccess

access, begun = TeacherAccess("the right code", lambda session: True), time.time()

def give(code, session):
    access.give(code, session, "here")
    print(access.answer(session).name, round(access.wait(session)))

for number in range(BURST):
    give("wrong", f"session {number}")
open(sys.argv[1], "w").write("-1h\\n")
while time.time() > begun - 3000:
    pass
give("the right code", "teacher")
"""

BACKUP = """
import sys, time
from pathlib import Path
from mnist_app.settings import Settings
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.runs.run_store import Store

settings = Settings.from_environment()
Store(settings).close()
write_backup(settings, Path(sys.argv[1]).with_name("backup.zip"))
print(time.gmtime().tm_year)
"""


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """A file that says how far the clock of programs is set."""
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    return clock


def run_by(clock: Path, program: str, *arguments: object) -> str:
    """Return what a program prints whose clock goes by that file; see `go_without` for libfaketime."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        go_without("libfaketime", "libfaketime")
    environment = {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # which no machine sets back
        "MNIST_APP_HOME": str(clock.parent / "home"),
        "MNIST_APP_DATABASE": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, str(clock), *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=240,
    )
    return done.stdout


@pytest.mark.slow
def test_a_run_in_training_and_the_next_are_trained_whole(clock: Path) -> None:
    told = json.loads(run_by(clock, TRAIN, EPOCHS).splitlines()[-1])
    first, second = told["ends"]
    assert second["started"] < first["started"] - 3000, "the clock was set back between the two"
    assert first["status"] == second["status"] == "finished"
    assert first["whole"] and second["whole"]
    assert "interrupted" not in told["seen"]


@pytest.mark.parametrize("setting", ["-50y", "+150y"])
def test_a_backup_is_made_whatever_year_the_clock_says(clock: Path, setting: str) -> None:
    """A zip can hold the years from 1980 to 2107 only."""
    clock.write_text(f"{setting}\n")
    assert not 1980 <= int(run_by(clock, BACKUP)) <= 2107
    with zipfile.ZipFile(clock.with_name("backup.zip")) as backup:
        assert "runs.sqlite" in backup.namelist()


def test_codes_wait_no_longer_than_they_would_otherwise(clock: Path) -> None:
    *guesses, teacher = run_by(clock, TRIES).splitlines()
    assert set(guesses) == {"WRONG 1"} and len(guesses) == BURST
    assert teacher in ("RIGHT 0", "WAITING 2")
