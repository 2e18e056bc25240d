"""Downloads that are limited in time and size, checked, and put in place as a whole.

Pooch checks the contents and renames the file into place. This module adds the limits of time and size, and
progress.
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
    """A file whose contents are known beforehand."""

    address: str
    sha256: str
    size: int
    """Bytes. Nothing longer is written."""


def download(
    file: RemoteFile,
    target: Path,
    progress: Progress | None = None,
    *,
    timeout: float = 20.0,
    time_limit: float = 600.0,
) -> None:
    """Download a file unless it is in place already; create its folder and replace a different file.

    After an error the target is as it was and nothing else is left in its folder.

    Args:
        file: The file to download.
        target: Where to put it.
        progress: Called with (done, total) in bytes.
        timeout: Seconds that the server may take to connect or stay silent.
        time_limit: Seconds for the whole download, so that a trickle ends too.

    Raises:
        DatasetUnavailable: The file cannot be downloaded, or is not the expected one.
        StorageUnavailable: The file cannot be written.
    """
    import pooch  # type: ignore[import-untyped]

    pooch.get_logger().setLevel("WARNING")  # otherwise it reports each download on standard error

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
    """Write the chunks to pooch's file, created anew so that it has the usual permissions."""
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
        # Pooch rewords some errors and keeps the original as the cause.
        original = error.__cause__ if isinstance(error.__cause__, OSError) else error
        reason = original.strerror or type(original).__name__
        raise StorageUnavailable(
            f"{folder} cannot be written ({reason}); make it a writable folder or choose another."
        ) from error


def _receive(file: RemoteFile, timeout: float, time_limit: float) -> Generator[bytes]:
    """Yield the bytes as they arrive.

    Raises:
        DatasetUnavailable: They are too many or too late, or the request fails.
    """
    import requests
    import urllib3

    size, end = 0, time.monotonic() + time_limit
    headers = {"Accept-Encoding": "identity"}
    try:
        with requests.get(file.address, headers=headers, stream=True, timeout=timeout) as response:
            response.raise_for_status()
            # read1 returns what has arrived; iter_content would wait for a full chunk past the time limit.
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
    """Return in plain words why a request failed."""
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
