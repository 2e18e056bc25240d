"""The class's drawings in the store: what is kept comes back, once, and can be taken back."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from databases import postgresql_is_slow
from drawn import changed, drawing_of
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from mnist_app.errors import (
    DrawingNotFound,
    EmptyDrawing,
    InvalidSetting,
    StorageUnavailable,
    TooManyDrawings,
    UnreadableDrawing,
)
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import find_ink, preprocess
from mnist_app.settings import Settings
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings import drawing_store as kept_by
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.kept_drawing import (
    MAX_PNG_BYTES,
    MAX_STROKES_CHARACTERS,
    KeptDrawing,
    check_kept,
    ink_png,
)
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import Database

OWNER, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def drawings(store: Store) -> Iterator[Drawings]:
    """No drawings yet, and a clock that goes a second a drawing."""
    times = iter(range(1_000_000, 2_000_000))
    yield Drawings(store.database, lambda: float(next(times)))


def picture_of(digit: int) -> Drawing:
    """The digit as a photo: dark blue ink on grey paper, wider than it is high."""
    ink = drawing_of(digit).pixels[..., :1] / 255
    pixels = (np.array([200, 200, 195]) * (1 - ink) + np.array([30, 40, 120]) * ink).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.pad(pixels, ((0, 0), (90, 40), (0, 0)), mode="edge")).save(file, "JPEG")
    return Drawing.from_picture(file.getvalue())


def test_a_drawing_comes_back_as_it_was_kept(drawings: Drawings) -> None:
    drawing = drawing_of(3)
    kept = drawings.keep(drawing, 3, OWNER, answer=8, person="Zoë <b>")
    assert kept.label_before is None
    found = drawings.get(kept.id)
    assert (found.label, found.answer, found.person, found.source) == (3, 8, "Zoë <b>", "canvas")
    assert (found.created, found.writer) == (1_000_000.0, writer_of(OWNER))
    again = found.to_drawing()
    assert np.array_equal(find_ink(again), find_ink(drawing))
    assert len(again.strokes) == len(drawing.strokes)
    for ours, theirs in zip(again.strokes, drawing.strokes, strict=True):
        assert ours.width == theirs.width
        assert np.allclose(ours.points[-1], theirs.points[-1], atol=0.02)
    check_kept(found)


def test_the_network_sees_the_kept_drawing_as_it_saw_the_drawn_one(drawings: Drawings) -> None:
    for digit in range(10):
        drawing = drawing_of(digit, seed=1)
        kept = drawings.get(drawings.keep(drawing, digit, OWNER).id)
        difference = np.abs(preprocess(kept.to_drawing()).image - preprocess(drawing).image)
        assert difference.mean() <= 0.002, "strokes are kept to a hundredth of a pixel"


def test_of_a_picture_the_ink_alone_is_kept(drawings: Drawings) -> None:
    picture = picture_of(4)
    found = drawings.get(drawings.keep(picture, 4, OWNER).id)
    assert (found.source, found.strokes) == ("picture", None)
    with Image.open(io.BytesIO(found.png)) as image:
        assert image.mode == "L" and image.width == image.height <= 320
        assert np.asarray(image)[0, 0] == 0, "the paper is black"
    seen, before = preprocess(found.to_drawing()).image, preprocess(picture).image
    assert np.abs(seen - before).mean() < 0.02


def test_the_owner_s_token_is_not_kept(drawings: Drawings, store: Store) -> None:
    drawings.keep(drawing_of(3), 3, OWNER)
    with store.reading() as connection:
        row = connection.exec_driver_sql("SELECT * FROM drawings").one()
    assert not any(OWNER in str(value) for value in row)


def test_the_same_drawing_is_kept_once_and_its_label_changes(drawings: Drawings) -> None:
    first = drawings.keep(drawing_of(4), 4, OWNER, answer=9)
    again = drawings.keep(drawing_of(4), 9, OWNER, answer=9)
    assert (again.id, again.label_before) == (first.id, 4)
    assert drawings.count() == 1
    assert drawings.get(first.id).label == 9
    drawings.keep(drawing_of(4), 4, OTHER)
    assert drawings.count() == 2, "somebody else's is another one"


def test_a_drawing_kept_twice_at_the_same_moment_is_kept_once(any_settings: Settings) -> None:
    barrier, faults = threading.Barrier(6), []

    def keep() -> None:
        store = Store(any_settings)
        barrier.wait()
        try:
            Drawings(store.database).keep(drawing_of(2), 2, OWNER)
        except Exception as error:
            faults.append(error)
        store.close()

    threads = [threading.Thread(target=keep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = Store(any_settings)
    assert faults == [] and Drawings(store.database).count() == 1
    store.close()


def test_a_label_can_be_changed_back(drawings: Drawings) -> None:
    kept = drawings.keep(drawing_of(1), 7, OWNER)
    drawings.relabel(kept.id, 1)
    assert drawings.get(kept.id).label == 1
    for label in (10, -1, True, "1", None):
        with pytest.raises(InvalidSetting, match="digit from 0 to 9"):
            drawings.relabel(kept.id, label)  # type: ignore[arg-type]
        with pytest.raises(InvalidSetting, match="digit from 0 to 9"):
            drawings.keep(drawing_of(1), label, OWNER)  # type: ignore[arg-type]
    with pytest.raises(DrawingNotFound):
        drawings.relabel("nothing", 1)


def test_what_was_removed_can_be_put_back_as_it_was(drawings: Drawings) -> None:
    kept = [drawings.keep(drawing_of(digit), digit, OWNER) for digit in range(3)]
    before = drawings.find()
    removed = drawings.remove(kept[1].id)
    assert drawings.count() == 2
    for gone in (kept[1].id, "../../etc/passwd", "'; DROP TABLE drawings;--", "\ud800", "\0"):
        with pytest.raises(DrawingNotFound):
            drawings.remove(gone)
    drawings.put_back(removed)
    drawings.put_back(removed)
    assert drawings.find() == before


def test_they_are_found_by_digit_and_person_a_page_at_a_time(drawings: Drawings) -> None:
    for seed in range(4):
        for digit, owner in ((1, OWNER), (7, OWNER), (7, OTHER)):
            drawings.keep(drawing_of(digit, seed), digit, owner, person="Mia" if owner == OTHER else "")
    everything = drawings.find()
    assert [each.created for each in everything] == sorted((e.created for e in everything), reverse=True)
    assert drawings.find(limit=5) + drawings.find(limit=5, offset=5) == everything[:10]
    mine = drawings.find(label=7, writer=writer_of(OWNER))
    assert len(mine) == 4 and all(each.label == 7 and each.writer == writer_of(OWNER) for each in mine)
    assert drawings.count(label=7) == 8 and drawings.count(writer=writer_of(OTHER)) == 4
    assert drawings.count_per_digit() == [0, 4, 0, 0, 0, 0, 0, 8, 0, 0]
    assert drawings.count_per_digit(writer=writer_of(OTHER))[7] == 4
    people = [(each.id, each.person, each.count) for each in drawings.writers()]
    assert people == [(writer_of(OWNER), "", 8), (writer_of(OTHER), "Mia", 4)]


def test_a_longer_name_that_an_earlier_version_kept_is_read_as_one_of_today(
    drawings: Drawings, store: Store
) -> None:
    kept = drawings.keep(drawing_of(3), 3, OWNER, person="Zoe\u0308 ")
    assert drawings.get(kept.id).person == "Zoë"
    with store.database.writing() as connection:
        connection.execute(update(kept_by.drawings).values(person="x" * 80))
    assert drawings.get(kept.id).person == "x" * 40
    check_kept(drawings.get(kept.id))


def test_one_person_can_keep_so_many_and_no_more(drawings: Drawings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_by, "MOST_PER_PERSON", 2)
    for seed in range(2):
        drawings.keep(drawing_of(5, seed), 5, OWNER)
    with pytest.raises(TooManyDrawings, match="at most 2"):
        drawings.keep(drawing_of(5, 2), 5, OWNER)
    assert drawings.count() == 2
    drawings.keep(drawing_of(5, 1), 6, OWNER)  # the same one takes no more room
    drawings.keep(drawing_of(5, 2), 5, OTHER)
    monkeypatch.setattr(kept_by, "MOST_DRAWINGS", 3)
    with pytest.raises(TooManyDrawings, match="altogether"):
        drawings.keep(drawing_of(5, 3), 5, OTHER)
    assert drawings.count() == 3


def test_without_ink_there_is_nothing_to_keep(drawings: Drawings) -> None:
    with pytest.raises(EmptyDrawing):
        drawings.keep(Drawing.from_ink(np.zeros((320, 320), np.uint8)), 3, OWNER)
    assert drawings.count() == 0


@postgresql_is_slow
def test_what_is_too_large_is_not_kept(drawings: Drawings) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (500, 500), np.uint8)
    with pytest.raises(UnreadableDrawing, match=f"at most {MAX_PNG_BYTES:,}"):
        drawings.keep(Drawing.from_ink(noise), 3, OWNER)
    drawing = drawing_of(3)
    scrawl = replace(drawing, strokes=drawing.strokes * (MAX_STROKES_CHARACTERS // 100))
    with pytest.raises(UnreadableDrawing, match="more strokes"):
        drawings.keep(scrawl, 3, OWNER)
    with pytest.raises(InvalidSetting, match="name"):
        drawings.keep(drawing, 3, OWNER, person="x" * 41)
    assert drawings.count() == 0


def test_a_store_that_is_gone_is_said(drawings: Drawings, any_settings: Settings) -> None:
    if any_settings.database:
        pytest.skip("of SQLite's file alone")
    drawings.keep(drawing_of(3), 3, OWNER)
    for file in any_settings.home.glob("runs.sqlite*"):
        file.write_bytes(b"no database at all" * 400)
    with pytest.raises(StorageUnavailable):
        Drawings(Database(any_settings)).count()


def good() -> KeptDrawing:
    """A drawing as it may come from outside."""
    png, strokes = ink_png(drawing_of(6)), '{"objects":[]}'
    return KeptDrawing(
        id="abcdefghjk",
        writer="0" * 16,
        person="Mia",
        label=6,
        answer=5,
        source="canvas",
        created=1e9,
        png=png,
        strokes=strokes,
    )


BAD = {
    "id": ["", "../../etc", "ABCDEFGHJK", "abcdefghjk\n"],
    "writer": ["", "g" * 16, "0" * 15],
    "person": ["x" * 41, " x", "e\u0301", "a\x00b", "\ud800", "two\nlines"],
    "label": [10, -1, True, 3.0, None],
    "answer": [10, False, "3"],
    "source": ["camera", ""],
    "created": [-1.0, float("nan"), float("inf"), 1e12],
    "png": [b"", b"GIF89a" + b"x" * 40, good().png[:60], b"x" * (MAX_PNG_BYTES + 1)],
    "strokes": ["", "nonsense", "[]", "null", '{"objects": [1]}', "[" * 90_000, " " * 300_001],
}


def test_a_good_drawing_passes() -> None:
    check_kept(good())
    check_kept(changed(good(), answer=None, person="", strokes=None, source="picture"))


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_drawing_with_something_wrong_is_refused(name: str, value: object) -> None:
    with pytest.raises(UnreadableDrawing) as raised:
        check_kept(changed(good(), **{name: value}))  # type: ignore[arg-type]
    assert len(str(raised.value)) < 200


def test_a_picture_without_ink_or_of_another_shape_is_refused() -> None:
    for shape in ((320, 320), (320, 300), (4, 4), (600, 600)):
        file = io.BytesIO()
        Image.fromarray(np.full(shape, 0 if shape == (320, 320) else 255, np.uint8)).save(file, "PNG")
        with pytest.raises(UnreadableDrawing):
            check_kept(changed(good(), png=file.getvalue()))


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=60))
def test_a_picture_and_strokes_that_are_none_are_refused_in_our_words(data: bytes, text: str) -> None:
    for each in (changed(good(), png=good().png[:40] + data), changed(good(), strokes=text)):
        with pytest.raises(UnreadableDrawing) as raised:
            check_kept(each)
        assert str(raised.value).endswith(".") and str(raised.value).isprintable()
