"""Search for files with drawings, and their reading."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_app import errors
from mnist_app.cli.output import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.float32] | errors.AppError
    """(28, 28) in [0, 1], or the reason why a file has none."""


def drawings_in(paths: Iterable[Path]) -> list[Path]:
    """Return the named files and the files of the named folders; raise `UnknownName` if there are none."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _files_of_folder(path)
        elif path.is_file():
            files.append(path)
        elif path.exists():
            raise errors.UnknownName(
                f"{shown(path)} is a pipe or a device. Save what comes from it in a file, and name that."
            )
        else:
            raise errors.UnknownName(
                f"There is no file or folder {shown(path)}. Name pictures, drawings or folders of them."
            )
    return files


def _files_of_folder(folder: Path) -> list[Path]:
    """Return all files of a folder, so that what is no drawing is reported too."""
    from mnist_app.ink.picture_formats import PICTURE_SUFFIXES

    endings = {*PICTURE_SUFFIXES, "json"}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise errors.UnreadableDrawing(
            f"The folder {shown(folder)} cannot be read ({error.strerror}). Name one that can be."
        ) from error
    files = [path for path in entries if path.is_file()]
    if not any(path.suffix[1:].lower() in endings for path in files):
        listed = ", ".join(sorted(endings))
        raise errors.UnknownName(
            f"The folder {shown(folder)} has no drawings in it: files that end in {listed}."
        )
    return files


def read_image(path: Path) -> "Image":
    """Return the network's input (28, 28) for a file, or the reason why there is none."""
    from mnist_app.ink.drawing import Drawing
    from mnist_app.ink.preprocess import preprocess

    try:
        is_json = path.suffix.lower() == ".json"
        drawing = Drawing.from_canvas_json(_read_json(path)) if is_json else Drawing.from_file(path)
        return preprocess(drawing).image
    except (errors.EmptyDrawing, errors.UnreadableDrawing) as error:
        return error


def _read_json(path: Path) -> object:
    """Read a JSON file of limited size; raise `UnreadableDrawing`."""
    from mnist_app.ink.drawing import MAX_CANVAS_BYTES

    try:
        with path.open("rb") as file:
            content = file.read(MAX_CANVAS_BYTES + 1)
    except OSError as error:
        raise errors.UnreadableDrawing(f"The file cannot be read: {error.strerror}.") from error
    if len(content) > MAX_CANVAS_BYTES:
        raise errors.UnreadableDrawing(
            f"The file has more than {MAX_CANVAS_BYTES // 1024**2} MB, which no drawing of the canvas has."
        )
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise errors.UnreadableDrawing(
            "This file is not JSON that can be read. Give a drawing as the canvas sends it, its json_data."
        ) from error


def _refuse_constant(name: str) -> object:
    """Refuse NaN and infinity, which Python's reader accepts although JSON has none."""
    raise ValueError(name)
