"""Two servers on one PostgreSQL behind HAProxy, as `deploy/` has it: one is stopped and started anew."""

import os
import signal
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import serving
from haproxy import haproxy
from playwright.sync_api import Browser, BrowserContext, expect
from postgresql import PostgreSQL
from test_draw import SEVEN, draw, expect_answer
from test_train import TRAINING, press_train, wait_for_third_epoch
from visiting import PATIENCE, open_draw_page, share_what_takes_long

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM."),
]
NAMES = ("one", "two")
"""Of the servers, as the proxy's cookie calls them."""


@dataclass
class Servers:
    """Two servers of the app and the address of the proxy before them."""

    home: Path
    ports: dict[str, int]
    running: dict[str, tuple[ExitStack, serving.Server]]
    address: str = ""

    def start(self, name: str) -> None:
        stack = ExitStack()
        server = stack.enter_context(serving.serve(self.home / name, self.ports[name]))
        self.running[name] = (stack, server)

    def stop(self, name: str) -> None:
        """As systemd and Docker do; waits until it has ended."""
        stack, server = self.running.pop(name)
        os.kill(server.process_id, signal.SIGTERM)
        stack.close()


@pytest.fixture
def servers(
    settings: Settings, tmp_path: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Servers]:
    monkeypatch.setenv("MNIST_APP_DATABASE", postgresql.empty_database())
    monkeypatch.setenv("MNIST_APP_TRUSTED_PROXIES", "127.0.0.1")
    monkeypatch.setenv("MNIST_APP_FILES", str(tmp_path / "files"))
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "the same on all servers of these tests")
    both = Servers(tmp_path, {name: serving.free_port() for name in NAMES}, {})
    for name in NAMES:
        (tmp_path / name).mkdir()
        share_what_takes_long(tmp_path / name, settings)
    try:
        for name in NAMES:
            both.start(name)
        with haproxy(tmp_path, list(both.ports.values())) as both.address:
            yield both
    finally:
        for name in list(both.running):
            both.stop(name)


@contextmanager
def always_healthy(address: str) -> Iterator[list[int]]:
    """Ask all the while whether the app serves; how often it was asked, and how often it did not."""
    counts, done = [0, 0], threading.Event()

    def ask() -> None:
        while not done.wait(0.2):
            counts[0] += 1
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=60).close()
            except OSError:
                counts[1] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield counts
    finally:
        done.set()
        thread.join()


def server_of(context: BrowserContext) -> str:
    """The server that the proxy has sent a browser to."""
    (name,) = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "mnist_app_server"]
    return str(name)


def test_a_rolling_restart_loses_no_run_and_no_kept_drawing(servers: Servers, browser: Browser) -> None:
    own = replace(Settings.from_environment(), home=servers.home / "test")
    dataset = "mnist" if own.mnist else "synthetic"  # which takes a minute to write
    small = TrainingConfig(preset="dense", dataset=dataset, epochs=2, train_size=400)
    store = Store(own)
    with browser.new_context() as context, always_healthy(servers.address) as asked:
        context.set_default_timeout(PATIENCE)
        page = open_draw_page(servers.address, context)
        first = server_of(context)
        (other,) = set(NAMES) - {first}
        answer = page.get_by_role("region", name="Answer")
        expect(answer.get_by_text("warming up")).to_be_hidden(timeout=TRAINING)
        draw(page, SEVEN)
        expect_answer(page, 7)
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_text("Kept as a 7")).to_be_visible()
        page.goto(f"{servers.address}/train?preset=dense&dataset={dataset}&epochs=200")
        press_train(page)
        wait_for_third_epoch(page)
        assert server_of(context) == first
        run_id = page.url.split("run=")[1][:10]
        waiting = [Queue(store).submit(small, owner).id for owner in ("a", "b", "a")]

        servers.stop(first)
        assert store.run(run_id).status is Status.INTERRUPTED
        # The page finds the other server by itself, and that one trains what waits.
        while any(not store.run(each).status.ended for each in waiting):
            page.wait_for_timeout(200)
        assert server_of(context) == other
        servers.start(first)
        servers.stop(other)
        page.goto(servers.address)
        expect(page.get_by_text("You have kept 1 drawing")).to_be_visible()
        assert server_of(context) == first
        files = ModelFiles.of(own)
        more = Queue(store).continue_run(store.run(run_id), 1, "a", files)
        page.goto(f"{servers.address}/train")
        while not store.run(more.id).status.ended:
            page.wait_for_timeout(200)
        servers.start(other)
    ended = [store.run(each) for each in (*waiting, more.id)]
    assert [(run.status, run.reason) for run in ended] == [(Status.FINISHED, "")] * 4
    assert all(files.load_model(run).is_file() for run in ended)
    assert Drawings(store.database).count(label=7) == 1
    assert len(store.runs()) == 5
    store.close()
    assert asked[0] > 20 and asked[1] == 0
