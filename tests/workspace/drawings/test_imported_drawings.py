"""Drawings that somebody brings in a zip: nobody becomes somebody else by one."""

import io
from collections.abc import Iterator

import pytest
from drawn import changed, drawing_of

from mnist_app.errors import TooManyDrawings
from mnist_app.settings import Settings
from mnist_app.workspace.archives.drawing_archive import archive_of, read_archive
from mnist_app.workspace.classroom.people import Belongings, People
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings import drawing_store as drawings_module
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.imported_drawings import (
    bring,
    owner_of_import,
    remove_all_of,
    remove_import,
)
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing, ink_png, strokes_json
from mnist_app.workspace.drawings.outcomes import Added
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.identifiers import new_id

VICTIM, IMPORTER, OTHER = "the-victim-of-an-import", "whoever-imports-a-zip-here", "another-one-who-imports"
NOW = 1_800_000_000.0


@pytest.fixture
def database(any_settings: Settings) -> Iterator[Database]:
    """A database in which the victim, who is called Ada, has kept a drawing."""
    with Database(any_settings) as database:
        People(database).rename(VICTIM, "Ada")
        Drawings(database, lambda: NOW).keep(drawing_of(7), 7, VICTIM, person="Ada")
        yield database


def forged(count: int, writer: str = writer_of(VICTIM), person: str = "Silly") -> list[KeptDrawing]:
    """Drawings that say they are this writer's, from the year 2100, each another picture."""
    drawn = [drawing_of(number % 10, number) for number in range(count)]
    return [
        KeptDrawing(
            id=new_id(),
            writer=writer,
            person=person,
            label=number % 10,
            answer=None,
            source="canvas",
            created=4_102_444_800.0,
            png=ink_png(each),
            strokes=strokes_json(each.strokes),
        )
        for number, each in enumerate(drawn)
    ]


def own(database: Database, token: str) -> int:
    return Drawings(database).count(owner=writer_of(token))


def test_nobody_is_renamed_by_a_zip(database: Database) -> None:
    bring(database, forged(3), IMPORTER)
    names = {writer.id: writer.person for writer in Drawings(database).writers()}
    assert names[writer_of(VICTIM)] == "Ada"
    assert sorted(names.values()) == ["Ada", "Silly"]
    assert Drawings(database).count(writer=writer_of(VICTIM)) == 1
    People(database).rename(IMPORTER, "Imp")
    assert {each.person for each in Drawings(database).find(writer=writer_of(VICTIM))} == {"Ada"}


def test_an_import_counts_for_the_importer_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings_module, "MOST_PER_PERSON", 3)
    assert bring(database, forged(3), IMPORTER) == Added(3, 0)
    assert (own(database, IMPORTER), own(database, VICTIM)) == (3, 1)
    assert People(database).belongings(IMPORTER) == Belongings(0, 3)
    Drawings(database).keep(drawing_of(5), 5, VICTIM)
    with pytest.raises(TooManyDrawings, match="One person"):
        bring(database, forged(4, "0" * 16)[3:], IMPORTER)
    with pytest.raises(TooManyDrawings, match="One person"):
        Drawings(database).keep(drawing_of(6), 6, IMPORTER)
    assert bring(database, forged(4, "0" * 16), "") == Added(4, 0), "the command line has no quota"


def test_no_date_lies_in_the_future(database: Database) -> None:
    bring(database, forged(2), IMPORTER, lambda: NOW + 5)
    assert [each.created for each in Drawings(database).find()] == [NOW + 5, NOW + 5, NOW]
    Drawings(database, lambda: NOW + 6).add([changed(forged(3)[2], writer="1" * 16)])
    assert Drawings(database).find()[0].created == NOW + 6


def test_different_writers_stay_different_and_are_nobody_who_is_here(database: Database) -> None:
    zipped = [*forged(2), *forged(4, "0" * 16)[2:]]
    for token in (IMPORTER, OTHER, ""):
        assert bring(database, zipped, token) == Added(4, 0)
    writers = {each.id: each.count for each in Drawings(database).writers()}
    assert sorted(writers.values()) == [1, 2, 2, 2, 2, 2, 2]
    assert not {"0" * 16, writer_of(IMPORTER), writer_of(OTHER)} & set(writers)


def test_what_is_imported_twice_or_was_exported_here_is_here_already(database: Database) -> None:
    zipped = forged(3)
    assert bring(database, zipped, IMPORTER) == Added(3, 0)
    assert bring(database, [changed(each, id=new_id()) for each in zipped], IMPORTER) == Added(0, 3)
    exported = read_archive(io.BytesIO(archive_of(Drawings(database).find())))
    assert bring(database, exported, IMPORTER) == Added(0, 4)
    assert bring(database, exported, OTHER) == Added(0, 4)


def test_a_zip_changes_only_owner_writers_ids_that_are_taken_and_dates_in_the_future(
    database: Database,
) -> None:
    (mine,) = Drawings(database).find()
    sound = changed(forged(1, "0" * 16)[0], created=5.0)
    taken = changed(forged(2, "0" * 16)[1], id=mine.id, created=5.0)
    bring(database, [sound, taken], IMPORTER)
    brought = {each.label: each for each in Drawings(database).find() if each.importer is not None}
    for before in (sound, taken):
        after = brought[before.label]
        batch = {"writer": after.writer, "importer": writer_of(IMPORTER), "import_id": after.import_id}
        assert after == changed(before, id=after.id, **batch)
    assert brought[sound.label].id == sound.id and brought[taken.label].id != taken.id
    assert mine in Drawings(database).find()


def test_a_zip_does_not_say_who_imported_what_and_is_not_believed_if_it_does(database: Database) -> None:
    bring(database, forged(1), IMPORTER)
    exported = read_archive(io.BytesIO(archive_of(Drawings(database).find())))
    assert {(each.importer, each.import_id) for each in exported} == {(None, None)}
    lie = changed(forged(2)[1], importer=writer_of(VICTIM), import_id="abcdefghjk")
    bring(database, [lie], OTHER)
    assert (own(database, OTHER), own(database, VICTIM)) == (1, 1)
    assert owner_of_import(database, "abcdefghjk") == ""


def test_all_of_an_import_or_of_a_person_go_at_once(database: Database) -> None:
    bring(database, forged(2), IMPORTER)
    bring(database, forged(5, "0" * 16)[2:], IMPORTER)
    Drawings(database).keep(drawing_of(9), 9, IMPORTER)
    batches = {each.import_id for each in Drawings(database).find() if each.label < 2 and each.import_id}
    (first,) = batches
    assert owner_of_import(database, first) == writer_of(IMPORTER)
    assert remove_import(database, first) == 2
    assert owner_of_import(database, first) == ""
    assert remove_all_of(database, writer_of(IMPORTER)) == 4
    assert [each.person for each in Drawings(database).find()] == ["Ada"]


def test_importers_are_called_by_their_names(database: Database) -> None:
    people = People(database)
    assert people.names_of({writer_of(VICTIM), writer_of(OTHER)}) == {writer_of(VICTIM): "Ada"}
    assert people.names_of(set()) == {}
