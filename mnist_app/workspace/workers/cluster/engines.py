"""The Ray cluster that trains, where `MNIST_APP_CLUSTER` names one: reached, given tasks, told to end them.

The only module that imports Ray, and only when a cluster is connected to: nobody else needs it installed.
"""

import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mnist_app.errors import AppError, ClusterUnavailable, InvalidSetting
from mnist_app.workspace.storage.identifiers import shown
from mnist_app.workspace.workers.cluster.task import MOST_RUNS, train_next

REACH_SECONDS = 5.0
"""How long a cluster may take to answer that it is there."""
PROCESSORS_OF_A_RUN = 1
"""What a run asks the cluster for. A node that has processors to spare lends them to it."""

_CLIENT_ADDRESS = re.compile(r"ray://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")

Task = Any
"""Ray's reference to a task; it can be compared and be a key."""


@dataclass(frozen=True)
class Ended:
    """A task that has ended."""

    task: Task
    fault: str
    """Why it did not end by itself, in a sentence; empty when it did."""


class Cluster:
    """A connection to a Ray cluster, one in a process. What is begun on it ends when the connection does."""

    def __init__(self, address: str) -> None:
        """Connect to `auto`, the cluster that this machine belongs to, or to `ray://host:port`.

        Raises `InvalidSetting` for another address, `ClusterUnavailable` when it cannot be reached or
        refuses this machine's token.
        """
        ray = _import_ray()
        host, port = where(address)
        _check_reachable(host, port)
        self._ray, self._place = ray, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        with _explained(self._place):
            _check_token(self._place, is_head=address == "auto")
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        # Whether a run is trained again is decided by `recovery`, which knows of its checkpoint.
        self._train_next = ray.remote(num_cpus=PROCESSORS_OF_A_RUN, max_retries=0, max_calls=MOST_RUNS)(
            train_next
        )

    def close(self) -> None:
        """End the connection, and with it all tasks."""
        self._ray.shutdown()

    def places(self) -> int:
        """How many runs its nodes can train at once; raises `ClusterUnavailable`."""
        with _explained(self._place):
            return int(self._ray.cluster_resources().get("CPU", 0) / PROCESSORS_OF_A_RUN)

    def begin(self, environment: Mapping[str, str], worker: str) -> Task:
        """Have a node train the run whose turn it is when it comes to it, as `task.train_next` does.

        Raises `ClusterUnavailable`.
        """
        with _explained(self._place):
            return self._train_next.remote(dict(environment), worker)

    def ended(self, tasks: Iterable[Task]) -> list[Ended]:
        """Those of the tasks that have ended; raises `ClusterUnavailable`."""
        waited_for = list(tasks)
        if not waited_for:
            return []
        with _explained(self._place):
            done, _ = self._ray.wait(waited_for, num_returns=len(waited_for), timeout=0)
        return [Ended(task, self._fault_of(task)) for task in done]

    def wait(self, tasks: Iterable[Task], seconds: float) -> None:
        """Wait until the tasks have ended, but not longer; raises `ClusterUnavailable`."""
        if waited_for := list(tasks):
            with _explained(self._place):
                self._ray.wait(waited_for, num_returns=len(waited_for), timeout=seconds)

    def kill(self, task: Task) -> None:
        """End the task's process, or keep it from beginning; raises `ClusterUnavailable`."""
        with _explained(self._place):
            self._ray.cancel(task, force=True)

    def _fault_of(self, task: Task) -> str:
        errors = self._ray.exceptions
        try:
            self._ray.get(task)
        except errors.RayTaskError as error:  # what the task raised
            cause = error.cause
            return str(cause) if isinstance(cause, AppError) else f"{type(cause).__name__}: {cause}"
        except errors.RayError as error:  # its process, its node or its code was not there
            return f"its process or node was lost ({type(error).__name__})"
        return ""


