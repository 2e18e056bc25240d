"""The largest pictures, two at once, take at most 300 MB."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import mnist_app.ink.drawing  # noqa: F401 (lets Pillow write HEIC)
from mnist_app.settings import PROJECT

MOST = 300 * 1024
"""Kibibytes of memory."""
READ_TWICE_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from mnist_app.ink.drawing import Drawing

def kibibytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

small, large = map(Path, sys.argv[1:])
Drawing.from_file(small)
before = kibibytes("VmRSS:")
with ThreadPoolExecutor(2) as threads:
    assert len([each.pixels.shape for each in threads.map(Drawing.from_file, [large, large])]) == 2
print(kibibytes("VmHWM:") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("name", "mode", "width"),
    [
        ("large.png", "RGB", 10_000),
        ("palette.png", "P", 10_000),
        ("transparent.png", "RGBA", 5_000),
        ("large.jpg", "RGB", 10_000),
        ("large.heic", "RGB", 5_000),
        ("large.webp", "RGBA", 3_000),
        ("large.avif", "RGB", 5_000),
        ("transparent.avif", "RGBA", 4_000),
        ("transparent.heic", "RGBA", 4_000),
        ("large.tif", "RGB", 5_000),
    ],
)
def test_two_of_the_largest_pictures_at_once_take_little_memory(
    tmp_path: Path, name: str, mode: str, width: int
) -> None:
    small, large = tmp_path / "small.png", tmp_path / name
    Image.new("L", (9, 9)).save(small)
    options = {"compression": "tiff_lzw"} if name.endswith("tif") else {}
    Image.new(mode, (width, 5_000)).save(large, **options)
    command = [sys.executable, "-c", READ_TWICE_AT_ONCE, small, large]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert int(told) < MOST
