"""Drawings as one zip, to take away and to bring elsewhere: what was exported imports again exactly.

In it are `manifest.json`, which tells of each drawing who drew it, what it is, when, and the digests of its
files, and for each a `drawings/ID.png` and, where its strokes are known, a `drawings/ID.json`. Nobody's
token is in it.

An archive comes from outside. Its size and its list of members are bounded before anything is read, each
member before it is unpacked, nothing is ever written to a path that it names, and all of it is checked
before any of it is given back.
"""

import hashlib
import io
import json
import re
import stat
import zipfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

from mnist_app.errors import TooManyDrawings, UnreadableArchive, UnreadableDrawing
from mnist_app.runs.drawings import MOST_DRAWINGS
from mnist_app.runs.kept_drawing import MAX_PNG_BYTES, MAX_STROKES_CHARACTERS, KeptDrawing, check_kept

FORMAT = "mnist-app drawings"
VERSION = 1
MANIFEST = "manifest.json"
MAX_BYTES = 100_000_000
"""Of an archive, and of all that is in it once it is unpacked."""
MAX_MANIFEST_BYTES = 1_000 * MOST_DRAWINGS
MOST_MEMBERS = 2 * MOST_DRAWINGS + 1

_FIELDS = ("id", "writer", "person", "label", "answer", "source", "created")
_FILES = ("png", "strokes")
_MEMBER = re.compile(r"drawings/[a-z0-9]{10}\.(png|json)")
_END = b"PK\x05\x06"  # of the record that ends a zip, 22 bytes long where there is no comment
_END_SIZE = 22
_LARGE_END = b"PK\x06\x07"  # of what comes before it in a zip of more than 65,535 members
_LARGE_END_SIZE = 20
_LONGEST_LISTING = 120 * MOST_MEMBERS  # bytes; a member of ours takes 72 in the zip's directory
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)  # the same drawings make the same archive


def write_archive(drawings: Sequence[KeptDrawing], file: IO[bytes]) -> None:
    """Write the drawings as a zip.

    Raises `TooManyDrawings` where they are more than `read_archive` takes.
    """
    unpacked = sum(len(each.png) + len(each.strokes or "") for each in drawings)
    if len(drawings) > MOST_DRAWINGS or unpacked > MAX_BYTES - MAX_MANIFEST_BYTES:
        raise TooManyDrawings(
            f"These {len(drawings):,} drawings are too many for one archive; take those of one digit or of "
            "one person at a time."
        )
    manifest = {"format": FORMAT, "version": VERSION, "drawings": [_described(each) for each in drawings]}
    with zipfile.ZipFile(file, "w") as archive:
        _put(archive, MANIFEST, json.dumps(manifest, indent=1, allow_nan=False).encode())
        for each in drawings:
            _put(archive, f"drawings/{each.id}.png", each.png)
            if each.strokes is not None:
                _put(archive, f"drawings/{each.id}.json", each.strokes.encode())


def archive_of(drawings: Sequence[KeptDrawing]) -> bytes:
    """The zip as bytes; raises as `write_archive`."""
    file = io.BytesIO()
    write_archive(drawings, file)
    return file.getvalue()


def read_archive(file: IO[bytes]) -> list[KeptDrawing]:
    """The drawings in a zip, all of them checked.

    Raises `UnreadableArchive`, which says in a sentence what is wrong with it, for whatever is not exactly
    what `write_archive` writes.
    """
    try:
        _check_end(file)
        with zipfile.ZipFile(file) as archive:
            members = _checked_members(archive)
            entries = _read_manifest(archive, members)
            _check_listed(entries, members)
            return [_read_drawing(archive, members, entry) for entry in entries]
    except _Fault as fault:
        raise _refusal(str(fault)) from fault
    except Exception as error:
        # On damaged bytes zipfile, zlib and struct raise a dozen kinds of error, not all of them documented.
        raise _refusal(f"it is damaged or cut off ({type(error).__name__})") from error


class _Fault(Exception):
    """What is wrong with an archive, as the end of a sentence."""


def _refusal(fault: str) -> UnreadableArchive:
    return UnreadableArchive(f"This file cannot be imported: {fault}. Nothing was changed.")


def _described(drawing: KeptDrawing) -> dict[str, Any]:
    strokes = None if drawing.strokes is None else drawing.strokes.encode()
    return {
        **{name: getattr(drawing, name) for name in _FIELDS},
        "png": _description_of_file(drawing.png),
        "strokes": None if strokes is None else _description_of_file(strokes),
    }


