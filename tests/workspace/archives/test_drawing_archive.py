"""Archives of drawings: what was exported imports again exactly, and nothing hostile changes anything."""

import functools
import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from drawn import changed, drawing_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from zip_files import members, zipped

from mnist_app.errors import (
    EmptyDrawing,
    StorageUnavailable,
    TooManyDrawings,
    UnreadableArchive,
    UnreadableDrawing,
)
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke, strokes_from_canvas
from mnist_app.settings import Settings
from mnist_app.workspace.archives import drawing_archive
from mnist_app.workspace.archives.drawing_archive import MANIFEST, archive_of, read_archive
from mnist_app.workspace.archives.left_out import left_out_in_words
from mnist_app.workspace.classroom.person_name import in_usual_form
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing, ink_png, strokes_json
from mnist_app.workspace.drawings.outcomes import Added
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.visible_text import visible_part

NAMES = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80).map(visible_part).map(in_usual_form)
)


@functools.cache
def kept(digit: int = 4, seed: int = 0) -> KeptDrawing:
    """A drawing as the store has it."""
    drawing = drawing_of(digit, seed)
    return KeptDrawing(
        id=f"{'abcdefghij'[digit] * 8}{seed:02}",
        writer=writer_of(str(seed)),
        person="Zoë <b>",
        label=digit,
        answer=9,
        source="canvas",
        created=1_700_000_000.123456 + digit,
        png=ink_png(drawing),
        strokes=strokes_json(drawing.strokes),
    )


@functools.cache
def good() -> bytes:
    """An archive of three drawings."""
    return archive_of([kept(4), kept(7), changed(kept(1), strokes=None, source="picture", answer=None)])


@pytest.fixture
def drawings(store: Store) -> Drawings:
    """The drawings of an empty store."""
    return Drawings(store.database)


def unchecked(*some: KeptDrawing) -> bytes:
    """An archive as a foreign program may write it."""
    file = io.BytesIO()
    drawing_archive.write_unchecked(some, file)
    return file.getvalue()


def read(content: bytes) -> list[KeptDrawing]:
    return read_archive(io.BytesIO(content))


