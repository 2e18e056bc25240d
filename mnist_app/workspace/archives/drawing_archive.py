"""Drawings as one zip, for another place. An import gives back exactly what was exported.

The zip contains `manifest.json`, which says of each drawing who drew it, its digit, its time and the digests
of its files. Each drawing has a `drawings/ID.png` and, if its strokes are known, a `drawings/ID.json`. The
zip contains no tokens of browsers.

Everything is checked, by `zip_format` and by the digests, before any drawing is returned.
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
from mnist_app.wording import with_article
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
"""Largest size of an archive, both packed and unpacked."""
MAX_MANIFEST_BYTES = 1_000 * MOST_DRAWINGS
MOST_MEMBERS = 2 * MOST_DRAWINGS + 1


class FileDescription(BaseModel):
    """Size and digest of a file in a manifest. They may be of any type, because the file must equal them."""

    model_config = STRICT

    bytes: object
    sha256: object


class DrawingEntry(DrawingRecord):
    """A drawing in a manifest: its record and its files.

    Only the archive of a class says who imported a drawing; a zip of drawings does not.
    """

    person: EarlierPersonName
    png: FileDescription
    strokes: FileDescription | None


_ENTRY = TypeAdapter(DrawingEntry)
_OF_IMPORTED = {"importer", "import_id"}
"""Fields that are left out if they are empty, so that earlier versions can read the archive."""
_MEMBER = re.compile(rf"drawings/{ID_FORM}\.(png|json)")


def write_archive(drawings: Sequence[KeptDrawing], file: IO[bytes]) -> list[LeftOut]:
    """Write the drawings as a zip, and read it back as an import does.

    Returns:
        The drawings that could not be imported again, which are not in the zip.

    Raises:
        TooManyDrawings: `read_archive` would refuse so many.
        StorageUnavailable: The zip cannot be read back.
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
    """Write the drawings as a zip, without a check whether they can be imported."""
    manifest = {"format": FORMAT, "version": VERSION, "drawings": entries_of(drawings)}
    with zipfile.ZipFile(file, "w") as archive:
        put_member(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        put_drawings(archive, drawings)


def archive_of(drawings: Sequence[KeptDrawing]) -> bytes:
    """Return the zip of `write_archive` as bytes; raise what `write_archive` raises."""
    file = io.BytesIO()
    write_archive(drawings, file)
    return file.getvalue()


def read_archive(file: IO[bytes]) -> list[KeptDrawing]:
    """Return the drawings in a zip, all of them checked.

    Raises:
        UnreadableArchive: `write_archive` would not write this zip. The sentence says what is wrong.
    """
    with refusals("imported"), damage_told(), open_archive(file, _kind()) as archive:
        entries = checked_entries(archive.manifest())
        archive.check_files(dict.fromkeys(members_of(entries)))
        return read_drawings(archive, entries)


# Shared with the archive of a class


def sort_out(drawings: Sequence[KeptDrawing]) -> tuple[list[KeptDrawing], list[LeftOut]]:
    """Separate the drawings that can be imported again from invalid ones that an old store may contain."""
    sound, left_out = [], []
    for each in drawings:
        try:
            check_kept(each)
        except UnreadableDrawing as error:
            title = f"{with_article(each.label)} by {visible_part(each.person) or 'somebody without a name'}"
            left_out.append(LeftOut("drawing", each.id, title, str(error).rstrip(".")))
        else:
            sound.append(each)
    return sound, left_out


@contextmanager
def read_back() -> Iterator[None]:
    """Turn the refusal of an archive that was just written into an error of the export.

    Raises:
        StorageUnavailable: The block has raised `UnreadableArchive`.
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
    """Return the manifest's entries of these drawings."""
    return [_described(each) for each in drawings]


def put_drawings(archive: zipfile.ZipFile, drawings: Sequence[KeptDrawing]) -> None:
    """Add the files of these drawings to a zip."""
    for each in drawings:
        put_member(archive, f"drawings/{each.id}.png", each.png)
        if each.strokes is not None:
            put_member(archive, f"drawings/{each.id}.json", each.strokes.encode())


def put_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file to a zip. Pictures and arrays are stored, all other files are compressed."""
    compression = zipfile.ZIP_STORED if name.endswith((".png", ".npz")) else zipfile.ZIP_DEFLATED
    archive.writestr(plain_member(name, compression), content)


def most_bytes(name: str) -> int | None:
    """Return the size limit of a drawing's file by its name; None for a name that no such file has."""
    if not _MEMBER.fullmatch(name):
        return None
    return MAX_PNG_BYTES if name.endswith(".png") else MAX_STROKES_CHARACTERS


def checked_entries(manifest: Mapping[str, Any]) -> list[DrawingEntry]:
    """Return the drawings in a manifest, each checked.

    Raises:
        ArchiveFault: An export would not write these entries, or a drawing occurs twice.
    """
    described = manifest.get("drawings")
    if not isinstance(described, list):
        raise ArchiveFault(f"its {MANIFEST} does not describe drawings as this app does")
    entries = [_checked_entry(each) for each in described]
    if len({entry.id for entry in entries}) != len(entries):
        raise ArchiveFault(f"its {MANIFEST} describes a drawing twice")
    if len({(entry.writer, str(entry.png.sha256)) for entry in entries}) != len(entries):
        raise ArchiveFault("it contains the same drawing of one person twice")
    return entries


def members_of(entries: Sequence[DrawingEntry]) -> list[str]:
    """Return the names of the files that belong to these entries."""
    pictures = [f"drawings/{entry.id}.png" for entry in entries]
    return pictures + [f"drawings/{entry.id}.json" for entry in entries if entry.strokes is not None]


def read_drawings(archive: ArchiveReader, entries: Sequence[DrawingEntry]) -> list[KeptDrawing]:
    """Return the drawings of these entries, all of them checked.

    Raises:
        ArchiveFault: A drawing is not valid, or is not as the manifest describes it.
    """
    return [_read_drawing(archive, entry) for entry in entries]


def read_described(archive: ArchiveReader, name: str, description: FileDescription) -> bytes:
    """Return a member's bytes.

    Raises:
        ArchiveFault: They are not as the manifest describes them.
    """
    content = archive.read(name)
    if described(content) != description.model_dump():
        raise not_as_described(name)
    return content


# Private


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
    return ArchiveFault(f"the drawing {shown(drawing_id)} is not valid: {reason}")
