"""All that a class has made, as one zip: what was exported imports again exactly.

In it are `manifest.json`, which tells of every run, person and drawing, of what the teacher has set and of
the digests of the files; a `runs/ID.npz` for each run, with its curves, probes and networks as plain arrays;
and the drawings, as in an archive of drawings. There is no code in it and nothing that could become code:
`class_import` builds each network anew from its preset. By the tokens of the browsers in it people find their
own runs again after an import, which is why an archive is to be kept as passwords are.
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
"""Of an archive, and of all that is in it once it is unpacked."""
MAX_MANIFEST_BYTES = drawing_archive.MAX_MANIFEST_BYTES + 3_000 * MOST_RUNS + 500 * MOST_PEOPLE
_RUN = re.compile(rf"runs/{ID_FORM}\.npz")


@dataclass(frozen=True)
class ClassContents:
    """How much a class has made."""

    runs: int
    drawings: int
    people: int
    """Who gave a name."""


class ArchivedPerson(BaseModel):
    """What somebody wants to be called, and the token that this person's browser keeps."""

    model_config = STRICT

    owner: Owner
    name: PersonName


_PERSON = TypeAdapter(ArchivedPerson)


@dataclass(frozen=True)
class Archived:
    """What an archive of a class holds. A reset removes this and nothing else."""

    state: str
    """What `class_state` gave of the store when the archive was written."""
    runs: frozenset[str]
    """Their ids."""
    models: frozenset[str]
    """The ids of the runs whose model it holds."""
    checkpoints: frozenset[str]
    """The ids of the runs whose checkpoint it holds."""
    drawings: frozenset[str]
    """Their ids."""
    people: frozenset[str]
    """Their tokens."""


@dataclass(frozen=True)
class ClassManifest:
    """All that a class has made but pictures and arrays."""

    state: str
    """What `class_state` gave of the store when the archive was written."""
    runs: Sequence[ArchivedRun]
    """In the order of their submission."""
    people: Sequence[ArchivedPerson]
    settings: ClassSettings | None
    """What the teacher had set; None where nothing was."""
    drawings: Sequence[str] = ()
    """The ids of the drawings."""

    @property
    def archived(self) -> Archived:
        """What a reset may remove."""
        return Archived(
            state=self.state,
            runs=frozenset(run.id for run in self.runs),
            models=frozenset(run.id for run in self.runs if run.model is not None),
            checkpoints=frozenset(run.id for run in self.runs if run.checkpoint_epoch is not None),
            drawings=frozenset(self.drawings),
            people=frozenset(each.owner for each in self.people),
        )


class ClassArchive:
    """An archive that is open to be read; all of it was checked but the arrays, which are read run by run."""

    def __init__(self, reader: ArchiveReader) -> None:
        """Raises `ArchiveFault`."""
        manifest = reader.manifest()
        self._reader = reader
        entries = drawing_archive.checked_entries(manifest)
        self.manifest = _read_manifest(manifest, [entry.id for entry in entries])
        members = [*drawing_archive.members_of(entries), *(run.member for run in self.manifest.runs)]
        reader.check_files(dict.fromkeys(members))
        self.drawings: list[KeptDrawing] = drawing_archive.read_drawings(reader, entries)

    @property
    def contents(self) -> ClassContents:
        """How much is in it."""
        made = self.manifest
        return ClassContents(len(made.runs), len(self.drawings), len(made.people))

    def arrays(self, run: ArchivedRun) -> Arrays:
        """The arrays of one of its runs, checked as `check_arrays` does; raises `ArchiveFault`."""
        content = drawing_archive.read_described(self._reader, run.member, run.file)
        arrays = read_arrays(content)
        check_arrays(run, arrays)
        return arrays


@contextmanager
def open_class_archive(file: IO[bytes]) -> Iterator[ClassArchive]:
    """An archive to be read, and whatever is wrong with it told in a sentence.

    Raises `UnreadableArchive`, also for what is found within the `with` block.
    """
    with refusals("imported"), open_archive(file, class_kind()) as reader:
        with damage_told():
            archive = ClassArchive(reader)
        yield archive


def read_class_archive(file: IO[bytes]) -> ClassManifest:
    """Read and check an archive from beginning to end but for the shapes of networks; what it tells.

    Raises `UnreadableArchive`.
    """
    with open_class_archive(file) as archive, damage_told():
        for run in archive.manifest.runs:
            archive.arrays(run)
        return archive.manifest


def write_manifest(
    archive: zipfile.ZipFile, manifest: ClassManifest, drawings: Sequence[KeptDrawing]
) -> None:
    """Add what tells of all that is in the zip."""
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
    """What an archive of a class is, for whoever reads one."""
    members = 1 + MOST_RUNS + 2 * MOST_DRAWINGS
    return ArchiveKind("archive of a class", FORMAT, VERSION, MAX_BYTES, members, _most_bytes)


def _most_bytes(name: str) -> int | None:
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    return MOST_BYTES if _RUN.fullmatch(name) else drawing_archive.most_bytes(name)


class _Manifest(BaseModel):
    """The parts of a manifest. What is in each part is checked on its own, so that a fault names it."""

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
        raise ArchiveFault(f"it has {len(parts.runs):,} runs in it, at most {MOST_RUNS:,} may be")
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
        raise ArchiveFault(f"the person {shown(name)} in it cannot be one of a class") from fault


def _read_settings(values: object) -> ClassSettings | None:
    try:
        return None if values is None else ClassSettings.from_dict(values)
    except InvalidSetting as error:
        raise ArchiveFault("what the teacher has set cannot be read by this version") from error
