"""Removal of a PNG's metadata: colour profiles and texts.

Pillow refuses a whole PNG if one of these is larger than a mebibyte once it is decompressed. The app ignores
colour profiles. Of the texts, it needs only those that say how the camera was held.
"""

import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAME = 12
"""Bytes of a chunk around its content: length, type and checksum."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_TELL_ORIENTATION = (b"Raw profile type exif", b"Raw profile type APP1", b"XML:com.adobe.xmp")
_MOST_TEXT = 1024 * 1024
"""Largest text in bytes once decompressed; Pillow's own limit."""


def without_metadata(data: bytes) -> bytes:
    """Return a PNG's bytes without colour profile and texts, except the texts that hold its orientation.

    Other formats come back unchanged. The decoder is left to refuse damaged chunks.
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
    """Yield the type and all bytes of each chunk, including an incomplete last one."""
    start = len(_SIGNATURE)
    while start < len(data):
        end = start + int.from_bytes(data[start : start + 4], "big") + _FRAME
        yield data[start + 4 : start + 8], data[start:end]
        start = end


def _is_too_long(kind: bytes, content: bytes) -> bool:
    """Return whether a text is longer than Pillow accepts, decompressing no more than needed."""
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
