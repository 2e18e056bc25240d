"""The connection to the Ray cluster that `MNIST_APP_CLUSTER` names.

Only this module imports Ray, and only for a connection. So servers without a cluster need no Ray.
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
"""Seconds in which a cluster must answer."""
PROCESSORS_OF_A_RUN = 1
"""Processors that a run reserves. It may use the idle ones of its node too."""

_CLIENT_ADDRESS = re.compile(r"ray://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")

Task = Any
"""Ray's reference to a task, which is hashable."""


@dataclass(frozen=True)
class Ended:
    """A task that has ended."""

    task: Task
    fault: str
    """Sentence that says why the task failed; empty if it did not fail."""


class Cluster:
    """A connection to a Ray cluster. A process has at most one, and its tasks end with it."""

    def __init__(self, address: str) -> None:
        """Connect to a cluster.

        Args:
            address: `auto` for the cluster that this machine belongs to, or `ray://host:port`.

        Raises:
            InvalidSetting: The address has another form.
            ClusterUnavailable: The cluster cannot be reached or refuses this machine's token.
        """
        ray = _import_ray()
        host, port = where(address)
        _check_reachable(host, port)
        self._ray, self._place = ray, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        with _explained(self._place):
            _check_token(self._place, is_head=address == "auto")
            ray.init(address, log_to_driver=False, logging_level="ERROR")
        # Ray never retries: `recovery` decides that, because it knows the run's checkpoint.
        self._train_next = ray.remote(num_cpus=PROCESSORS_OF_A_RUN, max_retries=0, max_calls=MOST_RUNS)(
            train_next
        )

    def close(self) -> None:
        """End the connection and all tasks."""
        self._ray.shutdown()

    def places(self) -> int:
        """Return the number of runs that the nodes can train at once.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
        """
        with _explained(self._place):
            return int(self._ray.cluster_resources().get("CPU", 0) / PROCESSORS_OF_A_RUN)

    def begin(self, environment: Mapping[str, str], worker: str) -> Task:
        """Queue `task.train_next` on the cluster, and return the task.

        Args:
            environment: Environment variables with the task's settings.
            worker: The name under which the task claims a run.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
        """
        with _explained(self._place):
            return self._train_next.remote(dict(environment), worker)

    def ended(self, tasks: Iterable[Task]) -> list[Ended]:
        """Return those of the tasks that have ended.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
        """
        waited_for = list(tasks)
        if not waited_for:
            return []
        with _explained(self._place):
            done, _ = self._ray.wait(waited_for, num_returns=len(waited_for), timeout=0)
        return [Ended(task, self._fault_of(task)) for task in done]

    def wait(self, tasks: Iterable[Task], seconds: float) -> None:
        """Wait until the tasks have ended, or until so many seconds have passed.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
        """
        if waited_for := list(tasks):
            with _explained(self._place):
                self._ray.wait(waited_for, num_returns=len(waited_for), timeout=seconds)

    def kill(self, task: Task) -> None:
        """Kill the task's process, or remove the task from the cluster's queue.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
        """
        with _explained(self._place):
            self._ray.cancel(task, force=True)

    def _fault_of(self, task: Task) -> str:
        errors = self._ray.exceptions
        try:
            self._ray.get(task)
        except errors.RayTaskError as error:  # the task itself raised
            cause = error.cause
            return str(cause) if isinstance(cause, AppError) else f"{type(cause).__name__}: {cause}"
        except errors.RayError as error:  # Ray lost its process or node, or could not start it
            return f"its process or node was lost ({type(error).__name__})"
        return ""


def where(address: str) -> tuple[str, int]:
    """Return the host and port of a cluster's address.

    Args:
        address: `auto` for the cluster that this machine belongs to, or `ray://host:port`.

    Raises:
        InvalidSetting: The address has another form.
        ClusterUnavailable: The address is `auto`, and this machine belongs to no cluster.
    """
    if address == "auto":
        return _local_head()
    match = _CLIENT_ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[2]) < 65536:
        raise InvalidSetting(
            f"MNIST_APP_CLUSTER is {shown(address)}. Set it to auto, for the Ray cluster that this machine "
            "belongs to, or to an address such as ray://host:10001. Trainings wait until then."
        )
    return match[1].strip("[]"), int(match[2])


def _local_head() -> tuple[str, int]:
    """Return the host and port of the cluster that this machine belongs to."""
    services = _import_ray()._private.services
    found = services.get_ray_address_from_environment("auto", None)
    host, _, port = (found or "").rpartition(":")
    if not port.isdigit():
        raise ClusterUnavailable(
            "MNIST_APP_CLUSTER is auto, but no Ray runs on this machine; trainings wait. Join a cluster with "
            "ray start, or name one in MNIST_APP_CLUSTER (ray://host:10001)."
        )
    return host.strip("[]"), int(port)


def _import_ray() -> Any:
    # Without this, Ray reports its use to its makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise ClusterUnavailable(
            "MNIST_APP_CLUSTER names a Ray cluster, so trainings wait: Ray is not installed here. Install "
            "requirements-cluster.txt, or unset MNIST_APP_CLUSTER."
        ) from error
    return ray


def _check_reachable(host: str, port: int) -> None:
    """Raise `ClusterUnavailable` if nothing answers within seconds.

    Ray itself would try for half a minute, or end the process.
    """
    try:
        socket.create_connection((host, port), REACH_SECONDS).close()
    except OSError as error:
        raise _unreachable(f"{host}:{port}", error) from error


def _check_token(place: str, *, is_head: bool) -> None:
    """Check that the cluster takes this machine's token.

    Ray itself would try for half a minute, and then report a time-out.

    Args:
        place: The cluster's host and port.
        is_head: Whether the port is the head's own and not that for clients.

    Raises:
        AuthenticationError: The cluster refuses the token. The class is Ray's.
    """
    import grpc  # type: ignore[import-untyped]
    from ray._private.grpc_utils import init_grpc_channel
    from ray.core.generated import gcs_service_pb2, gcs_service_pb2_grpc, ray_client_pb2, ray_client_pb2_grpc
    from ray.exceptions import AuthenticationError

    channel = init_grpc_channel(place)  # sends the token with each request
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
        # Ray will report any other fault itself.
    finally:
        channel.close()


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Turn Ray's errors of connection and of authentication into `ClusterUnavailable`."""
    from ray.exceptions import AuthenticationError, RaySystemError

    try:
        yield
    except AuthenticationError as error:
        raise ClusterUnavailable(
            f"The Ray cluster at {place} refused this server's token, or its lack of one; trainings wait. "
            "Start this server with RAY_AUTH_MODE=token and the cluster's RAY_AUTH_TOKEN."
        ) from error
    except (OSError, RuntimeError, RaySystemError) as error:  # ConnectionError is an OSError
        raise _unreachable(place, error) from error


def _unreachable(place: str, error: Exception) -> ClusterUnavailable:
    reason = (getattr(error, "strerror", None) or str(error)).strip().splitlines() or [type(error).__name__]
    return ClusterUnavailable(
        f"The Ray cluster at {place} cannot be reached ({reason[0][:120]}); trainings wait. Start the "
        "cluster, or unset MNIST_APP_CLUSTER."
    )
