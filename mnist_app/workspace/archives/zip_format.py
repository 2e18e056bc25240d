"""The common format of all archives: a zip with known names of members, limited sizes and a manifest.

An archive comes from outside. The sizes of the file and of its directory are checked before anything is read,
and each member's size before it is unpacked. A member's name is only compared with the expected names. The
manifest contains the digest of each member.
"""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from mnist_app.errors import UnreadableArchive
from mnist_app.workspace.storage.identifiers import shown

MANIFEST = "manifest.json"

_END = b"PK\x05\x06"  # signature of the record at a zip's end, which has 22 bytes without a comment
_END_SIZE = 22
_LOCATOR = b"PK\x06\x07"  # signature of the record before it in a zip of over 65,535 members or 4 GB (zip64)
_LOCATOR_SIZE = 20
_LARGE_END = b"PK\x06\x06"  # signature of the record before the locator, with the counts of such a zip
_LARGE_END_SIZE = 56
_MOST_OF_SMALL = 65_535  # members of a zip without these records
_LONGEST_LISTING = 250  # bytes of a member in the zip's directory: 46, its name, and zip64's extra field
_CHUNK = 1 << 20


class ArchiveFault(Exception):
    """An archive is faulty. The text is the end of a sentence."""


@dataclass(frozen=True)
class ArchiveKind:
    """A kind of archive: its format and its limits."""

    name: str
    """The kind in words, such as "archive of drawings"."""
    format: str
    version: int
    max_bytes: int
    """Largest size of an archive, both packed and unpacked."""
    most_members: int
    most_bytes: Callable[[str], int | None]
    """Returns the size limit of a member by its name; None for an unknown name."""


def described(content: bytes) -> dict[str, Any]:
    """Return a file's size and digest for a manifest."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def plain_member(name: str, compression: int) -> zipfile.ZipInfo:
    """Return the header of a new member, a plain file.

    Its time is always 1980: the same content makes the same archive, and a clock that is wrong, as after an
    empty battery, cannot name a year that no zip can hold.

    Args:
        name: The member's name.
        compression: One of zipfile's constants, such as `ZIP_STORED`.
    """
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = compression
    return info


@contextmanager
def refusals(action: str) -> Iterator[None]:
    """Turn `ArchiveFault` into `UnreadableArchive` with a whole sentence.

    Args:
        action: What cannot be done with the archive, such as "imported".

    Raises:
        UnreadableArchive: The block has raised `ArchiveFault`.
    """
    try:
        yield
    except ArchiveFault as fault:
        raise UnreadableArchive(f"This file cannot be {action}: {fault}. Nothing was changed.") from fault


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn every error of a block that only reads an archive into `ArchiveFault`."""
    try:
        yield
    except ArchiveFault:
        raise
    except Exception as error:
        # For damaged bytes, zipfile, zlib and struct raise a dozen types of error, some of them undocumented.
        raise ArchiveFault(f"it is damaged or cut off ({type(error).__name__})") from error


@contextmanager
def open_archive(file: IO[bytes], kind: ArchiveKind) -> Iterator["ArchiveReader"]:
    """Open an archive, and check its list of members without reading them.

    Raises:
        ArchiveFault: The file is not an archive of this kind, or exceeds the limits.
    """
    with damage_told():
        check_end(file, kind)
        archive = zipfile.ZipFile(file)
    with archive:
        yield ArchiveReader(archive, kind)