def with_manifest(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The good archive with its manifest changed."""
    files = members(good())
    manifest = json.loads(files[MANIFEST])
    change(manifest)
    return zipped({**files, MANIFEST: json.dumps(manifest).encode()})


def with_file(name: str, content: bytes = b"x") -> bytes:
    return zipped({**members(good()), name: content})


def test_what_was_exported_imports_again_exactly(drawings: Drawings, own_store: Store) -> None:
    for digit in range(10):
        drawings.keep(drawing_of(digit), digit, "somebody's secret", answer=(digit + 1) % 10, person="Mia")
    archive = archive_of(drawings.find())
    assert b"secret" not in archive
    elsewhere = Drawings(own_store.database)
    assert elsewhere.add(read(archive)) == Added(10, 0)
    assert elsewhere.find() == drawings.find()
    assert archive_of(elsewhere.find()) == archive
    assert elsewhere.add(read(archive)) == Added(0, 10)
    assert elsewhere.find() == drawings.find()


@pytest.fixture
def own_store(settings: Any, tmp_path: Any) -> Iterator[Store]:
    """A second store."""
    store = Store(replace(settings, home=tmp_path / "elsewhere", database=None))
    yield store
    store.close()


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            changed,
            st.builds(kept, st.integers(0, 9), st.integers(0, 3)),
            person=NAMES,
            label=st.integers(0, 9),
            answer=st.none() | st.integers(0, 9),
            source=st.sampled_from(["canvas", "picture"]),
            created=st.floats(0, 4e9),
        ),
        unique_by=(lambda each: each.id, lambda each: (each.writer, each.png)),
        max_size=4,
    )
)
def test_any_drawings_come_back_as_they_were(some: list[KeptDrawing]) -> None:
    assert read(archive_of(some)) == some


def test_an_archive_of_nothing_brings_nothing(drawings: Drawings) -> None:
    assert drawings.add(read(archive_of([]))) == Added(0, 0)


def test_the_same_drawing_under_another_id_is_not_added(drawings: Drawings) -> None:
    drawings.add([kept(4)])
    assert drawings.add(read(archive_of([changed(kept(4), id="zzzzzzzzzz"), kept(7)]))) == Added(1, 1)


def linked() -> bytes:
    """A symbolic link in the place of a picture."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members(good()).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name.endswith(".png") else stat.S_IFREG) | 0o777) << 16
            archive.writestr(info, b"/etc/passwd" if name.endswith(".png") else content)
    return file.getvalue()


def twice() -> bytes:
    """A name that stands in the archive twice."""
    file = io.BytesIO(good())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(MANIFEST, b"{}")
    return file.getvalue()


def bomb() -> bytes:
    """A small file that unpacks to 200 MB, in the place of the strokes."""
    return with_file(f"drawings/{kept(4).id}.json", b"0" * 200_000_000)


def lying_bomb() -> bytes:
    """The same, but it says that it is small."""
    content = bytearray(with_file(f"drawings/{kept(4).id}.json", b"0" * 10_000_000))
    for place in range(len(content) - 4):
        if content[place : place + 4] == struct.pack("<I", 10_000_000):
            content[place : place + 4] = struct.pack("<I", 1_000)
    return bytes(content)


def many_members() -> bytes:
    """More members than there may be."""
    return zipped({f"drawings/{number:010}.png": b"" for number in range(drawing_archive.MOST_MEMBERS + 1)})


def end_that_lies() -> bytes:
    """A directory of half a gigabyte, by the record at its end."""
    content = bytearray(good())
    content[-10:-6] = struct.pack("<I", 500_000_000)
    return bytes(content)


def large_end() -> bytes:
    """The record of a zip with more members than the usual one can count."""
    locator = b"PK\x06\x07" + bytes(16)
    return good()[:-22] + locator + good()[-22:]


def locked() -> bytes:
    """Members that say that they have a password."""
    content = bytearray(good())
    for place in range(len(content) - 4):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1
    return bytes(content)


def squeezed() -> bytes:
    """Members packed with LZMA."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in members(good()).items():
            archive.writestr(name, content)
    return file.getvalue()


def blank_png() -> bytes:
    """A PNG of the right size without ink."""
    file = io.BytesIO()
    Image.new("L", (320, 320)).save(file, "PNG")
    return file.getvalue()


def entry(number: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["drawings"][number].update(changes)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a complete zip"),
    "not a zip": (lambda: b"GIF89a" * 50, "not a complete zip"),
    "cut off": (lambda: good()[: len(good()) // 2], "not a complete zip"),
    "an end alone": (lambda: b"PK\x05\x06" + bytes(18), f"no {MANIFEST}"),
    "another zip": (lambda: zipped({"readme.txt": b"hello"}), "'readme.txt' does not belong"),
    "climbing": (lambda: with_file("../../etc/cron.d/evil"), "does not belong"),
    "climbing inside": (lambda: with_file("drawings/../../evil.png"), "does not belong"),
    "absolute": (lambda: with_file("/etc/passwd"), "'/etc/passwd' does not belong"),
    "a drive": (lambda: with_file("C:\\windows\\evil.png"), "does not belong"),
    "a folder": (lambda: with_file("drawings/", b""), "does not belong"),
    "another file": (lambda: with_file("drawings/zzzzzzzzzz.png"), "do not belong together"),
    "a link": (linked, "not a plain file"),
    "a name twice": (twice, f"it contains '{MANIFEST}' twice"),
    "a bomb": (bomb, "bytes, and at most"),
    "a bomb that lies": (lying_bomb, "damaged or cut off"),
    "too many files": (many_members, "more files"),
    "an end that lies": (end_that_lies, "more files"),
    "a large end": (large_end, "more files"),
    "locked": (locked, "compressed or encrypted"),
    "packed otherwise": (squeezed, "compressed or encrypted"),
    "a damaged picture": (lambda: with_file(f"drawings/{kept(4).id}.png", kept(7).png), "is not what"),
    "other strokes": (lambda: with_file(f"drawings/{kept(4).id}.json", b"{}"), "is not what"),
    "no manifest": (lambda: zipped({f"drawings/{kept(4).id}.png": kept(4).png}), f"no {MANIFEST}"),
    "a manifest that is none": (lambda: with_file(MANIFEST, b"[" * 100_000), "cannot be read"),
    "a manifest in no text": (lambda: with_file(MANIFEST, b"\xff\xfe\x00"), "cannot be read"),
    "another format": (lambda: with_manifest(lambda m: m.update(format="runs")), "no archive of drawings"),
    "a later version": (lambda: with_manifest(lambda m: m.update(version=2)), "version 2"),
    "no list": (lambda: with_manifest(lambda m: m.update(drawings={})), "does not describe drawings"),
    "an entry more": (lambda: with_manifest(entry(0, more=1)), "does not describe drawings"),
    "an entry less": (lambda: with_manifest(lambda m: m["drawings"][0].pop("person")), "does not describe"),
    "a drawing that is not there": (lambda: with_manifest(lambda m: m["drawings"].pop()), "do not belong"),
    "described twice": (
        lambda: with_manifest(lambda m: m["drawings"].append(dict(m["drawings"][0]))),
        "describes a drawing twice",
    ),
    "wrong label": (lambda: with_manifest(entry(0, label=10)), "label is no digit"),
    "label of another kind": (lambda: with_manifest(entry(0, label=True)), "label is no digit"),
    "label as text": (lambda: with_manifest(entry(0, label="4")), "label is no digit"),
    "wrong answer": (lambda: with_manifest(entry(0, answer=-1)), "answer is no digit"),
    "wrong time": (lambda: with_manifest(entry(0, created=-5)), "time is none"),
    "infinite time": (lambda: with_manifest(entry(0, created=float("inf"))), "time is none"),
    "endless time": (lambda: with_manifest(entry(0, created=10**400)), "is not valid"),
    "long name": (lambda: with_manifest(entry(0, person="x" * 10_000)), "name cannot be kept"),
    "null in a name": (lambda: with_manifest(entry(0, person="a\x00b")), "name cannot be kept"),
    "turned name": (lambda: with_manifest(entry(0, person="\u202eaiM")), "name cannot be kept"),
    "half a letter": (lambda: with_manifest(entry(0, person="\ud800")), "name cannot be kept"),
    "a token for a writer": (lambda: with_manifest(entry(0, writer="x" * 40)), "writer is not one of ours"),
    "wrong size": (
        lambda: with_manifest(lambda m: m["drawings"][0]["png"].update(bytes=1)),
        "is not what",
    ),
    "wrong digest": (
        lambda: with_manifest(lambda m: m["drawings"][0]["png"].update(sha256="0" * 64)),
        "is not what",
    ),
    "a digest of another kind": (
        lambda: with_manifest(lambda m: m["drawings"][0]["png"].update(sha256=[])),
        "is not what",
    ),
    "a picture that is none": (
        lambda: unchecked(kept(4), changed(kept(7), png=kept(7).png.replace(b"IDAT", b"IDAX"))),
        "picture or its strokes cannot be read",
    ),
    "no ink": (lambda: unchecked(changed(kept(7), png=blank_png())), "no ink"),
    "the same drawing twice": (
        lambda: unchecked(kept(4), changed(kept(4), id="zzzzzzzzzz")),
        "the same drawing of one person",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_foreign_or_hostile_archive_gets_a_sentence_and_changes_nothing(
    drawings: Drawings, kind: str
) -> None:
    make, words = HOSTILE[kind]
    drawings.add([kept(2)])
    with pytest.raises(UnreadableArchive) as raised:
        drawings.add(read(make()))
    text = str(raised.value)
    assert words in text and text.endswith("Nothing was changed.") and len(text) < 250
    assert text.isprintable()
    assert drawings.find() == [kept(2)]


def test_a_file_that_is_too_large_is_not_read() -> None:
    class Large(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            assert whence == os.SEEK_END
            return drawing_archive.MAX_BYTES + 1

        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(UnreadableArchive, match="100 MB"):
        read_archive(Large())


def test_more_drawings_of_a_person_than_there_may_be_change_nothing(
    drawings: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_app.workspace.drawings.drawing_store.MOST_PER_PERSON", 2)
    drawings.add([kept(2)])
    with pytest.raises(TooManyDrawings):
        drawings.add(read(good()))
    assert drawings.find() == [kept(2)]


def test_what_is_too_much_for_an_archive_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_archive, "MOST_DRAWINGS", 1)
    with pytest.raises(TooManyDrawings, match="one digit"):
        archive_of([kept(4), kept(7)])


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_our_words(content: bytes) -> None:
    with pytest.raises(UnreadableArchive):
        read(content)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_archive_is_refused_or_brings_what_was_exported(data: st.DataObject) -> None:
    """Only what a digest or a name does not cover can change unnoticed, and then within its limits."""
    content = bytearray(good())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "copy"])):
            case "change":
                content[place] ^= data.draw(st.integers(1, 255))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 200))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=50))
            case "copy":
                content[place:place] = content[: data.draw(st.integers(1, 300))]
        if not content:
            break
    assert taken(bytes(content)) in (None, read(good()))


def taken(content: bytes) -> list[KeptDrawing] | None:
    """What is read, or None where it is refused as it must be: in a sentence."""
    try:
        return read(content)
    except UnreadableArchive as error:
        assert str(error).endswith("Nothing was changed.") and str(error).isprintable()
        return None


RIGHT: dict[str, Callable[[Any], bool]] = {
    "id": lambda value: False,  # no text that is tried is long enough
    "writer": lambda value: False,
    "source": lambda value: False,
    "png": lambda value: False,
    "strokes": lambda value: False,
    "label": lambda value: type(value) is int and 0 <= value <= 9,
    "answer": lambda value: value is None or (type(value) is int and 0 <= value <= 9),
    "person": lambda value: isinstance(value, str) and visible_part(value) == value,
    "created": lambda value: type(value) is int and 0 <= value <= 4_102_444_800,
}
"""What each field of the description may be, of the values that are tried."""


@settings(deadline=None)
@given(
    st.sampled_from(list(RIGHT)),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5),
)
def test_any_value_in_a_description_is_taken_if_it_is_right_and_else_refused(name: str, value: Any) -> None:
    found = taken(with_manifest(entry(0, **{name: value})))
    assert (found is not None) == RIGHT[name](value)
    if found is not None:
        assert getattr(found[0], name) == (in_usual_form(value) if name == "person" else value)
        assert changed(found[0], **{name: getattr(kept(4), name)}) == kept(4)
        assert found[1:] == read(good())[1:]


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_any_value_in_the_place_of_the_descriptions_is_refused(value: Any) -> None:
    assert taken(with_manifest(lambda manifest: manifest.update(drawings=value))) is None


# What the app keeps, and what an older version may have kept


@st.composite
def pictures(draw: st.DrawFn) -> Drawing:
    """A picture with a blot: tiny, large, faint, coloured, on paper or on nothing."""
    height, width = (draw(st.sampled_from([1, 2, 5, 20, 61, 700])) for _ in range(2))
    pixels = np.full((height, width, 4), draw(st.sampled_from([0, 128, 255])), np.uint8)
    pixels[..., 3] = draw(st.sampled_from([0, 255]))
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    blot = slice(top, top + draw(st.integers(1, 300))), slice(left, left + draw(st.integers(1, 300)))
    pixels[blot] = [draw(st.integers(0, 255)) for _ in range(4)]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Drawing.from_picture(file.getvalue())


NUMBERS = st.sampled_from([0.001, 1.0, 20.0, 200.0, 1_000.0, 99_999.0, 100_000.0, -50.0])


@st.composite
def canvases(draw: st.DrawFn) -> Drawing:
    """What a canvas of some size may send: paths moved, scaled and turned without sense."""
    paths = [
        {
            "type": "path",
            "strokeWidth": draw(NUMBERS),
            "scaleX": draw(NUMBERS),
            "scaleY": draw(NUMBERS),
            "left": draw(NUMBERS),
            "angle": draw(NUMBERS),
            "strokeUniform": draw(st.booleans()),
            "path": [["M", 10, 20], ["Q", draw(NUMBERS), 20, 40, 50]],
        }
        for _ in range(draw(st.integers(0, 3)))
    ]
    side = draw(st.sampled_from([4, 40, 320, 600]))
    ink = np.zeros((side, side), np.uint8)
    ink[1 : 1 + draw(st.integers(0, 30)), 2:3] = draw(st.integers(0, 255))
    file = io.BytesIO()
    Image.fromarray(ink).convert("RGBA").save(file, "PNG")
    return Drawing.from_canvas(file.getvalue(), {"objects": paths}, side)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawings]:
    """Drawings that are kept one after another."""
    home = tmp_path_factory.mktemp("scratch")
    store = Store(replace(Settings.from_environment(), home=home, database=None))
    yield Drawings(store.database)
    store.close()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_kept_comes_back_from_an_archive_as_it_was(
    scratch: Drawings, data: st.DataObject
) -> None:
    try:
        drawing = data.draw(pictures() | canvases())
        kept = scratch.keep(drawing, data.draw(st.integers(0, 9)), "somebody", person=data.draw(NAMES))
    except (EmptyDrawing, UnreadableDrawing) as error:
        assert str(error).endswith(".") and str(error).isprintable()
        return
    found = scratch.get(kept.id)
    file = io.BytesIO()
    assert drawing_archive.write_archive([found], file) == []
    assert read(file.getvalue()) == [found]


def test_a_small_blot_and_a_faint_one_are_kept(scratch: Drawings) -> None:
    small = np.full((20, 20, 4), 255, np.uint8)
    small[8:11, 8:11, :3] = 0
    faint = np.zeros((700, 700, 4), np.uint8)
    faint[100:600, 300, 3] = 1
    for pixels in (small, faint):
        kept = scratch.keep(Drawing(pixels, "picture"), 1, "somebody")
        assert read(archive_of([scratch.get(kept.id)])) == [scratch.get(kept.id)]


def test_a_pen_wider_than_any_canvas_is_refused() -> None:
    path = {"type": "path", "strokeWidth": 200, "scaleX": 1000, "scaleY": 1000}
    with pytest.raises(UnreadableDrawing, match="cannot be read"):
        strokes_from_canvas({"objects": [{**path, "path": [["M", 10, 10], ["L", 20, 20]]}]})


def test_what_could_not_be_imported_again_is_not_kept(scratch: Drawings) -> None:
    wide = replace(drawing_of(3), strokes=(Stroke(np.array([[10.0, 10.0], [20.0, 20.0]]), 200_000.0),))
    before = scratch.count()
    with pytest.raises(UnreadableDrawing, match="This drawing cannot be kept: its picture or its strokes"):
        scratch.keep(wide, 3, "somebody")
    assert scratch.count() == before


@pytest.mark.parametrize(
    ("person", "here"),
    [("x" * 80, "x" * 40), ("Zoe\u0308 ", "Zoë"), ("x" * 39 + " " + "y" * 40, "x" * 39), ("Zoë", "Zoë")],
)
def test_a_longer_name_of_an_earlier_version_is_shortened(person: str, here: str) -> None:
    (drawing, *_) = read(with_manifest(entry(0, person=person)))
    assert drawing.person == here
    assert read(archive_of([drawing])) == [drawing]


BAD = {
    "a picture too small": {"png": blank_png().replace(b"\x00\x00\x01\x40", b"\x00\x00\x00\x07")},
    "no ink": {"png": blank_png()},
    "strokes that no canvas takes": {"strokes": '{"objects":[{"type":"path"}]}'},
    "a label that is no digit": {"label": 12},
    "a time that is none": {"created": -1.0},
    "a name that hides": {"person": "\u202eeoZ"},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_drawing_of_an_older_version_is_left_out_and_told(kind: str) -> None:
    bad = changed(kept(7), **BAD[kind])  # type: ignore[arg-type]
    file = io.BytesIO()
    (left_out,) = drawing_archive.write_archive([kept(4), bad, kept(1)], file)
    assert read(file.getvalue()) == [kept(4), kept(1)]
    assert (left_out.kind, left_out.id) == ("drawing", bad.id) and left_out.why.isprintable()
    told = left_out_in_words([left_out])
    assert told.startswith("1 item was left out") and f"A {bad.label} by " in told and left_out.why in told


def test_an_archive_that_cannot_be_read_back_is_no_success() -> None:
    class Forgetful(io.BytesIO):
        def write(self, content: Any) -> int:
            return super().write(bytes(content).replace(b"IDAT", b"IDAX"))

    with pytest.raises(StorageUnavailable, match="reading it back failed"):
        drawing_archive.write_archive([kept(4)], Forgetful())
