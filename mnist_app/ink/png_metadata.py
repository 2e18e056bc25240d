"""A PNG without what only describes its picture: colour profiles and texts.

Pillow refuses a PNG as a whole where one of these is larger than a mebibyte once it is decompressed. The
picture is read without a colour profile anyway. Of the texts, only those that tell how the camera was held
are of use.
"""

import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAME = 12
"""Bytes of a chunk around its content: length, type and checksum."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_TELL_ORIENTATION = (b"Raw profile type exif", b"Raw profile type APP1", b"XML:com.adobe.xmp")
_MOST_TEXT = 1024 * 1024
"""Bytes of a decompressed text: Pillow's own limit."""


def without_metadata(data: bytes) -> bytes:
    """Return a PNG's bytes without colour profile and texts, except those that tell its orientation.

    Whatever is not a PNG is returned as it is. Damaged chunks are left for the decoder to refuse.
    """
    if not data.startswith(_SIGNATURE):
        return data
    seen: set[bytes] = set()
    kept = [_SIGNATURE]
    for kind, chunk in _chunks(data):
        if kind == b"iCCP":
            continue
        if kind in _TEXTS:
            keyword = chunk[8:].partition(b"\0")[0]
            if keyword not in _TELL_ORIENTATION or keyword in seen or _is_too_long(kind, chunk[8:-4]):
                continue
            seen.add(keyword)
        kept.append(chunk)
    return b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and all bytes of each chunk; what is cut off at the end comes as it is."""
    start = len(_SIGNATURE)
    while start < len(data):
        end = start + int.from_bytes(data[start : start + 4], "big") + _FRAME
        yield data[start + 4 : start + 8], data[start:end]
        start = end


def _is_too_long(kind: bytes, content: bytes) -> bool:
    """Tell whether a text is longer than Pillow takes once decompressed. Stops decompressing there."""
    _, _, rest = content.partition(b"\0")
    if kind == b"tEXt" or (kind == b"iTXt" and rest[:1] == b"\0"):
        return len(rest) > _MOST_TEXT
    compressed = rest[1:] if kind == b"zTXt" else rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(compressed, _MOST_TEXT)
    except zlib.error:
        return True
    return bool(inflater.unconsumed_tail)
