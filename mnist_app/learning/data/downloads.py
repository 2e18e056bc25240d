"""A file brought from the internet: within a time, checked, and in its place whole or not at all.

Pooch checks its contents and puts it in place, by a rename from the same folder; what is added here is
that the bytes come within bounds of time and size, with progress.
"""

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_app.errors import DatasetUnavailable, StorageUnavailable

CHUNK = 1 << 16  # bytes
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RemoteFile:
    """A file whose every byte is known beforehand."""

    address: str
    sha256: str
    size: int
    """Bytes. Nothing longer is ever written."""


def download(
    file: RemoteFile,
    target: Path,
    progress: Progress | None = None,
    *,
    timeout: float = 20.0,
    time_limit: float = 600.0,
) -> None:
    """Bring `file` to `target`, making its folder and replacing what was there, unless it is there already.

    `progress(done, total)` counts bytes. `timeout` is how many seconds the server may take to connect or
    stay silent, `time_limit` how many the whole may take, so that a trickle ends too.

    Raises `DatasetUnavailable` when the file does not come as it should, `StorageUnavailable` when it
    cannot be written. Then `target` is as it was and nothing else is left in its folder.
    """
    import pooch  # type: ignore[import-untyped]

    pooch.get_logger().setLevel("WARNING")  # it would tell standard error of each download

    def fetch(_address: str, part: str, _pooch: object) -> None:
        _write(_receive(file, timeout, time_limit), Path(part), file.size, progress)

    with _writing_to(target.parent):
        try:
            pooch.retrieve(
                file.address, f"sha256:{file.sha256}", target.name, target.parent, downloader=fetch
            )
        except ValueError as error:
            raise _failure(file, "what came is not the expected file") from error


def _write(chunks: Generator[bytes], part: Path, total: int, progress: Progress | None) -> None:
    """Fill the file that pooch has made; made anew, others may read it as they may any other."""
    part.unlink()
    done = 0
    with part.open("xb") as output, contextlib.closing(chunks):
        for chunk in chunks:
            output.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)


@contextlib.contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Pooch words some of them anew and keeps the original as the cause.
        original = error.__cause__ if isinstance(error.__cause__, OSError) else error
        reason = original.strerror or type(original).__name__
        raise StorageUnavailable(
            f"{folder} cannot be written ({reason}); make it a writable folder or choose another."
        ) from error


def _receive(file: RemoteFile, timeout: float, time_limit: float) -> Generator[bytes]:
    """Yield the bytes as they arrive; raise `DatasetUnavailable` for more than the file has, or too late."""
    import requests
    import urllib3

    size, end = 0, time.monotonic() + time_limit
    headers = {"Accept-Encoding": "identity"}
    try:
        with requests.get(file.address, headers=headers, stream=True, timeout=timeout) as response:
            response.raise_for_status()
            # read1 returns what has come; iter_content would wait for a full chunk and not see the time.
            while chunk := response.raw.read1(CHUNK):
                size += len(chunk)
                if time.monotonic() > end:
                    raise _failure(file, f"it took longer than {time_limit:g} seconds")
                if size > file.size:
                    raise _failure(file, "what came is not the expected file")
                yield chunk
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _failure(file, _reason(error, timeout)) from error


def _reason(error: Exception, timeout: float) -> str:
    """Say in plain words why a request failed."""
    import requests
    import urllib3

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return f"nothing came for {timeout:g} seconds"
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return "the server's certificate was not accepted"
    if isinstance(error, requests.ConnectionError):
        return "the server could not be reached"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke off"
    return f"the request failed ({type(error).__name__})"


def _failure(file: RemoteFile, reason: str) -> DatasetUnavailable:
    return DatasetUnavailable(f"{file.address} could not be downloaded: {reason}.")
