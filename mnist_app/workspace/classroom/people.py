"""People without accounts: the names that they choose, and what they own.

The random token that a browser keeps owns runs and drawings. The name is only for showing: a new name appears
on all of them at once.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, update

from mnist_app.workspace.classroom.person_name import check_person
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.storage.database import Database, serialize_writes
from mnist_app.workspace.storage.tables import drawing_owner, drawings, people, runs
from mnist_app.workspace.storage.upsert import insert_or_update


@dataclass(frozen=True)
class Belongings:
    """The numbers of runs and drawings that a person has made."""

    runs: int
    drawings: int


class People:
    """The people in a database, by their tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name(self, owner: str) -> str:
        """Return the name of the owner of a token; empty where there is none."""
        with self._database.reading() as connection:
            return _name(connection, owner)

    def rename(self, owner: str, name: str) -> str:
        """Give the owner a name, which appears on everything of theirs.

        Args:
            owner: The owner's token.
            name: The name; empty for none.

        Returns:
            The name in its usual form.

        Raises:
            InvalidSetting: The name is too long or has invisible characters.
        """
        checked = check_person(name)
        with self._database.writing() as connection:
            _rename(connection, owner, checked)
        return checked

    def introduce(self, owner: str, name: str) -> str:
        """Give the owner a name unless they have one; return the name that they have then.

        Raises:
            InvalidSetting: The name is too long or has invisible characters.
        """
        checked = check_person(name)
        known = self.name(owner)
        return known if known or not checked else self.rename(owner, checked)

    def names_of(self, pseudonyms: Collection[str]) -> dict[str, str]:
        """Return the names of people by their pseudonyms, without those who have no name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(people.c.owner, people.c.name).where(people.c.name != "")).all()
        names = {writer_of(row.owner): str(row.name) for row in rows} if pseudonyms else {}
        return {each: names[each] for each in pseudonyms if each in names}

    def belongings(self, owner: str) -> Belongings:
        """Return how many runs and drawings the owner has."""
        with self._database.reading() as connection:
            return Belongings(
                _count(connection, runs.c.owner == owner),
                _count(connection, drawing_owner == writer_of(owner)),
            )


def _name(connection: Connection, owner: str) -> str:
    return connection.execute(select(people.c.name).where(people.c.owner == owner)).scalar() or ""


def _rename(connection: Connection, owner: str, name: str) -> None:
    serialize_writes(connection)  # a reset of the class must not remove a name that it has not exported
    insert_or_update(connection, people, {"owner": owner, "name": name, "turn": 0}, changed=["name"])
    connection.execute(update(drawings).where(drawings.c.writer == writer_of(owner)).values(person=name))


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(condition)).scalar_one())
