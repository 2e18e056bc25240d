"""Drawings from outside: read right, or refused in one sentence."""

import struct
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pictures import coloured, encoded, ink_of, rounded, seven
from PIL import Image

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.drawing import MAX_FILE_BYTES, MAX_SIDE, Drawing
from mnist_app.ink.picture_formats import (
    FORMAT_NAMES,
    MAX_PIXELS,
    MAX_PIXELS_OF_MORE_BYTES,
    PICTURE_FORMATS,
    most_pixels,
)
from mnist_app.ink.strokes import Stroke, canvas_json_of

INK = ink_of(seven(), 64)
GREY = np.arange(40 * 30, dtype=np.uint32).reshape(40, 30).astype(np.uint8)
COLOURS = np.dstack([GREY, GREY[::-1], GREY[:, ::-1]])


def opaque(colours):
    if colours.ndim == 2:
        colours = np.dstack([colours] * 3)
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def pixels(data):
    drawing = Drawing.from_picture(data)
    assert drawing.source == "picture" and drawing.strokes == ()
    return drawing.pixels


# -- Kinds of pictures


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("PNG", {}),
        ("PNG", {"interlace": 1}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
@pytest.mark.parametrize("colours", [GREY, COLOURS], ids=["grey", "colour"])
def test_a_lossless_picture_is_read_to_the_bit(format, options, colours):
    np.testing.assert_array_equal(pixels(encoded(colours, format, **options)), opaque(colours))


@pytest.mark.parametrize(
    ("format", "options"),
    [("JPEG", {}), ("JPEG", {"progressive": True}), ("JPEG", {"quality": 60}), ("AVIF", {}), ("HEIF", {})],
)
def test_a_lossy_picture_is_read(format, options):
    smooth = np.asarray(Image.fromarray(INK).resize((200, 200), Image.Resampling.BICUBIC))
    found = pixels(encoded(smooth, format, **options)).astype(int)
    assert np.abs(found - opaque(smooth)).mean() < 3


def test_a_gif_that_stands_still_is_read():
    np.testing.assert_array_equal(pixels(encoded(GREY, "GIF")), opaque(GREY))


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_a_tiff_of_16_bits_is_read_as_8(byte_order):
    deep = (GREY.astype(np.uint16) * 257).astype(f"{byte_order}u2")
    np.testing.assert_array_equal(pixels(encoded(deep, "TIFF")), opaque(GREY))


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_a_tiff_of_32_bits_is_refused(kind):
    with pytest.raises(UnreadableDrawing, match="32 bits"):
        Drawing.from_picture(encoded(GREY.astype(kind), "TIFF"))


def test_transparency_is_kept():
    rgba = np.dstack([COLOURS, GREY])
    found = pixels(encoded(rgba))
    np.testing.assert_array_equal(found, rgba)


def test_grey_with_transparency_is_read():
    found = pixels(
        encoded(Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(GREY.T.reshape(40, 30))]))
    )
    np.testing.assert_array_equal(found[..., 0], GREY)
    np.testing.assert_array_equal(found[..., 3], GREY.T.reshape(40, 30))


def test_a_palette_is_looked_up():
    image = Image.fromarray((GREY % 3).astype(np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50, 0, 0, 255])
    palette = np.array([[10, 20, 30], [200, 100, 50], [0, 0, 255]], np.uint8)
    np.testing.assert_array_equal(pixels(encoded(image)), opaque(palette[GREY % 3]))
    assert (pixels(encoded(image, transparency=1))[..., 3] == np.where(GREY % 3 == 1, 0, 255)).all()


def test_16_bits_of_grey_are_read_as_8():
    deep = GREY.astype(np.uint16) * 257
    np.testing.assert_array_equal(pixels(encoded(deep)), opaque(GREY))


def test_1_bit_is_read():
    np.testing.assert_array_equal(
        pixels(encoded(Image.fromarray(GREY > 100))), opaque(np.where(GREY > 100, 255, 0).astype(np.uint8))
    )


def test_a_jpeg_for_print_is_read():
    smooth = np.asarray(Image.fromarray(coloured_digit()).resize((128, 128), Image.Resampling.BICUBIC))
    cmyk = Image.fromarray(smooth).convert("CMYK")
    found = pixels(encoded(cmyk, "JPEG", quality=95)).astype(int)
    assert np.abs(found - opaque(smooth)).mean() < 6


def coloured_digit():
    return rounded(coloured(INK, (240, 230, 190), (30, 40, 140)))


