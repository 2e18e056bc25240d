"""A run's curves in the database: its points, its predictions for the probe image, and its snapshots."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, select

from mnist_app.learning.explanation.first_layer import WeightPictures
from mnist_app.workspace.runs.records import Moment, Point, Probe, Snapshot, Split
from mnist_app.workspace.storage.identifiers import checked_id, not_found
from mnist_app.workspace.storage.tables import points, probes, runs, snapshots
from mnist_app.workspace.storage.upsert import insert_new


def read_points(connection: Connection, run_id: str, split: Split | None) -> list[Point]:
    """Return the points of a run's curves, in their order."""
    query = (
        select(points.c.split, points.c.step, points.c.epoch, points.c.loss, points.c.accuracy)
        .join(runs, runs.c.number == points.c.run)
        .where(runs.c.id == checked_id(run_id))
        .order_by(points.c.split, points.c.step)
    )
    if split is not None:
        query = query.where(points.c.split == split)
    return [Point(*row) for row in connection.execute(query)]


def read_probes(connection: Connection, run_id: str, most: int | None) -> list[Probe]:
    """Return the probe's predictions by step, downsampled to `most`; the last is kept."""
    query = (
        select(probes.c.step, probes.c.epoch, probes.c.probabilities)
        .join(runs, runs.c.number == probes.c.run)
        .where(runs.c.id == checked_id(run_id))
        .order_by(probes.c.step)
    )
    rows = list(connection.execute(query))
    if most is not None and len(rows) > most:
        chosen = np.linspace(0, len(rows) - 1, max(most, 2)).round().astype(int)
        rows = [rows[index] for index in chosen]
    return [Probe(step, epoch, np.frombuffer(values, "<f4")) for step, epoch, values in rows]


def read_probe_image(connection: Connection, run_id: str) -> NDArray[np.float32] | None:
    """Return the run's probe image (28, 28), None where it has none; raises `RunNotFound`."""
    row = connection.execute(select(runs.c.probe).where(runs.c.id == checked_id(run_id))).first()
    if row is None:
        raise not_found(run_id)
    return None if row[0] is None else np.frombuffer(row[0], "<f4").reshape(28, 28)


def read_moments(connection: Connection, run_id: str) -> list[Moment]:
    """Return the moments of a run's snapshots, in their order."""
    query = (
        select(snapshots.c.step, snapshots.c.epoch, snapshots.c.seconds)
        .join(runs, runs.c.number == snapshots.c.run)
        .where(runs.c.id == checked_id(run_id))
        .order_by(snapshots.c.step)
    )
    return [Moment(*row) for row in connection.execute(query)]


def read_snapshot(connection: Connection, run_id: str, epoch: float | None) -> Snapshot | None:
    """Return the run's snapshot nearest to a moment in epochs; the last for None; None if there is none."""
    order = -snapshots.c.step if epoch is None else func.abs(snapshots.c.epoch - epoch)
    number = select(runs.c.number).where(runs.c.id == checked_id(run_id)).scalar_subquery()
    of_run = snapshots.c.run == number
    # The pictures of the other moments stay unread.
    step = select(snapshots.c.step).where(of_run).order_by(order, snapshots.c.step).limit(1)
    row = connection.execute(
        select(snapshots).where(of_run, snapshots.c.step == step.scalar_subquery())
    ).first()
    if row is None:
        return None
    levels = np.frombuffer(row.levels, np.int8).reshape(-1, row.side, row.side)
    pictures = WeightPictures(levels, row.largest, row.units)
    return Snapshot(Moment(row.step, row.epoch, row.seconds), pictures)


def add_points(connection: Connection, number: int, new: Sequence[Point]) -> None:
    """Add points to a run by its number. Points that it has already stay: a lost answer repeats a report."""
    insert_new(connection, points, [{"run": number, **asdict(point)} for point in new])


def add_probes(connection: Connection, number: int, new: Sequence[Probe]) -> None:
    """Add the network's answers to a run by its number. Answers that it has already stay."""
    insert_new(connection, probes, [_probe_values(number, probe) for probe in new])


def change_snapshots(
    connection: Connection, number: int, new: Sequence[Snapshot], dropped: Sequence[int]
) -> None:
    """Add snapshots to a run by its number, and drop others by their steps.

    Snapshots that it has already stay: a lost answer repeats a report.
    """
    insert_new(connection, snapshots, [_snapshot_values(number, snapshot) for snapshot in new])
    if dropped:
        gone = (snapshots.c.run == number) & snapshots.c.step.in_(dropped)
        connection.execute(delete(snapshots).where(gone))


def probe_image_bytes(image: NDArray[np.float32]) -> bytes:
    """Return a probe image (28, 28) as the database keeps it; raises `ValueError` for anything else."""
    # NaN fails both comparisons.
    if image.shape != (28, 28) or not (image.min() >= 0.0 and image.max() <= 1.0):
        raise ValueError(f"The probe is {image.dtype} {image.shape}; expected (28, 28) from 0 to 1.")
    return image.astype("<f4").tobytes()


def whole_curves(found: Sequence[Point], most: int | None) -> list[Point]:
    """Return the training's points, then the validation's, each curve downsampled to `most`."""
    curves = [[point for point in found if point.split == name] for name in ("train", "validation")]
    return [point for curve in curves for point in (curve if most is None else thin(curve, most))]


def thin(curve: Sequence[Point], most: int) -> list[Point]:
    """Return at most `most` points, each the mean of a stretch of the curve at the stretch's last step."""
    if len(curve) <= most:
        return list(curve)
    ends = np.linspace(0, len(curve), max(most, 1) + 1).round().astype(int)
    stretches = [curve[start:end] for start, end in zip(ends[:-1], ends[1:], strict=True)]
    return [
        Point(
            stretch[-1].split,
            stretch[-1].step,
            stretch[-1].epoch,
            sum(point.loss for point in stretch) / len(stretch),
            sum(point.accuracy for point in stretch) / len(stretch),
        )
        for stretch in stretches
    ]


def _probe_values(number: int, probe: Probe) -> dict[str, object]:
    probabilities = probe.probabilities.astype("<f4").tobytes()
    return {"run": number, "step": probe.step, "epoch": probe.epoch, "probabilities": probabilities}


def _snapshot_values(number: int, snapshot: Snapshot) -> dict[str, object]:
    moment, pictures = snapshot.moment, snapshot.pictures
    return {
        "run": number,
        "step": moment.step,
        "epoch": moment.epoch,
        "seconds": moment.seconds,
        "units": pictures.units,
        "side": pictures.levels.shape[1],
        "largest": pictures.largest,
        "levels": pictures.levels.tobytes(),
    }
