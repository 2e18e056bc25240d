"""Importing a class that was exported: what is not here yet is added, all of it or nothing.

All of an archive is checked before anything is written. Then the files of its networks are put in place,
which nobody sees as long as no run names them, and one transaction of the store adds the rest.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

from sqlalchemy import Connection, insert, select

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.workspace.archives.archived_run import ArchivedRun
from mnist_app.workspace.archives.class_archive import ArchivedPerson, ClassArchive, open_class_archive
from mnist_app.workspace.archives.plain_arrays import Arrays
from mnist_app.workspace.archives.rebuilt_networks import check_network, has_network, put_network
from mnist_app.workspace.archives.zip_format import ArchiveFault, damage_told
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.class_settings_store import put_class_settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import serialize_writes
from mnist_app.workspace.storage.tables import class_settings, fine_tunings, people, points, probes, runs
from mnist_app.workspace.storage.upsert import insert_or_update

MOST_CURVE_BYTES = 1_000_000_000
"""Of the curves and probes of all runs together, which are in memory while they are imported."""
_one_import = threading.Lock()


@dataclass(frozen=True)
class Imported:
    """What became of an archive."""

    runs: int
    """That were added."""
    runs_here: int
    """That were here already, and are left as they are."""
    drawings: int
    drawings_here: int
    names: int
    """Of people who had none here."""
    has_settings: bool
    """Whether what the teacher had set was taken over: only where nothing was set here."""
    lacks_start_model: bool = False
    """Whether the model that they name is nowhere to be found, so that the shipped one takes its place."""


def import_class(file: IO[bytes], store: Store, files: ModelFiles) -> Imported:
    """Add what is in an archive and not here; what is here already stays as it is.

    Raises `UnreadableArchive`, `TooManyDrawings` or `StorageUnavailable`, and then nothing was changed.
    """
    with _one_import, open_class_archive(file) as archive:
        curves = _check_runs(archive)
        new = _new_runs(archive.manifest.runs, store)
        try:
            networks = {run.id: _put_files(archive, run, files) for run in new}
            with store.writing() as connection:
                return _add(connection, archive, new, networks, curves, store)
        except BaseException:
            for run in _new_runs(new, store):
                files.delete(run.id)
            raise


def check_class(file: IO[bytes]) -> None:
    """Check a whole archive as an import does, and change nothing.

    Raises:
        UnreadableArchive: it cannot be imported.
    """
    with open_class_archive(file) as archive:
        _check_runs(archive)


def _check_runs(archive: ClassArchive) -> dict[str, Arrays]:
    """Check the arrays of every run; its curves and probes, by its id."""
    curves: dict[str, Arrays] = {}
    size = 0
    for run in archive.manifest.runs:
        with damage_told():
            arrays = archive.arrays(run)
            if has_network(arrays):
                check_network(run, arrays)
        curves[run.id] = {name: array.copy() for name, array in arrays.items() if "-" not in name}
        size += sum(array.nbytes for array in curves[run.id].values())
        if size > MOST_CURVE_BYTES:
            raise ArchiveFault("its curves have more points than can be imported at once")
    return curves


def _new_runs(described: Sequence[ArchivedRun], store: Store) -> list[ArchivedRun]:
    """Those that the store does not have."""
    with store.reading() as connection:
        here = set(connection.execute(select(runs.c.id)).scalars())
    return [run for run in described if run.id not in here]


def _put_files(archive: ClassArchive, run: ArchivedRun, files: ModelFiles) -> dict[str, str | None]:
    """Put the run's networks in place; the columns that tell of them."""
    arrays = archive.arrays(run)
    return put_network(run, arrays, files) if has_network(arrays) else {}


def _add(  # noqa: PLR0913 (one transaction, and all that goes into it)
    connection: Connection,
    archive: ClassArchive,
    new: Sequence[ArchivedRun],
    networks: dict[str, dict[str, str | None]],
    curves: dict[str, Arrays],
    store: Store,
) -> Imported:
    serialize_writes(connection)  # whoever else writes names or settings waits until this is done
    for run in new:
        _add_run(connection, run, networks[run.id], curves[run.id])
    names = sum(_add_person(connection, person) for person in archive.manifest.people)
    settings = _with_a_model(connection, archive.manifest.settings)
    has_settings = _add_settings(connection, settings)
    drawings = Drawings(store.database).add_within(connection, archive.drawings)
    return Imported(
        runs=len(new),
        runs_here=len(archive.manifest.runs) - len(new),
        drawings=drawings.added,
        drawings_here=drawings.already_here,
        names=names,
        has_settings=has_settings,
        lacks_start_model=has_settings and settings != archive.manifest.settings,
    )


def _add_run(
    connection: Connection, run: ArchivedRun, network: dict[str, str | None], arrays: Arrays
) -> None:
    probe = arrays["probe"].tobytes() if "probe" in arrays else None
    added = connection.execute(insert(runs).values(**run.columns(), **network, probe=probe))
    number = added.inserted_primary_key[0]  # type: ignore[index]  # an INSERT of one row has one
    for split in ("train", "validation"):
        if rows := _points(number, split, arrays[split]):
            connection.execute(insert(points), rows)
    if rows := _probes(number, arrays):
        connection.execute(insert(probes), rows)
    if run.fine_tuning is not None:
        connection.execute(insert(fine_tunings).values(run=number, **run.fine_tuning.model_dump()))


def _points(number: int, split: str, found: Any) -> list[dict[str, Any]]:
    return [
        {"run": number, "split": split, "step": int(step), "epoch": epoch, "loss": loss, "accuracy": accuracy}
        for step, epoch, loss, accuracy in found.tolist()
    ]


def _probes(number: int, arrays: Arrays) -> list[dict[str, Any]]:
    if "probe_moments" not in arrays:
        return []
    moments, answers = arrays["probe_moments"].tolist(), arrays["probe_answers"]
    return [
        {"run": number, "step": int(step), "epoch": epoch, "probabilities": answer.tobytes()}
        for (step, epoch), answer in zip(moments, answers, strict=True)
    ]


def _add_person(connection: Connection, person: ArchivedPerson) -> bool:
    """Give a person who has no name here the name in the archive; return whether that was done."""
    row = {"owner": person.owner, "name": person.name, "turn": 0}
    return insert_or_update(connection, people, row, changed=["name"], where=people.c.name == "")


def _with_a_model(connection: Connection, settings: ClassSettings | None) -> ClassSettings | None:
    """Return settings that start with the shipped model, if the run that they name has none here."""
    if settings is None or settings.start_model == SHIPPED:
        return settings
    named = (runs.c.id == settings.start_model) & runs.c.model_sha256.is_not(None)
    is_here = connection.execute(select(runs.c.id).where(named)).first() is not None
    return settings if is_here else replace(settings, start_model=SHIPPED)


def _add_settings(connection: Connection, settings: ClassSettings | None) -> bool:
    if settings is None or connection.execute(select(class_settings.c.name)).first() is not None:
        return False
    put_class_settings(connection, settings)
    return True
