"""What every archive of ours has in common: a zip whose members and their sizes are known beforehand.

An archive comes from outside. Its size and its list of members are bounded before anything is read, each
member before it is unpacked, a member's name is never used for more than to find it in a list of ours, and
a manifest tells the digest of each.
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

_END = b"PK\x05\x06"  # of the record that ends a zip, 22 bytes long where there is no comment
_END_SIZE = 22
_LOCATOR = b"PK\x06\x07"  # of what comes before it in a zip of more than 65,535 members or 4 GB
_LOCATOR_SIZE = 20
_LARGE_END = b"PK\x06\x06"  # of the record that ends such a zip and comes before the locator
_LARGE_END_SIZE = 56
_MOST_OF_SMALL = 65_535  # members of a zip without it
_LONGEST_LISTING = 250  # bytes of a member in the zip's directory: 46, its name, and what large zips add
_CHUNK = 1 << 20


class ArchiveFault(Exception):
    """What is wrong with an archive, as the end of a sentence."""


@dataclass(frozen=True)
class ArchiveKind:
    """What is in archives of a kind, and how much at most."""

    name: str
    """What an archive of this kind is called: "archive of drawings"."""
    format: str
    version: int
    max_bytes: int
    """Of an archive, and of all that is in it once it is unpacked."""
    most_members: int
    most_bytes: Callable[[str], int | None]
    """How large a member of that name may be; None for a name that no member of ours has."""


def described(content: bytes) -> dict[str, Any]:
    """What a manifest says of a file."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def plain_member(name: str, when: tuple[int, int, int, int, int, int], compression: int) -> zipfile.ZipInfo:
    """A member to be written: a plain file, packed with one of zipfile's numbers."""
    info = zipfile.ZipInfo(name, when)
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = compression
    return info


@contextmanager
def refusals(action: str) -> Iterator[None]:
    """Turn whatever is wrong with an archive into `UnreadableArchive`, whose sentence ends well.

    `action` is what cannot be done with it, such as "imported".
    """
    try:
        yield
    except ArchiveFault as fault:
        raise UnreadableArchive(f"This file cannot be {action}: {fault}. Nothing was changed.") from fault


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn whatever else comes of reading damaged bytes into `ArchiveFault`. Nothing is written within."""
    try:
        yield
    except ArchiveFault:
        raise
    except Exception as error:
        # On damaged bytes zipfile, zlib and struct raise a dozen kinds of error, not all of them documented.
        raise ArchiveFault(f"it is damaged or cut off ({type(error).__name__})") from error


@contextmanager
def open_archive(file: IO[bytes], kind: ArchiveKind) -> Iterator["ArchiveReader"]:
    """An archive whose list of members is checked, and nothing else is read; raises `ArchiveFault`."""
    with damage_told():
        check_end(file, kind)
        archive = zipfile.ZipFile(file)
    with archive:
        yield ArchiveReader(archive, kind)


class ArchiveReader:
    """The members of an archive, each found to be one that its kind has, and all of them not too large."""

    def __init__(self, archive: zipfile.ZipFile, kind: ArchiveKind) -> None:
        self._archive = archive
        self._kind = kind
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            if info.filename in self.members:
                raise ArchiveFault(f"it has {shown(info.filename)} in it twice")
            self._check_member(info)
            self.members[info.filename] = info
        if MANIFEST not in self.members:
            raise ArchiveFault(f"there is no {MANIFEST} in it, so it is no {kind.name}")
        if self.total_bytes > kind.max_bytes:
            raise ArchiveFault(f"unpacked it would have more than {kind.max_bytes // 10**6:,} MB")

    @property
    def total_bytes(self) -> int:
        """How large all members are together, unpacked, as they say."""
        return sum(info.file_size for info in self.members.values())

    def read(self, name: str) -> bytes:
        """A member's bytes, no more than it may have whatever it says."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes piece by piece, no more than it says, which is no more than it may have."""
        info, count = self.members[name], 0
        with damage_told():
            member = self._archive.open(info)
        with member:
            while True:
                with damage_told():
                    chunk = member.read(_CHUNK)
                count += len(chunk)
                if count > info.file_size or (not chunk and count != info.file_size):
                    raise ArchiveFault(f"{shown(name)} has another size than it says")
                if not chunk:
                    return
                yield chunk

    def manifest(self) -> dict[str, Any]:
        """The manifest, of this kind and of a version that can be read."""
        try:
            manifest = json.loads(self.read(MANIFEST).decode())
        except (ValueError, RecursionError) as error:
            raise ArchiveFault(f"its {MANIFEST} cannot be read") from error
        if not isinstance(manifest, dict) or manifest.get("format") != self._kind.format:
            raise ArchiveFault(f"it is no {self._kind.name}")
        version, wanted = manifest.get("version"), self._kind.version
        if version != wanted or isinstance(version, bool):
            raise ArchiveFault(f"it is of version {shown(version)}, and this app reads version {wanted}")
        return manifest

    def check_files(self, files: Mapping[str, object]) -> None:
        """The files that the manifest describes are there, and no others."""
        if {MANIFEST, *files} != set(self.members):
            raise ArchiveFault(f"its {MANIFEST} and the files in it do not belong together")

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        most = self._kind.most_bytes(name)
        if name != info.orig_filename or most is None:
            raise ArchiveFault(f"{shown(info.orig_filename)} does not belong in it")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ArchiveFault(f"{shown(name)} is no plain file")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise ArchiveFault(f"{shown(name)} is packed or locked in a way that this app does not use")
        if info.file_size > most:
            raise ArchiveFault(f"{shown(name)} would have {info.file_size:,} bytes, at most {most:,} may be")