def where(address: str) -> tuple[str, int]:
    """The host and port that answer when the cluster can be reached.

    Raises `InvalidSetting` for an address that is neither `auto` nor `ray://host:port`, `ClusterUnavailable`
    when this machine is to belong to a cluster and does not.
    """
    if address == "auto":
        return _local_head()
    match = _CLIENT_ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[2]) < 65536:
        raise InvalidSetting(
            f"MNIST_APP_CLUSTER is {shown(address)}; it must be auto, for the Ray cluster that this machine "
            "belongs to, or an address such as ray://host:10001. Trainings wait until it is."
        )
    return match[1].strip("[]"), int(match[2])


def _local_head() -> tuple[str, int]:
    """Of the cluster that this machine belongs to."""
    services = _import_ray()._private.services
    found = services.get_ray_address_from_environment("auto", None)
    host, _, port = (found or "").rpartition(":")
    if not port.isdigit():
        raise ClusterUnavailable(
            "MNIST_APP_CLUSTER is auto, but no Ray runs on this machine; trainings wait until it belongs to "
            "a cluster (ray start) or MNIST_APP_CLUSTER names one (ray://host:10001)."
        )
    return host.strip("[]"), int(port)


def _import_ray() -> Any:
    # Ray reports on its use to its makers unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ClusterUnavailable(
            "Trainings wait: they are to run on a Ray cluster (MNIST_APP_CLUSTER), but Ray is not installed "
            "here. Install requirements-cluster.txt, or unset MNIST_APP_CLUSTER."
        ) from error
    return ray


def _check_reachable(host: str, port: int) -> None:
    """Find out within seconds what Ray itself takes half a minute to find out, or ends the process at."""
    try:
        socket.create_connection((host, port), REACH_SECONDS).close()
    except OSError as error:
        raise _unreachable(f"{host}:{port}", error) from error


def _check_token(place: str, *, is_head: bool) -> None:
    """Ask whether the token is right: Ray itself tries for half a minute, then says that time ran out.

    `is_head` tells the head's own port from that for clients. Raises Ray's `AuthenticationError`.
    """
    import grpc  # type: ignore[import-untyped]
    from ray._private.grpc_utils import init_grpc_channel
    from ray.core.generated import gcs_service_pb2, gcs_service_pb2_grpc, ray_client_pb2, ray_client_pb2_grpc
    from ray.exceptions import AuthenticationError

    channel = init_grpc_channel(place)  # which sends the token along
    try:
        if is_head:
            head = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel)
            head.GetClusterId(gcs_service_pb2.GetClusterIdRequest(), timeout=REACH_SECONDS)
        else:
            ping = ray_client_pb2.ClusterInfoRequest(type=ray_client_pb2.ClusterInfoType.PING)
            ray_client_pb2_grpc.RayletDriverStub(channel).ClusterInfo(ping, timeout=REACH_SECONDS)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            raise AuthenticationError(str(error.details())) from error
        # Whatever else it is, Ray will come upon it, too.
    finally:
        channel.close()


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Turn what Ray raises when a cluster does not answer, or not us, into `ClusterUnavailable`."""
    from ray.exceptions import AuthenticationError, RaySystemError

    try:
        yield
    except AuthenticationError as error:
        raise ClusterUnavailable(
            f"The Ray cluster at {place} refused our token, which is missing or not its own; trainings wait "
            "until this server is started with RAY_AUTH_MODE=token and the cluster's RAY_AUTH_TOKEN."
        ) from error
    except (OSError, RuntimeError, RaySystemError) as error:  # ConnectionError is an OSError
        raise _unreachable(place, error) from error


def _unreachable(place: str, error: Exception) -> ClusterUnavailable:
    reason = (getattr(error, "strerror", None) or str(error)).strip().splitlines() or [type(error).__name__]
    return ClusterUnavailable(
        f"The Ray cluster at {place} cannot be reached ({reason[0][:120]}); trainings wait until it can be, "
        "or until MNIST_APP_CLUSTER is unset."
    )
