"""The server is told to stop, as systemd and Docker do it, while a network is trained."""

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import serving
from playwright.sync_api import Browser
from test_train import press_train, wait_for_third_epoch, walk_to_train_page
from visiting import PATIENCE, open_draw_page

from mnist_app.errors import StorageUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.archives.restore import restore_backup
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM."),
]
STOP_SECONDS = 10.0
"""After so many seconds systemd and Docker, as they are set up in `deploy/`, kill what has not ended."""


def ends_within(process_id: int, seconds: float) -> bool:
    """Whether a child of this process ends in that time; it stays there for others to ask about."""
    waiting = threading.Thread(
        target=os.waitid, args=(os.P_PID, process_id, os.WEXITED | os.WNOWAIT), daemon=True
    )
    waiting.start()
    waiting.join(seconds)
    return not waiting.is_alive()


def test_a_server_told_to_stop_ends_in_time_and_its_run_can_be_continued(
    tmp_path: Path, settings: Settings, browser: Browser
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with serving.serve(home) as server, browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = open_draw_page(server.address, context)
        walk_to_train_page(page, epochs=200)
        press_train(page)
        wait_for_third_epoch(page)
        run_id = page.url.split("run=")[1][:10]
        own = replace(settings, home=home, database=None)
        assert write_backup(own, tmp_path / "backup.zip").files >= 2  # the database and a checkpoint
        with pytest.raises(StorageUnavailable, match="is running"):
            restore_backup(own, tmp_path / "backup.zip", replace=True)
        os.kill(server.process_id, signal.SIGTERM)  # the page stays open, and complains
        assert ends_within(server.process_id, STOP_SECONDS)
    store = Store(own)
    run = store.run(run_id)
    assert run.status is Status.INTERRUPTED, run.reason
    assert run.checkpoint_epoch is not None and run.checkpoint_epoch >= 1
    more = Queue(store).continue_run(run, 1, run.owner, ModelFiles(own.home))
    assert more.status is Status.QUEUED
    store.close()
    restore_backup(own, tmp_path / "backup.zip", replace=True)
    store = Store(own)
    assert store.run(run_id).checkpoint_epoch is not None
    store.close()
