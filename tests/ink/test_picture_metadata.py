"""Pictures with large colour profiles and texts: read like those without, in bounded memory."""

import io
import os
import struct
import tracemalloc
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from pictures import ink_of, seven
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.png_metadata import without_metadata

MIB = 1024 * 1024
PICTURE = Image.fromarray(255 - ink_of(seven())).convert("RGB")
TURNED = PICTURE.transpose(Image.Transpose.ROTATE_90)
PLAIN = np.asarray(PICTURE.convert("RGBA"))
RANDOM = os.urandom(4 * MIB)
FRAME = struct.pack(">5I2H2B", 0, *PICTURE.size, 0, 0, 1, 10, 0, 0)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(format: str, image: Image.Image = PICTURE, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def with_chunks(png: bytes, chunks: Sequence[tuple[bytes, bytes]], place: int = 33) -> bytes:
    """A PNG with more chunks, after its header unless told."""
    more = [
        len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        for kind, content in chunks
    ]
    return b"".join([png[:place], *more, png[place:]])


def with_text(content: bytes, is_zipped: bool) -> bytes:
    text = PngInfo()
    text.add_text("Comment", content, zip=is_zipped)
    return saved("PNG", pnginfo=text)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved("PNG", icc_profile=RANDOM), id="PNG, profile of 4 MB"),
        pytest.param(
            saved("PNG", icc_profile=PROFILE + bytes(40 * MIB)), id="PNG, profile of 40 MB of zeros"
        ),
        pytest.param(with_text(bytes(20 * MIB), True), id="PNG, zipped text"),
        pytest.param(with_text(b"x" * 4 * MIB, False), id="PNG, long text"),
        pytest.param(saved("PNG", exif=b"Exif\0\0" + bytes(4 * MIB)), id="PNG, EXIF of 4 MB"),
        pytest.param(
            with_chunks(
                saved("PNG"), [(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(9 * MIB)))]
            ),
            id="PNG, zipped XMP",
        ),
        pytest.param(
            with_chunks(saved("PNG"), [(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + bytes(4 * MIB))]),
            id="PNG, XMP of 4 MB",
        ),
        pytest.param(with_chunks(saved("PNG"), [(b"zTXt", b"Comment\0\0" + RANDOM)]), id="PNG, damaged text"),
        pytest.param(
            with_chunks(saved("PNG"), [(b"acTL", struct.pack(">2I", 1, 0)), (b"fcTL", FRAME)]),
            id="APNG of one frame",
        ),
        pytest.param(saved("WEBP", lossless=True, icc_profile=RANDOM), id="WebP, profile of 4 MB"),
        pytest.param(saved("WEBP", lossless=True, exif=RANDOM), id="WebP, EXIF of 4 MB"),
        pytest.param(saved("WEBP", lossless=True, xmp=RANDOM), id="WebP, XMP of 4 MB"),
    ],
)
def test_a_picture_is_read_whatever_describes_it(data: bytes) -> None:
    np.testing.assert_array_equal(Drawing.from_picture(data).pixels, PLAIN)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved("JPEG", quality=95, icc_profile=RANDOM[: 3 * MIB]), id="profile of 3 MB"),
        pytest.param(saved("JPEG", quality=95, exif=b"Exif\0\0" + RANDOM[:65_000]), id="EXIF of noise"),
        pytest.param(saved("JPEG", quality=95, xmp=RANDOM[:65_000]), id="XMP of noise"),
        pytest.param(saved("JPEG", quality=95, comment=RANDOM[:65_000]), id="comment of noise"),
    ],
)
def test_a_jpeg_is_read_whatever_describes_it(data: bytes) -> None:
    found = Drawing.from_picture(data).pixels
    assert np.abs(found.astype(int) - PLAIN).mean() < 2


def hex_profile(exif: bytes) -> bytes:
    """EXIF as ImageMagick writes it into a text."""
    return f"\nexif\n{len(exif):8}\n{exif.hex()}\n".encode()


def test_texts_that_tell_the_orientation_are_heard() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = b"Raw profile type exif\0\0" + zlib.compress(hex_profile(exif.tobytes()))
    data = with_chunks(saved("PNG", TURNED, icc_profile=RANDOM), [(b"zTXt", content)])
    np.testing.assert_array_equal(Drawing.from_picture(data).pixels, PLAIN)


def test_an_animation_with_a_large_profile_is_still_called_one() -> None:
    frames = [Image.new("L", (9, 9), level) for level in (0, 99)]
    data = saved("PNG", frames[0], save_all=True, append_images=frames[1:], icc_profile=RANDOM)
    with pytest.raises(UnreadableDrawing, match="animation"):
        Drawing.from_picture(data)


def test_thousands_of_texts_that_unfold_take_no_memory() -> None:
    bomb = zlib.compress(bytes(MIB - 1), 9)
    names = [b"Raw profile type exif", b"XML:com.adobe.xmp", b"Comment"]
    chunks = [(b"zTXt", names[n % 3] + b"\0\0" + bomb) for n in range(3000)]
    data = with_chunks(saved("PNG"), chunks)
    tracemalloc.start()
    Drawing.from_picture(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * MIB


@pytest.mark.parametrize("end", range(8, 120, 7))
def test_a_png_that_is_cut_off_is_left_to_the_decoder(end: int) -> None:
    cut = with_text(b"hello", True)[:end]
    assert cut.startswith(without_metadata(cut)[:33])
    with pytest.raises(UnreadableDrawing):
        Drawing.from_picture(cut)
