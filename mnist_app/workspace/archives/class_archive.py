"""Everything that a class has made, as one zip. An import gives back exactly what was exported.

The zip contains `manifest.json`, which describes every run, person and drawing, the class settings and the
digests of the files; a `runs/ID.npz` for each run, with its curves, probes and networks as plain arrays; and
the drawings, as in an archive of drawings. It contains no code: `class_import` builds each network from its
preset. It contains no snapshots of first layers, which serve only to look back; a backup contains them,
because it contains the database. It contains the tokens of browsers, by which people find their own runs
again after an import. So an archive must be kept as safe as passwords.
"""

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mnist_app.errors import InvalidSetting
from mnist_app.workspace.archives import drawing_archive
from mnist_app.workspace.archives.archived_run import ArchivedRun, check_arrays, read_entry
from mnist_app.workspace.archives.plain_arrays import MOST_BYTES, Arrays, read_arrays
from mnist_app.workspace.archives.zip_format import (
    MANIFEST,
    ArchiveFault,
    ArchiveKind,
    ArchiveReader,
    damage_told,
    open_archive,
    refusals,
)
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.person_name import PersonName
from mnist_app.workspace.drawings.drawing_store import MOST_DRAWINGS
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.storage.definitions import STRICT, RecordFault, checked
from mnist_app.workspace.storage.identifiers import ID_FORM, Owner, Sha256, shown

FORMAT = "mnist-app class"
VERSION = 1
MOST_RUNS = 10_000
MOST_PEOPLE = 10_000
MAX_BYTES = 20_000_000_000
"""Largest size of an archive, both packed and unpacked."""
MAX_MANIFEST_BYTES = drawing_archive.MAX_MANIFEST_BYTES + 3_000 * MOST_RUNS + 500 * MOST_PEOPLE
_RUN = re.compile(rf"runs/{ID_FORM}\.npz")


@dataclass(frozen=True)
class ClassContents:
    """The amount of what a class has made."""

    runs: int
    drawings: int
    people: int
    """Number of people who gave a name."""


class ArchivedPerson(BaseModel):
    """A person's name, and the token of this person's browser."""

    model_config = STRICT

    owner: Owner
    name: PersonName


_PERSON = TypeAdapter(ArchivedPerson)


@dataclass(frozen=True)
class Archived:
    """The ids of everything in an archive of a class. A reset removes this and nothing else."""

    state: str
    """`class_state` of the store at the time of the export."""
    runs: frozenset[str]
    """Their ids."""
    models: frozenset[str]
    """Ids of the runs whose model is in the archive."""
    checkpoints: frozenset[str]
    """Ids of the runs whose checkpoint is in the archive."""
    drawings: frozenset[str]
    """Their ids."""
    people: frozenset[str]
    """Their tokens."""


@dataclass(frozen=True)
class ClassManifest:
    """The contents of an archive without its pictures and arrays."""

    state: str
    """`class_state` of the store at the time of the export."""
    runs: Sequence[ArchivedRun]
    """The runs in the order of their submission."""
    people: Sequence[ArchivedPerson]
    settings: ClassSettings | None
    """Class settings; None if the teacher had set nothing."""
    drawings: Sequence[str] = ()
    """Ids of the drawings."""

    @property
    def archived(self) -> Archived:
        """Everything that a reset may remove."""
        return Archived(
            state=self.state,
            runs=frozenset(run.id for run in self.runs),
            models=frozenset(run.id for run in self.runs if run.model is not None),
            checkpoints=frozenset(run.id for run in self.runs if run.checkpoint_epoch is not None),
            drawings=frozenset(self.drawings),
            people=frozenset(each.owner for each in self.people),
        )


class ClassArchive:
    """An open archive. Everything is checked at once but the arrays, which are read run by run."""

    def __init__(self, reader: ArchiveReader) -> None:
        """Read and check the manifest and the drawings.

        Raises:
            ArchiveFault: An export would not write this archive.
        """
        manifest = reader.manifest()
        self._reader = reader
        entries = drawing_archive.checked_entries(manifest)
        self.manifest = _read_manifest(manifest, [entry.id for entry in entries])
        members = [*drawing_archive.members_of(entries), *(run.member for run in self.manifest.runs)]
        reader.check_files(dict.fromkeys(members))
        self.drawings: list[KeptDrawing] = drawing_archive.read_drawings(reader, entries)

    @property
    def contents(self) -> ClassContents:
        """Amount of what the archive contains."""
        made = self.manifest
        return ClassContents(len(made.runs), len(self.drawings), len(made.people))

    def arrays(self, run: ArchivedRun) -> Arrays:
        """Return the arrays of one of its runs.

        Raises:
            ArchiveFault: An export would not write these arrays.
        """
        content = drawing_archive.read_described(self._reader, run.member, run.file)
        arrays = read_arrays(content)
        check_arrays(run, arrays)
        return arrays


