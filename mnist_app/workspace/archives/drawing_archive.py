"""Drawings as one zip, to take away and to bring elsewhere: what was exported imports again exactly.

In it are `manifest.json`, which tells of each drawing who drew it, what it is, when, and the digests of its
files, and for each a `drawings/ID.png` and, where its strokes are known, a `drawings/ID.json`. Nobody's
token is in it.

All of it is checked, as `zip_format` does and by the digests, before any of it is given back.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from pydantic import BaseModel, TypeAdapter

from mnist_app.errors import StorageUnavailable, TooManyDrawings, UnreadableArchive, UnreadableDrawing
from mnist_app.workspace.archives.left_out import LeftOut
from mnist_app.workspace.archives.zip_format import (
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
from mnist_app.workspace.classroom.person_name import EarlierPersonName
from mnist_app.workspace.drawings.drawing_store import MOST_DRAWINGS
from mnist_app.workspace.drawings.kept_drawing import (
    MAX_PNG_BYTES,
    MAX_STROKES_CHARACTERS,
    DrawingRecord,
    KeptDrawing,
    check_kept,
    fault_of_field,
)
from mnist_app.workspace.storage.definitions import STRICT, RecordFault, checked
from mnist_app.workspace.storage.identifiers import ID_FORM, shown
from mnist_app.workspace.storage.visible_text import visible_part

FORMAT = "mnist-app drawings"
VERSION = 1
MAX_BYTES = 100_000_000
"""Of an archive, and of all that is in it once it is unpacked."""
MAX_MANIFEST_BYTES = 1_000 * MOST_DRAWINGS
MOST_MEMBERS = 2 * MOST_DRAWINGS + 1


class FileDescription(BaseModel):
    """What a manifest says of a file. The file is compared with it, so that any other value is refused."""

    model_config = STRICT

    bytes: object
    sha256: object


class DrawingEntry(DrawingRecord):
    """What a manifest says of a drawing: its record and its files.

    Only the archive of a class says who imported it: a zip of drawings does not tell whose they were.
    """

    person: EarlierPersonName
    png: FileDescription
    strokes: FileDescription | None


_ENTRY = TypeAdapter(DrawingEntry)
_OF_IMPORTED = {"importer", "import_id"}
"""Fields that are left out where they are empty, so that earlier versions read the archive too."""
_MEMBER = re.compile(rf"drawings/{ID_FORM}\.(png|json)")
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)  # the same drawings make the same archive


def write_archive(drawings: Sequence[KeptDrawing], file: IO[bytes]) -> list[LeftOut]:
    """Write the drawings as a zip, and read it back as an import does.

    Returns:
        The drawings that could not be imported again, which are not in the zip.

    Raises:
        TooManyDrawings: they are more than `read_archive` takes.
        StorageUnavailable: what was written cannot be read back.
    """
    sound, left_out = sort_out([_without_importer(each) for each in drawings])
    unpacked = sum(len(each.png) + len(each.strokes or "") for each in sound)
    if len(sound) > MOST_DRAWINGS or unpacked > MAX_BYTES - MAX_MANIFEST_BYTES:
        raise TooManyDrawings(
            f"These {len(sound):,} drawings are too many for one archive; take those of one digit or of "
            "one person at a time."
        )
    write_unchecked(sound, file)
    with read_back():
        if read_archive(file) != sound:
            raise UnreadableArchive("its drawings are not those that were written.")
    return left_out


def write_unchecked(drawings: Sequence[KeptDrawing], file: IO[bytes]) -> None:
    """Write the drawings as a zip, whether or not an import takes them."""
    manifest = {"format": FORMAT, "version": VERSION, "drawings": entries_of(drawings)}
    with zipfile.ZipFile(file, "w") as archive:
        put_member(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        put_drawings(archive, drawings)


def archive_of(drawings: Sequence[KeptDrawing]) -> bytes:
    """Return the zip as bytes, without the drawings that could not be imported again; raises likewise."""
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


def sort_out(drawings: Sequence[KeptDrawing]) -> tuple[list[KeptDrawing], list[LeftOut]]:
    """Tell the drawings that can be imported again from those that a store should never have taken."""
    sound, left_out = [], []
    for each in drawings:
        try:
            check_kept(each)
        except UnreadableDrawing as error:
            title = f"a {each.label} by {visible_part(each.person) or 'somebody without a name'}"
            left_out.append(LeftOut("drawing", each.id, title, str(error).rstrip(".")))
        else:
            sound.append(each)
    return sound, left_out


@contextmanager
def read_back() -> Iterator[None]:
    """Turn the refusal of an archive that was just written into an error of the export.

    Raises:
        StorageUnavailable: the archive could not be imported.
    """
    try:
        yield
    except UnreadableArchive as error:
        reason = str(error).removesuffix(" Nothing was changed.")
        raise StorageUnavailable(
            f"The archive was written, but reading it back failed, so do not rely on it. {reason} "
            "Export again; if that fails too, make a backup (python -m mnist_app backup)."
        ) from error


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


def checked_entries(manifest: Mapping[str, Any]) -> list[DrawingEntry]:
    """Return the descriptions of drawings in a manifest, each checked, none of them there twice.

    Raises:
        ArchiveFault: they are not what an export writes.
    """
    described = manifest.get("drawings")
    if not isinstance(described, list):
        raise ArchiveFault(f"its {MANIFEST} does not describe drawings as this app does")
    entries = [_checked_entry(each) for each in described]
    if len({entry.id for entry in entries}) != len(entries):
        raise ArchiveFault(f"its {MANIFEST} describes a drawing twice")
    if len({(entry.writer, str(entry.png.sha256)) for entry in entries}) != len(entries):
        raise ArchiveFault("it has the same drawing of one person in it twice")
    return entries


def members_of(entries: Sequence[DrawingEntry]) -> list[str]:
    """Return the names of the files that belong to these descriptions."""
    pictures = [f"drawings/{entry.id}.png" for entry in entries]
    return pictures + [f"drawings/{entry.id}.json" for entry in entries if entry.strokes is not None]


def read_drawings(archive: ArchiveReader, entries: Sequence[DrawingEntry]) -> list[KeptDrawing]:
    """Return the drawings that are described, all of them checked; raises `ArchiveFault`."""
    return [_read_drawing(archive, entry) for entry in entries]


def read_described(archive: ArchiveReader, name: str, description: FileDescription) -> bytes:
    """Return a member's bytes, which must be what its description says; raises `ArchiveFault`."""
    content = archive.read(name)
    if described(content) != description.model_dump():
        raise not_as_described(name)
    return content


