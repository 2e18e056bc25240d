"""Training on a real Ray cluster of two nodes: in turn, stopped, killed, and gone on with elsewhere."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import chromium as browsers
import numpy as np
import pytest
import serving
from ray_cluster import LOOPBACK, PATIENCE, RayCluster
from waiting import until

from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.mnist_file import digest
from mnist_app.learning.data.synthetic_digits import synthetic_file
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.supervisor import WorkerSupervisor

pytestmark = pytest.mark.slow

SHORT = TrainingConfig(preset="dense", dataset="synthetic", epochs=1, batch_size=32)
MIDDLE = replace(SHORT, epochs=60)
LONG = replace(SHORT, epochs=200)
LONGER = replace(LONG, batch_size=8)

Serve = Callable[[str], WorkerSupervisor]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    """A head and two nodes; skipped where Ray is not installed, a failure under CI."""
    try:
        import ray  # noqa: F401
    except ImportError:
        missing = "Ray is not installed: requirements-cluster.txt brings it."
        pytest.fail(missing) if browsers.in_continuous_integration(os.environ) else pytest.skip(missing)
    with RayCluster() as cluster, pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in cluster.environment.items():
            monkeypatch.setenv(name, value)
        yield cluster


@pytest.fixture
def two_nodes(cluster: RayCluster) -> RayCluster:
    """The cluster with two nodes, whatever became of them before."""
    while len(cluster.nodes) < 2:
        cluster.add_node()
    return cluster


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So few synthetic digits that they are written within seconds, kept as all of them would be."""
    x, y = synthesise(1500, seed=0)
    arrays = {"x_train": x[:1200], "y_train": y[:1200], "x_test": x[1200:], "y_test": y[1200:]}
    path = tmp_path_factory.mktemp("digits") / "synthetic.npz"
    np.savez(path, digest=np.array(digest(arrays)), **arrays)
    return path


@pytest.fixture
def home(own_settings: Settings, digits: Path) -> Settings:
    """Settings of a home of its own that has these digits, whose runs a cluster trains."""
    path = synthetic_file(own_settings)
    path.parent.mkdir(parents=True)
    os.link(digits, path)
    return replace(own_settings, cluster="auto")


@pytest.fixture
def runs(home: Settings) -> Iterator[Store]:
    """The store in that home."""
    store = Store(home)
    yield store
    store.close()


@pytest.fixture
def serve(home: Settings) -> Iterator[Serve]:
    """Gives what a server has to have runs trained on the cluster at an address."""
    supervisors = []

    def start(address: str) -> WorkerSupervisor:
        supervisors.append(WorkerSupervisor(replace(home, cluster=address)))
        supervisors[-1].ensure_started()
        return supervisors[-1]

    yield start
    for supervisor in supervisors:
        supervisor.stop()


def status(store: Store, run: Run) -> Status:
    return store.run(run.id).status


def trains(store: Store, run: Run, epochs: float = 0.0) -> bool:
    found = store.run(run.id)
    assert not found.status.ended, found.reason
    return found.status is Status.TRAINING and found.epoch > epochs


def finishes(store: Store, run: Run) -> bool:
    found = store.run(run.id)
    assert found.status is Status.FINISHED or not found.status.ended, found.reason
    return found.status is Status.FINISHED


def expect_whole_curves(store: Store, run: Run) -> None:
    """Each epoch is there, and once."""
    found = store.run(run.id)
    assert found.epoch == found.config.epochs
    validation = store.points(run.id, "validation")
    assert [point.epoch for point in validation] == [*range(1, found.config.epochs + 1)]
    steps = [point.step for point in store.points(run.id, "train")]
    assert found.steps_per_epoch is not None
    assert steps[-1] == found.config.epochs * found.steps_per_epoch
    gaps = {after - before for before, after in zip(steps, steps[1:], strict=False)}
    assert max(gaps) < 2 * min(gaps), gaps


def test_two_servers_have_the_runs_of_three_people_trained_in_turn_and_each_once(
    two_nodes: RayCluster, runs: Store, home: Settings, serve: Serve
) -> None:
    queue = Queue(runs)
    submitted = [queue.submit(SHORT, owner) for owner in "aaabbc"]
    serve("auto")
    serve("auto")
    until(lambda: all([finishes(runs, run) for run in submitted]))
    ended = [runs.run(run.id) for run in submitted]
    in_turn = sorted(ended, key=lambda run: run.started or 0.0)
    assert "".join(run.owner for run in in_turn) == "abcaba"
    assert all((run.worker or "").startswith("ray:") for run in ended)
    assert len({run.worker for run in ended}) == len(ended)
    for run in ended:
        expect_whole_curves(runs, run)
        ModelFiles(home.home).load_model(run)
        assert run.test_accuracy is not None and run.test_accuracy > 0.3


