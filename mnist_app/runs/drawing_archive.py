"""Drawings as one zip, to take away and to bring elsewhere: what was exported imports again exactly.

In it are `manifest.json`, which tells of each drawing who drew it, what it is, when, and the digests of its
files, and for each a `drawings/ID.png` and, where its strokes are known, a `drawings/ID.json`. Nobody's
token is in it.

All of it is checked, as `archive` does and by the digests, before any of it is given back.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

from mnist_app.errors import TooManyDrawings, UnreadableDrawing
from mnist_app.runs.archive import (
    MANIFEST,
    ArchiveFault,
    ArchiveKind,
    ArchiveReader,
    damage_told,
    described,
    not_as_described,
    open_archive,
    plain_member,
    refusals,
)
from mnist_app.runs.drawings import MOST_DRAWINGS
from mnist_app.runs.identifiers import ID_FORM, shown
from mnist_app.runs.kept_drawing import MAX_PNG_BYTES, MAX_STROKES_CHARACTERS, KeptDrawing, check_kept

FORMAT = "mnist-app drawings"
VERSION = 1
MAX_BYTES = 100_000_000
"""Of an archive, and of all that is in it once it is unpacked."""
MAX_MANIFEST_BYTES = 1_000 * MOST_DRAWINGS
MOST_MEMBERS = 2 * MOST_DRAWINGS + 1

_FIELDS = ("id", "writer", "person", "label", "answer", "source", "created")
_FILES = ("png", "strokes")
_MEMBER = re.compile(rf"drawings/{ID_FORM}\.(png|json)")
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
    manifest = {"format": FORMAT, "version": VERSION, "drawings": entries_of(drawings)}
    with zipfile.ZipFile(file, "w") as archive:
        put_member(archive, MANIFEST, json.dumps(manifest, indent=1, allow_nan=False).encode())
        put_drawings(archive, drawings)


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
    with refusals("imported"), damage_told(), open_archive(file, _kind()) as archive:
        entries = checked_entries(archive.manifest())
        archive.check_files(dict.fromkeys(members_of(entries)))
        return read_drawings(archive, entries)


# What an archive of the whole class has in it as well


def entries_of(drawings: Sequence[KeptDrawing]) -> list[dict[str, Any]]:
    """What a manifest says of these drawings."""
    return [_described(each) for each in drawings]


def put_drawings(archive: zipfile.ZipFile, drawings: Sequence[KeptDrawing]) -> None:
    """Add the files of these drawings to a zip."""
    for each in drawings:
        put_member(archive, f"drawings/{each.id}.png", each.png)
        if each.strokes is not None:
            put_member(archive, f"drawings/{each.id}.json", each.strokes.encode())


def put_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file to a zip: pictures and arrays as they are, all else packed."""
    compression = zipfile.ZIP_STORED if name.endswith((".png", ".npz")) else zipfile.ZIP_DEFLATED
    archive.writestr(plain_member(name, _BEGINNING_OF_TIME, compression), content)


def most_bytes(name: str) -> int | None:
    """How large a drawing's file of that name may be; None for a name that none has."""
    if not _MEMBER.fullmatch(name):
        return None
    return MAX_PNG_BYTES if name.endswith(".png") else MAX_STROKES_CHARACTERS


def checked_entries(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The descriptions of drawings in a manifest, checked by their shapes, none of them there twice.

    Raises `ArchiveFault`.
    """
    entries = manifest.get("drawings")
    if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
        raise ArchiveFault(f"its {MANIFEST} does not describe drawings as this app does")
    if len({entry["id"] for entry in entries}) != len(entries):
        raise ArchiveFault(f"its {MANIFEST} describes a drawing twice")
    pictures = {(entry["writer"], str(entry["png"]["sha256"])) for entry in entries}
    if len(pictures) != len(entries):
        raise ArchiveFault("it has the same drawing of one person in it twice")
    return entries


def members_of(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the files that belong to these descriptions."""
    pictures = [f"drawings/{entry['id']}.png" for entry in entries]
    return pictures + [f"drawings/{entry['id']}.json" for entry in entries if entry["strokes"] is not None]


def read_drawings(archive: ArchiveReader, entries: Sequence[Mapping[str, Any]]) -> list[KeptDrawing]:
    """The drawings that are described, all of them checked; raises `ArchiveFault`."""
    return [_read_drawing(archive, entry) for entry in entries]


def read_described(archive: ArchiveReader, name: str, description: Mapping[str, Any]) -> bytes:
    """A member's bytes, which must be what its description says; raises `ArchiveFault`."""
    content = archive.read(name)
    if described(content) != description:
        raise not_as_described(name)
    return content


def is_description(value: object) -> bool:
    """Whether this describes a file, by its shape."""
    return isinstance(value, dict) and set(value) == {"bytes", "sha256"}


# The rest


def _kind() -> ArchiveKind:
    return ArchiveKind("archive of drawings", FORMAT, VERSION, MAX_BYTES, MOST_MEMBERS, _most_bytes)


def _described(drawing: KeptDrawing) -> dict[str, Any]:
    strokes = None if drawing.strokes is None else drawing.strokes.encode()
    return {
        **{name: getattr(drawing, name) for name in _FIELDS},
        "png": described(drawing.png),
        "strokes": None if strokes is None else described(strokes),
    }


def _most_bytes(name: str) -> int | None:
    return MAX_MANIFEST_BYTES if name == MANIFEST else most_bytes(name)


def _is_entry(entry: object) -> bool:
    """Whether this is the description of a drawing, by its shape; the values are checked later."""
    if not isinstance(entry, dict) or set(entry) != {*_FIELDS, *_FILES}:
        return False
    texts = all(isinstance(entry[name], str) for name in ("id", "writer", "person", "source"))
    number = isinstance(entry["created"], int | float) and not isinstance(entry["created"], bool)
    files = [entry[name] for name in _FILES if not (name == "strokes" and entry[name] is None)]
    return texts and number and all(is_description(file) for file in files)


def _read_drawing(archive: ArchiveReader, entry: Mapping[str, Any]) -> KeptDrawing:
    name = f"drawings/{entry['id']}"
    png = read_described(archive, f"{name}.png", entry["png"])
    strokes = None
    if entry["strokes"] is not None:
        strokes = read_described(archive, f"{name}.json", entry["strokes"])
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
        raise ArchiveFault(f"the drawing {shown(entry['id'])} is not one of ours: {reason}") from error
    return drawing
