"""What a node of the cluster does: claims a run, carries it out, as the worker on one machine does.

The node needs this app at the same version, and sees the same store and files as the servers. TensorFlow is
imported by the task, not with this module, which the servers import too.
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
"""After so many runs a node's process ends, for another one to take its place."""


def train_next(environment: Mapping[str, str], worker: str) -> str | None:
    """Train the run whose turn it is; returns its id, or None when none waits any more.

    `environment` has the server's settings: they come as an argument, for what Ray calls an environment is
    shown in its logs, and the store's address may have a password in it. Raises what `carry_out` raises.
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

        carry_out(lease, store, settings, load=_datasets(settings).load, taken_up=True)
        keras.utils.clear_session()
        return lease.run_id
    except (KeyboardInterrupt, SystemExit):  # the node is stopped, or the dispatcher is gone
        Recovery(store).after(worker)
        raise
    finally:
        store.close()


def settings_here(environment: Mapping[str, str], own: Mapping[str, str] = os.environ) -> Settings:
    """The server's settings, but for where this node has MNIST and, if nothing is shared there, its home."""
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
    """Kept by the process for its next run."""
    return Datasets(settings)
