"""The synthetic digits: a data set written by rule, cached in each home."""

import hashlib
import inspect
import logging
from pathlib import Path

import numpy as np

from mnist_app.atomic_write import atomic_write
from mnist_app.learning.data.downloads import Progress
from mnist_app.learning.data.mnist_file import SHAPES, Images, digest
from mnist_app.settings import Settings

SYNTHETIC_SIZES = (20_000, 4_000)  # training images, test images
SYNTHETIC_SEEDS = (1, 2)
SYNTHETIC_SOURCE = (
    f"Synthetic digits, written by this app itself as pen strokes by rule (seed {SYNTHETIC_SEEDS[0]} to "
    f"train on, {SYNTHETIC_SEEDS[1]} to test on), from nobody's data."
)
"""The origin, as in `Dataset.source`."""

logger = logging.getLogger(__name__)


def load_synthetic(settings: Settings, progress: Progress | None = None) -> dict[str, Images]:
    """Load the four arrays, read-only, by MNIST's names; write them if they are not in the cache.

    Args:
        settings: Where the app's home is.
        progress: Called with (done, total) in images written.
    """
    path = synthetic_file(settings)
    arrays = _read(path)
    if arrays is None:
        arrays = _write(progress)
        _keep(arrays, path)
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def synthetic_file(settings: Settings) -> Path:
    """Return the cache's file, whose name changes with the rules that the digits are written by."""
    rules = hashlib.sha256(repr((SYNTHETIC_SIZES, SYNTHETIC_SEEDS)).encode())
    for file in rule_files():
        rules.update(file.read_bytes())
    return settings.home / "datasets" / f"synthetic-{rules.hexdigest()[:12]}.npz"


def rule_files() -> list[Path]:
    """Return the source files that decide how a synthetic digit looks, in a fixed order."""
    from mnist_app.ink import (
        drawing,
        picture_formats,
        picture_ink,
        png_metadata,
        preprocess,
        re_inking,
        strokes,
    )
    from mnist_app.ink.synthetic import digit_glyphs, synthesis

    modules = (
        picture_formats,
        picture_ink,
        drawing,
        digit_glyphs,
        png_metadata,
        preprocess,
        re_inking,
        strokes,
        synthesis,
    )
    return [Path(inspect.getfile(module)) for module in modules]


def _read(path: Path) -> dict[str, Images] | None:
    """Read the cached digits; return None if there are none or they are damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in SHAPES}
            if str(archive["digest"]) != digest(arrays):
                raise ValueError("the contents are not what was written")
    except FileNotFoundError:
        return None
    except Exception as error:  # numpy and zipfile raise a dozen kinds on damaged bytes
        logger.warning("%s is damaged (%s); the synthetic digits are written anew.", path, error)
        return None
    return arrays


def _keep(arrays: dict[str, Images], path: Path) -> None:
    """Write the digits to the cache and delete older versions.

    A failure, such as a full disk, is only logged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            np.savez_compressed(file, allow_pickle=False, digest=np.array(digest(arrays)), **arrays)
        for old in path.parent.glob("synthetic-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The synthetic digits cannot be kept in %s (%s).", path.parent, error.strerror)


def _write(progress: Progress | None) -> dict[str, Images]:
    from mnist_app.ink.synthetic.synthesis import synthesise

    total = sum(SYNTHETIC_SIZES)
    arrays: dict[str, Images] = {}
    done = 0
    for part, count, seed in zip(("train", "test"), SYNTHETIC_SIZES, SYNTHETIC_SEEDS, strict=True):
        report = None if progress is None else _shifted(progress, done, total)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = synthesise(count, seed, report)
        done += count
    return arrays


def _shifted(progress: Progress, offset: int, total: int) -> Progress:
    """Return a progress callback that reports a part's progress as the whole's."""
    return lambda done, _: progress(offset + done, total)