# The rest


def _kind() -> ArchiveKind:
    return ArchiveKind("archive of drawings", FORMAT, VERSION, MAX_BYTES, MOST_MEMBERS, _most_bytes)


def _without_importer(drawing: KeptDrawing) -> KeptDrawing:
    return drawing.model_copy(update=dict.fromkeys(_OF_IMPORTED))


def _described(drawing: KeptDrawing) -> dict[str, Any]:
    strokes = None if drawing.strokes is None else drawing.strokes.encode()
    values = {name: getattr(drawing, name) for name in DrawingRecord.model_fields}
    return {
        **{name: value for name, value in values.items() if value is not None or name not in _OF_IMPORTED},
        "png": described(drawing.png),
        "strokes": None if strokes is None else described(strokes),
    }


def _most_bytes(name: str) -> int | None:
    return MAX_MANIFEST_BYTES if name == MANIFEST else most_bytes(name)


def _checked_entry(entry: object) -> DrawingEntry:
    try:
        return checked(_ENTRY, entry)
    except RecordFault as fault:
        if fault.field is None or not isinstance(entry, dict):
            raise ArchiveFault(f"its {MANIFEST} does not describe drawings as this app does") from fault
        raise _not_ours(entry.get("id"), fault_of_field(fault.field)) from fault


def _read_drawing(archive: ArchiveReader, entry: DrawingEntry) -> KeptDrawing:
    name = f"drawings/{entry.id}"
    png = read_described(archive, f"{name}.png", entry.png)
    strokes = None
    if entry.strokes is not None:
        strokes = read_described(archive, f"{name}.json", entry.strokes)
    values = entry.model_dump(include=set(DrawingRecord.model_fields))
    try:
        text = None if strokes is None else strokes.decode()
        drawing = KeptDrawing.model_construct(**values, png=png, strokes=text)
        check_kept(drawing)
    except (UnreadableDrawing, UnicodeDecodeError) as error:
        reason = str(error).rstrip(".") if isinstance(error, UnreadableDrawing) else "it cannot be read"
        raise _not_ours(entry.id, reason) from error
    return drawing


def _not_ours(drawing_id: object, reason: str) -> ArchiveFault:
    return ArchiveFault(f"the drawing {shown(drawing_id)} is not one of ours: {reason}")