@contextmanager
def open_class_archive(file: IO[bytes]) -> Iterator[ClassArchive]:
    """Open an archive of a class for reading.

    Raises:
        UnreadableArchive: The archive is faulty, or the `with` block has raised `ArchiveFault`. The error's
            sentence says what is wrong.
    """
    with refusals("imported"), open_archive(file, class_kind()) as reader:
        with damage_told():
            archive = ClassArchive(reader)
        yield archive


def read_class_archive(file: IO[bytes]) -> ClassManifest:
    """Read a whole archive, check all but the shapes of its networks, and return its manifest.

    Raises:
        UnreadableArchive: The archive is faulty.
    """
    with open_class_archive(file) as archive, damage_told():
        for run in archive.manifest.runs:
            archive.arrays(run)
        return archive.manifest


def write_manifest(
    archive: zipfile.ZipFile, manifest: ClassManifest, drawings: Sequence[KeptDrawing]
) -> None:
    """Add the manifest to the zip."""
    values = {
        "format": FORMAT,
        "version": VERSION,
        "state": manifest.state,
        "runs": [run.model_dump() for run in manifest.runs],
        "people": [each.model_dump() for each in manifest.people],
        "settings": None if manifest.settings is None else manifest.settings.to_dict(),
        "drawings": drawing_archive.entries_of(drawings),
    }
    text = json.dumps(values, indent=1, allow_nan=False)
    drawing_archive.put_member(archive, MANIFEST, text.encode())


def class_kind() -> ArchiveKind:
    """Return the kind of archive that an archive of a class is."""
    members = 1 + MOST_RUNS + 2 * MOST_DRAWINGS
    return ArchiveKind("archive of a class", FORMAT, VERSION, MAX_BYTES, members, _most_bytes)


def _most_bytes(name: str) -> int | None:
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    return MOST_BYTES if _RUN.fullmatch(name) else drawing_archive.most_bytes(name)


class _Manifest(BaseModel):
    """The parts of a manifest. Entries are checked one by one, so that an error can name the faulty entry."""

    model_config = ConfigDict(strict=True)

    state: Sha256
    runs: list[Any]
    people: Annotated[list[Any], Field(max_length=MOST_PEOPLE)]
    settings: Any = None


_MANIFEST = TypeAdapter(_Manifest)


def _read_manifest(values: dict[str, Any], drawings: Sequence[str]) -> ClassManifest:
    try:
        parts = checked(_MANIFEST, values)
    except RecordFault as fault:
        raise ArchiveFault(f"its {MANIFEST} does not describe a class as this app does") from fault
    if len(parts.runs) > MOST_RUNS:
        raise ArchiveFault(f"it contains {len(parts.runs):,} runs, and at most {MOST_RUNS:,} are allowed")
    described = [read_entry(entry) for entry in parts.runs]
    if len({run.id for run in described}) != len(described):
        raise ArchiveFault(f"its {MANIFEST} describes a run twice")
    known = [_read_person(each) for each in parts.people]
    if len({each.owner for each in known}) != len(known):
        raise ArchiveFault(f"its {MANIFEST} describes a person twice")
    return ClassManifest(parts.state, described, known, _read_settings(parts.settings), drawings)


def _read_person(entry: object) -> ArchivedPerson:
    try:
        return checked(_PERSON, entry)
    except RecordFault as fault:
        name = entry.get("name") if isinstance(entry, dict) else entry
        raise ArchiveFault(
            f"its person {shown(name)} has a token or a name that a class cannot have"
        ) from fault


def _read_settings(values: object) -> ClassSettings | None:
    try:
        return None if values is None else ClassSettings.from_dict(values)
    except InvalidSetting as error:
        raise ArchiveFault("this version cannot read its class settings") from error