class ArchiveReader:
    """An open archive. The names and sizes of its members are within the limits of its kind."""

    def __init__(self, archive: zipfile.ZipFile, kind: ArchiveKind) -> None:
        self._archive = archive
        self._kind = kind
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            if info.filename in self.members:
                raise ArchiveFault(f"it contains {shown(info.filename)} twice")
            self._check_member(info)
            self.members[info.filename] = info
        if MANIFEST not in self.members:
            raise ArchiveFault(f"it contains no {MANIFEST}, so it is no {kind.name}")
        if self.total_bytes > kind.max_bytes:
            raise ArchiveFault(f"unpacked it would be larger than {kind.max_bytes // 10**6:,} MB")

    @property
    def total_bytes(self) -> int:
        """Size of all members together, unpacked, as the zip's directory claims."""
        return sum(info.file_size for info in self.members.values())

    def read(self, name: str) -> bytes:
        """Return a member's bytes.

        Raises:
            ArchiveFault: The member is damaged, or has another size than it claims.
        """
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes in chunks, and never more than its size limit.

        Raises:
            ArchiveFault: The member is damaged, or has another size than it claims.
        """
        info, count = self.members[name], 0
        with damage_told():
            member = self._archive.open(info)
        with member:
            while True:
                with damage_told():
                    chunk = member.read(_CHUNK)
                count += len(chunk)
                if count > info.file_size or (not chunk and count != info.file_size):
                    raise ArchiveFault(f"{shown(name)} has another size than it claims")
                if not chunk:
                    return
                yield chunk

    def manifest(self) -> dict[str, Any]:
        """Return the manifest.

        Raises:
            ArchiveFault: It cannot be read, or is of another kind or version.
        """
        try:
            manifest = json.loads(self.read(MANIFEST).decode())
        except (ValueError, RecursionError) as error:
            raise ArchiveFault(f"its {MANIFEST} cannot be read") from error
        if not isinstance(manifest, dict) or manifest.get("format") != self._kind.format:
            raise ArchiveFault(f"it is no {self._kind.name}")
        version, wanted = manifest.get("version"), self._kind.version
        if version != wanted or isinstance(version, bool):
            raise ArchiveFault(f"it has version {shown(version)}, and this app reads version {wanted}")
        return manifest

    def check_files(self, files: Mapping[str, object]) -> None:
        """Check that the archive contains the files that its manifest describes, and no others.

        Raises:
            ArchiveFault: A file is missing or is not described.
        """
        if {MANIFEST, *files} != set(self.members):
            raise ArchiveFault(f"its {MANIFEST} and the files in it do not belong together")

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        most = self._kind.most_bytes(name)
        if name != info.orig_filename or most is None:
            raise ArchiveFault(f"{shown(info.orig_filename)} does not belong in it")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ArchiveFault(f"{shown(name)} is not a plain file")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise ArchiveFault(
                f"{shown(name)} is compressed or encrypted in a way that this app does not use"
            )
        if info.file_size > most:
            raise ArchiveFault(
                f"{shown(name)} would have {info.file_size:,} bytes, and at most {most:,} are allowed"
            )


def not_as_described(name: str) -> ArchiveFault:
    """Return the fault of a member whose size or digest differs from the manifest's."""
    return ArchiveFault(f"{shown(name)} is not what {MANIFEST} says")


def check_end(file: IO[bytes], kind: ArchiveKind) -> None:
    """Check the record at a zip's end, so that zipfile reads no more of its directory than allowed.

    Raises:
        ArchiveFault: The file is too large, is not a zip, or has too many members.
    """
    size = file.seek(0, io.SEEK_END)
    if size > kind.max_bytes:
        most = kind.max_bytes // 10**6
        raise ArchiveFault(f"it has {size / 1e6:,.0f} MB, and no {kind.name} has more than {most:,} MB")
    file.seek(max(0, size - _LARGE_END_SIZE - _LOCATOR_SIZE - _END_SIZE))
    tail = file.read(_LARGE_END_SIZE + _LOCATOR_SIZE + _END_SIZE)
    end, before = tail[-_END_SIZE:], tail[:-_END_SIZE]
    if len(end) < _END_SIZE or not end.startswith(_END):
        raise ArchiveFault(f"it is not a complete zip file, so it is no {kind.name}")
    members, listing = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    is_large = before[-_LOCATOR_SIZE:].startswith(_LOCATOR)
    if is_large and kind.most_members > _MOST_OF_SMALL:
        members, listing, is_large = *_large_end(before, size), False
    if is_large or members > kind.most_members or listing > _LONGEST_LISTING * kind.most_members:
        raise ArchiveFault(f"it contains more files than the {kind.most_members:,} that are allowed")


def _large_end(before: bytes, size: int) -> tuple[int, int]:
    """Return the numbers of members and of bytes in a large zip's directory.

    Its record must be directly before the locator, where zipfile writes it.
    """
    record, locator = before[:-_LOCATOR_SIZE], before[-_LOCATOR_SIZE:]
    place = size - _END_SIZE - _LOCATOR_SIZE - _LARGE_END_SIZE
    if not record.startswith(_LARGE_END) or int.from_bytes(locator[8:16], "little") != place:
        raise ArchiveFault("it is damaged or cut off (its end cannot be read)")
    return int.from_bytes(record[32:40], "little"), int.from_bytes(record[40:48], "little")