# Which way up the pixels of a file of each orientation lie, to be upright when turned as EXIF says.
HELD = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", HELD)
def test_a_picture_is_turned_as_its_exif_data_say(orientation, format):
    smooth = np.asarray(Image.fromarray(coloured_digit()).resize((120, 160), Image.Resampling.BICUBIC))
    held = np.ascontiguousarray(HELD[orientation](smooth))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 95, "subsampling": 0},
        "AVIF": {"quality": 95, "subsampling": "4:4:4"},
        "HEIF": {"quality": 95, "chroma": 444},
    }.get(format, {})
    found = pixels(encoded(held, format, exif=exif.tobytes(), **options))
    assert found.shape == (160, 120, 4)
    tolerance = 8 if format in ("JPEG", "AVIF", "HEIF") else 0
    assert np.abs(found[..., :3].astype(int) - smooth).mean() <= tolerance / 4
    assert np.abs(found[..., :3].astype(int) - smooth).max() <= tolerance * 3


def held_sideways():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def test_16_bits_of_grey_are_turned_as_their_exif_data_say():
    deep = np.ascontiguousarray(np.rot90(GREY)).astype(np.uint16) * 257
    np.testing.assert_array_equal(pixels(encoded(deep, exif=held_sideways())), opaque(GREY))


def test_a_large_picture_is_turned_as_its_exif_data_say():
    large = Image.new("L", (2 * MAX_SIDE, 50))
    assert pixels(encoded(large, exif=held_sideways())).shape == (MAX_SIDE, 25, 4)


def test_a_picture_is_turned_although_another_entry_of_its_exif_data_is_damaged():
    orientation = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    beyond_the_end = struct.pack(">HHII", 0x8769, 4, 1, 2**31)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + orientation + beyond_the_end + bytes(4)
    held = np.ascontiguousarray(np.rot90(COLOURS))
    np.testing.assert_array_equal(pixels(encoded(held, exif=exif)), opaque(COLOURS))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(pixels(encoded(COLOURS, exif=exif)), opaque(COLOURS))


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(20),
        b"x" * 50,
    ],
)
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_damaged_exif_data_do_not_matter(exif, format):
    assert pixels(encoded(COLOURS, format, exif=exif)).shape == (40, 30, 4)


def test_a_phones_jpeg_with_a_second_picture_inside_is_no_animation():
    image = Image.fromarray(COLOURS)
    data = encoded(image, "MPO", save_all=True, append_images=[image.resize((8, 8))])
    assert pixels(data).shape == (40, 30, 4)


def test_a_large_picture_is_shrunk_with_its_aspect_kept():
    large = Image.fromarray(INK).resize((2048, 1024), Image.Resampling.NEAREST)
    small = np.asarray(Image.fromarray(INK).resize((1024, 512), Image.Resampling.NEAREST))
    for mode in ("L", "RGB", "RGBA", "1", "P", "LA"):
        found = pixels(encoded(large.convert(mode)))
        assert found.shape == (512, 1024, 4)
        assert np.abs(found[..., 0].astype(int) - small).mean() < (4 if mode in ("1", "P") else 1)


def test_a_large_grey_picture_keeps_its_transparent_level():
    assert not pixels(encoded(Image.new("L", (2 * MAX_SIDE, 50), 7), transparency=7))[..., 3].any()


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (1025, 1)])
def test_any_shape_is_read(size):
    width, height = size
    found = pixels(encoded(np.full((height, width), 200, np.uint8)))
    assert found.shape[0] >= 1 and found.shape[1] >= 1 and max(found.shape) <= MAX_SIDE
    assert (found == (200, 200, 200, 255)).all()


# -- What is refused


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def empty_png(width, height, *chunks):
    """A PNG of blank pixels, without the memory that they would take, with more chunks after its header."""
    rows = zlib.compressobj(9)
    row = bytes((width + 7) // 8 + 1)
    body = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(*chunk) for chunk in ((b"IHDR", header), *chunks, (b"IDAT", body), (b"IEND", b""))
    )


def frames(format, count=2):
    images = [Image.fromarray(np.roll(COLOURS, i, axis=0)) for i in range(count)]
    return encoded(images[0], format, save_all=True, append_images=images[1:], duration=100)


