"""Strategies that damage good input: they flip, cut, repeat and splice bytes and replace values in trees.

A decoder must accept the result or refuse it with an `AppError`. `MNIST_APP_FUZZ_CASES` is the number of
cases that a test tries: 50 in `make test`, 10,000 in `make test-all`. They are the same each time.
"""

import copy
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mnist_app.errors import AppError

CASES = int(os.environ.get("MNIST_APP_FUZZ_CASES", "50"))
LONGEST_SENTENCE = 500
PATIENCE = 1_200
"""Seconds that all cases of a test may take on a busy machine."""

fuzzed = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
"""How a test of this folder is run."""

Place = int
BytesEdit = tuple[str, Place, int, bytes]
TreeEdit = tuple[str, Place, Any]

SPLICED = (
    b"",
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"NaN",
    b"1e999",
    b"-0",
    b"null",
    b"\xed\xa0\x80",  # half of a surrogate pair, which UTF-8 has not
    b"../../",
    b"<script>",
    b"[" * 50_000,
    b"9" * 5_000,
)
"""What is put between good bytes."""
STRANGE_TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202eevil",  # turns the direction of writing
    "\u2028",
    "two\nlines",
    "<img src=x onerror=alert(1)>",
    "**bold** [link](http://example.org) :material/delete: $x$",
    "%s %d {0} {x}",
    "'; DROP TABLE runs; --",
    "../../etc/passwd",
    "C:\\CON",
    "٣",  # a digit by its category, and `int` takes it
    "e\u0301" * 40,
    "𓀀" * 20,
    "x" * 10_000,
    "9" * 400,
    "9" * 5_000,
    "-1",
    "1e400",
    "nan",
)
TEXTS = st.sampled_from(STRANGE_TEXTS) | st.text(max_size=60)
"""What may stand wherever text comes in."""
STRANGE_VALUES = (
    None,
    True,
    False,
    -1,
    0,
    3,
    2**31,
    10**400,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"objects": [{}]},
)
VALUES = st.sampled_from(STRANGE_VALUES) | TEXTS | st.integers() | st.floats()
"""What may stand wherever JSON has a value."""


def damaged(
    originals: Sequence[bytes], mend: Callable[[bytes], bytes] | None = None
) -> SearchStrategy[bytes]:
    """One of these, with up to six edits; in every other case `mend` then puts checksums right."""
    edits = st.lists(
        st.tuples(
            st.sampled_from(("flip", "cut", "repeat", "splice", "end", "swap")),
            st.integers(0, 2**20),
            st.integers(1, 64),
            st.sampled_from(SPLICED) | st.binary(min_size=1, max_size=8),
        ),
        min_size=1,
        max_size=6,
    )
    broken = st.builds(_damage, st.sampled_from(originals), edits)
    return broken if mend is None else broken | broken.map(mend)


def altered(tree: Any) -> SearchStrategy[Any]:
    """A tree of JSON with up to four of its values replaced, removed, repeated, renamed or wrapped."""
    kinds = st.sampled_from(("replace", "replace", "remove", "repeat", "rename", "wrap"))
    return st.builds(
        _alter, st.just(tree), st.lists(st.tuples(kinds, st.integers(0, 2**20), VALUES), max_size=4)
    )


@contextmanager
def only_sentences() -> Iterator[None]:
    """What is refused inside is refused by an error of ours, whose text can be shown as it is."""
    try:
        yield
    except AppError as error:
        assert_sentence(str(error))


def assert_sentence(text: str) -> None:
    """A text for people: not empty, on one line, not long, without characters that cannot be seen."""
    assert text.strip() and len(text) <= LONGEST_SENTENCE and text.isprintable(), text[:1_000]


def with_right_checksums(png: bytes) -> bytes:
    """A PNG whose chunks' checksums are right as far as its chunks can be followed, so that more is read."""
    mended, place = png[:8], 8
    while place + 12 <= len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        body = png[place + 4 : place + 8 + length]
        if len(body) < 4 + length:
            break
        mended += png[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += 12 + length
    return mended + png[place:]


def _damage(original: bytes, edits: Sequence[BytesEdit]) -> bytes:
    data = bytearray(original)
    for kind, number, length, content in edits:
        place = number % (len(data) + 1)
        if kind == "flip" and place < len(data):
            data[place] ^= 1 << (length % 8)
        elif kind == "cut":
            del data[place : place + length]
        elif kind == "repeat":
            data[place:place] = data[place : place + length] * (length % 5 + 1)
        elif kind == "splice":
            data[place : place + len(content) % 9] = content
        elif kind == "end":
            del data[place:]
        elif kind == "swap":
            data[place : place + 2 * length] = (
                data[place + length : place + 2 * length] + data[place : place + length]
            )
    return bytes(data)


def _alter(tree: Any, edits: Sequence[TreeEdit]) -> Any:
    holder = [copy.deepcopy(tree)]
    for kind, number, value in edits:
        places = list(_places(holder))
        if places:
            _edit(*places[number % len(places)], kind, copy.deepcopy(value))
    return holder[0] if holder else None


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or dictionary of a tree with each of its keys."""
    keys = range(len(tree)) if isinstance(tree, list) else list(tree)
    for key in keys:
        yield tree, key
        if isinstance(tree[key], list | dict):
            yield from _places(tree[key])


def _edit(container: Any, key: Any, kind: str, value: Any) -> None:
    if kind == "remove":
        del container[key]
    elif kind == "repeat" and isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    elif kind == "rename" and isinstance(container, dict):
        container[str(value)[:100] if not isinstance(value, int) else "other"] = container.pop(key)
    elif kind == "wrap":
        container[key] = [container[key]]
    else:
        container[key] = value
