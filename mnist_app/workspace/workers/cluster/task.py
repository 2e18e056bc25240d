"""The task of a cluster's node: it claims a run and trains it, as the worker on one machine does.

The node needs this app in the same version, and the store and files of the servers. The task imports
TensorFlow; this module, which the servers import, does not.
"""

import functools
import os
from collections.abc import Mapping
from dataclasses import replace

from mnist_app.settings import Settings
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.cluster.recovery import Recovery
from mnist_app.workspace.workers.worker import RUNS, Datasets

MOST_RUNS = RUNS
"""Runs after which a node's process ends, and another one takes its place."""


def train_next(environment: Mapping[str, str], worker: str) -> str | None:
    """Train the next run of the queue; raise what `carry_out` raises.

    Args:
        environment: The server's settings. They come as an argument, because Ray's logs show the environment
            of a task, and the store's address may contain a password.
        worker: The name under which to claim the run.

    Returns:
        The run's id; None if no run waits any more.
    """
    settings = settings_here(environment)
    store = Store(settings)
    try:
        lease = store.claim(worker)
        if lease is None:
            return None
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        import keras

        from mnist_app.workspace.workers.execution import carry_out

        carry_out(lease, store, settings, load=_datasets(settings).load, requeue=True)
        keras.utils.clear_session()
        return lease.run_id
    except (KeyboardInterrupt, SystemExit):  # the node is stopped, or the dispatcher has ended
        Recovery(store).after(worker)
        raise
    finally:
        store.close()


def settings_here(environment: Mapping[str, str], own: Mapping[str, str] = os.environ) -> Settings:
    """Return the server's settings with this node's own paths.

    Args:
        environment: The server's settings.
        own: The node's environment. It names the node's MNIST and Keras folder, and, where database and
            files are both shared, its home.
    """
    server, node = Settings.from_environment(environment), Settings.from_environment(own)
    shares_home = server.database is None or server.files is None
    return replace(
        server,
        home=server.home if shares_home else node.home,
        mnist=node.mnist or server.mnist,
        keras_home=node.keras_home,
    )


@functools.lru_cache(maxsize=1)
def _datasets(settings: Settings) -> Datasets:
    """Return the loaded data sets, which the process keeps for its next run."""
    return Datasets(settings)
