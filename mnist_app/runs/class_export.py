"""Exporting a class: all that it has made, as it is at one moment, into one archive."""

import logging
import math
import zipfile
from dataclasses import fields
from typing import IO, Any

import numpy as np
from sqlalchemy import Connection, Row, select

from mnist_app.errors import ModelUnavailable, RunNotFound, StorageUnavailable
from mnist_app.runs.archive import ArchiveFault, described
from mnist_app.runs.archived_run import (
    CHECKPOINT,
    CUT_OFF,
    MODEL,
    OWN,
    ArchivedRun,
    check_arrays,
    member_of,
    read_entry,
)
from mnist_app.runs.class_archive import (
    MAX_BYTES,
    MOST_PEOPLE,
    MOST_RUNS,
    ArchivedPerson,
    ClassContents,
    ClassManifest,
    write_manifest,
)
from mnist_app.runs.class_settings import ClassSettings
from mnist_app.runs.class_state import class_state
from mnist_app.runs.drawing_archive import put_drawings, put_member
from mnist_app.runs.drawings import Drawings
from mnist_app.runs.fine_tuning import FineTuning
from mnist_app.runs.models import ModelFiles
from mnist_app.runs.plain_arrays import Arrays, write_arrays
from mnist_app.runs.rebuilt_networks import checkpoint_arrays, model_arrays
from mnist_app.runs.records import Run, Status
from mnist_app.runs.store import Store
from mnist_app.runs.tables import class_settings, fine_tunings, people, points, probes, runs

logger = logging.getLogger(__name__)

_PLAIN = [field.name for field in fields(ArchivedRun) if field.name not in ("model", "fine_tuning", "file")]
_FINE_TUNING = [field.name for field in fields(FineTuning)]


def export_class(store: Store, files: ModelFiles, file: IO[bytes]) -> ClassContents:
    """Write all that the class has made into a zip, and return how much that was.

    A run that waits or is being trained is in it as interrupted, with what it has so far. A model or a
    checkpoint whose file is gone is left out. Raises `StorageUnavailable`.
    """
    with store.reading() as connection:
        state = class_state(connection)
        rows = list(connection.execute(select(runs).order_by(runs.c.number)))
        named = select(people.c.owner, people.c.name).where(people.c.name != "").order_by(people.c.owner)
        known = [ArchivedPerson(*row) for row in connection.execute(named)]
        settings = connection.execute(select(class_settings.c.settings)).scalar()
    drawings = Drawings(store.database).find()[::-1]  # oldest first, as they came
    if len(rows) > MOST_RUNS or len(known) > MOST_PEOPLE:
        raise _too_much(f"{len(rows):,} runs of {len(known):,} people")
    with zipfile.ZipFile(file, "w") as archive:
        exported = [each for row in rows if (each := _put_run(archive, row, store, files))]
        put_drawings(archive, drawings)
        kept = None if settings is None else ClassSettings.from_dict(settings)
        write_manifest(archive, ClassManifest(state, exported, known, kept), drawings)
    if file.tell() > MAX_BYTES:
        raise _too_much(f"{file.tell() / 1e9:.1f} GB")
    return ClassContents(len(exported), len(drawings), len(known))


def _too_much(what: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"This class has made {what}, more than one archive holds: delete runs that nobody needs, "
        "or make a backup (python -m mnist_app backup)."
    )


def _put_run(archive: zipfile.ZipFile, row: Row[Any], store: Store, files: ModelFiles) -> ArchivedRun | None:
    """Add the file of a run; what the manifest says of it, or None where it was deleted meanwhile."""
    with store.reading() as connection:
        arrays = _curves(connection, row)
        tuned = connection.execute(
            select(*(fine_tunings.c[name] for name in _FINE_TUNING)).where(fine_tunings.c.run == row.number)
        ).first()
    try:
        known = store.run(row.id)
    except RunNotFound:
        return None
    values = _values(row)
    arrays |= _network_arrays(known, values, files)
    content = write_arrays(arrays)
    values |= {"fine_tuning": None if tuned is None else dict(tuned._mapping), "file": described(content)}
    try:  # what is exported can be imported
        run = read_entry(values)
        check_arrays(run, arrays)
    except ArchiveFault as fault:
        raise StorageUnavailable(f"The class cannot be exported: {fault}. Delete this run.") from fault
    put_member(archive, member_of(run.id), content)
    return run


def _values(row: Row[Any]) -> dict[str, Any]:
    """The columns of a run, what is no number left out, and one that has not ended marked as broken off."""
    values = {name: _finite(row._mapping[name]) for name in _PLAIN}
    values["reason"] = " ".join(row.reason.split())
    if not Status(row.status).ended:
        values |= {"status": str(Status.INTERRUPTED), "reason": CUT_OFF}
    return values


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _curves(connection: Connection, row: Row[Any]) -> Arrays:
    """The points and probes of a run."""
    arrays: Arrays = {}
    for split in ("train", "validation"):
        query = (
            select(points.c.step, points.c.epoch, points.c.loss, points.c.accuracy)
            .where(points.c.run == row.number, points.c.split == split)
            .order_by(points.c.step)
        )
        found = np.array([list(each) for each in connection.execute(query)], np.float64).reshape(-1, 4)
        arrays[split] = found[np.isfinite(found).all(axis=1)]
    if row.probe is None:
        return arrays
    arrays["probe"] = np.frombuffer(row.probe, "<f4").reshape(28, 28)
    asked = list(connection.execute(select(probes).where(probes.c.run == row.number).order_by(probes.c.step)))
    answers = [np.frombuffer(each.probabilities, "<f4") for each in asked]
    sound = [bool(np.isfinite(answer).all()) for answer in answers]
    moments = [[each.step, each.epoch] for each, is_sound in zip(asked, sound, strict=True) if is_sound]
    kept = [answer for answer, is_sound in zip(answers, sound, strict=True) if is_sound]
    arrays["probe_moments"] = np.array(moments, np.float64).reshape(-1, 2)
    arrays["probe_answers"] = np.array(kept, np.float32).reshape(-1, 10)
    return arrays


def _network_arrays(run: Run, values: dict[str, Any], files: ModelFiles) -> Arrays:
    """The networks of a run that can still be read and have nothing but numbers in them."""
    arrays: Arrays = {}
    for read in (model_arrays, checkpoint_arrays):
        try:
            found = read(run, files)
        except ModelUnavailable as error:
            logger.warning("It is left out of the export: %s", error)
            continue
        if all(np.isfinite(array).all() for array in found.values()):
            arrays |= found
    if not any(name.startswith(CHECKPOINT) for name in arrays):
        values["checkpoint_epoch"] = None
    return _without_copy(arrays, values)


def _without_copy(arrays: Arrays, values: dict[str, Any]) -> Arrays:
    """The arrays without the model's, where those are the checkpoint's too; says which the model's are."""
    names = [name for name in arrays if name.startswith(f"{MODEL}-")]
    none = np.zeros(0)
    copies = {name: arrays.get(name.replace(MODEL, CHECKPOINT, 1), none) for name in names}
    if names and all(np.array_equal(arrays[name], copy) for name, copy in copies.items()):
        values["model"] = CHECKPOINT
        return {name: array for name, array in arrays.items() if name not in copies}
    values["model"] = OWN if names else None
    return arrays