def not_as_described(name: str) -> ArchiveFault:
    """The fault of a member whose size or digest is not the manifest's."""
    return ArchiveFault(f"{shown(name)} is not what {MANIFEST} says")


def check_end(file: IO[bytes], kind: ArchiveKind) -> None:
    """Bound what zipfile will read of a zip's directory, by the record at its end; leave the rest unread.

    Raises `ArchiveFault`.
    """
    size = file.seek(0, io.SEEK_END)
    if size > kind.max_bytes:
        most = kind.max_bytes // 10**6
        raise ArchiveFault(f"it has {size / 1e6:,.0f} MB, and no {kind.name} has more than {most:,} MB")
    file.seek(max(0, size - _LARGE_END_SIZE - _LOCATOR_SIZE - _END_SIZE))
    tail = file.read(_LARGE_END_SIZE + _LOCATOR_SIZE + _END_SIZE)
    end, before = tail[-_END_SIZE:], tail[:-_END_SIZE]
    if len(end) < _END_SIZE or not end.startswith(_END):
        raise ArchiveFault(f"it is no whole zip, so it is no {kind.name}")
    members, listing = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    is_large = before[-_LOCATOR_SIZE:].startswith(_LOCATOR)
    if is_large and kind.most_members > _MOST_OF_SMALL:
        members, listing, is_large = *_large_end(before, size), False
    if is_large or members > kind.most_members or listing > _LONGEST_LISTING * kind.most_members:
        raise ArchiveFault(f"it has more files in it than the {kind.most_members:,} that may be")


def _large_end(before: bytes, size: int) -> tuple[int, int]:
    """Members and bytes of the directory of a large zip, whose record must stand where we write it."""
    record, locator = before[:-_LOCATOR_SIZE], before[-_LOCATOR_SIZE:]
    place = size - _END_SIZE - _LOCATOR_SIZE - _LARGE_END_SIZE
    if not record.startswith(_LARGE_END) or int.from_bytes(locator[8:16], "little") != place:
        raise ArchiveFault("it is damaged or cut off (its end cannot be read)")
    return int.from_bytes(record[32:40], "little"), int.from_bytes(record[40:48], "little")