NO_PICTURES = {
    "nothing": b"",
    "text": b"not an image at all",
    "a PNG's first bytes": encoded(GREY)[:30],
    "a truncated PNG": encoded(COLOURS)[:-200],
    "a PNG with a damaged chunk": encoded(COLOURS)[:60] + b"\0" + encoded(COLOURS)[61:],
    "a truncated JPEG": encoded(coloured_digit(), "JPEG")[:-300],
    "a truncated WebP": encoded(COLOURS, "WEBP")[:-100],
    "a truncated BMP": encoded(COLOURS, "BMP")[:-100],
    "a truncated AVIF": encoded(COLOURS, "AVIF")[:-100],
    "a truncated HEIC": encoded(COLOURS, "HEIF")[:-100],
    "a truncated TIFF": encoded(COLOURS, "TIFF")[:-100],
    "a truncated GIF": encoded(GREY, "GIF")[:-100],
    "an ICO": encoded(GREY, "ICO"),
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>",
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_no_whole_picture_is_refused(data):
    with pytest.raises(UnreadableDrawing, match="GIF or BMP file|damaged or cut off"):
        Drawing.from_picture(data)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"])
def test_a_file_of_several_pictures_is_refused(format):
    with pytest.raises(UnreadableDrawing, match="animation, or a file of several pages"):
        Drawing.from_picture(frames(format))


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_000, 10_000), (8_001, 6_250)])
def test_a_huge_picture_in_a_small_file_is_refused_before_it_is_decoded(width, height):
    data = empty_png(width, height)
    assert len(data) < 200_000 and width * height > MAX_PIXELS
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableDrawing, match="more than 50 million pixels"):
            Drawing.from_picture(data)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_nothing_of_a_huge_picture_is_decoded(monkeypatch):
    """Pillow's own memory is not traced, so see that it is not asked."""
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UnreadableDrawing, match="million pixels"):
        Drawing.from_picture(empty_png(30_000, 30_000))


def test_the_largest_picture_is_read():
    assert pixels(empty_png(10_000, 5_000)).shape == (MAX_SIDE // 2, MAX_SIDE, 4)


def test_a_picture_with_transparency_may_have_half_as_many_pixels():
    is_clear = (b"tRNS", b"\0\0")
    assert 2 * MAX_PIXELS_OF_MORE_BYTES == MAX_PIXELS
    assert not pixels(empty_png(5_000, 5_000, is_clear)).any()
    with pytest.raises(UnreadableDrawing, match="more than 25 million pixels"):
        Drawing.from_picture(empty_png(5_001, 5_000, is_clear))


def test_formats_that_pillow_holds_several_times_may_have_fewer_pixels():
    assert [most_pixels(name, False) for name in ("PNG", "MPO", "HEIF", "WEBP")] == [
        50_000_000,
        50_000_000,
        25_000_000,
        15_000_000,
    ]
    assert [most_pixels(name, True) for name in ("PNG", "AVIF", "WEBP")] == [
        25_000_000,
        20_000_000,
        15_000_000,
    ]


def test_a_webp_over_its_limit_is_refused():
    large = encoded(np.zeros((3_001, 5_000), np.uint8), "WEBP", lossless=True, method=0)
    with pytest.raises(UnreadableDrawing, match="more than 15 million pixels"):
        Drawing.from_picture(large)


def test_the_message_names_every_format_that_is_read():
    with pytest.raises(UnreadableDrawing, match=f"Use a {FORMAT_NAMES} file"):
        Drawing.from_picture(b"no picture")
    assert FORMAT_NAMES == "PNG, JPEG, HEIC, WebP, AVIF, TIFF, GIF or BMP"
    assert {each.pillow_name for each in PICTURE_FORMATS} <= set(Image.OPEN)


def test_a_file_over_the_limit_is_refused(tmp_path):
    data = encoded(GREY) + bytes(26 * 1024**2)
    path = tmp_path / "large.png"
    path.write_bytes(data)
    with pytest.raises(UnreadableDrawing, match=r"26\.0 MB; at most 25 MB"):
        Drawing.from_picture(data)
    with pytest.raises(UnreadableDrawing, match=r"26\.0 MB; at most 25 MB"):
        Drawing.from_file(path)


def test_a_file_at_the_limit_is_read():
    data = encoded(GREY)
    assert pixels(data + bytes(MAX_FILE_BYTES - len(data))).shape == (40, 30, 4)


def test_a_file_is_read(tmp_path):
    path = tmp_path / "digit.png"
    path.write_bytes(encoded(COLOURS))
    np.testing.assert_array_equal(Drawing.from_file(path).pixels, opaque(COLOURS))


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path):
    with pytest.raises(UnreadableDrawing, match="No such file"):
        Drawing.from_file(tmp_path / "missing.png")
    with pytest.raises(UnreadableDrawing, match="directory"):
        Drawing.from_file(tmp_path)