def test_a_run_is_stopped_and_the_next_goes_on(two_nodes: RayCluster, runs: Store, serve: Serve) -> None:
    queue = Queue(runs)
    first, second = queue.submit(LONG, "a"), queue.submit(LONG, "a")
    serve(f"ray://{LOOPBACK}:{two_nodes.client_port}")
    until(lambda: trains(runs, first) and trains(runs, second))
    third = queue.submit(SHORT, "b")
    queue.cancel(first.id)
    until(lambda: status(runs, first) is Status.STOPPED)
    assert trains(runs, second)
    until(lambda: finishes(runs, third))
    queue.cancel(second.id)
    until(lambda: status(runs, second) is Status.STOPPED)


def test_a_run_whose_node_is_killed_in_mid_epoch_is_finished_on_the_other(
    two_nodes: RayCluster, runs: Store, serve: Serve
) -> None:
    run = Queue(runs).submit(MIDDLE, "a")
    serve("auto")
    until(lambda: trains(runs, run, epochs=3.0))
    before = runs.run(run.id)
    node = two_nodes.node_that_trains()
    assert node is not None
    two_nodes.kill_node(node)
    until(lambda: finishes(runs, run))
    after = runs.run(run.id)
    assert after.worker != before.worker
    assert after.seconds is not None
    expect_whole_curves(runs, run)


def test_without_a_node_runs_wait_and_it_is_said(two_nodes: RayCluster, runs: Store, serve: Serve) -> None:
    while two_nodes.nodes:
        two_nodes.kill_node(two_nodes.nodes[0])
    run = Queue(runs).submit(SHORT, "a")
    supervisor = serve("auto")
    until(lambda: "no processors" in supervisor.fault)
    assert status(runs, run) is Status.QUEUED
    two_nodes.add_node()
    until(lambda: finishes(runs, run))
    assert supervisor.fault == ""


def test_a_killed_dispatcher_is_replaced_and_its_run_gone_on_with(
    two_nodes: RayCluster, runs: Store, serve: Serve
) -> None:
    run = Queue(runs).submit(MIDDLE, "a")
    supervisor = serve("auto")
    until(lambda: trains(runs, run, epochs=2.0))
    killed = supervisor.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    until(lambda: supervisor.pid not in (None, killed))
    until(lambda: finishes(runs, run))
    expect_whole_curves(runs, run)


def test_when_a_server_ends_another_goes_on_with_its_run(
    two_nodes: RayCluster, runs: Store, serve: Serve
) -> None:
    run = Queue(runs).submit(MIDDLE, "a")
    first = serve("auto")
    until(lambda: trains(runs, run, epochs=2.0))
    first.stop()
    waiting = runs.run(run.id)
    assert waiting.status is Status.QUEUED
    assert waiting.epoch == waiting.checkpoint_epoch >= 2
    serve("auto")
    until(lambda: finishes(runs, run))
    expect_whole_curves(runs, run)


@pytest.mark.timeout(4 * PATIENCE)
@pytest.mark.parametrize("is_head", [True, False], ids=["on the head", "elsewhere"])
def test_a_run_outlives_the_head_of_the_cluster(
    two_nodes: RayCluster, runs: Store, serve: Serve, is_head: bool
) -> None:
    run = Queue(runs).submit(LONGER, "a")
    supervisor = serve("auto" if is_head else f"ray://{LOOPBACK}:{two_nodes.client_port}")
    until(lambda: trains(runs, run, epochs=1.0), PATIENCE)
    killed = list(two_nodes.nodes)
    two_nodes.kill_head()
    until(lambda: "cannot be reached" in supervisor.fault, PATIENCE)
    assert all(node.wait(PATIENCE) is not None for node in killed), "they end when their head is gone"
    assert status(runs, run) not in (Status.FINISHED, Status.FAILED)
    two_nodes.nodes.clear()
    two_nodes.start_head()
    two_nodes.add_node()
    until(lambda: finishes(runs, run), PATIENCE)
    assert supervisor.fault == ""
    expect_whole_curves(runs, run)


def test_a_cluster_out_of_reach_loses_no_run(runs: Store, serve: Serve) -> None:
    pytest.importorskip("ray")
    run = Queue(runs).submit(SHORT, "a")
    supervisor = serve(f"ray://{LOOPBACK}:{serving.free_port()}")
    until(lambda: "cannot be reached" in supervisor.fault)
    assert status(runs, run) is Status.QUEUED


@pytest.mark.parametrize("token", ["another", None])
@pytest.mark.parametrize("is_head", [True, False])
def test_a_cluster_that_refuses_the_token_says_so_and_loses_no_run(
    cluster: RayCluster,
    runs: Store,
    serve: Serve,
    is_head: bool,
    token: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    monkeypatch.setenv("HOME", str(tmp_path))  # where Ray would look for another token
    if token is not None:
        monkeypatch.setenv("RAY_AUTH_TOKEN", token)
    run = Queue(runs).submit(SHORT, "a")
    supervisor = serve("auto" if is_head else f"ray://{LOOPBACK}:{cluster.client_port}")
    until(lambda: supervisor.fault)
    port = cluster.port if is_head else cluster.client_port
    assert f"The Ray cluster at {LOOPBACK}:{port} refused this server's token" in supervisor.fault
    assert status(runs, run) is Status.QUEUED