def _description_of_file(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _check_end(file: IO[bytes]) -> None:
    """Bound what zipfile will read of a zip's directory, by the record at its end; leave the rest unread."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise _Fault(f"it has {size / 1e6:,.0f} MB, and an archive of drawings at most {MAX_BYTES // 10**6}")
    file.seek(max(0, size - _LARGE_END_SIZE - _END_SIZE))
    tail = file.read(_LARGE_END_SIZE + _END_SIZE)
    end = tail[-_END_SIZE:]
    if len(end) < _END_SIZE or not end.startswith(_END):
        raise _Fault("it is no whole zip with drawings of this app; export them again")
    members, listing = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    is_large = tail[:-_END_SIZE].startswith(_LARGE_END)
    if is_large or members > MOST_MEMBERS or listing > _LONGEST_LISTING:
        raise _Fault(f"it has more files in it than the {MOST_DRAWINGS:,} drawings that may be kept")


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by name, once each is found to be one that we write, and all of them not too large."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in members:
            raise _Fault(f"it has {_shown(info.filename)} in it twice")
        _check_member(info)
        members[info.filename] = info
    if MANIFEST not in members:
        raise _Fault(f"there is no {MANIFEST} in it, so it is no archive of drawings")
    if sum(info.file_size for info in members.values()) > MAX_BYTES:
        raise _Fault(f"unpacked it would have more than {MAX_BYTES // 10**6} MB")
    return members


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if name != info.orig_filename or not (name == MANIFEST or _MEMBER.fullmatch(name)):
        raise _Fault(f"{_shown(info.orig_filename)} does not belong into an archive of drawings")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _Fault(f"{_shown(name)} is no plain file")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
        raise _Fault(f"{_shown(name)} is packed or locked in a way that this app does not use")
    if info.file_size > _most_bytes(name):
        raise _Fault(
            f"{_shown(name)} would have {info.file_size:,} bytes, at most {_most_bytes(name):,} may be"
        )


def _most_bytes(name: str) -> int:
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    return MAX_PNG_BYTES if name.endswith(".png") else MAX_STROKES_CHARACTERS


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes, no more than it may have whatever it says."""
    with archive.open(info) as member:
        content = member.read(_most_bytes(info.filename) + 1)
    if len(content) != info.file_size:
        raise _Fault(f"{_shown(info.filename)} has another size than it says")
    return content


def _read_manifest(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> list[dict[str, Any]]:
    try:
        manifest = json.loads(_read(archive, members[MANIFEST]).decode())
    except (ValueError, RecursionError) as error:
        raise _Fault(f"its {MANIFEST} cannot be read") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _Fault("it is no archive of drawings")
    if manifest.get("version") != VERSION:
        raise _Fault(
            f"it is of version {_shown(manifest.get('version'))}, and this app reads version {VERSION}"
        )
    entries = manifest.get("drawings")
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        raise _Fault(f"its {MANIFEST} does not describe drawings as this app does")
    return entries


def _is_entry(entry: object) -> bool:
    """Whether this is the description of a drawing, by its shape; the values are checked later."""
    if not isinstance(entry, dict) or set(entry) != {*_FIELDS, *_FILES}:
        return False
    texts = all(isinstance(entry[name], str) for name in ("id", "writer", "person", "source"))
    number = isinstance(entry["created"], int | float) and not isinstance(entry["created"], bool)
    files = [entry[name] for name in _FILES if not (name == "strokes" and entry[name] is None)]
    return texts and number and all(_is_description_of_file(file) for file in files)


def _is_description_of_file(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"bytes", "sha256"}


def _check_listed(entries: Sequence[Mapping[str, Any]], members: Mapping[str, zipfile.ZipInfo]) -> None:
    """Each drawing's files are there, no other ones, and no drawing is told of twice."""
    listed = [MANIFEST]
    for entry in entries:
        listed.append(f"drawings/{entry['id']}.png")
        if entry["strokes"] is not None:
            listed.append(f"drawings/{entry['id']}.json")
    if len(set(listed)) != len(listed):
        raise _Fault(f"its {MANIFEST} describes a drawing twice")
    if set(listed) != set(members):
        raise _Fault(f"its {MANIFEST} and the files in it do not belong together")
    pictures = {(entry["writer"], str(entry["png"]["sha256"])) for entry in entries}
    if len(pictures) != len(entries):
        raise _Fault("it has the same drawing of one person in it twice")


def _read_drawing(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], entry: Mapping[str, Any]
) -> KeptDrawing:
    name = f"drawings/{entry['id']}"
    png = _read_file(archive, members[f"{name}.png"], entry["png"])
    strokes = None
    if entry["strokes"] is not None:
        strokes = _read_file(archive, members[f"{name}.json"], entry["strokes"])
    try:
        drawing = KeptDrawing(
            **{field: entry[field] for field in _FIELDS if field != "created"},
            created=float(entry["created"]),
            png=png,
            strokes=None if strokes is None else strokes.decode(),
        )
        check_kept(drawing)
    except (UnreadableDrawing, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).rstrip(".") if isinstance(error, UnreadableDrawing) else "it cannot be read"
        raise _Fault(f"the drawing {_shown(entry['id'])} is not one of ours: {reason}") from error
    return drawing


def _read_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, description: Mapping[str, Any]) -> bytes:
    content = _read(archive, info)
    if _description_of_file(content) != description:
        raise _Fault(f"{_shown(info.filename)} is not what {MANIFEST} says")
    return content


def _shown(text: object) -> str:
    """A text from outside as a message may show it: quoted, on one line, never long."""
    quoted = repr(text)
    return quoted if len(quoted) <= 40 else quoted[:37] + "..."
