"""The export of a class: everything that it has made, in one archive."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from pydantic import ValidationError
from sqlalchemy import Connection, Row, select

from mnist_app.errors import AppError, InvalidSetting, ModelUnavailable, RunNotFound, StorageUnavailable
from mnist_app.learning.training.configuration import LONGEST_NAME
from mnist_app.wording import counted
from mnist_app.workspace.archives.archived_run import (
    CHECKPOINT,
    CUT_OFF,
    MODEL,
    OWN,
    ArchivedRun,
    check_arrays,
    plausible,
    read_entry,
)
from mnist_app.workspace.archives.class_archive import (
    MAX_BYTES,
    MOST_PEOPLE,
    MOST_RUNS,
    Archived,
    ArchivedPerson,
    ClassContents,
    ClassManifest,
    write_manifest,
)
from mnist_app.workspace.archives.class_import import check_class
from mnist_app.workspace.archives.class_state import class_state
from mnist_app.workspace.archives.drawing_archive import put_drawings, put_member, read_back, sort_out
from mnist_app.workspace.archives.left_out import LeftOut
from mnist_app.workspace.archives.plain_arrays import MOST_BYTES, Arrays, write_arrays
from mnist_app.workspace.archives.rebuilt_networks import check_arrays_of, checkpoint_arrays, model_arrays
from mnist_app.workspace.archives.zip_format import ArchiveFault, described
from mnist_app.workspace.classroom.class_settings import ClassSettings, stored_settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.fine_tuning import FineTuning
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import MOST_EPOCHS, Run, RunRecord, Status
from mnist_app.workspace.runs.rows import fitted
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import class_settings, fine_tunings, people, points, probes, runs
from mnist_app.workspace.storage.visible_text import visible_part


@dataclass(frozen=True)
class Exported:
    """The result of an export."""

    contents: ClassContents
    archived: Archived
    left_out: tuple[LeftOut, ...]
    """Items that are not in the archive, because they could not be imported again."""


def export_class(store: Store, files: ModelFiles, file: IO[bytes]) -> Exported:
    """Write everything that the class has made into a zip, and read it back as an import does.

    A run that is waiting or in training is written as interrupted, with its numbers so far. Items that could
    not be imported again are left out, such as a model whose file is missing.

    Args:
        store: The store of the class's runs.
        files: The runs' models and checkpoints.
        file: Where to write the zip.

    Returns:
        What was written and what was left out.

    Raises:
        StorageUnavailable: The store or the file cannot be used, or the archive cannot be read back.
    """
    left_out: list[LeftOut] = []
    with store.reading() as connection:
        state = class_state(connection)
        rows = list(connection.execute(select(runs).order_by(runs.c.number)))
        named = select(people.c.owner, people.c.name).where(people.c.name != "").order_by(people.c.owner)
        known = _known([(each.owner, each.name) for each in connection.execute(named)], left_out)
        settings = connection.execute(select(class_settings.c.settings)).scalar()
    drawings, bad = sort_out(Drawings(store.database).find()[::-1])  # oldest first
    left_out += bad
    if len(rows) > MOST_RUNS or len(known) > MOST_PEOPLE:
        raise _too_much(f"{len(rows):,} runs and {len(known):,} names of people")
    with zipfile.ZipFile(file, "w") as archive:
        exported = [each for row in rows if (each := _put_run(archive, row, store, files, left_out))]
        put_drawings(archive, drawings)
        kept = _settings(settings, left_out)
        manifest = ClassManifest(state, exported, known, kept, [each.id for each in drawings])
        write_manifest(archive, manifest, drawings)
    if file.tell() > MAX_BYTES:
        raise _too_much(f"{file.tell() / 1e9:.1f} GB")
    with read_back():
        check_class(file)
    file.seek(0, io.SEEK_END)
    contents = ClassContents(len(exported), len(drawings), len(known))
    return Exported(contents, manifest.archived, tuple(left_out))


def _settings(stored: Any, left_out: list[LeftOut]) -> ClassSettings | None:
    """Return the class settings, None if nothing is set. Unreadable settings are added to `left_out`."""
    try:
        return None if stored is None else stored_settings(stored)
    except InvalidSetting:
        left_out.append(LeftOut("settings", "", "the settings of the class", "they cannot be read"))
        return None


def _known(rows: Sequence[tuple[str, str]], left_out: list[LeftOut]) -> list[ArchivedPerson]:
    """Return the people whose names can be imported. The others are added to `left_out`."""
    known = []
    for owner, name in rows:
        try:
            known.append(ArchivedPerson(owner=owner, name=name))
        except ValidationError:
            title = f"the name {visible_part(name)[:LONGEST_NAME]}"
            left_out.append(LeftOut("name", "", title, "it cannot be shown to a class"))
    return known


def _too_much(what: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"This class has made {what}, which is too much for one archive: delete runs that nobody needs, "
        "or make a backup (python -m mnist_app backup)."
    )


def _put_run(
    archive: zipfile.ZipFile, row: Row[Any], store: Store, files: ModelFiles, left_out: list[LeftOut]
) -> ArchivedRun | None:
    """Add the file of a run to the zip.

    Returns:
        The run for the manifest; None if the run was deleted meanwhile, or if it could not be imported again
        and so was added to `left_out`.
    """
    try:
        run, content = _read_run(row, store, files, left_out)
    except RunNotFound:
        return None
    except StorageUnavailable:
        raise
    except (ArchiveFault, AppError, ValueError, TypeError) as error:
        why = str(error).rstrip(".") if isinstance(error, ArchiveFault | AppError) else "it is damaged"
        left_out.append(LeftOut("run", row.id, f"the run {visible_part(row.name) or row.id}", why))
        return None
    put_member(archive, run.member, content)
    return run


def _read_run(
    row: Row[Any], store: Store, files: ModelFiles, left_out: list[LeftOut]
) -> tuple[ArchivedRun, bytes]:
    """Return a run for the archive, checked as an import does, and the file with its arrays.

    Raises:
        RunNotFound: The run was deleted meanwhile.
        ArchiveFault: The run could not be imported again.
    """
    with store.reading() as connection:
        arrays = _curves(connection, row, left_out)
        tuned = connection.execute(
            select(*(fine_tunings.c[name] for name in FineTuning.model_fields)).where(
                fine_tunings.c.run == row.number
            )
        ).first()
    values = _values(row)
    arrays |= _network_arrays(store.run(row.id), values, files, left_out)
    content = write_arrays(arrays)
    if len(content) > MOST_BYTES:
        raise ArchiveFault(f"its curves and networks are larger than {MOST_BYTES // 10**6} MB")
    values |= {"fine_tuning": None if tuned is None else dict(tuned._mapping), "file": described(content)}
    run = read_entry(values)
    check_arrays(run, arrays)
    return run, content


def _values(row: Row[Any]) -> dict[str, Any]:
    """Return the columns of a run for the archive; a run that has not ended is marked as interrupted."""
    values = fitted({name: row._mapping[name] for name in RunRecord.model_fields})
    if not Status(row.status).ended:
        values |= {"status": str(Status.INTERRUPTED), "reason": CUT_OFF}
    return values


def _curves(connection: Connection, row: Row[Any], left_out: list[LeftOut]) -> Arrays:
    """Return the points and probes of a run as arrays. Damaged ones are added to `left_out`."""
    arrays: Arrays = {}
    damaged = 0
    for split in ("train", "validation"):
        query = (
            select(points.c.step, points.c.epoch, points.c.loss, points.c.accuracy)
            .where(points.c.run == row.number, points.c.split == split)
            .order_by(points.c.step)
        )
        found = np.array([list(each) for each in connection.execute(query)], np.float64).reshape(-1, 4)
        found[:, 1] = np.clip(found[:, 1], 0, MOST_EPOCHS)  # a rounding error may exceed the limit
        arrays[split] = found[plausible(found)]
        damaged += len(found) - len(arrays[split])
    if row.probe is not None:
        damaged += _put_probes(arrays, connection, row)
    if damaged:
        title = f"{counted(damaged, 'point')} of the curves of the run {visible_part(row.name) or row.id}"
        left_out.append(LeftOut("curve", row.id, title, "no training has such numbers"))
    return arrays


def _put_probes(arrays: Arrays, connection: Connection, row: Row[Any]) -> int:
    """Add the probe of a run and the answers to it, and return the number of damaged answers."""
    arrays["probe"] = np.frombuffer(row.probe, "<f4").reshape(28, 28)
    asked = list(connection.execute(select(probes).where(probes.c.run == row.number).order_by(probes.c.step)))
    answers = [np.frombuffer(each.probabilities, "<f4") for each in asked]
    sound = [bool(np.isfinite(answer).all()) for answer in answers]
    moments = [[each.step, each.epoch] for each, is_sound in zip(asked, sound, strict=True) if is_sound]
    kept = [answer for answer, is_sound in zip(answers, sound, strict=True) if is_sound]
    arrays["probe_moments"] = np.array(moments, np.float64).reshape(-1, 2)
    arrays["probe_moments"][:, 1].clip(0, MOST_EPOCHS, out=arrays["probe_moments"][:, 1])
    arrays["probe_answers"] = np.array(kept, np.float32).reshape(-1, 10)
    return len(answers) - len(kept)


def _network_arrays(run: Run, values: dict[str, Any], files: ModelFiles, left_out: list[LeftOut]) -> Arrays:
    """Return the arrays of a run's networks. A network that an import would refuse is added to `left_out`."""
    arrays: Arrays = {}
    for kind, read in ((MODEL, model_arrays), (CHECKPOINT, checkpoint_arrays)):
        try:
            found = read(run, files)
            if found:
                check_arrays_of(kind, run.id, run.config, [found[name] for name in sorted(found)])
        except (ModelUnavailable, ArchiveFault) as error:
            title = f"the {kind} of the run {run.name or run.id}"
            left_out.append(LeftOut("network", run.id, title, str(error).rstrip(".")))
            continue
        arrays |= found
    if not any(name.startswith(CHECKPOINT) for name in arrays):
        values["checkpoint_epoch"] = None
    return _without_copy(arrays, values)


def _without_copy(arrays: Arrays, values: dict[str, Any]) -> Arrays:
    """Drop the model's arrays if they equal the checkpoint's, and note in `values` where the weights are."""
    names = [name for name in arrays if name.startswith(f"{MODEL}-")]
    none = np.zeros(0)
    copies = {name: arrays.get(name.replace(MODEL, CHECKPOINT, 1), none) for name in names}
    if names and all(np.array_equal(arrays[name], copy) for name, copy in copies.items()):
        values["model"] = CHECKPOINT
        return {name: array for name, array in arrays.items() if name not in copies}
    values["model"] = OWN if names else None
    return arrays
