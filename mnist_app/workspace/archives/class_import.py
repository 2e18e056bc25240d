"""The import of an exported class: it adds everything that is not here yet, or nothing.

The whole archive is checked before anything is written. Then the files of its networks are put in place,
where nobody sees them until a run names them. At last, one transaction of the store adds the rest.
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
"""Most bytes of all runs' curves and probes together, which are in memory during an import."""
_one_import = threading.Lock()


@dataclass(frozen=True)
class Imported:
    """The result of an import."""

    runs: int
    """Runs that were added."""
    runs_here: int
    """Runs that were here already; they stay unchanged."""
    drawings: int
    drawings_here: int
    names: int
    """Names that were added for people who had no name here."""
    has_settings: bool
    """Whether the class settings were taken over, which needs that nothing was set here."""
    lacks_start_model: bool = False
    """Whether the model that the settings name does not exist, so that the built-in one replaces it."""


def import_class(file: IO[bytes], store: Store, files: ModelFiles) -> Imported:
    """Add everything of an archive that is not here yet. What is here already stays unchanged.

    Args:
        file: The archive.
        store: The store to add to.
        files: The models and checkpoints to add to.

    Raises:
        UnreadableArchive: The archive is faulty. As with the other errors, nothing was changed.
        TooManyDrawings: The store cannot hold so many drawings.
        StorageUnavailable: The store or its files cannot be written.
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
    """Check a whole archive as an import does, without any change.

    Raises:
        UnreadableArchive: The archive is faulty.
    """
    with open_class_archive(file) as archive:
        _check_runs(archive)


def _check_runs(archive: ClassArchive) -> dict[str, Arrays]:
    """Check the arrays of every run, and return their curves and probes by the run's id."""
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
            raise ArchiveFault(
                f"its curves are larger than {MOST_CURVE_BYTES // 10**6:,} MB, too much for one import"
            )
    return curves


def _new_runs(described: Sequence[ArchivedRun], store: Store) -> list[ArchivedRun]:
    """Return the runs that the store does not have."""
    with store.reading() as connection:
        here = set(connection.execute(select(runs.c.id)).scalars())
    return [run for run in described if run.id not in here]


def _put_files(archive: ClassArchive, run: ArchivedRun, files: ModelFiles) -> dict[str, str | None]:
    """Write the files of a run's networks, and return the columns that describe them."""
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
    serialize_writes(connection)  # other writers of names or settings wait for this transaction
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
    """Add a person's name if the person has no name here, and return whether it was added."""
    row = {"owner": person.owner, "name": person.name, "turn": 0}
    return insert_or_update(connection, people, row, changed=["name"], where=people.c.name == "")


def _with_a_model(connection: Connection, settings: ClassSettings | None) -> ClassSettings | None:
    """Return the settings with the built-in model as start model, if the run that they name has none here."""
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
