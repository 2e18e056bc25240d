"""HAProxy with the configuration of `deploy/`, before servers that run on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import serving
from debian_packages import go_without

from mnist_app.settings import PROJECT

LOG = "haproxy.log"


@contextmanager
def haproxy(folder: Path, servers: Sequence[int], **environment: str) -> Iterator[str]:
    """Serve two servers at one address; see `go_without` for where HAProxy is not installed.

    Args:
        folder: Where its log is written.
        servers: The two servers' ports.
        environment: More variables of the configuration.

    Yields:
        The address, which every address of this machine leads to.
    """
    program = shutil.which("haproxy") or go_without("HAProxy", "haproxy")
    port = serving.free_port()
    apps = {f"APP_{place}": f"127.0.0.1:{each}" for place, each in enumerate(servers, 1)}
    log = folder / LOG
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [program, "-f", str(PROJECT / "deploy" / "haproxy.cfg")],
            env={**os.environ, **apps, **environment, "PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            serving.wait_until_healthy(f"http://localhost:{port}", process, log)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
