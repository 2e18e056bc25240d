"""Files like MNIST's, without its images."""

import io
from pathlib import Path

import numpy as np

from mnist_app.learning.data.mnist_file import SHAPES


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as an npz."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=True, **arrays)
    return file.getvalue()


def npz(**changes: np.ndarray | None) -> bytes:
    """An npz with MNIST's names, shapes and dtypes, all zeros but for the changes; None leaves one out."""
    blank = {name: np.zeros(shape, np.uint8) for name, shape in SHAPES.items()}
    return packed({name: array for name, array in (blank | changes).items() if array is not None})


def put(path: Path, content: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
