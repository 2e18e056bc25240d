"""The kinds of picture files that the app reads, in one list."""

from dataclasses import dataclass

MAX_PIXELS = 50_000_000
"""Largest picture that is decoded, as large as those of a phone. This takes 300 MB at most."""
MAX_PIXELS_OF_MORE_BYTES = 25_000_000
"""The same for most pictures that take more bytes a pixel: with transparency, or 16 bits a colour."""


@dataclass(frozen=True)
class PictureFormat:
    """A kind of picture file."""

    pillow_name: str
    """Pillow's name of the format."""
    name: str
    """Name on pages."""
    suffixes: tuple[str, ...]
    """Endings of its files, in lower case."""
    most_pixels: int = MAX_PIXELS
    """Largest picture that is decoded. Fewer pixels where Pillow holds several copies at once."""
    most_costly_pixels: int = MAX_PIXELS_OF_MORE_BYTES
    """Largest picture with transparency or 16 bits a colour."""


PICTURE_FORMATS = (
    PictureFormat("PNG", "PNG", ("png",)),
    PictureFormat("JPEG", "JPEG", ("jpg", "jpeg")),
    PictureFormat("HEIF", "HEIC", ("heic", "heif"), MAX_PIXELS_OF_MORE_BYTES, 20_000_000),
    PictureFormat("WEBP", "WebP", ("webp",), 15_000_000, 15_000_000),
    PictureFormat("AVIF", "AVIF", ("avif",), MAX_PIXELS_OF_MORE_BYTES, 20_000_000),
    PictureFormat("TIFF", "TIFF", ("tif", "tiff"), MAX_PIXELS_OF_MORE_BYTES),
    PictureFormat("GIF", "GIF", ("gif",)),
    PictureFormat("BMP", "BMP", ("bmp",)),
)
PICTURE_SUFFIXES = tuple(suffix for each in PICTURE_FORMATS for suffix in each.suffixes)
_NAMES = [each.name for each in PICTURE_FORMATS]
FORMAT_NAMES = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"


def most_pixels(pillow_name: str | None, is_costly: bool) -> int:
    """Return the largest number of pixels that is decoded.

    Args:
        pillow_name: The format, as Pillow names it. Pillow has a name of its own for some JPEGs.
        is_costly: Whether the picture has transparency or 16 bits a colour.
    """
    known = {each.pillow_name: each for each in PICTURE_FORMATS}
    kind = known.get(pillow_name or "", known["JPEG"])
    return kind.most_costly_pixels if is_costly else kind.most_pixels