SAMPLES = [
    encoded(COLOURS),
    encoded(Image.fromarray(GREY).convert("P")),
    encoded(COLOURS, "JPEG"),
    encoded(COLOURS, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
    encoded(COLOURS, "WEBP"),
    encoded(np.dstack([COLOURS, GREY]), "WEBP", lossless=True),
    encoded(COLOURS, "BMP"),
    encoded(COLOURS, "AVIF"),
    encoded(COLOURS, "HEIF"),
    encoded(COLOURS, "TIFF"),
    encoded(COLOURS, "TIFF", compression="tiff_lzw"),
    encoded(GREY, "GIF"),
    frames("PNG"),
]


def is_read_or_refused(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            drawing = Drawing.from_picture(data)
        except UnreadableDrawing:
            return
    assert drawing.pixels.dtype == np.uint8
    assert drawing.pixels.ndim == 3 and drawing.pixels.shape[2] == 4 and drawing.pixels.size


@given(data=st.binary(max_size=200), start=st.sampled_from([b"", *(sample[:16] for sample in SAMPLES)]))
def test_any_bytes_are_read_or_refused(data, start):
    is_read_or_refused(start + data)


@given(
    sample=st.sampled_from(SAMPLES),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.floats(0.1, 1),
)
def test_a_damaged_picture_is_read_or_refused(sample, changes, kept):
    data = bytearray(sample)
    for place, value in changes:
        data[place % len(data)] = value
    is_read_or_refused(bytes(data[: max(1, int(len(data) * kept))]))


@given(
    width=st.integers(0, 2**31 - 1),
    height=st.integers(0, 2**31 - 1),
    depth=st.sampled_from([1, 8, 16]),
    kind=st.sampled_from([0, 2, 3, 4, 6]),
)
@example(width=2**31 - 1, height=1, depth=8, kind=6)
def test_a_png_of_any_size_that_lacks_its_pixels_is_refused(width, height, depth, kind):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    )
    with pytest.raises(UnreadableDrawing):
        Drawing.from_picture(data)


# -- The canvas


def test_a_canvas_message_is_read():
    seven_of_64 = [stroke.scaled(64 / 280) for stroke in seven()]
    drawing = Drawing.from_canvas(encoded(opaque(INK)), canvas_json_of(seven_of_64), 64)
    assert drawing.source == "canvas"
    np.testing.assert_array_equal(drawing.pixels, opaque(INK))
    assert len(drawing.strokes) == 2


@pytest.mark.parametrize("canvas_json", [None, {}, {"objects": []}])
def test_a_canvas_without_strokes_is_read(canvas_json):
    assert Drawing.from_canvas(encoded(opaque(INK)), canvas_json, 64).strokes == ()


@pytest.mark.parametrize("png", [b"", b"no PNG", encoded(GREY, "BMP"), b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_canvas_message_that_is_no_png_is_refused(png):
    with pytest.raises(UnreadableDrawing, match="not a PNG"):
        Drawing.from_canvas(png, None, 32)


@pytest.mark.parametrize("png", [encoded(INK), empty_png(30_000, 30_000)])
def test_a_canvas_message_of_another_size_is_refused(png):
    with pytest.raises(UnreadableDrawing, match="320 × 320"):
        Drawing.from_canvas(png, None, 320)


def test_a_truncated_canvas_message_is_refused():
    with pytest.raises(UnreadableDrawing, match="damaged or cut off"):
        Drawing.from_canvas(encoded(opaque(INK))[:-100], None, 64)


def test_a_canvas_message_with_strokes_that_cannot_be_read_is_refused():
    with pytest.raises(UnreadableDrawing):
        Drawing.from_canvas(encoded(opaque(INK)), {"objects": [{"type": "Path"}]}, 64)


def test_strokes_are_drawn_white_on_black_on_a_canvas_of_their_size():
    drawing = Drawing.from_strokes(seven(), 280)
    np.testing.assert_array_equal(drawing.pixels, opaque(ink_of(seven())))
    assert drawing.source == "canvas" and len(drawing.strokes) == 2


def test_strokes_without_a_canvas_get_one_that_just_holds_them():
    drawing = Drawing.from_canvas_json(canvas_json_of(seven()))
    ink = drawing.pixels[..., 0]
    whole = ink_of(seven())
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    assert abs(ink.shape[0] - len(rows)) <= 2 and abs(ink.shape[1] - len(columns)) <= 2
    assert ink.sum() == pytest.approx(int(whole.sum()), rel=0.01)


def test_no_strokes_are_a_blank_canvas():
    assert not Drawing.from_strokes([]).pixels[..., :3].any()
    assert not Drawing.from_strokes([], 32).pixels[..., :3].any()


@given(
    extent=st.floats(0, 99_000),
    at=st.floats(-99_000, 99_000),
    width=st.floats(0.01, 99_000),
)
@example(extent=99_000, at=0, width=99_000)
@example(extent=0, at=0, width=0.01)
def test_strokes_of_any_extent_take_little_memory(extent, at, width):
    stroke = Stroke(np.array([[at, at], [at + extent, at + extent / 3]]), width)
    drawing = Drawing.from_strokes([stroke])
    assert max(drawing.pixels.shape) <= MAX_SIDE
    assert drawing.pixels[..., 0].any()
