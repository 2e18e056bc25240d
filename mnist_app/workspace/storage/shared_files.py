"""Files that several servers share, in any file system of fsspec: a bucket, a server, a folder."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.request import url2pathname

from mnist_app.errors import InvalidSetting, StorageUnavailable

T = TypeVar("T")
_LOCAL = "file://"


class SharedFiles:
    """The files below one fsspec address, by their relative names, such as `models/abc.keras`.

    A bucket puts an object in place whole, by one request. Elsewhere a reader could find a file half written.
    So readers compare a file's digest with the store's, which is written once the file is complete.
    """

    def __init__(self, address: str) -> None:
        """Open the file system of an address.

        Raises:
            InvalidSetting: The address is not valid, or its driver is not installed.
        """
        from fsspec.core import url_to_fs

        self._address = address
        try:
            self._system, self._root = url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise InvalidSetting(
                f"MNIST_APP_FILES is not a valid address of files ({error}); it looks like "
                "/mnt/school or s3://bucket/folder, and fsspec's driver for it must be installed."
            ) from error

    def write(self, name: str, content: bytes) -> None:
        """Write a file; raises `StorageUnavailable`."""
        path = self._path(name)

        def put() -> None:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._system.pipe_file(path, content)

        self._do(put, f"{name} cannot be written to")

    def read(self, name: str) -> bytes:
        """Return the contents of a file.

        Raises:
            StorageUnavailable: The file is missing or cannot be reached.
        """
        path = self._path(name)
        content: bytes = self._do(lambda: self._system.cat_file(path), f"{name} cannot be read from")
        return content

    def names(self, pattern: str) -> list[str]:
        """Return the files that match a pattern such as `models/abc.*`; raises `StorageUnavailable`."""

        def find() -> list[str]:
            self._system.invalidate_cache()  # other servers have written since
            return sorted(self._system.glob(self._path(pattern)))

        paths = self._do(find, "the files cannot be listed at")
        return ["/".join(path.split("/")[-(pattern.count("/") + 1) :]) for path in paths]

    def delete(self, name: str) -> None:
        """Delete a file if it exists; raises `StorageUnavailable`."""

        def remove() -> None:
            with contextlib.suppress(FileNotFoundError):  # another server was faster
                self._system.rm_file(self._path(name))

        self._do(remove, f"{name} cannot be deleted at")

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _do(self, act: Callable[[], T], what: str) -> T:
        try:
            return act()
        except Exception as error:  # each of fsspec's drivers has its own kinds of error
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise StorageUnavailable(
                f"The shared files are out of reach: {what} {self._address} ({reason}); see that "
                "MNIST_APP_FILES can be reached and written to."
            ) from error


def local_folder(address: str) -> Path | None:
    """Return the local or mounted folder that an address names; None for any other address."""
    if address.startswith(_LOCAL):
        return Path(url2pathname(address.removeprefix(_LOCAL)))
    return None if "://" in address else Path(address)
